"""Numbers and durations in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.plan.change import Action
from poolshift.render.wording import GLYPHS, counted, duration, kinds, number, place, visible


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"),
        (0.4, "0s"),
        (45, "45s"),
        (60, "1m"),
        (200, "3m20s"),
        (7810, "2h10m"),
        (7200, "2h"),
        (86_400, "1d"),
        (356_400, "4d3h"),
        (86_399.9, "1d"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    """Two units at most."""
    assert duration(seconds) == words


def test_counts() -> None:
    """Thousands are separated the same way in every locale, and one is singular."""
    assert number(41203) == "41,203"
    assert counted(1, "class", "classes") == "1 class"
    assert counted(2, "class", "classes") == "2 classes"
    assert kinds("organization_member") == "organization members"


def test_every_action_has_a_glyph() -> None:
    """The table of glyphs is complete, and holds no action that does not exist."""
    from typing import get_args

    assert set(GLYPHS) == set(get_args(Action))


@given(st.text())
def test_visible_is_one_short_printable_line(words: str) -> None:
    """Law: whatever a value is, what is shown of it is printable and at most 120 characters."""
    shown = visible(words)
    assert len(shown) <= 120
    assert shown.isprintable() or all(
        character == "\u3000" or character.isspace() for character in shown if not character.isprintable()
    )


@pytest.mark.parametrize(("value", "words"), [(None, "absent"), (True, "true"), (3, "3"), ("", "")])
def test_values_in_words(value: object, words: str) -> None:
    """Values that are no text are spelled as JSON does, absence by name."""
    assert visible(value) == words


def test_addresses_are_clipped_late() -> None:
    """An address of 300 characters can be copied, one of 3,000 is cut."""
    assert place("a" * 300) == "a" * 300
    assert len(place("a" * 3_000)) == 400
