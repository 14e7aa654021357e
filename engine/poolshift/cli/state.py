"""`poolshift state list SPEC [KIND]`, `poolshift state show SPEC ADDR`: what the state knows."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from poolshift.cli import options, reading

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    from poolshift.identity.kind import KINDS

    verbs = parser.add_subparsers(dest="verb", metavar="list|show", required=True)
    listing = verbs.add_parser("list", help="addresses and destination ids, one a line")
    options.spec(listing)
    listing.add_argument("kind", metavar="KIND", nargs="?", choices=KINDS, help="only this kind")
    options.form(listing, "text", "json")
    showing = verbs.add_parser("show", help="everything about one address")
    options.spec(showing)
    showing.add_argument("address", metavar="ADDR", help='as the plan prints it: user["S"]')
    options.form(showing, "text", "json")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    with reading.state(args, engine) as session:
        if args.verb == "list":
            for row in engine.list_state(session, args.kind):
                _row(row, args.form, console)
        else:
            _entry(engine.show_state(session, args.address), args.form, console)
    return 0


def _row(row: Mapping[str, Any], form: str, console: Console) -> None:
    """A line a row, as tab-separated text or as a JSON object."""
    if form == "json":
        import orjson

        console.line(orjson.dumps(row).decode())
    else:
        console.line("  ".join(str(value) for value in row.values() if isinstance(value, (str, int))))


def _entry(entry: Mapping[str, Any], form: str, console: Console) -> None:
    from poolshift.render import json

    if form == "json":
        console.write(json.text(entry))
        return
    for name, value in entry.items():
        if isinstance(value, Mapping):
            console.line(f"{name}:")
            for inner, what in value.items():
                console.line(f"  {inner}: {what}")
        else:
            console.line(f"{name}: {value}")
