"""Small documents on a terminal: a line a name; or as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from poolshift.cli.console import Console


def row(entry: Mapping[str, Any], form: str, console: Console) -> None:
    """A line a row, as text or as a JSON object."""
    if form == "json":
        import orjson

        console.line(orjson.dumps(entry).decode())
    else:
        console.line("  ".join(str(value) for value in entry.values() if isinstance(value, (str, int))))


def show(entry: Mapping[str, Any], form: str, console: Console) -> None:
    from poolshift.render import json

    if form == "json":
        console.write(json.text(entry))
        return
    for name, value in entry.items():
        if isinstance(value, Mapping):
            console.line(f"{name}:")
            for inner, what in value.items():
                console.line(f"  {inner}: {what}")
        elif isinstance(value, list):
            console.line(f"{name}: {', '.join(map(str, value)) or 'none'}")
        elif name != "format_version":
            console.line(f"{name.replace('_', ' ')}: {_word(value)}")


def _word(value: object) -> object:
    return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
