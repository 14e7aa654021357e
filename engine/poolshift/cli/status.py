"""`poolshift status SPEC`: the state, the plans and the runs of a migration."""

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
    from poolshift.render.status import status_page

    with reading.state(args, engine) as session:
        console.show(engine.status(session), status_page, args.form)
        return 0
