"""Attributes the destination must declare before people come."""

from typing import Any

from poolshift.mapping.shared import desired_attributes
from tests.mapping.ends import SOURCE, destination, spec_of

FIELDS = [
    {"path": "email", "source": "email"},
    {"path": "attributes.plan", "source": "custom:plan"},
    {"path": "attributes.level", "source": "custom:level"},
    {"path": "attributes.member", "source": "custom:x", "format": "bool"},
    {"path": "attributes.since", "source": "custom:since"},
    {"path": "attributes.kind", "value": 3},
    {"path": "attributes.tier", "source": "custom:level", "values": {"1": "one"}},
]


def declared(kinds: tuple[Any, ...] = ("attribute",), **fragment: Any) -> list[dict[str, Any]]:
    spec = spec_of({"fields": FIELDS, **fragment})
    return list(desired_attributes(spec, destination(kinds=kinds), SOURCE))


def test_auto_declares_what_fields_need() -> None:
    """Names without the open map's prefix; types from the format, the constant, or the source."""
    assert declared() == [
        {"name": "attributes.kind", "type": "number"},
        {"name": "attributes.level", "type": "number"},
        {"name": "attributes.member", "type": "boolean"},
        {"name": "attributes.plan", "type": "string", "max_length": 20},
        {"name": "attributes.since", "type": "date"},
        {"name": "attributes.tier", "type": "string"},
    ]


def test_listed_attributes_overrule_and_add() -> None:
    """What the spec lists is declared as listed, what it does not is declared as needed."""
    items = [{"path": "attributes.plan", "type": "string", "max_length": 7}, {"path": "attributes.more"}]
    own = {row["name"]: row for row in declared(attributes={"mode": "listed", "items": items})}
    assert own["attributes.plan"] == {"name": "attributes.plan", "type": "string", "max_length": 7}
    assert own["attributes.more"] == {"name": "attributes.more", "type": "string"}
    assert own["attributes.level"] == {"name": "attributes.level", "type": "number"}


def test_none_declares_nothing() -> None:
    """Somebody else declares them."""
    assert declared(attributes={"mode": "none"}) == []


def test_a_destination_without_attributes_to_declare() -> None:
    """Its open maps take anything."""
    assert declared(kinds=()) == []


def test_the_source_id_and_group_fields_are_attributes_too() -> None:
    """Whatever lies in an open map is declared, the engine's own fields included."""
    group = {"match": "*", "target": "field", "field": "attributes.roles"}
    names = [row["name"] for row in declared(users={"source_id": "attributes.old_sub"}, groups=[group])]
    assert {"attributes.old_sub", "attributes.roles"} <= set(names)
