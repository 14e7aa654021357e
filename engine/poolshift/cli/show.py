"""`poolshift show FILE`: a plan file, whatever became of it; needs neither the spec nor a provider."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from poolshift.cli import options
from poolshift.errors import UsageError

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Document, Engine


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="a plan file")
    parser.add_argument("--class", metavar="ID", dest="class_id", help="list the changes of one class, too")
    options.form(parser)


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render.plan import plan_page

    file = existing(args.file)
    document = engine.plan_file(file)
    if args.class_id is not None:
        document = _with_changes(document, args.class_id, file, engine)
    console.show(document, lambda plan, detail: plan_page(plan, detail, str(file)), args.form)
    return 0


def existing(file: Path) -> Path:
    """The plan file itself. Raises UsageError when there is none."""
    if not file.is_file():
        raise UsageError.of(
            "PLAN_MISSING", f"there is no plan file {file}", "poolshift plan SPEC --out FILE makes one."
        )
    return file


def _with_changes(document: Document, class_id: str, file: Path, engine: Engine) -> Document:
    if class_id not in {row["id"] for row in document["classes"]}:
        raise UsageError.of("USAGE", f"{file} has no class {class_id}", f"poolshift show {file} lists them.")
    return engine.plan_class(file, class_id)
