"""A path finds its field, or the open map it lies in."""

import pytest

from poolshift.provider.schema import FieldSchema, KindSchema, Reading

TEXT, BOOL, JSON = FieldSchema("text"), FieldSchema("bool"), FieldSchema("json")
FIELDS = {"email": TEXT, "custom.*": BOOL, "custom:plan": JSON, "a.b.*": TEXT}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("email", TEXT),
        ("custom:plan", JSON),
        ("custom:other", BOOL),
        ("custom.other", BOOL),
        ("custom:a.b", BOOL),
        ("a.b.c.d", TEXT),
        ("a.c", None),
        ("custom", None),
        (":x", None),
        ("", None),
    ],
)
def test_a_path_finds_its_own_field_before_the_open_map(path: str, found: FieldSchema | None) -> None:
    """Dots and colons nest alike: an open map ``custom.*`` holds custom:x."""
    kind = KindSchema("user", FIELDS, Reading("list"), (), {})
    assert kind.field_at(path) is found
