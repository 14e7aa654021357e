"""Pack one person's base into bytes and back. Pure.

Layout of a row: rule set, flags, destination id, two bits a field of the rule set, quiet pair, field fingerprints,
elements. A person of 14 fields with equal pairs and 3 memberships takes 201 bytes with two UUIDs as ids.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from poolshift.identity.address import hash64
from poolshift.identity.value import Path
from poolshift.state.base import ABSENT_FP, NEVER_QUIET, Base, ElementBase, Pair
from poolshift.state.encoding import after_id, id_at, number_at, put_id, put_number

_FP: Final = 8
HASH_BYTES: Final = 8

_HANDOVER: Final = 1
_RELEASED: Final = 2
_QUIET: Final = 4
_MIXED_ELEMENTS: Final = 8

_MISSING: Final = 0
_EQUAL: Final = 1
_DIFFERENT: Final = 2
_BOTH_ABSENT: Final = 3

_SETTLED: Final = 3
_NOTHING: Final[Pair] = (ABSENT_FP, ABSENT_FP)
_OPEN: Final[Pair] = (NEVER_QUIET, NEVER_QUIET)
_BOTH: Final = ElementBase(True, True)


def person_key(source_id: str) -> bytes:
    """Primary key of a person: 8 bytes of hash, so that rows lie in hash order, then the id itself."""
    out = bytearray(hash64(source_id.encode()).to_bytes(HASH_BYTES, "big"))
    put_id(out, source_id)
    return bytes(out)


def person_of(key: bytes) -> str:
    """The source id in a primary key. Raises ValueError when the bytes are none."""
    try:
        source_id, end = id_at(key, HASH_BYTES)
    except IndexError as error:
        raise _cut() from error
    _check_end(key, end)
    return source_id


def destination_of(row: bytes) -> str:
    """The destination id in a packed row; nothing behind it is looked at. Raises ValueError when there is none."""
    try:
        _, flags = number_at(row, 0)
        destination_id, end = id_at(row, flags + 1)
    except IndexError as error:
        raise _cut() from error
    if end > len(row):
        raise _cut()
    return destination_id


def quiet_of(row: bytes) -> tuple[int, Pair]:
    """Rule set and quiet pair of a packed row; nothing behind them is looked at. Raises ValueError when it is none."""
    try:
        rule_set, at = number_at(row, 0)
        if not row[at] & _QUIET:
            return rule_set, _OPEN
        at = after_id(row, at + 1)
    except IndexError as error:
        raise _cut() from error
    if at + 2 * _FP > len(row):
        raise _cut()
    return rule_set, (row[at : at + _FP], row[at + _FP : at + 2 * _FP])


def _cut() -> ValueError:
    return ValueError("packed row ends too early")


def _check_end(data: bytes, end: int) -> None:
    """Raises ValueError unless everything was read, and nothing beyond."""
    if end > len(data):
        raise _cut()
    if end < len(data):
        raise ValueError("packed row goes on where it should end")


def _fingerprint(data: bytes, what: str) -> bytes:
    if len(data) != _FP:
        raise ValueError(f"fingerprint of {what} has {len(data)} bytes instead of {_FP}")
    return data


def _put_crumbs(out: bytearray, crumbs: Iterable[int]) -> None:
    """Two bits each, four a byte, lowest first."""
    byte = shift = 0
    for crumb in crumbs:
        byte |= crumb << shift
        shift += 2
        if shift == 8:
            out.append(byte)
            byte = shift = 0
    if shift:
        out.append(byte)


def _split_crumbs(data: bytes, count: int) -> list[int]:
    crumbs: list[int] = []
    for byte in data:
        crumbs += (byte & 3, byte >> 2 & 3, byte >> 4 & 3, byte >> 6)
    return crumbs[:count]


class Packer:
    """Packs the rows of one rule set; the rule set gives the order of the fields.

    The source id is not in the row: the store has it in the primary key.
    """

    def __init__(self, rule_set: int, rules: Mapping[Path, str]) -> None:
        self.rule_set = rule_set
        self._paths = tuple(sorted(rules))
        self._known = frozenset(rules)
        every_equal = bytearray()
        _put_crumbs(every_equal, [_EQUAL] * len(rules))
        self._every_equal = bytes(every_equal)

    def pack(self, base: Base) -> bytes:
        """Raises ValueError for a field not in the rule set, another rule set, or a fingerprint not of 8 bytes."""
        self._check(base)
        elements = sorted(base.elements)
        states = [base.elements[element].desired + 2 * base.elements[element].actual for element in elements]
        mixed = any(state != _SETTLED for state in states)
        out = bytearray()
        put_number(out, self.rule_set)
        out.append(
            _HANDOVER * base.handover
            + _RELEASED * base.released
            + _QUIET * (base.quiet != _OPEN)
            + _MIXED_ELEMENTS * mixed
        )
        put_id(out, base.destination_id)
        if base.quiet != _OPEN:
            for digest in base.quiet:
                out += _fingerprint(digest, "a record")
        self._put_fields(out, base)
        put_number(out, len(elements))
        if mixed:
            _put_crumbs(out, states)
        for element in elements:
            out += _fingerprint(element, "an element")
        return bytes(out)

    def _check(self, base: Base) -> None:
        if base.rule_set != self.rule_set:
            raise ValueError(f"base row of rule set {base.rule_set} packed with rule set {self.rule_set}")
        strangers = base.fields.keys() - self._known
        if strangers:
            raise ValueError(f"fields not in rule set {self.rule_set}: {', '.join(sorted(strangers))}")

    def _put_fields(self, out: bytearray, base: Base) -> None:
        every = base.fields.values()
        if len(every) == len(self._paths) and all(pair[0] == pair[1] != ABSENT_FP for pair in every):
            out += self._every_equal
            out += b"".join([_fingerprint(base.fields[path][0], path) for path in self._paths])
            return
        crumbs: list[int] = []
        pairs = bytearray()
        for path in self._paths:
            pair = base.fields.get(path)
            if pair is None:
                crumbs.append(_MISSING)
            elif pair == _NOTHING:
                crumbs.append(_BOTH_ABSENT)
            elif pair[0] == pair[1]:
                crumbs.append(_EQUAL)
                pairs += _fingerprint(pair[0], path)
            else:
                crumbs.append(_DIFFERENT)
                pairs += _fingerprint(pair[0], path) + _fingerprint(pair[1], path)
        _put_crumbs(out, crumbs)
        out += pairs

    def unpack(self, source_id: str, row: bytes) -> Base:
        """Raises ValueError when the bytes are not a row of this rule set."""
        try:
            return self._unpacked(source_id, row)
        except IndexError as error:
            raise _cut() from error

    def _unpacked(self, source_id: str, row: bytes) -> Base:
        """Runs for every person of every plan: slices at offsets, whose end is checked once."""
        number, at = number_at(row, 0)
        if number != self.rule_set:
            raise ValueError(f"not a row of rule set {self.rule_set}")
        flags = row[at]
        destination_id, at = id_at(row, at + 1)
        quiet = _OPEN
        if flags & _QUIET:
            quiet = (row[at : at + _FP], row[at + _FP : at + 2 * _FP])
            at += 2 * _FP
        fields, at = self._fields_at(row, at)
        elements, at = _elements_at(row, at, flags & _MIXED_ELEMENTS != 0)
        _check_end(row, at)
        return Base(
            source_id,
            destination_id,
            self.rule_set,
            quiet,
            flags & _HANDOVER != 0,
            fields,
            elements,
            flags & _RELEASED != 0,
        )

    def _fields_at(self, row: bytes, at: int) -> tuple[dict[Path, Pair], int]:
        crumbs, at = row[at : at + len(self._every_equal)], at + len(self._every_equal)
        if crumbs == self._every_equal:
            end = at + _FP * len(self._paths)
            same = [row[place : place + _FP] for place in range(at, end, _FP)]
            return dict(zip(self._paths, zip(same, same, strict=True), strict=True)), end
        fields: dict[Path, Pair] = {}
        for path, crumb in zip(self._paths, _split_crumbs(crumbs, len(self._paths)), strict=True):
            if crumb == _EQUAL:
                own = row[at : at + _FP]
                fields[path] = (own, own)
                at += _FP
            elif crumb == _DIFFERENT:
                fields[path] = (row[at : at + _FP], row[at + _FP : at + 2 * _FP])
                at += 2 * _FP
            elif crumb == _BOTH_ABSENT:
                fields[path] = _NOTHING
        return fields, at


def _elements_at(row: bytes, at: int, mixed: bool) -> tuple[dict[bytes, ElementBase], int]:
    count, at = number_at(row, at)
    start = at + (count + 3) // 4 if mixed else at
    end = start + _FP * count
    if end > len(row):  # before a damaged count fills the memory
        raise _cut()
    keys = [row[place : place + _FP] for place in range(start, end, _FP)]
    if not mixed:
        return dict.fromkeys(keys, _BOTH), end
    states = _split_crumbs(row[at:start], count)
    return {key: ElementBase(state & 1 != 0, state & 2 != 0) for key, state in zip(keys, states, strict=True)}, end


def rule_set_of(row: bytes) -> int:
    """The number of the rule set a packed row was decided under. Raises ValueError where there is none."""
    try:
        return number_at(row, 0)[0]
    except IndexError as error:
        raise _cut() from error
