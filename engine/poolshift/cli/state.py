"""`poolshift state`: what the state knows, whether it is whole, its key, and how it moves."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from poolshift.cli import entries, options, reading

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Document, Engine

DAMAGED = 11


def arguments(parser: ArgumentParser) -> None:
    from poolshift.identity.kind import KINDS

    verbs = parser.add_subparsers(dest="verb", metavar="list|show|verify|rekey|rebuild|export|import", required=True)
    listing = _verb(verbs, "list", "addresses and destination ids, one a line")
    listing.add_argument("kind", metavar="KIND", nargs="?", choices=KINDS, help="only this kind")
    showing = _verb(verbs, "show", "everything about one address")
    showing.add_argument("address", metavar="ADDR", help='as the plan prints it: user["S"]')
    _verb(verbs, "verify", "read every row and tell what does not fit (exit 11)")
    _verb(verbs, "rekey", "wrap the data key with POOLSHIFT_NEW_KEY instead of POOLSHIFT_KEY")
    rebuilding = _verb(verbs, "rebuild", "learn again which records at the destination are ours")
    rebuilding.add_argument(
        "--from-destination", action="store_true", required=True, help="by the marker on the records there"
    )
    rebuilding.add_argument("--write", action="store_true", help="write what is found; without it, only count")
    exporting = _verb(verbs, "export", "write all of it to a sealed file")
    exporting.add_argument("file", metavar="FILE", type=Path, help="a file that does not exist yet")
    importing = _verb(verbs, "import", "fill a new state from such a file")
    importing.add_argument("file", metavar="FILE", type=Path, help="what `state export` wrote")


def _verb(verbs: object, name: str, what: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=what, description=f"{what[0].upper()}{what[1:]}.")  # type: ignore[attr-defined]
    options.spec(parser)
    options.form(parser, "text", "json")
    return parser


def run(args: Namespace, engine: Engine, console: Console) -> int:
    if args.verb == "list":
        with reading.state(args, engine) as session:
            for entry in engine.list_state(session, args.kind):
                entries.row(entry, args.form, console)
        return 0
    document = _document(args, engine, console)
    entries.show(document, args.form, console)
    return DAMAGED if document.get("problems") else 0


def _document(args: Namespace, engine: Engine, console: Console) -> Document:
    if args.verb == "show":
        with reading.state(args, engine) as session:
            return engine.show_state(session, args.address)
    if args.verb == "rebuild":
        with reading.state(args, engine, write=args.write) as session:
            return engine.rebuild_state(session, args.write, console.progress)
    spec = reading.load(args, engine)
    if args.verb == "verify":
        return engine.verify_state(spec)
    if args.verb == "rekey":
        return engine.rekey_state(spec)
    if args.verb == "export":
        return engine.export_state(spec, args.file)
    return engine.import_state(spec, args.file)
