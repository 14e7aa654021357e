"""Numbers, durations, kinds and actions in words, and user data made safe to print."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, Final

GLYPHS: Final[Mapping[str, str]] = {
    "create": "+",
    "add": "+",
    "adopt": "=",
    "update": "~",
    "remove": "-",
    "delete": "-",
    "enable": "O",
    "disable": "o",
    "await": "w",
    "message": "@",
    "conflict": "!",
    "hold": "?",
    "retain": ".",
    "release": ".",
    "forget": ".",
    "noop": " ",
}

CODE_OPEN: Final = "\ue000"
CODE_CLOSE: Final = "\ue001"
"""Marks around what is to be typed. Private characters: `printable` spells them out, so user data cannot hold them."""

ACTION_ORDER: Final = tuple(GLYPHS)
"""How columns and sums are ordered: what is written first, what is only told last."""

_CLIP: Final = 120
_ADDRESS_CLIP: Final = 400
_UNPRINTABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control, format (direction marks) and line separators: what can move a cursor or reverse a line."""


def glyph(action: str) -> str:
    return GLYPHS.get(action, " ")


def number(count: float) -> str:
    """``41203`` -> ``41,203``, whatever the locale."""
    return f"{count:,.0f}"


def counted(count: int, singular: str, plural: str = "") -> str:
    """``1 change``, ``41,203 changes``."""
    return f"{number(count)} {singular if count == 1 else plural or singular + 's'}"


def duration(seconds: float) -> str:
    """Two units at most: ``0s`` ``45s`` ``3m20s`` ``2h10m`` ``4d3h``."""
    total = round(seconds)
    units = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))
    for index, (unit, size) in enumerate(units):
        if total >= size:
            whole, rest = divmod(total, size)
            if index + 1 == len(units):
                return f"{whole}{unit}"
            smaller, smaller_size = units[index + 1]
            tail = rest // smaller_size
            return f"{whole}{unit}{tail}{smaller}" if tail else f"{whole}{unit}"
    return "0s"


def kinds(kind: str) -> str:
    """``organization_member`` -> ``organization members``."""
    return kind.replace("_", " ") + "s"


def code(words: str) -> str:
    """Words to be typed as they stand; every format paints them in its own way."""
    return f"{CODE_OPEN}{words}{CODE_CLOSE}"


def left_out(left: int, singular: str, plural: str = "") -> str:
    """What stands where a list was cut."""
    return f"… and {counted(left, f'more {singular}', plural and f'more {plural}')}; {code('--format json')} lists all."


def listed(words: Iterable[str]) -> str:
    return ", ".join(words)


def printable(text: str) -> str:
    """``text`` without anything that could repaint a terminal or forge a line: such characters are spelled out."""
    return "".join(map(_spelled, text))


def visible(value: Any) -> str:
    """A value, name or message as one printable line of at most 120 characters."""
    return _clipped(value if isinstance(value, str) else _plain(value), _CLIP)


def place(address: str) -> str:
    """An address as one printable line; long enough to be copied in all but absurd cases."""
    return _clipped(address, _ADDRESS_CLIP)


def _clipped(text: str, limit: int) -> str:
    spelled = printable(text[: limit + 1])
    return spelled if len(spelled) <= limit else spelled[: limit - 1] + "…"


def _plain(value: Any) -> str:
    if value is None:
        return "absent"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _spelled(character: str) -> str:
    if unicodedata.category(character) in _UNPRINTABLE:
        return f"\\u{ord(character):04x}"
    return character
