"""Pages on a terminal, or as plain text: no colour and a fixed width wherever the output is not a terminal."""

from __future__ import annotations

import os
from io import StringIO
from typing import IO, TYPE_CHECKING, Final

from poolshift.render.page import Block, Command, Fold, Heading, Line, Page, Table, Tone
from poolshift.render.wording import CODE_CLOSE, CODE_OPEN

if TYPE_CHECKING:
    from rich.console import Console

WIDTH: Final = 120
"""Columns of plain text, so that a redirected page is the same on every machine."""

_STYLES: Final[dict[Tone, str]] = {"": "", "good": "green", "warn": "yellow", "danger": "bold red", "quiet": "dim"}
_CODE: Final = str.maketrans({CODE_OPEN: "`", CODE_CLOSE: "`"})
_MARKS: Final = {"+": "green", "-": "red"}


def text(page: Page) -> str:
    """The page as plain text, 120 columns wide, without colour; equal pages give equal text."""
    out = StringIO()
    _paint(page, _console(out, colour=False))
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def draw(page: Page, stream: IO[str]) -> None:
    """Write the page: drawn for the terminal that ``stream`` is, else as `text`. NO_COLOR is honoured."""
    if not stream.isatty():
        stream.write(text(page))
        return
    _paint(page, _console(stream, colour=not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"))


def _console(stream: IO[str], colour: bool) -> Console:
    from rich.console import Console

    return Console(
        file=stream,
        width=None if stream.isatty() else WIDTH,
        no_color=not colour,
        color_system="auto" if colour else None,
        force_terminal=None if colour else False,
        markup=False,
        highlight=False,
        emoji=False,
        soft_wrap=False,
    )


def _paint(page: Page, console: Console) -> None:
    _line(console, page.title, "bold" if not page.tone else f"bold {_STYLES[page.tone].removeprefix('bold ')}")
    before: Block | None = None
    for block in page.blocks:
        if isinstance(block, Table) and isinstance(before, Table):
            console.line()
        _block(console, block)
        before = block


def _block(console: Console, block: Block) -> None:
    match block:
        case Heading(words):
            console.line()
            _line(console, words, "bold underline")
        case Line(words, tone):
            _line(console, words, _STYLES[tone])
        case Fold(words, lines, tone):
            _line(console, words, _STYLES[tone])
            for line in lines:
                _line(console, f"    {line}", _MARKS.get(line[:1], "dim"))
        case Command(words, note):
            _line(console, f"    {words}", "bold")
            if note:
                _line(console, f"        {note}", "dim")
        case Table():
            _table(console, block)


def _line(console: Console, words: str, style: str) -> None:
    """Not wrapped: a command or an address must be copied as one line."""
    from rich.text import Text

    console.print(Text(words.translate(_CODE), style=style), soft_wrap=True)


def _table(console: Console, block: Table) -> None:
    from rich import box
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=box.ASCII2 if console.legacy_windows else None, pad_edge=False, padding=(0, 2, 0, 0))
    for index, title in enumerate(block.head):
        grid.add_column(Text(title), justify="right" if index in block.numbers else "left", overflow="fold")
    for index, row in enumerate(block.rows):
        style = _STYLES[block.tones[index]] if block.tones else ""
        grid.add_row(*(Text(cell.translate(_CODE)) for cell in row), style=style)
    console.print(grid)
