"""From a raw value to a field's canonical value: the one place that decides it, findings included.

The generated function short-cuts the ordinary cases of ``settle``; both must agree, and a test compares them.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

from poolshift.identity.value import ABSENT, UNKNOWN, Path, Value
from poolshift.mapping import casts
from poolshift.mapping.casts import CastError
from poolshift.mapping.operators import text
from poolshift.provider.schema import FieldSchema
from poolshift.spec.model import Field

Note = tuple[str, Path, str]
"""(code, path, message): a finding before it has an address."""

CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What no vendor takes in a text: control characters but tab and line ends, and halves of surrogate pairs."""

_DECIDED_BY_TEXT: Final = {r"^[\s\S]+$": "not v", r"^[\s\S]+@[\s\S]+$": "'@' not in v[1:-1]"}
"""Patterns -> a cheaper test of the same, true where the pattern does not match."""

FREE: Final = FieldSchema(type="json")
"""Stands for a field the destination's schema does not know; the spec loader has complained already."""


class FieldRule:
    """One destination field.

    own: the schema is the field's own, not that of the open map it lies in (whose ``max_bytes`` bound the map).
    type_: text, bool, number, time, json, set or ref, or date (a day stays a day) of a declared attribute.
    settled_values: `values` with every result settled; ABSENT for one that does not settle without a finding.
    """

    def __init__(
        self, path: Path, schema: FieldSchema, field: Field | None = None, *, own: bool = True, type_: str = ""
    ) -> None:
        self.path = path
        self.schema = schema
        self.type = type_ or schema.type
        self.field = field
        self.format = field.format if field else None
        self._values = field.values if field else None
        self._max_bytes = schema.max_bytes if own else None
        self._pattern = re.compile(schema.pattern).fullmatch if schema.pattern else None
        self._cast = self._format_cast(field)
        default_is_text = field is not None and isinstance(field.default, str)
        self.default_is_template = default_is_text and field is not None and "{{" in field.default
        self.has_default = field is not None and field.has_default and not self.default_is_template
        self.settled_values, self.settled_star = self._settled_values()

    def settle(self, raw: Value, notes: list[Note]) -> Value:
        """ABSENT, UNKNOWN, None (explicitly empty) or the canonical value; what is wrong goes to ``notes``."""
        if raw is UNKNOWN:
            return UNKNOWN
        if raw is None or raw == "":
            return self._default(notes)
        try:
            value = self._mapped(raw)
            if value is not None and self._cast is not None:
                value = self._formatted(value, notes)
                if value == "":
                    return self._default(notes)
            return self._typed(value, notes)
        except CastError as error:
            notes.append((error.code, self.path, error.message))
            return UNKNOWN

    def place(self, raw: Value, fields: dict[Path, Value], unknown: list[Path], notes: list[Note]) -> None:
        """Settle and put where it belongs: into the fields, among the unknown, or nowhere when absent."""
        self._put(self.settle(raw, notes), fields, unknown)

    def place_or(
        self, raw: Value, other: Callable[[], Value], fields: dict[Path, Value], unknown: list[Path], notes: list[Note]
    ) -> None:
        """The same with a `default` that is a template: ``other`` is asked only where the value is absent."""
        value = self.settle(raw, notes)
        self._put(self.derived(other(), notes) if value is ABSENT else value, fields, unknown)

    def _put(self, value: Value, fields: dict[Path, Value], unknown: list[Path]) -> None:
        if value is UNKNOWN:
            unknown.append(self.path)
        elif value is not ABSENT:
            fields[self.path] = value

    def derived(self, value: Value, notes: list[Note]) -> Value:
        """The value of a `default` template: neither `values` nor `format` apply to it."""
        if value is None or value == "":
            return ABSENT
        if value is UNKNOWN:
            return UNKNOWN
        try:
            return self._typed(value, notes)
        except CastError as error:
            notes.append((error.code, self.path, error.message))
            return UNKNOWN

    def judge(self, value: Value, notes: list[Note]) -> None:
        """What the destination would refuse of a canonical value. The value itself is not changed."""
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, str) and (message := self._refused(item)):
                notes.append(("VALUE_LENGTH", self.path, message))
                break  # one finding a field
        if self._max_bytes is not None and _bytes(value) > self._max_bytes:
            notes.append(("VALUE_LENGTH", self.path, f"longer than {self._max_bytes} bytes"))
        if "phone" in self.schema.roles and isinstance(value, str) and not casts.E164.fullmatch(value):
            notes.append(("PHONE_FORMAT", self.path, "not in E.164 form"))

    def inline_tests(self) -> tuple[str, ...]:
        """Python tests over ``v`` (a printable canonical text) of which one holds when ``judge`` would complain."""
        tests: list[str] = []
        if self.schema.max_length is not None:
            tests.append(f"len(v) > {self.schema.max_length!r}")
        if self._pattern is not None:
            tests.append(_DECIDED_BY_TEXT.get(self.schema.pattern or "", "pattern(v) is None"))
        if self._max_bytes is not None:
            tests.append(f"len(v) * 6 + 2 > {self._max_bytes!r}")  # the longest JSON form of a character has 6 bytes
        if "phone" in self.schema.roles:
            tests.append("e164(v) is None")
        return tuple(tests)

    @property
    def pattern(self) -> Callable[[str], Any] | None:
        return self._pattern

    def _refused(self, own: str) -> str:
        if self.schema.max_length is not None and len(own) > self.schema.max_length:
            return f"longer than {self.schema.max_length} characters"
        if self._pattern is not None and not self._pattern(own):
            return "has characters the destination does not take here"
        return ""

    def _format_cast(self, field: Field | None) -> Callable[[Value], Value] | None:
        if field is None or field.format is None or field.format == "date":
            return None if field is None or field.format is None else casts.unchanged
        return casts.as_e164(field.region) if field.format == "e164" else casts.FORMATS[field.format]

    def _formatted(self, value: Value, notes: list[Note]) -> Value:
        if self.format != "date":
            return self._cast(value) if self._cast else value
        moment, doubtful = casts.as_date(value)
        self._doubt(doubtful, notes)
        return moment

    def _typed(self, value: Value, notes: list[Note]) -> Value:
        if value is None:
            return None
        if self.type in ("time", "date"):
            value, doubtful = casts.as_time(value) if self.type == "time" else casts.as_date(value)
            self._doubt(doubtful, notes)
        else:
            value = casts.TYPES[self.type](value)
        _refuse_control(value)
        value = self.schema.canonical(value)
        self.judge(value, notes)
        return value

    def _doubt(self, doubtful: bool, notes: list[Note]) -> None:
        if doubtful:
            notes.append(("DATE_ZONE", self.path, "was read as UTC"))

    def _default(self, notes: list[Note]) -> Value:
        if not self.has_default or self.field is None:
            return ABSENT
        return None if self.field.default is None else self.derived(self.field.default, notes)

    def _mapped(self, raw: Value) -> Value:
        if self._values is None:
            return raw
        if isinstance(raw, (list, tuple)):
            return [self._mapped(item) for item in raw]
        key = text(raw)
        if key is not None and key in self._values:
            return self._values[key]
        if "*" in self._values:
            return self._values["*"]
        raise CastError("VALUE_UNMAPPED", "has no entry in `values`")

    def _settled_values(self) -> tuple[dict[str, Value], Value]:
        settled: dict[str, Value] = {}
        for key in self._values or ():
            notes: list[Note] = []
            value = self.settle(key, notes)
            settled[key] = ABSENT if notes else value
        return settled, settled.get("*", ABSENT)


def _refuse_control(value: Value) -> None:
    for item in value if isinstance(value, list) else (value,):
        if isinstance(item, str) and not item.isprintable() and CONTROL.search(item):
            raise CastError("VALUE_LENGTH", "has control characters")


def _bytes(value: Value) -> int:
    own = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return len(own.encode("utf-8", "surrogatepass"))
