"""`poolshift report SPEC [--run ID]`: what a run did; the exit code is 0, whatever the run's was."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from poolshift.cli import options, reading

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    parser.add_argument("--run", metavar="ID", help="default: the last run")
    options.form(parser)


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render.report import report_page

    with reading.state(args, engine) as session:
        console.show(engine.report(session, args.run), report_page, args.form)
        return 0
