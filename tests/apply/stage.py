"""A stage for apply: a world, a store, a clock that only sleeping moves, and the run of plan and apply."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from poolshift.apply.approval import Approved, Everything
from poolshift.apply.interrupt import StopSignal
from poolshift.apply.jobs import Jobs
from poolshift.apply.recovery import settle_open_windows
from poolshift.apply.recovery_report import RecoveryReport, needs_person
from poolshift.apply.report import Progress, Report
from poolshift.apply.run import apply
from poolshift.provider.schema import Route, Schema
from poolshift.state.opening import open_store
from poolshift.state.store import Store
from tests.apply.planner import MIGRATION, Person, Planner, Population
from tests.apply.world import API, World, kinds

KEY = {"POOLSHIFT_KEY": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY="}


class Clock:
    """Seconds pass only by sleeping."""

    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.time += seconds


@dataclass
class Stage:
    world: World
    store: Store
    population: Population
    clock: Clock = field(default_factory=Clock)
    stop: StopSignal = field(default_factory=StopSignal)
    progress: list[Progress] = field(default_factory=list)
    planned: Planner | None = None

    def user(self, source_id: str) -> dict[str, Any]:
        """The stored record of a person."""
        base = self.store.person(source_id)
        assert base is not None
        return self.world.users[base.destination_id]

    def plan(self) -> Planner:
        """A fresh plan, or the one that was put in its place to let the world move after it."""
        return self.planned or Planner(self.population, self.world, self.store)

    def apply(
        self, *, approved: Callable[[Planner], Approved] | None = None, method: str = "auto", **more: Any
    ) -> Report:
        planned = self.plan()
        return apply(
            planned,
            approved(planned) if approved is not None else Everything(planned.plan),
            more.pop("store", self.store),
            self.world,
            migration=MIGRATION,
            method=method,
            stop=self.stop,
            progress=self.progress.append,
            clock=self.clock,
            sleep=self.clock.sleep,
            **more,
        )

    def recover(self) -> RecoveryReport:
        """Raises NeedsPerson, as the commands do."""
        planned = self.plan()
        report = settle_open_windows(
            self.store,
            self.world.schema,
            planned.destination,
            planned.observe,
            migration=MIGRATION,
            now=self.world.clock,
            sleep=self.clock.sleep,
            jobs=Jobs(self.world, self.store, self.stop, self.world.clock, self.clock.sleep),
        )
        if (error := needs_person(report)) is not None:
            raise error
        return report


def stage(folder: Path, population: Population, routes: Sequence[Route] = (), **shape: Any) -> Stage:
    """Routes before the plain API; ``shape`` = what the vendor's kinds are like."""
    schema = Schema(kinds(**shape), routes=(*routes, *_beside(routes)))
    store = open_store(folder, MIGRATION, {}, KEY, write=True)
    return Stage(World(schema), store, population)


def _beside(routes: Sequence[Route]) -> Iterator[Route]:
    """The plain API for what no other route takes from the first operation on."""
    for route in API:
        taken = (other.verbs for other in routes if other.kind == route.kind and other.worth <= 1)
        yield replace(route, verbs=route.verbs.difference(*taken))


def people(count: int, groups: Sequence[str] = ("staff",), *, links: bool = False) -> Population:
    """Invented people s0, s1, …, all in the same groups."""
    return Population(
        {
            f"s{number}": Person(
                {
                    "email": f"s{number}@example.com",
                    "name": f"N{number}",
                    "plan": "free",
                    "enabled": True,
                    "secret": "x",
                },
                tuple(groups),
                (("Google", f"subject-{number}"),) if links else (),
            )
            for number in range(count)
        },
        dict.fromkeys(groups),
    )


def assert_clean(stage: Stage) -> None:
    """The world holds exactly what is desired, once; the base says so; nothing is open; the next plan is empty."""
    world, population = stage.world, stage.population
    names = {id: values["name"] for id, values in world.groups.items()}
    marker = "external_id" in world.schema.kinds["user"].fields
    assert sorted(names.values()) == sorted(population.groups)
    alive = {source_id: person for source_id, person in population.people.items() if not person.delete}
    assert len(world.users) == len(alive)
    for source_id, person in alive.items():
        base = stage.store.person(source_id)
        assert base is not None
        stored = dict(world.users[base.destination_id])
        del stored["created"]
        mark = {"external_id": source_id, "owner": MIGRATION} if marker else {}
        assert stored == {**person.values, **mark}
        assert {names[group] for user, group in world.seats if user == base.destination_id} == set(person.groups)
        assert {link for link, user in world.links.items() if user == base.destination_id} == set(person.links)
        assert len(base.elements) == len(person.groups) + len(person.links)
        assert base.fields.keys() == {*person.values, *mark}
    assert world.overlaps == []
    assert list(stage.store.open_windows()) == []
    assert stage.plan().writes == []
