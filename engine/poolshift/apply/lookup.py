"""Asking the destination whether a record is there. "Not found" counts after the key's lag, asked twice."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from poolshift.identity.address import parse
from poolshift.identity.kind import SHARED_KINDS, Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import ID, Key, Schema
from poolshift.provider.session import Found, Reader


@dataclass(frozen=True, slots=True)
class Question:
    """A record to look for. chosen: the value is an id of our own choice, so that what is found by it is ours."""

    key: Key
    value: str
    chosen: bool = False


class Lookups:
    """Batched lookups with patience. Used by one thread at a time."""

    def __init__(self, reader: Reader, schema: Schema, sleep: Callable[[float], None], late: float) -> None:
        self._reader = reader
        self._schema = schema
        self._sleep = sleep
        self._late = late

    def by_id(self, kind: Kind, id: str | None) -> Question | None:
        """None where the destination cannot be asked by id."""
        key = self._key(kind, ID)
        return Question(key, id) if key is not None and id else None

    def of_create(
        self, kind: Kind, address: str, person: str, chosen_id: str | None, values: Mapping[Path, Value]
    ) -> Question | None:
        """The best way to find a record whose create may have landed; None = there is no way.

        Best first: our marker (where it was sent), an id we chose, the natural name of a shared record, a unique
        login.
        """
        about = self._schema.kinds[kind]
        if kind in SHARED_KINDS:
            return Question(about.keys[0], parse(address)[1][-1]) if about.keys else None
        markers = about.with_role("source_id")
        marked = next((key for key in about.keys if key.path in markers and key.path in values), None)
        if marked is not None:
            return Question(marked, person)
        if chosen_id and (key := self._key(kind, ID)) is not None:
            return Question(key, chosen_id, chosen=True)
        for key in about.keys:
            if isinstance(value := values.get(key.path), str):
                return Question(key, value)
        return None

    def ask(self, kind: Kind, questions: Sequence[Question]) -> Mapping[tuple[Path, str], Found]:
        """Answers by (path, value). An answer without records and ``sure`` may be taken for absence."""
        answers: dict[tuple[Path, str], Found] = {}
        by_key: dict[Path, tuple[Key, dict[str, None]]] = {}
        for question in questions:
            by_key.setdefault(question.key.path, (question.key, {}))[1][question.value] = None
        for path, (key, values) in by_key.items():
            self._wait(key.lag)
            missing = self._round(kind, key, list(values), answers)
            if missing:
                # A request whose answer was lost may still be on its way.
                self._wait(max(key.lag, self._late))
                self._round(kind, key, [value for _, value in missing], answers)
            for value in values:
                answers.setdefault((path, value), Found(value, (), sure=False))
        return answers

    def wait_for(self, keys: Iterable[Key]) -> None:
        """Until what was just written shows to all who look."""
        self._wait(max((key.lag for key in keys), default=0.0))

    def _round(
        self, kind: Kind, key: Key, values: Sequence[str], answers: dict[tuple[Path, str], Found]
    ) -> list[tuple[Path, str]]:
        for start in range(0, len(values), key.at_once):
            for found in self._reader.lookup(kind, key.path, values[start : start + key.at_once]):
                answers[key.path, found.value] = found
        asked = [(key.path, value) for value in values]
        return [one for one in asked if one not in answers or not answers[one].records]

    def _key(self, kind: Kind, path: Path) -> Key | None:
        return next((key for key in self._schema.kinds[kind].keys if key.path == path), None)

    def _wait(self, seconds: float) -> None:
        if seconds > 0:
            self._sleep(seconds)
