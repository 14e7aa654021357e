"""What differs from run to run, replaced by a word: in what a document shows and in what a command prints alike."""

import re
from typing import Final

_VOLATILE: Final = (
    (re.compile(r"\bps1\.[\w-]+\.[\w-]+"), "TOKEN"),
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"), "TIME"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "UUID"),
    # Plan ids, class ids, digests, ids of a directory: six hexadecimal digits or more.
    (re.compile(r"\b[0-9a-f]{6,64}\b"), "HEX"),
    (re.compile(r"~?\b\d+(?:\.\d+)?s\b"), "SECONDS"),
)


def steady(text: str) -> str:
    """The text with volatile parts replaced and no spaces at the ends of its lines."""
    for pattern, word in _VOLATILE:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines())
