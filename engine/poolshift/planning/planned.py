"""A computed plan with everything apply needs to carry it out; lives as long as its work folder."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.plan.change import Change
from poolshift.provider.schema import Schema
from poolshift.provider.session import Reader


class PlanRows(Protocol):
    """A plan file: decisions, not people."""

    @property
    def id(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def document(self) -> Mapping[str, Any]:
        """The JSON document of ``show --format json``."""

    def find(self, address: str) -> "Row | None": ...

    def rows(self) -> Iterator["Row"]:
        """Every row in hash order of the person, then of the address."""

    def of_class(self, class_id: str) -> Iterator["Row"]: ...


class Row(Protocol):
    @property
    def address(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def class_id(self) -> str: ...
    @property
    def desired(self) -> bytes: ...
    @property
    def actual(self) -> bytes: ...
    @property
    def records(self) -> bool: ...


class Planned(Protocol):
    """What `planning` hands to `apply`. ``changes`` may be asked for again; it decides anew, with equal results."""

    @property
    def plan(self) -> PlanRows: ...
    @property
    def schema(self) -> Schema: ...
    @property
    def destination(self) -> Reader: ...
    @property
    def partitions(self) -> int: ...

    def shared(self) -> Sequence[Change]:
        """Changes of shared kinds, parents before children."""

    def changes(self, partition: int) -> Iterator[Change]:
        """Changes of the people of one partition, with effects: a person's own first, then its elements."""

    def observe(self, record: Record, paths: Sequence[Path]) -> Mapping[Path, bytes]:
        """Fingerprints of a destination record's canonical values, as the base keeps them."""

    def element_fingerprint(self, address: str) -> bytes:
        """The key of an element in ``Base.elements``."""
