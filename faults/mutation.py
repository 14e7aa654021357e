"""Hostile texts made from good ones: pieces torn out, doubled, put in, spliced."""

from collections.abc import Sequence
from random import Random
from typing import Final

EXPRESSIONS: Final = (
    "{{ [given_name, email] | join(' ') }}",
    "{{ email | lower | trim }}@{{ custom.plan or 'none' }}",
    "{{ tables.tenants[custom.level].name | default('x') }}",
    "{{ 'a' if email in tables.tenants and not custom.member else groups }}",
    "{{ words(given_name, email) | replace('a', 'b') | removeprefix('c') }}",
    "{{ custom.level >= 3 or custom['plan'] == 'g' }}",
)
_PIECES: Final = (
    *("{{", "}}", "{%", "%}", "{#", "|", "(", ")", "[", "]", "'", '"', "\\", ".", ",", ":", "~", "\0", "\r", "\t"),
    *("**", "//", "%", "*", "<", "==", " in ", " not ", " and ", " if ", " else ", " or ", "none", "true", "1e999"),
    *("9**9**9", "'a' * 1000000000", "range(1000000000)", "''.__class__.__mro__", "self", "cycler", "lipsum()"),
    *(
        "email.__init__.__globals__",
        "open('/etc/passwd').read()",
        "__import__('os').system('id')",
        "|attr('__class__')",
    ),
    *("{% include '/etc/passwd' %}", "{% for x in y %}", "custom:plan", "custom['__class__']", "tables.tenants"),
    *("\u202e", "é", "\ud7ff", "(" * 200, "[" * 200, "not " * 200, "- " * 50, "9" * 5000, "a" * 5000),
)
_YAML: Final = (
    *("&a ", "*a", "<<: *a", "!!python/object/apply:os.system [id]", "!!binary aaaa", "? ", "- ", "| ", "> ", "---\n"),
    *("${env:HOME}", "${file:/dev/zero}", "${file:../../../etc/passwd}", "${var:x}", "~", "0x", ".inf", "2027-01-10"),
    *("\n  ", "\n", "\t", "%YAML 9.9\n", "\ufeff", "{a: {a: {a: ", "[[[[[[[[", "'", '"', "#"),
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n"
        for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    ),
)
"""The last one is a document of a few lines that has 387 million leaves."""


class Mutation:
    """Draws; pieces of both languages where ``yaml``."""

    def __init__(self, random: Random, *, yaml: bool) -> None:
        self._random = random
        self._pieces = (*_PIECES, *_YAML) if yaml else _PIECES

    def of(self, text: str, others: Sequence[str]) -> str:
        """One to four changes."""
        for _ in range(self._random.choice((1, 1, 1, 2, 4))):
            text = self._once(text, others)
        return text

    def _once(self, text: str, others: Sequence[str]) -> str:
        random = self._random
        start = random.randrange(len(text) + 1)
        end = min(len(text), start + random.choice((0, 1, 2, 8, 40)))
        match random.randrange(6):
            case 0:
                return text[:start] + text[end:]
            case 1:
                return text[:end] + text[start:]
            case 2:
                return text[:start] + chr(random.randrange(0x3000)) + text[end:]
            case 3:
                other = random.choice(others)
                cut = random.randrange(len(other) + 1)
                return text[:start] + other[cut : cut + random.choice((5, 40, 400))] + text[start:]
            case 4:
                lines = text.splitlines(keepends=True) or [""]
                random.shuffle(lines) if len(lines) < 3 else lines.insert(
                    random.randrange(len(lines)), lines.pop(random.randrange(len(lines)))
                )
                return "".join(lines)
        return text[:start] + random.choice(self._pieces) + text[end:]
