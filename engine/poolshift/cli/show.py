"""`poolshift show FILE`: a plan file, whatever became of it; needs neither the spec nor a provider."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from poolshift.cli import options

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a plan file")
    parser.add_argument("--class", metavar="ID", dest="class_id", help="list the changes of one class, too")
    options.form(parser)


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render.next_step import Kept
    from poolshift.render.plan import plan_page

    file: Path = args.file
    document = engine.plan_file(file) if args.class_id is None else engine.plan_class(file, args.class_id)
    kept = Kept(str(file), os.path.normpath(file.parent / document["spec"]["file"]))
    console.show(document, lambda plan, detail: plan_page(plan, detail, kept), args.form)
    return 0
