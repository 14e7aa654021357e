"""The documents of the repository, and the console blocks in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
DOCUMENTS: Final = tuple(
    sorted(
        [
            *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
            *(ROOT / "docs").rglob("*.md"),
        ]
    )
)
_FENCE: Final = re.compile(
    r"^(?P<fence>```+)(?P<language>\S*)[ ]*(?P<use>[^\n]*)\n(?P<body>.*?)^(?P=fence)[ ]*$", re.MULTILINE | re.DOTALL
)


def shown(path: Path) -> str:
    """How a document is called in the repository."""
    return path.relative_to(ROOT).as_posix()


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a console block: ``text`` for the shell, ``expected`` lines, and the line of the document."""

    text: str
    expected: tuple[str, ...]
    line: int


def commands(text: str) -> list[Command]:
    """Every command of the blocks marked ``console``, in order. Raises ValueError for output before a command."""
    found: list[Command] = []
    for fence in _FENCE.finditer(text):
        if fence["language"] == "console":
            found += _of_block(fence["body"].splitlines(), text.count("\n", 0, fence.start("body")) + 1)
    return found


def excerpt(text: str, use: str) -> str:
    """The body of the one block marked ``text USE``. Raises ValueError when there is none, or several."""
    (body,) = (fence["body"] for fence in _FENCE.finditer(text) if fence["use"] == use)
    return body


def _of_block(lines: list[str], first: int) -> Iterator[Command]:
    """``$ `` starts a command, ``> `` goes on with it, anything else is output."""
    started: tuple[list[str], list[str], int] | None = None
    for number, line in enumerate(lines, first):
        if line.startswith("$ "):
            if started is not None:
                yield _command(*started)
            started = [line[2:]], [], number
        elif started is None:
            raise ValueError(f"line {number}: output without a command")
        elif line == ">" or line.startswith("> "):
            started[0].append(line[2:])
        else:
            started[1].append(line)
    if started is not None:
        yield _command(*started)


def _command(words: list[str], expected: list[str], line: int) -> Command:
    return Command("\n".join(words), tuple(expected), line)


def without_code(text: str) -> str:
    """The text without its fenced blocks and code spans: what is left is prose and links."""
    return re.sub(r"`[^`\n]*`", "", _FENCE.sub("", text))
