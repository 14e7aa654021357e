"""`poolshift drift SPEC`: what changed at the destination since the last apply."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from poolshift.cli import options, reading
from poolshift.cli.exit_codes import outcome

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    options.form(parser)
    options.detailed_exit_code(parser, "exit with 2 if something drifted")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render.drift import drift_page

    with reading.session(args, engine, console) as session:
        document = engine.drift(session, console.progress)
        console.show(document, drift_page, args.form)
        return outcome(document["verdict"]["exit_code"], args.detailed)
