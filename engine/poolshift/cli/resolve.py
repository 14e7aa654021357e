"""`poolshift resolve SPEC ADDR --keep source|destination`: a person's verdict, recorded with who and why."""

from __future__ import annotations

import getpass
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from poolshift.cli import options, reading
from poolshift.errors import UsageError

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    parser.add_argument("address", metavar="ADDR", help='as the plan prints it: user["S"]')
    parser.add_argument("--field", metavar="PATH", default="", help="one field; default: the whole record")
    parser.add_argument("--keep", required=True, choices=("source", "destination"), help="whose value stands")
    parser.add_argument("--who", metavar="NAME", help="who decided; default: the user's name on this machine")
    parser.add_argument("--why", metavar="TEXT", default="", help="recorded beside the verdict")
    options.form(parser, "text", "json")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    who = args.who or _user()
    spec = reading.load_and_warn(args, engine, console)
    with engine.session(spec, write=True) as session:
        document = engine.resolve(session, args.address, args.field, args.keep, who, args.why)
    if args.form == "json":
        from poolshift.render import json

        console.write(json.text(document))
    else:
        what = f"{args.address} {args.field}".strip()
        console.line(f"{what}: the {args.keep} stands, decided by {who}. The next plan follows it.")
    return 0


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError) as error:  # no name in the environment, none in the password file
        raise UsageError.of("USAGE", "nobody knows who decides here", "Say it with --who NAME.") from error
