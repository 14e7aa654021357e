"""What a provider hands over: one record of either end.

Nobody changes a record. The classes are not frozen because a frozen one takes three times as long to make, and there
are a dozen a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value


@dataclass(slots=True)
class Ref:
    """A record named by another: by our address, by its id at that end, or by its natural key there."""

    address: str
    id: str | None = None
    key: str | None = None


@dataclass(slots=True)
class Record:
    """One record as read. ``id`` is opaque; ``raw`` (the vendor's document) stays in memory only.

    ``values`` holds every field that was read; a path that is missing is absent, UNKNOWN is "was not read".
    """

    kind: Kind
    id: str
    values: Mapping[Path, Value]
    refs: Mapping[Path, Ref] = field(default_factory=dict)
    raw: Any = None
