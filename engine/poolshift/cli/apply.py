"""`poolshift apply FILE`, or `poolshift apply SPEC --approve TOKEN`: carries out what was reviewed."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from poolshift.cli import options, reading
from poolshift.errors import InputError, UsageError

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Document, Engine


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("target", metavar="FILE|SPEC", type=Path, help="a plan file; with --approve, the spec")
    parser.add_argument("--approve", metavar="TOKEN", help="plan again, and refuse what exceeds this approval")
    options.variables(parser)
    options.accept(parser)
    options.form(parser)


def run(args: Namespace, engine: Engine, console: Console) -> int:
    from poolshift.render.report import report_page

    accepted = options.once(args.accepted, "--accept")
    document = _approved(args, accepted, engine, console) if args.approve else _file(args, accepted, engine, console)
    console.show(document, report_page, args.form)
    code: int = document["exit_code"]
    return code


def _approved(args: Namespace, accepted: dict[str, int], engine: Engine, console: Console) -> Document:
    spec = reading.load_and_warn(args, engine, console, args.target)
    with engine.session(spec, write=True) as session:
        return engine.apply_approved(session, args.approve, accepted, console.progress)


def _file(args: Namespace, accepted: dict[str, int], engine: Engine, console: Console) -> Document:
    if args.target.suffix in {".yaml", ".yml"}:
        remedy = "Name a plan file, or add --approve TOKEN."
        raise UsageError.of("USAGE", f"{args.target} is a spec: apply carries out plans only", remedy)
    file: Path = args.target
    path = spec_of(file, engine.plan_file(file)["spec"]["file"])
    spec = reading.load_and_warn(args, engine, console, path)
    with engine.session(spec, write=True) as session:
        return engine.apply_file(session, file, accepted, console.progress)


def spec_of(file: Path, name: str) -> Path:
    """The spec a plan file names: beside the plan file, else in the working directory. Raises InputError."""
    places = [file.absolute().parent / name, Path(name)]
    for path in places:
        if path.is_file():
            return path
    where = " and ".join(dict.fromkeys(str(path.absolute()) for path in places))
    raise InputError.of(
        "SPEC_FILE", f"the spec of {file} was looked for as {where}", "Run apply where the spec is, or plan again."
    )
