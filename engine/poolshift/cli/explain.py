"""`poolshift explain SPEC WHO`: plans anew and tells the story of one person."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from poolshift.cli import options, reading

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    parser.add_argument("who", metavar="WHO", help="a person: address, source id, e-mail or username")
    options.form(parser)


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render.story import story_page

    with reading.session(args, engine, console) as session:
        document = engine.explain(session, args.who)
        console.show(document, story_page, args.form)
        code: int = document["exit_code"]
        return code
