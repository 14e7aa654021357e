"""A migration between two ends in memory: planned by the engine, applied by the letter of each change's effect."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from poolshift.gather.gathered import Gathered
from poolshift.identity.address import parse
from poolshift.plan.change import WRITES, Change
from poolshift.plan.decide import decide
from poolshift.plan.person import Person
from poolshift.plan.rules import Rules
from poolshift.planning.compute import compute, gathering
from poolshift.planning.compute import no_progress as quietly
from poolshift.planning.computed import Computed
from poolshift.planning.partition import people
from poolshift.planning.plan_file import PlanRow
from poolshift.planning.rules import bind_rules
from poolshift.planning.session import EndSession, Session
from poolshift.provider.discovery import Installed
from poolshift.spec.load import load
from poolshift.spec.model import Spec
from poolshift.state.base import ABSENT_FP, NEVER_QUIET, Base, ElementBase
from poolshift.state.store import Store
from tests.planning.memory import MemoryEnd, MemoryStore

INSTALLED = Installed()
MIGRATION = "invented"

SPEC = """
version: 1
migration: invented
source: {provider: cognito_export, settings: {path: export, groups: groups}}
destination: {provider: directory, settings: {path: people.db}}
users:
  login: [email]
  source_id: external_id
  copy: [email, email_verified]
  fields: {username: username, given_name: given_name, nickname: {from: nickname, mode: seed}}
  statuses: {UNCONFIRMED: skip}
  passwords: none
groups:
  - {match: admins, as: group, privileged: true}
  - {match: "*", as: group}
links: {Google: google}
"""


@cache
def spec_of(text: str = SPEC) -> Spec:
    """The spec, as the loader reads it; its folder exists as long as the process does."""
    folder = Path(_FOLDER.name) / str(spec_of.cache_info().currsize)
    folder.mkdir()
    (folder / "migration.yaml").write_text(text, encoding="utf-8")
    return load(folder / "migration.yaml", INSTALLED, environ={})


_FOLDER = TemporaryDirectory(prefix="rehearsal-", ignore_cleanup_errors=True)


@dataclass(frozen=True)
class Outcome:
    """A plan, taken apart: its file's rows, its changes with effects, its document."""

    digest: str
    rows: tuple[PlanRow, ...]
    changes: tuple[Change, ...]
    document: Mapping[str, Any]

    def of_action(self, *actions: str) -> list[PlanRow]:
        return [row for row in self.rows if row.action in actions]

    @property
    def writes(self) -> list[PlanRow]:
        return self.of_action(*WRITES)

    def verdicts(self) -> dict[str, list[tuple[str, str, str]]]:
        """address -> (action, rule, code) of what is more than a row that only state learns."""
        found: dict[str, list[tuple[str, str, str]]] = {}
        for row in self.rows:
            if row.action != "noop":
                found.setdefault(row.address, []).append((row.action, row.rule, row.code))
        return found


@dataclass
class Rehearsal:
    """Source, destination and state of one migration."""

    text: str = field(default=SPEC, repr=False)
    source: MemoryEnd = field(default_factory=lambda: end("source"))
    destination: MemoryEnd = field(default_factory=lambda: end("destination"))
    store: MemoryStore = field(default_factory=MemoryStore)
    made: int = 0

    def copy(self) -> "Rehearsal":
        return replace(self, source=self.source.copy(), destination=self.destination.copy(), store=self.store.copy())

    @property
    def spec(self) -> Spec:
        return spec_of(self.text)

    @property
    def session(self) -> Session:
        spec, ends = self.spec, []
        for settings, own in ((spec.source, self.source), (spec.destination, self.destination)):
            provider = INSTALLED.get(settings.provider)
            ends.append(EndSession(provider, settings, own, own.schema(), own.schema(), own.fingerprint()))
        return Session(spec, cast(Store, self.store), *ends)

    @contextmanager
    def computed(self, *, accept: Mapping[str, int] | None = None, partitions: int = 8) -> Iterator[Computed]:
        with compute(self.session, accept=accept, partitions=partitions) as computed:
            yield computed

    def plan(self, *, accept: Mapping[str, int] | None = None, partitions: int = 8) -> Outcome:
        with self.computed(accept=accept, partitions=partitions) as computed:
            changes = [*computed.shared()]
            for partition in range(partitions):
                changes += computed.changes(partition)
            return Outcome(
                computed.plan.digest,
                tuple(computed.plan.rows()),
                tuple(changes),
                deepcopy(dict(computed.plan.document)),
            )

    def apply(self, plan: Outcome) -> None:
        """Everything lands: values as the effects say, base rows as they say."""
        for change in plan.changes:
            if change.action in WRITES or change.records:
                self._land(change)

    def settle(self, most: int = 6) -> Outcome:
        """Plan and apply until nothing is left to do; people who wait for each other need several rounds."""
        for _ in range(most):
            plan = self.plan()
            if not plan.writes and not any(row.records for row in plan.rows):
                return plan
            self.apply(plan)
        raise AssertionError(f"still {plan.writes} after {most} rounds")

    def _land(self, change: Change) -> None:
        kind, parts = parse(change.address)
        if kind == "user":
            self._land_person(change)
        elif change.person:
            self._land_element(change, parts[1:])
        else:
            self._land_shared(change, parts)

    def _land_person(self, change: Change) -> None:
        effect, own = change.effect, change.destination_id
        if change.action == "create":
            self.made += 1
            own = f"new-{self.made}"
            self.destination.users[own] = {}
        if change.action == "delete":
            del self.destination.users[own or ""]
        elif change.action in WRITES:
            _write(self.destination.users[own or ""], effect.values)
        if effect.drop:
            del self.store.rows[change.person]
        elif effect.base is not None:
            self.store.rows[change.person] = replace(deepcopy(effect.base), destination_id=own or "")

    def _land_element(self, change: Change, parts: tuple[str, ...]) -> None:
        base = self.store.rows[change.person]
        user = base.destination_id
        if change.kind == "link":
            self._land_link(change, user)
        else:
            (group,) = [own for own, name in self.destination.groups.items() if name == parts[0]]
            seats = self.destination.members
            seats.discard((user, group)) if change.action == "remove" else seats.add((user, group))
        key = change.desired if change.desired != ABSENT_FP else change.actual
        if change.action == "remove":
            del base.elements[key]
        else:
            base.elements[key] = ElementBase()

    def _land_link(self, change: Change, user: str) -> None:
        if change.action == "remove":
            self.destination.links = {
                link: own for link, own in self.destination.links.items() if "/".join(link) != change.destination_id
            }
        else:
            values = change.effect.values
            self.destination.links[values["provider"], values["subject"]] = user

    def _land_shared(self, change: Change, parts: tuple[str, ...]) -> None:
        own = change.destination_id or f"group-{parts[0]}"
        if change.action == "create":
            self.destination.groups[own] = parts[0]
        if change.effect.base is not None:
            self.store.shared_rows[change.address] = replace(deepcopy(change.effect.base), destination_id=own)

    def never_quiet(self) -> "Rehearsal":
        """The same with the quiet test switched off."""
        noisy = self.copy()
        for base in noisy.store.rows.values():
            base.quiet = (NEVER_QUIET, NEVER_QUIET)
        return noisy

    @contextmanager
    def gathered(self, partitions: int = 8) -> Iterator[tuple[Gathered, Rules]]:
        with gathering(self.session, "plan", quietly, partitions) as (compiled, found, _):
            ends = found.source_ends, found.destination_ends
            yield found, bind_rules(self.session, compiled, found.shared, *ends, destructive=True)

    def persons(self, partitions: int = 8) -> list[tuple[Person, list[Change], str]]:
        """Everybody, with its changes and its word in the equation of counts."""
        found = []
        with self.gathered(partitions) as (gathered, rules):
            for partition in range(partitions):
                for person, _ in people(gathered, cast(Store, self.store), partition):
                    decided = decide(person, rules)
                    found.append((person, decided.changes, decided.tallied.verdict))
        return found

    def base(self, source_id: str, destination_id: str, **more: Any) -> None:
        """State knows this person, and nothing of its fields."""
        self.store.rows[source_id] = Base(source_id, destination_id, 1, **more)


def _write(record: dict[str, Any], values: Mapping[str, Any]) -> None:
    for path, value in values.items():
        if value is None:
            record.pop(path, None)
        else:
            record[path] = value


def end(side: str, text: str = SPEC) -> MemoryEnd:
    spec = spec_of(text)
    settings = spec.source if side == "source" else spec.destination
    return MemoryEnd(INSTALLED.schema(settings.provider, settings.settings))


def person(own: str, email: str, **more: Any) -> dict[str, Any]:
    """A record of the source: confirmed, enabled, the e-mail verified."""
    values = {
        "sub": own,
        "username": f"name-{own}",
        "email": email,
        "email_verified": True,
        "status": "CONFIRMED",
        "enabled": True,
        "created_at": "2024-01-01T00:00:00Z",
        "updated_at": "2024-01-01T00:00:00Z",
        **more,
    }
    return {name: value for name, value in values.items() if value is not None}


def rehearse(*records: Mapping[str, Any], text: str = SPEC, groups: Sequence[tuple[str, str]] = ()) -> Rehearsal:
    """A migration of these people; ``groups``: (source id, group) memberships at the source."""
    own = Rehearsal(text, end("source", text), end("destination", text))
    own.source.users = {str(record["sub"]): dict(record) for record in records}
    own.source.groups = {group: group for _, group in groups}
    own.source.members = set(groups)
    return own
