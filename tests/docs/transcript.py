"""Runs the commands of a document in one shell, and tells where what they print differs from what is shown."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.docs.document import Command
from tests.docs.volatile import steady

SKIPPED: Final = "…"
"""Alone on a line: any lines, or none. Inside a line: any text."""
_MARK: Final = "@@ end of command"
_SECONDS: Final = 120


@dataclass(frozen=True, slots=True)
class Ran:
    """A command, what it printed (both streams) and its exit code."""

    command: Command
    printed: str
    code: int


def run(commands: Sequence[Command], folder: Path, path: str) -> list[Ran]:
    """Every command in order, in one POSIX shell that starts in ``folder``; ``path`` is its PATH."""
    # A command sees the exit code of the one before as $?, as it would when typed.
    steps = [f'{command.text}\ncode=$?\nprintf "\\n{_MARK} %s\\n" "$code"\n(exit "$code")\n' for command in commands]
    script = folder / ".transcript.sh"
    script.write_text("exec 2>&1\n" + "".join(steps), "utf-8")
    environment = {"PATH": path, "HOME": str(folder), "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}
    done = subprocess.run(
        ["sh", str(script)], cwd=folder, env=environment, capture_output=True, timeout=_SECONDS, check=False
    )
    parts = re.split(rf"\n{_MARK} (\d+)\n", done.stdout.decode())
    printed, codes = parts[:-1:2], parts[1::2]
    if len(codes) != len(commands):
        raise ValueError(f"the shell stopped at line {commands[len(codes)].line}: {parts[-1]}{done.stderr.decode()}")
    return [Ran(command, text, int(code)) for command, text, code in zip(commands, printed, codes, strict=True)]


def differences(transcript: Sequence[Ran], folder: Path) -> Iterator[str]:
    """What a reader would see otherwise than shown; a failing command must show its exit code with ``echo $?``."""
    for number, ran in enumerate(transcript):
        follows = transcript[number + 1].command.text if number + 1 < len(transcript) else ""
        if ran.code and not follows.startswith("echo $?"):
            yield f"line {ran.command.line}: exit code {ran.code}, and the document does not say so\n{ran.printed}"
        expected = steady("\n".join(ran.command.expected))
        printed = steady(ran.printed.replace(str(folder), "DIR"))
        if not matches(expected, printed):
            yield f"line {ran.command.line}: shown\n{expected}\n--- printed\n{printed}"


def matches(expected: str, printed: str) -> bool:
    """Whether the printed lines are those expected, with `SKIPPED` standing for anything."""
    pattern = "".join(map(_pattern, expected.strip("\n").split("\n")))
    return re.fullmatch(pattern, f"{printed.strip(chr(10))}\n") is not None


def _pattern(line: str) -> str:
    if line.strip() == SKIPPED:
        return r"(?:[^\n]*\n)*?"
    return r"[^\n]*".join(map(re.escape, line.split(SKIPPED))) + r"\n"
