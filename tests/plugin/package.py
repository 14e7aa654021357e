"""The package of docs/write-a-provider.md, file by file."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "write-a-provider.md"
_FILE: Final = re.compile(r"^`(?P<name>[\w./]+)`\n```\w+\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)


def files() -> Iterator[tuple[str, str]]:
    """Name and content of every block that names a file."""
    for found in _FILE.finditer(DOCUMENT.read_text("utf-8")):
        yield found["name"], found["content"]


def write(folder: Path) -> None:
    """Write the package into a folder."""
    for name, content in files():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, "utf-8")
