"""Every rule of the truth tables has its sentence."""

import pytest

from poolshift.render.rules import RULES, meaning

TABLES = (
    [f"F{number}" for number in range(1, 16)]
    + [f"M{number}" for number in range(1, 5)]
    + [f"S{number}" for number in range(1, 9)]
    + [f"R{number}" for number in range(1, 15)]
    + ["R1j", "R3n", "R8m", "R8e", "W1", "W2", "W3", "W4", "N"]
)


@pytest.mark.parametrize("rule", TABLES)
def test_a_rule_is_explained_by_one_sentence(rule: str) -> None:
    """One sentence, ended by a full stop, without a second one."""
    sentence = meaning(rule)
    assert sentence.endswith(".")
    assert ". " not in sentence
    assert sentence[0].isupper()


def test_there_are_no_other_rules() -> None:
    """A sentence for a rule that does not exist would explain nothing."""
    assert sorted(RULES) == sorted(TABLES)
    assert len(set(RULES.values())) == len(RULES)


def test_an_unknown_rule_is_not_explained() -> None:
    """A newer plan may name rules we do not know."""
    assert meaning("Z99") == ""
