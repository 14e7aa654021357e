"""`poolshift verify SPEC`: does the destination hold what the source says; 2 on differences, 4 if all are conflicts."""

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
    from poolshift.render.verify import verify_page

    with reading.session(args, engine, console) as session:
        document = engine.verify(session, console.progress)
        console.show(document, verify_page, args.form)
        code: int = document["verdict"]["exit_code"]
        return code
