"""Pairs of ids as CSV, JSON and SQL: nothing in an id can act where it is read."""

import csv
import io
import json
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.cli import main
from poolshift.cli.export_ids import csv_lines, json_lines, sql_lines
from tests.cli.fake_engine import FakeEngine

IDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
PAIRS = st.lists(st.tuples(IDS, IDS))


@given(PAIRS)
def test_sql_inserts_exactly_the_pairs(pairs: list[tuple[str, str]]) -> None:
    """Law: running the statements gives the pairs back, whatever the ids hold."""
    with sqlite3.connect(":memory:", isolation_level=None) as connection:
        connection.execute("CREATE TABLE migrated_ids (source_id, destination_id)")
        connection.executescript("".join(sql_lines(pairs)))
        found = connection.execute("SELECT source_id, destination_id FROM migrated_ids ORDER BY rowid").fetchall()
    connection.close()
    assert found == pairs


@given(PAIRS)
def test_json_is_exactly_the_pairs(pairs: list[tuple[str, str]]) -> None:
    """Law: one array, the pairs in order; an empty state gives an empty array."""
    found = json.loads("".join(json_lines(pairs)))
    assert [(row["source_id"], row["destination_id"]) for row in found] == pairs


@given(PAIRS)
def test_no_csv_cell_is_a_formula(pairs: list[tuple[str, str]]) -> None:
    """Law: reading the CSV gives the ids back, those a spreadsheet would compute behind an apostrophe."""
    rows = list(csv.reader(io.StringIO("".join(csv_lines(pairs)), newline="")))
    assert rows[0] == ["source_id", "destination_id"]
    for row, pair in zip(rows[1:], pairs, strict=True):
        for cell, identifier in zip(row, pair, strict=True):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
            assert cell in {identifier, f"'{identifier}"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_formula_starts_are_made_inert(start: str) -> None:
    """Each of the characters a spreadsheet reacts to."""
    cells = next(csv.reader(io.StringIO("".join(csv_lines([(f"{start}1", "d")])).partition("\n")[2], newline="")))
    assert cells == [f"'{start}1", "d"]


def test_an_id_no_sql_can_hold_is_refused() -> None:
    """A NUL cannot be written as an SQL text."""
    assert main(["export-ids", "migration.yaml", "--format", "sql"], FakeEngine(pairs=[("a\0", "b")])) == 11


def test_many_pairs_are_streamed(capsys: pytest.CaptureFixture[str]) -> None:
    """All pairs arrive, in order, over more than one block."""
    pairs = [(f"s-{number}", f"d-{number}") for number in range(2_500)]
    assert main(["export-ids", "migration.yaml"], FakeEngine(pairs=pairs)) == 0
    assert list(csv.reader(io.StringIO(capsys.readouterr().out)))[1:] == [list(pair) for pair in pairs]
