"""`poolshift doctor SPEC`: what would stop a plan, before the first one; writes nothing."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from poolshift.cli import options, reading

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    options.form(parser)


def run(args: Namespace, engine: Engine, console: Console) -> int:
    """0, or the most urgent code of what was found."""
    from poolshift.render.doctor import doctor_page

    document = engine.doctor(reading.load_and_warn(args, engine, console))
    console.show(document, doctor_page, args.form)
    return int(document["exit_code"])
