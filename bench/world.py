"""Builds migrations to measure: spec, export, directory, state. Functions here run in a process of their own."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench import directory, floor
from bench.export import write_export
from bench.people import GONE_OF_A_THOUSAND, THOUSAND, Person, everybody, fate_of, person
from bench.process import Failed
from bench.spec import DIRECTORY, SPEC, SPEC_FILE
from poolshift.plan.change import Change
from poolshift.planning.compute import compute
from poolshift.planning.computed import Computed
from poolshift.planning.session import Session, open_session
from poolshift.provider.discovery import Installed
from poolshift.spec.load import load
from poolshift.state.base import ElementBase
from poolshift.state.store import Settled

_BATCH: Final = 1000
_SHARED_EMAIL: Final = "everybody@example.com"


def build(people: str, folder: str) -> int:
    """A migration of so many people that was applied once, after which both ends moved; the people of the export."""
    count, place = int(people), Path(folder)
    if count % (2 * THOUSAND):
        raise Failed("the number of people is a multiple of 2,000")
    place.mkdir(parents=True)
    (place / SPEC_FILE).write_text(SPEC)
    path = directory.create(place)
    directory.fill(path, _there(count), count)
    write_export(everybody(count, now=False), place)
    _remember(place, path)
    with tempfile.TemporaryDirectory(dir=place) as work:
        floor.remember(folder, work)
    write_export(everybody(count, now=True), place)
    moved = (one for one in everybody(count, now=True) if fate_of(one.number, count) in ("drifted", "conflicting"))
    directory.change(path, moved)
    return count


def _there(count: int) -> Iterator[Person]:
    """Who is at the destination: all but those who never were."""
    for number in range(count + count // THOUSAND * GONE_OF_A_THOUSAND):
        if fate_of(number, count) not in ("new", "shared"):
            yield person(number, count, now=False)


def _remember(place: Path, path: Path) -> None:
    """Plans the export of the last run and makes its changes land: markers into the directory, bases into the state."""
    with (
        open_session(load(place / SPEC_FILE, Installed(), environ={}), Installed(), {}, write=True) as session,
        compute(session) as computed,
    ):
        session.store.pin_tenants({"source": session.source.tenant, "destination": session.destination.tenant})
        _record_shared(session, computed)
        for partition in range(computed.partitions):
            settled, marks = _landed(list(computed.changes(partition)))
            for start in range(0, len(settled), _BATCH):
                session.store.record(settled[start : start + _BATCH])
            directory.mark(path, marks)


def _record_shared(session: Session, computed: Computed) -> None:
    session.store.record(
        [
            Settled(change.address, "done", change.destination_id, base=change.effect.base)
            for change in computed.shared()
            if change.effect.base is not None
        ]
    )


def _landed(changes: list[Change]) -> tuple[list[Settled], list[tuple[str, str, str]]]:
    """What the state and the directory learn from the changes of one partition."""
    settled: dict[str, Settled] = {}
    marks = []
    for change in changes:
        if change.kind == "user":
            base, values = change.effect.base, change.effect.values
            if change.action != "adopt" or base is None or set(values) != {"external_id", "owner"}:
                raise Failed(f"the first run plans {change.action} {sorted(values)} instead of a bare adopt")
            settled[change.person] = Settled(change.address, "done", base.destination_id, change.person, base)
            marks.append((values["external_id"], values["owner"], base.destination_id))
        else:
            own = settled[change.person]
            assert own.base is not None
            elements = own.base.elements | {change.desired: ElementBase(True, True)}
            settled[change.person] = replace(own, base=replace(own.base, elements=elements))
    return list(settled.values()), marks


def build_new(people: str, folder: str) -> int:
    """A migration before its first run, into an empty directory: every person is a create and three memberships."""
    place = Path(folder)
    place.mkdir(parents=True)
    (place / SPEC_FILE).write_text(SPEC)
    directory.create(place)
    return write_export(_distinct(int(people)), place)


def _distinct(count: int) -> Iterator[Person]:
    for number in range(count):
        one = person(number, count, now=True)
        yield replace(one, email=f"person.{number}@example.com")


def without_base(world: str, folder: str) -> str:
    """The same two ends, the state lost."""
    place = _beside(Path(world), Path(folder))
    os.link(Path(world) / "users.jsonl", place / "users.jsonl")
    return folder


def with_one_email(world: str, folder: str, people: str) -> int:
    """The same migration, but half of its people have one e-mail address at the source; their number."""
    place, count = _beside(Path(world), Path(folder)), int(people)
    shutil.copytree(Path(world) / ".poolshift", place / ".poolshift")
    shared = 0
    with (place / "users.jsonl").open("w") as users:
        for one in everybody(count, now=True):
            if one.number % 2:
                shared += 1
                one = replace(one, email=_SHARED_EMAIL)
            users.write(f"{one.export()}\n")
    return shared


def _beside(world: Path, place: Path) -> Path:
    """A folder that shares the directory, the groups and the spec with ``world``; plans write to none of them."""
    place.mkdir(parents=True)
    shutil.copytree(world / "groups", place / "groups", copy_function=os.link)
    for name in (SPEC_FILE, DIRECTORY):
        os.link(world / name, place / name)
    return place
