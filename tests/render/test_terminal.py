"""Text: coloured on a terminal only, and the same everywhere else."""

import re
from io import StringIO

import pytest

from poolshift.render import terminal
from poolshift.render.page import Command, Fold, Line, Page, Table
from poolshift.render.wording import visible

ESCAPE = "\x1b"


class Tty(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def page() -> Page:
    return Page("Verdict", "danger", [Line("careful", "warn"), Table(("a", "b"), [("1", "2")]), Fold("x", ["+ y"])])


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")


def test_a_terminal_gets_colour(page: Page) -> None:
    """On a terminal, danger is not only words."""
    stream = Tty()
    terminal.draw(page, stream)
    assert ESCAPE in stream.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colour_can_be_refused(page: Page, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """NO_COLOR and a dumb terminal get the same words without a single escape sequence."""
    monkeypatch.setenv(name, value)
    stream = Tty()
    terminal.draw(page, stream)
    assert ESCAPE not in stream.getvalue()
    assert "careful" in stream.getvalue()


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"])
def test_a_file_gets_plain_text(page: Page, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """Redirected output is the plain text, whatever the environment asks for."""
    expected = terminal.text(page)
    monkeypatch.setenv(variable, "1")
    stream = StringIO()
    terminal.draw(page, stream)
    assert stream.getvalue() == expected
    assert ESCAPE not in expected


def test_width_does_not_depend_on_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table is as wide on a machine of 40 columns as on one of 400."""
    wide = Page("t", "", [Table(("head", "other"), [("word " * 30, "end")])])
    monkeypatch.setenv("COLUMNS", "40")
    narrow = terminal.text(wide)
    monkeypatch.setenv("COLUMNS", "400")
    assert terminal.text(wide) == narrow
    assert 40 < max(map(len, narrow.splitlines())) <= terminal.WIDTH


def test_a_command_is_never_wrapped() -> None:
    """What is to be copied stays on one line."""
    command = "poolshift apply m.plan " + " ".join(f"--accept adopt={number}" for number in range(30))
    assert f"    {command}" in terminal.text(Page("t", "", [Command(command)])).splitlines()


def test_markup_in_data_is_text() -> None:
    """Brackets that rich would read as a style are printed."""
    words = "[bold red]x[/] :smile: [link=https://evil.example]y[/link]"
    text = terminal.text(Page(words, "", [Line(words), Table(("a",), [(words,)]), Fold(words, [words])]))
    assert text.count(words) == 5


@pytest.mark.parametrize("character", ["\x1b", "\n", "\r", "\x07", "\x9b", "\u202e", "\u2028", "\u200b", "\x00"])
def test_nothing_can_repaint_the_terminal(character: str) -> None:
    """Control, direction and separator characters are spelled out."""
    shown = visible(f"a{character}b")
    assert shown == f"a\\u{ord(character):04x}b"
    assert re.fullmatch(r"[\x20-\x7e]+", shown)
