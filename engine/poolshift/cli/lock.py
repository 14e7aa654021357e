"""`poolshift lock status SPEC`, `poolshift lock break SPEC --force`: who holds the state, and how to end that."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from poolshift.cli import entries, options, reading
from poolshift.errors import UsageError

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="status|break", required=True)
    status = verbs.add_parser("status", help="who holds the state, since when, until when")
    options.spec(status)
    options.form(status, "text", "json")
    breaking = verbs.add_parser("break", help="end the lease of a holder that will not end it")
    options.spec(breaking)
    breaking.add_argument("--force", action="store_true", help="needed: the holder may still be at work")
    options.form(breaking, "text", "json")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    spec = reading.load(args, engine)
    if args.verb == "break" and not args.force:
        held = engine.lock_status(spec)
        raise UsageError.of(
            "LOCK_FORCE",
            f"the state is {held['status']}; whoever holds it can write nothing more once the lease is broken,"
            " and calls it has under way may still land",
            "Make sure that it has ended, then add --force. The next apply settles what it left open.",
        )
    document = engine.lock_break(spec) if args.verb == "break" else engine.lock_status(spec)
    entries.show(document, args.form, console)
    return 0
