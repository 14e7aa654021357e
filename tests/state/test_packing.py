"""Base rows as bytes: what goes in comes out, in few bytes, or is refused."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.identity.address import hash64
from poolshift.state.base import ABSENT_FP, NEVER_QUIET, Base, ElementBase
from poolshift.state.encoding import Cursor, put_id, put_number
from poolshift.state.packing import Packer, person_key, person_of, quiet_of, rule_set_of

RULES = {f"field_{number:02}": "authority text" for number in range(14)}

fingerprints = st.one_of(st.just(ABSENT_FP), st.binary(min_size=8, max_size=8))
pairs = st.one_of(st.tuples(fingerprints, fingerprints), fingerprints.map(lambda one: (one, one)))
ids = st.one_of(st.text(), st.uuids().map(str), st.uuids().map(lambda one: str(one).upper()))
paths = st.text(max_size=8)
elements = st.dictionaries(
    st.binary(min_size=8, max_size=8), st.builds(ElementBase, st.booleans(), st.booleans()), max_size=9
)


@st.composite
def bases(draw: st.DrawFn) -> tuple[list[str], Base]:
    """A rule set and a base row with some of its fields."""
    rules = draw(st.lists(paths, unique=True, max_size=20))
    kept = draw(st.lists(st.sampled_from(rules), unique=True)) if rules else []
    base = Base(
        draw(ids),
        draw(ids),
        draw(st.integers(0, 1 << 40)),
        draw(pairs),
        draw(st.booleans()),
        {path: draw(pairs) for path in kept},
        draw(elements),
        draw(st.booleans()),
    )
    return rules, base


def packer_of(rules: list[str], number: int) -> Packer:
    return Packer(number, dict.fromkeys(rules, "authority text"))


@given(bases())
def test_unpacking_undoes_packing(drawn: tuple[list[str], Base]) -> None:
    """Every base row comes back as it went, whatever the order of its fields and rules was."""
    rules, base = drawn
    row = packer_of(rules, base.rule_set).pack(base)
    assert packer_of(rules[::-1], base.rule_set).unpack(base.source_id, row) == base
    assert rule_set_of(row) == base.rule_set
    assert quiet_of(row) == (base.rule_set, base.quiet)


@given(bases(), st.data())
def test_a_shortened_or_lengthened_row_is_refused(drawn: tuple[list[str], Base], data: st.DataObject) -> None:
    """Damaged bytes never pass for a row that ends elsewhere."""
    rules, base = drawn
    packer = packer_of(rules, base.rule_set)
    row = packer.pack(base)
    with pytest.raises(ValueError):
        packer.unpack(base.source_id, row[: data.draw(st.integers(0, len(row) - 1))])
    with pytest.raises(ValueError):
        packer.unpack(base.source_id, row + b"\0")


@given(bases(), pairs)
def test_a_field_outside_the_rule_set_is_refused(drawn: tuple[list[str], Base], pair: tuple[bytes, bytes]) -> None:
    """A pair that no rule explains must not be stored."""
    rules, base = drawn
    base.fields["a field outside"] = pair
    with pytest.raises(ValueError, match="a field outside"):
        packer_of(rules, base.rule_set).pack(base)


@pytest.mark.parametrize(
    "base",
    [
        Base("s", "d", 2, fields={"field_01": (b"short", b"short")}),
        Base("s", "d", 2, fields={"field_01": (b"12345678", b"123456789")}),
        Base("s", "d", 2, quiet=(b"", NEVER_QUIET)),
        Base("s", "d", 2, elements={b"1234567": ElementBase()}),
    ],
)
def test_a_fingerprint_of_another_length_is_refused(base: Base) -> None:
    """Fingerprints have eight bytes; anything else would shift what follows."""
    with pytest.raises(ValueError, match="instead of 8"):
        Packer(2, RULES).pack(base)


def test_another_rule_set_is_refused() -> None:
    """A row is packed and read by the rule set it names."""
    base = Base("s", "d", 3)
    with pytest.raises(ValueError, match="rule set 3"):
        Packer(2, RULES).pack(base)
    with pytest.raises(ValueError, match="rule set 2"):
        Packer(2, RULES).unpack("s", Packer(3, RULES).pack(base))


def test_a_usual_person_takes_about_two_hundred_bytes() -> None:
    """14 equal pairs, 3 memberships, UUIDs as ids: 201 bytes with the key."""
    fields = {path: (path.encode()[-8:],) * 2 for path in RULES}
    members = {f"member_{number}".encode(): ElementBase() for number in range(3)}
    source, destination = (str(uuid.UUID(int=number)) for number in (1, 2))
    base = Base(source, destination, 1, (b"desired1", b"actual_1"), fields=fields, elements=members)
    assert len(Packer(1, RULES).pack(base)) + len(person_key(source)) == 201


@given(ids)
def test_keys_hold_the_id_and_its_place(source_id: str) -> None:
    """A key begins with the hash of the id, big-endian, and gives the id back."""
    key = person_key(source_id)
    assert person_of(key) == source_id
    assert int.from_bytes(key[:8], "big") == hash64(source_id.encode())


@given(ids, ids)
def test_different_ids_have_different_keys(one: str, other: str) -> None:
    """The short spelling of a UUID never meets another id."""
    assert (person_key(one) == person_key(other)) == (one == other)


def test_only_the_usual_spelling_of_a_uuid_is_shortened() -> None:
    """Upper case would not come back as it was, so it stays a text."""
    lower = str(uuid.uuid4())
    short, long = bytearray(), bytearray()
    put_id(short, lower)
    put_id(long, "A" + lower[1:])
    assert len(short) == 17
    assert len(long) == 37
    assert re.fullmatch("A.{35}", Cursor(bytes(long)).id())


@given(st.integers(0, 1 << 70))
def test_numbers_of_any_size_come_back(number: int) -> None:
    """Seven bits a byte, the lowest first."""
    out = bytearray()
    put_number(out, number)
    cursor = Cursor(bytes(out))
    assert cursor.number() == number
    cursor.end()
