"""One entry for every document and format: which page tells a document, and how a format paints it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, Any, Final, Literal

from poolshift.render.page import FULL, Detail, Page

Format = Literal["text", "json", "markdown"]
View = Callable[[Any, Detail], Page]

FORMATS: Final[tuple[Format, ...]] = ("text", "json", "markdown")


def write(document: Mapping[str, Any], view: View, form: Format, stream: IO[str]) -> None:
    """Write a document to ``stream``. ``view`` lays it out: `plan_page`, `story_page`, `verify_page`, …"""
    if form == "json":
        from poolshift.render import json

        stream.write(json.text(document))
    elif form == "markdown":
        from poolshift.render import markdown

        stream.write(markdown.text(lambda detail: view(document, detail)))
    else:
        from poolshift.render import terminal

        terminal.draw(view(document, FULL), stream)
