"""The approval token: what it binds, what it leaves room for, what voids it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.plan.change_class import ChangeClass, Key
from poolshift.plan.envelope import Envelope, ceilings, exceeded, seal, unseal
from poolshift.plan.limits import EXACT

KEY, OTHER = b"k" * 32, b"o" * 32
BOUND = {"spec": "5", "phase": "everything", "lineage": "l", "source": "s", "destination": "d"}
UPDATE: Key = ("user", "update", ("given_name",), ("F12",))
NEW: Key = ("user", "update", ("family_name",), ("F12",))
DISABLE: Key = ("user", "disable", ("enabled",), ("F12",))
HOLD: Key = ("user", "hold", (), ("R8",))


def one(key: Key, count: int, *dangers: str) -> ChangeClass:
    return ChangeClass(key, count, frozenset(dangers))


def approved(*classes: ChangeClass, slack: float = 1.05) -> Envelope:
    return Envelope(BOUND, ceilings(classes, slack), {"disable": 3}, 2_000_000_000.0)


def test_a_token_carries_the_whole_envelope() -> None:
    """What was sealed is unsealed, with no state but the key."""
    envelope = approved(one(UPDATE, 100), one(DISABLE, 3, "disable"))
    assert unseal(seal(envelope, KEY), KEY) == envelope


def test_another_lineages_token_is_none() -> None:
    """The key is the lineage's."""
    assert unseal(seal(approved(), KEY), OTHER) is None


@given(st.data())
def test_a_changed_token_is_none(data: st.DataObject) -> None:
    """Whichever bit is turned."""
    token = seal(approved(one(UPDATE, 100)), KEY).removeprefix("ps1.")
    content = bytearray(urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    bit = data.draw(st.integers(0, len(content) * 8 - 1))
    content[bit // 8] ^= 1 << bit % 8
    assert unseal("ps1." + urlsafe_b64encode(content).decode().rstrip("="), KEY) is None


@pytest.mark.parametrize("token", ["", "ps1.", "ps1.AAAA", "ps2.AAAA", "ps1.ÄÖ", "ps1.A", "garbage"])
def test_what_is_no_token_is_none(token: str) -> None:
    """Never an exception: the caller says what is wrong."""
    assert unseal(token, KEY) is None


@given(st.text())
def test_any_text_is_a_token_or_none(text: str) -> None:
    """Whatever somebody pastes."""
    assert unseal(text, KEY) is None
    assert unseal(f"ps1.{text}", KEY) is None


@pytest.mark.parametrize(
    ("count", "slack", "ceiling"),
    [(1, 1.05, 21), (400, 1.05, 420), (1000, 1.05, 1050), (1001, 1.05, 1052), (50, 1.0, 70)],
)
def test_the_ceiling_is_the_slack_and_at_least_twenty_more(count: int, slack: float, ceiling: int) -> None:
    """Sign-ups between review and merge do not void an approval."""
    envelope = approved(one(UPDATE, count), slack=slack)
    assert not exceeded(envelope, BOUND, [one(UPDATE, ceiling)])
    assert [own.code for own in exceeded(envelope, BOUND, [one(UPDATE, ceiling + 1)])] == ["APPROVAL_EXCEEDED"]


@pytest.mark.parametrize("danger", sorted(EXACT))
def test_dangerous_classes_are_approved_exactly(danger: str) -> None:
    """One more voids it; one less does not."""
    envelope = approved(one(DISABLE, 3, danger))
    assert not exceeded(envelope, BOUND, [one(DISABLE, 3, danger)])
    assert not exceeded(envelope, BOUND, [one(DISABLE, 2, danger)])
    assert exceeded(envelope, BOUND, [one(DISABLE, 4, danger)])


def test_a_class_nobody_saw_may_have_twenty_changes_unless_it_is_dangerous() -> None:
    """A new class is small, or it is reviewed."""
    envelope = approved(one(UPDATE, 100))
    assert not exceeded(envelope, BOUND, [one(NEW, 20)])
    assert exceeded(envelope, BOUND, [one(NEW, 21)])
    assert exceeded(envelope, BOUND, [one(DISABLE, 1, "disable")])


def test_what_is_no_change_needs_no_approval() -> None:
    """Holds and conflicts write nothing, however many."""
    assert ceilings([one(HOLD, 5)], 1.05) == {}
    assert not exceeded(approved(), BOUND, [one(HOLD, 100_000)])


@pytest.mark.parametrize("name", sorted(BOUND))
def test_an_approval_is_for_one_spec_phase_lineage_and_both_ends(name: str) -> None:
    """Another one of them voids it, and the message names it."""
    (problem,) = exceeded(approved(), {**BOUND, name: "another"}, [])
    assert problem.code == "APPROVAL_VOID"
    assert name in problem.summary
