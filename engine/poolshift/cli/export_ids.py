"""`poolshift export-ids SPEC`: which destination id became of which source id; streamed, in the state's order."""

from __future__ import annotations

import csv
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Final

from poolshift.cli import options, reading
from poolshift.errors import StateUnusable

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine

Pair = tuple[str, str]

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_AT_ONCE: Final = 1_000


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    options.form(parser, "csv", "json", "sql")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    lines = {"csv": csv_lines, "json": json_lines, "sql": sql_lines}[args.form]
    with reading.state(args, engine) as session:
        rows = lines(engine.export_ids(session))
        while block := "".join(islice(rows, _AT_ONCE)):
            console.write(block)
    return 0


def csv_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """With a header. A cell that a spreadsheet would compute gets a leading apostrophe.

    Everything is quoted: left to itself, the writer does not quote a carriage return, which would start a new row.
    """
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in _with_header(pairs):
        writer.writerow(map(_inert, row))
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def json_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """One array of objects, an object a line."""
    import orjson

    start = "["
    for source_id, destination_id in pairs:
        yield f"{start}\n" + orjson.dumps({"source_id": source_id, "destination_id": destination_id}).decode()
        start = ","
    yield "[]\n" if start == "[" else "\n]\n"


def sql_lines(pairs: Iterable[Pair]) -> Iterator[str]:
    """INSERT statements for a table ``migrated_ids(source_id, destination_id)`` of your own, in one transaction."""
    yield "-- Standard SQL; on MySQL first: SET SESSION sql_mode = CONCAT(@@sql_mode, ',NO_BACKSLASH_ESCAPES');\n"
    yield "BEGIN;\n"
    for source_id, destination_id in pairs:
        values = f"{_quoted(source_id)}, {_quoted(destination_id)}"
        yield f"INSERT INTO migrated_ids (source_id, destination_id) VALUES ({values});\n"
    yield "COMMIT;\n"


def _with_header(pairs: Iterable[Pair]) -> Iterator[Pair]:
    yield "source_id", "destination_id"
    yield from pairs


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_STARTS) else cell


def _quoted(text: str) -> str:
    if "\0" in text:
        raise StateUnusable.of("STATE_ID", "an id holds a NUL character, which no SQL text can", "Use --format json.")
    return "'" + text.replace("'", "''") + "'"
