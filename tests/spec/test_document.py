"""Scalars are those of YAML 1.2, whatever PyYAML makes of them, and no document is too strange to be refused."""

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from poolshift.errors import InputError
from poolshift.spec import document, nodes
from poolshift.spec.document import MAX_DEPTH
from poolshift.spec.nodes import MapNode
from poolshift.spec.problems import Problems

CORE_SCALARS: list[tuple[str, Any]] = [
    ("NO", "NO"),
    ("no", "no"),
    ("on", "on"),
    ("Yes", "Yes"),
    ("y", "y"),
    ("0123456", 123456),
    ("0o17", 15),
    ("0x1F", 31),
    ("0b101", "0b101"),
    ("1_000", "1_000"),
    ("12:30:00", "12:30:00"),
    ("2027-01-10", "2027-01-10"),
    ("2027-01-11T08:00:00+01:00", "2027-01-11T08:00:00+01:00"),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("-17", -17),
    ("true", True),
    ("FALSE", False),
    ("~", None),
    ("", None),
    ("null", None),
    ("'5'", "5"),
    ('"true"', "true"),
    ("!!str 5", "5"),
    ("=", "="),
    ("eu-west-1_AbC", "eu-west-1_AbC"),
    ("82339786-3dff-42a6-aac6-1f1ceecb6c46", "82339786-3dff-42a6-aac6-1f1ceecb6c46"),
]


def read(text: str | bytes) -> MapNode | None:
    return document.read(text.encode() if isinstance(text, str) else text, "spec.yaml", Problems())


@pytest.mark.parametrize(("text", "value"), CORE_SCALARS)
def test_a_scalar_is_what_yaml_1_2_says(text: str, value: Any) -> None:
    """Norway stays a country, a pool's id a text, a date a text."""
    node = read(f"key: {text}\n")
    assert node is not None
    read_value = nodes.plain(node)["key"]
    assert (type(read_value), read_value) == (type(value), value)


def test_keys_are_texts_as_they_are_written() -> None:
    """A key that looks like a number, a truth or nothing is the text it was written as."""
    node = read("{0123: a, true: b, ~: c, 1.0: d}")
    assert node is not None
    assert list(nodes.plain(node)) == ["0123", "true", "~", "1.0"]


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_whole_number_is_itself(number: int) -> None:
    """Every whole number of 64 bits survives."""
    node = read(f"key: {number}")
    assert node is not None
    assert nodes.plain(node)["key"] == number


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text("xyz", min_size=1), json_values, max_size=4))
def test_what_a_yaml_writer_wrote_is_read_back(value: dict[str, Any]) -> None:
    """Plain values survive a YAML 1.1 writer, which quotes whatever either version would read otherwise."""
    node = read(yaml.safe_dump(value))
    assert node is not None
    assert nodes.plain(node) == value


@pytest.mark.parametrize(
    "text",
    [
        "a: " + "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
        "[" * 5000,
        "a: &a [x, x]\n" + "".join(f"{chr(98 + n)}: &{chr(98 + n)} [{f'*{chr(97 + n)}, ' * 9}x]\n" for n in range(9)),
        'key: "\\UFFFFFFFF"',
        'key: "\\ud800"',
        "key: \x07",
        "key: &a {b: *a}",
        "key: 1e999",
        "key: " + "9" * 5000,
        "? [a]\n: b",
        "%YAML 9.9\n---\n",
        "- a",
        "\ufeff\ufeff",
    ],
)
def test_a_document_that_cannot_be_is_refused(text: str) -> None:
    """Depth, aliases that multiply, escapes and numbers without meaning end in a diagnostic with a place."""
    problems = Problems()
    assert document.read(text.encode(), "spec.yaml", problems) is None
    with pytest.raises(InputError) as caught:
        problems.raise_errors()
    assert all(found.code in ("SPEC_YAML", "SPEC_QUOTE", "SPEC_TYPE") for found in caught.value.diagnostics)
    assert all(found.place and found.place.file == "spec.yaml" for found in caught.value.diagnostics)


def test_bytes_that_are_no_text_are_refused_at_their_line() -> None:
    """Latin-1 is told from UTF-8, and where."""
    problems = Problems()
    assert document.read(b"version: 1\nname: \xe9\n", "spec.yaml", problems) is None
    with pytest.raises(InputError, match=r"spec\.yaml:2: error SPEC_YAML"):
        problems.raise_errors()
