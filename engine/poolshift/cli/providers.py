"""`poolshift providers list`: what is installed, of which version, and which end it can be."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from poolshift.cli import options

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", metavar="list", required=True)
    listing = verbs.add_parser("list", help="name, version and ends of every installed provider")
    options.form(listing, "text", "json")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    installed = engine.installed()
    names = sorted({*installed.names("source"), *installed.names("destination")})
    providers = [installed.get(name) for name in names]
    if args.form == "json":
        from poolshift.render import json

        rows = [{"name": one.name, "version": one.version, "ends": sorted(one.ends)} for one in providers]
        console.write(json.text({"format_version": "1.0", "providers": rows}))
        return 0
    width = max(map(len, names), default=0)
    for one in providers:
        console.line(f"{one.name:<{width}}  {one.version:<8}  {', '.join(sorted(one.ends, reverse=True))}")
    return 0
