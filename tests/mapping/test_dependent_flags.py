"""A verified flag that the destination keeps with its value: never true without one."""

from dataclasses import replace
from typing import Any

import pytest

from poolshift.mapping.desired import Desired
from poolshift.mapping.mapper import Mapper
from poolshift.provider.schema import FieldSchema, Schema
from tests.mapping.ends import SOURCE, destination, spec_of

FIELDS = [
    {"path": "phone", "source": "phone_number", "format": "e164", "region": "BE"},
    {"path": "phone_verified", "source": "phone_number_verified"},
]


def _destination(only_with: str | None) -> Schema:
    schema = destination()
    user = schema.kinds["user"]
    fields = {**user.fields, "phone_verified": FieldSchema("bool", only_with=only_with)}
    return replace(schema, kinds={**schema.kinds, "user": replace(user, fields=fields)})


def _desired(values: dict[str, Any], only_with: str | None, fields: list[dict[str, Any]] | None = None) -> Desired:
    mapper = Mapper(spec_of({"fields": fields or FIELDS}), SOURCE, _destination(only_with))
    found = mapper.map("S1", {"sub": "S1", "status": "CONFIRMED", "enabled": True, **values}, ())
    assert isinstance(found, Desired)
    return found


@pytest.mark.parametrize(
    ("values", "flag"),
    [
        ({"phone_number": "+32470000001", "phone_number_verified": True}, True),
        ({"phone_number": "+32470000001", "phone_number_verified": False}, False),
        ({"phone_number_verified": True}, False),
        ({"phone_number_verified": False}, False),
        ({"phone_number": "extension 12", "phone_number_verified": True}, None),
    ],
)
def test_a_flag_is_false_without_its_value_and_as_unknown_as_it_is(values: dict[str, Any], flag: bool | None) -> None:
    """None: unknown, as the number is; nothing is written, and nothing is conflict."""
    found = _desired(values, "phone")
    assert found.fields.get("phone_verified") is flag
    assert ("phone_verified" in found.unknown) == (flag is None) == ("phone" in found.unknown)


def test_a_flag_of_its_own_is_copied() -> None:
    """Where a destination keeps flags by themselves, nothing changes."""
    assert _desired({"phone_number_verified": True}, None).fields["phone_verified"] is True


def test_a_value_that_the_spec_does_not_map_is_the_destinations() -> None:
    """Whether it is there is not known from the source: the flag is what the spec says."""
    found = _desired({"phone_number_verified": True}, "phone", FIELDS[1:])
    assert found.fields["phone_verified"] is True
