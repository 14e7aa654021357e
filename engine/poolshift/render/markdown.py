"""Pages as GitHub-flavoured Markdown, within a budget, for a comment on a pull request.

User data is escaped: it can neither end a table cell or a code fence, nor open HTML, nor link, nor notify anybody.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape as escape_html
from typing import Final

from poolshift.render.page import LADDER, Block, Command, Detail, Fold, Heading, Line, Page, Table, Tone
from poolshift.render.wording import CODE_CLOSE, CODE_OPEN

BUDGET: Final = 60_000
"""Characters; GitHub refuses a comment of more than 65,536."""

_SIGNS: Final[dict[Tone, str]] = {"danger": ":rotating_light: ", "warn": ":warning: ", "good": "", "": "", "quiet": ""}
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~&!$])")
_AT_START: Final = re.compile(r"^(\s*)([-+=])")
_NUMBERED: Final = re.compile(r"^(\s*\d+)([.)])")
_LINKED: Final = re.compile(r"(?i)(\bwww(?=\.)|\b(?:https?|ftp)(?=:))(.)")
_CODE: Final = re.compile(f"{CODE_OPEN}([^{CODE_CLOSE}]*){CODE_CLOSE}")
_UNCOMMENTED: Final = re.compile(r"[^\w=:. -]")
_CALLS: Final = re.compile(r"@|#(?=\w)|\bGH-(?=\d)")
"""What hosts turn into a mention or a reference after Markdown was rendered, so that no escape helps."""


def text(lay_out: Callable[[Detail], Page], budget: int = BUDGET) -> str:
    """Paint the most detailed page that fits ``budget`` characters; at the very least its title and first line."""
    for detail in LADDER:
        painted = paint(lay_out(detail))
        if len(painted) <= budget:
            return painted
    page = lay_out(LADDER[-1])
    rest = Line(f"The rest does not fit here; {CODE_OPEN}poolshift show{CODE_CLOSE} prints it.", "quiet")
    return paint(Page(page.title, page.tone, [*page.blocks[:1], rest], page.marker))


def paint(page: Page) -> str:
    """The page as it is, whatever its length."""
    marker = [f"<!-- {_UNCOMMENTED.sub('', page.marker)} -->"] if page.marker else []
    title = f"## {_SIGNS[page.tone]}{_prose(page.title)}"
    return "\n\n".join([*marker, title, *map(_block, page.blocks)]) + "\n"


def escape(words: str) -> str:
    """Words that render as they are, in a paragraph or a table cell; an ``@`` calls nobody, an address is no link."""
    safe = _SPECIAL.sub(r"\\\1", words)
    safe = _AT_START.sub(r"\1\\\2", safe)
    safe = _NUMBERED.sub(r"\1\\\2", safe)
    safe = _LINKED.sub(r"\1\\\2", safe)
    return _quiet(safe)


def _quiet(words: str) -> str:
    return _CALLS.sub("\\g<0>\N{ZERO WIDTH SPACE}", words)


def _block(block: Block) -> str:
    match block:
        case Heading(words):
            return f"### {_prose(words)}"
        case Line(words, tone):
            return _SIGNS[tone] + _prose(words)
        case Command(words, note):
            return _fenced([words], "sh") + (f"\n\n{_prose(note)}" if note else "")
        case Table():
            return "\n".join(_table(block))
        case Fold():
            return _fold(block)


def _fold(block: Fold) -> str:
    if not block.lines:
        return f"- {_SIGNS[block.tone]}{_prose(block.text)}"
    summary = _SIGNS[block.tone] + _quiet(escape_html(block.text))
    lines = [_quiet(line) for line in block.lines]
    return f"<details><summary>{summary}</summary>\n\n{_fenced(lines, 'diff')}\n\n</details>"


def _table(block: Table) -> Iterator[str]:
    yield _row(block.head)
    yield _row(["---:" if index in block.numbers else "---" for index in range(len(block.head))], raw=True)
    for row in block.rows:
        yield _row(row)


def _row(cells: Sequence[str], raw: bool = False) -> str:
    return f"| {' | '.join(cells if raw else map(_prose, cells))} |"


def _prose(words: str) -> str:
    """Escaped words around code spans. The marks of a code span cannot come from user data."""
    parts = _CODE.split(words)
    return "".join(_span(part) if index % 2 else escape(part) for index, part in enumerate(parts))


def _span(code: str) -> str:
    """A pipe ends a table cell even in a code span."""
    return f"`{code.replace('`', chr(39)).replace('|', '¦')}`"


def _fenced(lines: Sequence[str], language: str) -> str:
    """A fence longer than any run of backticks inside."""
    runs = re.findall(r"`+", "\n".join(lines))
    fence = "`" * max(3, max(map(len, runs), default=0) + 1)
    return "\n".join([f"{fence}{language}", *lines, fence])
