"""`poolshift recover SPEC`: what earlier runs left open, settled as far as nobody has to look."""

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
    from poolshift.render.recovery import recovery_page

    spec = reading.load_and_warn(args, engine, console, args.spec)
    with engine.session(spec, write=True) as session:
        document = engine.recover(session)
    console.show(document, recovery_page, args.form)
    code: int = document["exit_code"]
    return code
