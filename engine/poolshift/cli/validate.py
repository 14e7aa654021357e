"""`poolshift validate SPEC`: everything that is wrong with a spec, at once and offline."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from poolshift.cli import options, reading
from poolshift.errors import InputError

if TYPE_CHECKING:
    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine
    from poolshift.diagnostics import Diagnostic


def arguments(parser: ArgumentParser) -> None:
    options.spec(parser)
    options.form(parser, "text", "json")


def run(args: Namespace, engine: Engine, console: Console) -> int:
    if args.form == "json":
        return _json(args, engine, console)
    spec = reading.load(args, engine)
    warnings = (*spec.warnings, *spec.not_yet)
    console.warn(warnings)
    console.line(f"{args.spec}: valid" + (f", {len(warnings)} to look at." if warnings else "."))
    return 0


def _json(args: Namespace, engine: Engine, console: Console) -> int:
    try:
        spec = reading.load(args, engine)
    except InputError as error:
        _write(args, error.diagnostics, error.exit_code, console)
        return error.exit_code
    _write(args, (*spec.warnings, *spec.not_yet), 0, console)
    return 0


def _write(args: Namespace, diagnostics: Sequence[Diagnostic], exit_code: int, console: Console) -> None:
    from poolshift.render import json

    document = {
        "format_version": "1.0",
        "file": str(args.spec),
        "diagnostics": list(map(_told, diagnostics)),
        "exit_code": exit_code,
    }
    console.write(json.text(document))


def _told(diagnostic: Diagnostic) -> dict[str, Any]:
    place = diagnostic.place
    return {
        "code": diagnostic.code,
        "severity": diagnostic.severity,
        "summary": diagnostic.summary,
        "remedy": diagnostic.remedy,
        "file": place.file if place else None,
        "line": place.line if place else 0,
        "column": place.column if place else 0,
    }
