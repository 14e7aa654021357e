"""The search finds a value in every form it may have been given: otherwise the tests that find none say nothing."""

import base64
import gzip
import json
import sqlite3
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus, urlencode

import pytest

from tests.end_to_end.canaries import EVERYBODY, VALUES, Secrets, canaries
from tests.end_to_end.haul import Haul
from tests.end_to_end.migration import Migration
from tests.end_to_end.search import Search

HIDDEN: Final[Mapping[str, Callable[[str], bytes]]] = {
    "plain": str.encode,
    "upper case": lambda value: value.upper().encode(),
    "capital": lambda value: value.title().encode(),
    "url": lambda value: quote(value, safe="").encode(),
    "url, lower": lambda value: quote(value).lower().encode(),
    "form": lambda value: urlencode({"q": f'email:"{value}"'}).encode(),
    "form, plus": lambda value: quote_plus(value).encode(),
    "json": lambda value: json.dumps({"value": value}).encode(),
    "json in json": lambda value: json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False).encode(),
    "python": lambda value: ascii(value).encode(),
    "bytes in python": lambda value: repr(value.encode("latin-1")).encode(),
    "hex": lambda value: value.encode().hex().encode(),
    "hex, upper": lambda value: value.upper().encode().hex().upper().encode(),
    "utf-16": lambda value: value.encode("utf-16"),
    "base64": lambda value: base64.b64encode(value.encode()),
    "base64, second": lambda value: base64.b64encode(b"-" + value.encode() + b"---"),
    "base64, third": lambda value: base64.b64encode(b"--" + value.encode() + b"----"),
    "base64, lower": lambda value: base64.b64encode(b"--" + value.lower().encode() + b"----"),
    "base64, url": lambda value: base64.urlsafe_b64encode(b"-\xff\xfe" + value.encode() + b"\xff\xfe"),
    "base64 in url": lambda value: quote(base64.b64encode(b"\xff" + value.encode()), safe="").encode(),
    "gzip": lambda value: gzip.compress(value.encode() * 3),
    "zlib": lambda value: zlib.compress(value.encode(), 9),
    "zlib, quick": lambda value: zlib.compress(json.dumps(value).encode(), 1),
    "gzip in gzip": lambda value: gzip.compress(b"-" * 40 + gzip.compress(value.encode())),
    "cut off": lambda value: gzip.compress(value.encode() + bytes(range(256)) * 9)[:-40],
}
SECRETS: Final = sorted(Secrets().environ.values())


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("value", [*VALUES, *SECRETS])
def test_a_value_is_found_in_every_form(value: str, hidden: Callable[[str], bytes]) -> None:
    """Amid other bytes, whatever stands before and behind."""
    search = Search([*VALUES, *SECRETS])
    assert value in search.in_bytes(b"\x00before" + hidden(value) + b"after\xff\x78\x9c")


def test_nobody_else_is_found() -> None:
    """Other people's values, and bytes that only begin like something packed."""
    others = "Someone Else, someone@example.com, +32470123456, 108273645519283746552"
    assert EVERYBODY.in_bytes(others.encode() + b"\x1f\x8b\x08\x78\x9c" + bytes(range(256))) == set()


def test_each_value_of_a_canary_holds_one_that_is_searched() -> None:
    """A person with a value of no known beginning would pass every search."""
    for person in canaries(3):
        names = ("email", "given_name", "family_name", "phone_number")
        told = [person.username, *(person.attributes[name] for name in names), *(own for _, own in person.identities)]
        assert [value for value in told if not EVERYBODY.in_bytes(value.encode())] == []


def test_a_deleted_row_is_found(tmp_path: Path) -> None:
    """In the free pages of a database, in its log, and in the name of a file."""
    haul = Haul(Migration(tmp_path), EVERYBODY)
    with closing(sqlite3.connect(tmp_path / "state.db")) as database, database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE people (name)")
        database.executemany("INSERT INTO people VALUES (?)", [(VALUES[0] * 9,)] * 900)
        database.execute("DELETE FROM people")
    (tmp_path / f"{VALUES[1]}.txt").touch()
    with pytest.raises(AssertionError, match=rf"state\.db.*{VALUES[0]}"):
        haul.run("schema")
    with pytest.raises(AssertionError, match=VALUES[1]):
        Haul(Migration(tmp_path), Search([VALUES[1]])).run("schema")


def test_what_a_command_prints_and_leaves_is_searched(tmp_path: Path) -> None:
    """Its output; files it makes and files it changes; not what belongs where it is."""
    (tmp_path / "users").mkdir()
    (tmp_path / "users" / "users-1.json").write_text(VALUES[0])
    Haul(Migration(tmp_path), EVERYBODY, homes=("users",)).run("schema")
    with pytest.raises(AssertionError, match=r"prints.*json-schema"):
        Haul(Migration(tmp_path), Search(["json-schema.org"])).run("schema")
    haul = Haul(Migration(tmp_path), Search([VALUES[0]]), homes=("users",))
    haul.run("schema")
    (tmp_path / "users" / "users-1.json").rename(tmp_path / "moved.json")
    with pytest.raises(AssertionError, match=r"leaves.*moved\.json"):
        haul.run("schema")
    haul.run("schema")
    (tmp_path / "moved.json").write_text(VALUES[0] * 2)
    with pytest.raises(AssertionError, match=r"leaves.*moved\.json"):
        haul.run("schema")
