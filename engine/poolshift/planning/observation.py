"""How the fields of a destination record look, as keyed fingerprints of their canonical values."""

from collections.abc import Callable, Mapping, Sequence

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import UNKNOWN, Path, Value
from poolshift.privacy import Fingerprinter
from poolshift.provider.schema import Schema
from poolshift.state.base import ABSENT_FP

_Look = Callable[[Value], bytes]


class Observation:
    """Asked for every record that is written; what a path needs is worked out once."""

    def __init__(self, schema: Schema, fingerprints: Fingerprinter) -> None:
        self._schema = schema
        self._fingerprints = fingerprints
        self._looks: dict[Kind, dict[Path, _Look | None]] = {}

    def __call__(self, record: Record, paths: Sequence[Path]) -> Mapping[Path, bytes]:
        """By path; what was not read, or no listing shows, is left out."""
        looks, values = self._looks.setdefault(record.kind, {}), record.values
        seen: dict[Path, bytes] = {}
        for path in paths:
            look = looks[path] if path in looks else looks.setdefault(path, self._look(record.kind, path))
            value = values.get(path)
            if look is not None and value is not UNKNOWN:
                seen[path] = ABSENT_FP if value is None else look(value)
        return seen

    def _look(self, kind: Kind, path: Path) -> _Look | None:
        field = self._schema.kinds[kind].field_at(path)
        if field is None or field.read != "listed":
            return None
        canonical, fingerprint = field.canonical, self._fingerprints.at(path)
        return lambda value: fingerprint(canonical(value))
