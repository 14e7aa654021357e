"""`poolshift schema [--kind …]`: a JSON Schema for editors and for whoever reads our documents."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    kinds = ("spec", "plan", "report")
    parser.add_argument("--kind", choices=kinds, default="spec", help="default: %(default)s")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render import json

    console.write(json.in_order(engine.schema(args.kind)))
    return 0
