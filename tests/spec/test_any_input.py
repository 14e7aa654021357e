"""Whatever is loaded gives a Spec or an InputError, and nothing else."""

import random
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from poolshift.errors import InputError
from poolshift.spec.load import load
from poolshift.spec.written.keys import known_keys
from tests.spec.providers import Catalogue
from tests.spec.test_routes import ENVIRON, ROUTES

TEXTS = [path.read_text("utf-8") for path in sorted(ROUTES.glob("*.yaml"))]
FRAGMENTS = [
    "{{",
    "}}",
    "${env:A0_ID}",
    "${",
    "[",
    "]",
    "{",
    "}",
    ": ",
    "'",
    '"',
    "\n",
    "  ",
    "- ",
    "*",
    "&a ",
    "!!",
    "~",
]
KEYS = sorted({key for keys in known_keys().values() for key in keys} | {"*", "email", "custom:plan"})
WORDS = ["none", "fail", "all", "role", "group", "1%", "4s", "25/s", "{{ email }}", "{{", "custom:plan", "email", "\0"]

leaves = st.none() | st.booleans() | st.integers(-5, 200) | st.floats() | st.sampled_from(WORDS) | st.text(max_size=5)
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=15,
)


def outcome(data: bytes) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "spec.yaml"
        path.write_bytes(data)
        try:
            load(path, Catalogue(), environ=ENVIRON)
        except InputError as error:
            refusal = error
        else:
            return "loaded"
    assert refusal.exit_code == 65
    assert all(found.code.startswith("SPEC_") and found.place for found in refusal.diagnostics)
    return "refused"


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(data: bytes) -> None:
    """Bytes that are no spec are refused."""
    assert outcome(data) == "refused"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(TEXTS), st.integers(0, 2**32), st.sampled_from(FRAGMENTS), st.integers(0, 12))
def test_a_route_with_a_piece_torn_out_or_put_in(text: str, seed: int, fragment: str, cut: int) -> None:
    """A spec that was damaged in one place loads or is refused."""
    at = random.Random(seed).randrange(len(text))
    assert outcome((text[:at] + fragment + text[at + cut :]).encode()) in ("loaded", "refused")


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), trees, max_size=6), st.sampled_from(TEXTS))
def test_keys_of_the_language_with_values_of_any_kind(sections: dict[str, Any], text: str) -> None:
    """Sections of a route replaced by any value are judged, never tripped over."""
    document = yaml.safe_load(text) | sections
    assert outcome(yaml.safe_dump(document).encode()) in ("loaded", "refused")
