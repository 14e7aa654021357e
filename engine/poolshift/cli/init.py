"""`poolshift init [DIR]`: a commented spec to start from, and what git must not see. Overwrites nothing."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final, Protocol, runtime_checkable

from poolshift.errors import StateUnusable, UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from poolshift.cli.console import Console
    from poolshift.cli.engine import Engine

SPEC: Final = "migration.yaml"
IGNORE: Final = ".gitignore"
_INDENT: Final = "    "


@runtime_checkable
class Creates(Protocol):
    """A destination that is a file of ours to make, not somebody's service."""

    def create(self, settings: Any, folder: Path) -> None:
        """Make what ``settings`` name, below ``folder``. Raises InputError when it is there or cannot be made."""


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path(), help="default: here")
    parser.add_argument(
        "--from", metavar="PROVIDER", dest="source", default="cognito_export", help="default: %(default)s"
    )
    parser.add_argument(
        "--to", metavar="PROVIDER", dest="destination", default="directory", help="default: %(default)s"
    )


def run(args: Namespace, engine: Engine, console: Console) -> int:
    installed = engine.installed()
    source = installed.settings(_one_of("--from", args.source, installed.names("source")))
    destination = installed.settings(_one_of("--to", args.destination, installed.names("destination")))
    folder: Path = args.folder
    _refuse_to_overwrite(folder)
    text = Template(_template(SPEC)).substitute(
        migration=migration_name(folder),
        source=args.source,
        source_settings=settings_block(args.source, source),
        destination=args.destination,
        destination_settings=settings_block(args.destination, destination),
    )
    with _made(folder):
        folder.mkdir(parents=True, exist_ok=True)
    provider = installed.get(args.destination)
    if isinstance(provider, Creates):
        provider.create(destination.model_validate(placeholders(args.destination, destination)), folder)
    _write(folder / SPEC, text)
    if not (folder / IGNORE).exists():
        _write(folder / IGNORE, _template("gitignore"))
    console.line(f"Wrote {folder / SPEC}. Fill in its settings, then: poolshift validate {folder / SPEC}")
    return 0


def migration_name(folder: Path) -> str:
    """The folder's name as a migration's name: lower case letters, digits and dashes, a letter first."""
    words = re.sub(r"[^a-z0-9]+", "-", folder.absolute().resolve().name.lower()).strip("-0123456789")
    return words[:63].rstrip("-") or "migration"


def placeholders(provider: str, model: type[BaseModel]) -> dict[str, Any]:
    """Required settings by name, each with the model's first example, else a word that asks to be replaced."""
    return {
        field.alias or name: field.examples[0] if field.examples else f"change-{provider}-{name}".replace("_", "-")
        for name, field in model.model_fields.items()
        if field.is_required()
    }


def settings_block(provider: str, model: type[BaseModel]) -> str:
    """YAML lines: what is required, filled in, and the rest as comments, each with the model's own description."""
    import orjson

    given = placeholders(provider, model)
    lines = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        what = f"   # {field.description}" if field.description else ""
        if key in given:
            lines.append(f"{_INDENT}{key}: {orjson.dumps(given[key]).decode()}{what}")
        else:
            lines.append(f"{_INDENT}# {key}:{what}")
    return "\n".join(lines) if given else "\n".join([f"{_INDENT.removesuffix('  ')}  {{}}", *lines])


def _one_of(option: str, name: str, names: tuple[str, ...]) -> str:
    if name not in names:
        raise UsageError.of("USAGE", f"{option}: no provider {name} can be that end", f"Installed: {', '.join(names)}.")
    return name


def _refuse_to_overwrite(folder: Path) -> None:
    """An ignore file that already says what ours would is not in the way."""
    if folder.exists() and not folder.is_dir():
        raise UsageError.of("USAGE", f"{folder} is not a folder", "Name another one.")
    if (folder / SPEC).exists():
        raise UsageError.of(
            "INIT_EXISTS", f"{folder / SPEC} is already there", "Name another folder: poolshift init DIR."
        )
    ignore = folder / IGNORE
    wanted = _template("gitignore").split()
    if ignore.exists() and not set(wanted) <= set(ignore.read_text("utf-8").split()):
        remedy = f"Add these lines to it, then run init again: {' '.join(wanted)}"
        raise UsageError.of("INIT_EXISTS", f"{ignore} is already there and lets plans and state into git", remedy)


def _template(name: str) -> str:
    from importlib.resources import files

    return (files("poolshift.cli") / "templates" / name).read_text("utf-8")


def _write(path: Path, text: str) -> None:
    """Fails rather than overwrites, whoever was faster; leaves no half of a file."""
    with _made(path):
        file = path.open("x", encoding="utf-8")
        try:
            with file:
                file.write(text)
        except OSError:
            path.unlink()
            raise


@contextmanager
def _made(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        remedy = "Make the folder writable, with room on its disk, or name another one: poolshift init DIR."
        raise StateUnusable.of("INIT_UNWRITABLE", f"{path} cannot be made: {error.strerror}", remedy) from error
