"""`poolshift plan SPEC`: what would be done, as a document and, with `--out`, as a file that can be applied."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from poolshift.cli import options, reading
from poolshift.cli.exit_codes import outcome
from poolshift.errors import UsageError

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    parser.add_argument("--out", metavar="FILE", type=Path, help="keep the plan in this file, for apply and show")
    options.accept(parser)
    options.form(parser)
    options.detailed_exit_code(parser, "exit with 2 if there are changes, with 4 if there are open conflicts")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render.next_step import Kept
    from poolshift.render.plan import plan_page

    out: Path | None = args.out
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError.of("USAGE", f"the folder of {out} does not exist", "Make it first.")
    accepted = options.once(args.accepted, "--accept")
    command = f"plan {args.spec}"
    with (
        reading.session(args, engine, console) as session,
        engine.plan(session, out, accepted, command, console.progress) as document,
    ):
        kept = Kept(None if out is None else str(out), str(args.spec))
        console.show(document, lambda plan, detail: plan_page(plan, detail, kept), args.form)
        return outcome(document["verdict"]["exit_code"], args.detailed)
