"""The compiled mapping against the same by hand, and against a sandboxed Jinja2 template a field."""

from collections.abc import Iterator
from typing import Final

from bench.figure import Figure, ratios
from bench.options import Options
from bench.process import Failed, call

NAME: Final = "mapping"
_BY_HAND_GOAL: Final = 1.3
_TEMPLATE_GOAL: Final = 1 / 20
_PEOPLE: Final = 50_000
_TEMPLATED: Final = 5_000


def measure(options: Options) -> Iterator[Figure]:
    """Raises Failed where two sides map somebody differently."""
    people = min(options.people, _PEOPLE)
    compiled, by_hand, few, templates = [], [], [], []
    for _ in range(options.rounds):
        compiled.append(_side(options, "compiled", people))
        by_hand.append(_side(options, "by_hand", people))
        few.append(_side(options, "compiled", min(people, _TEMPLATED)))
        templates.append(_side(options, "templates", min(people, _TEMPLATED)))
    _check_equal(compiled + by_hand)
    _check_equal(few + templates)
    name = "compiled function against the same by hand"
    yield Figure(NAME, name, ratios(*(_seconds(one) for one in (compiled, by_hand))), _BY_HAND_GOAL)
    name = "compiled function against a sandboxed template a field"
    yield Figure(NAME, name, ratios(*(_seconds(one) for one in (few, templates))), _TEMPLATE_GOAL)
    yield Figure(NAME, "compiled function", tuple(cpu / people * 1e6 for cpu in _seconds(compiled)), unit="µs a person")


def _side(options: Options, side: str, people: int) -> tuple[float, str]:
    """CPU seconds of mapping so many people, and a digest of what came out."""
    cpu, digest = call(f"bench.mappings:{side}", people, cwd=options.folder)
    return float(cpu), str(digest)


def _seconds(sides: list[tuple[float, str]]) -> list[float]:
    return [cpu for cpu, _ in sides]


def _check_equal(sides: list[tuple[float, str]]) -> None:
    if len({digest for _, digest in sides}) != 1:
        raise Failed("two sides map the same people differently")
