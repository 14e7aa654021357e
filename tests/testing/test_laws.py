"""Every law is seen red on a provider that breaks it, and green on the others' faults."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.outcomes import Failed, Skipped

from poolshift.testing import DestinationContract, quick_folder
from poolshift.testing.trial import Trial
from tests.providers.directory.contract_world import DirectoryWorld
from tests.testing.faulty import FAULTS, FOR_NOBODY, LATE, LOSES_MEMBERS, SEEN, UNTRIED, WHOLE, WITH_PEOPLE, Broken

LAWS = {int(name[5:7]): name for name in dir(DestinationContract) if re.match(r"test_\d\d_", name)}
ALSO = {1: {5}, 8: {3}}
"""What cannot be broken alone: law 5 ends in an empty plan, and a batch sent again has rows that are there."""
LONG = {1, 2, 5, 9, 15, 23}
"""Laws that carry out migrations."""


class Small(DirectoryWorld):
    """As few examples as show a fault."""

    points = 3
    examples = 2


@pytest.fixture
def folder() -> Iterator[Path]:
    """Nothing of this has to survive."""
    with quick_folder() as folder:
        yield folder


def verdict(law: int, broken: Broken, folder: Path, caplog: pytest.LogCaptureFixture) -> str:
    """holds, broken, or does not apply."""
    world = Small(folder)
    world.provider = broken
    with Trial(world) as trial:
        extra = {"caplog": caplog} if law == 23 else {}
        try:
            getattr(DestinationContract(), LAWS[law])(trial, **extra)
        except Skipped:
            return "does not apply"
        except (AssertionError, Failed):
            return "broken"
    return "holds"


def test_there_are_25_laws() -> None:
    """Each of the contract's numbers is one test, which cites it and its page."""
    assert sorted(LAWS) == list(range(1, 26)) == sorted(FAULTS)
    page = (Path(__file__).parents[2] / "docs" / "provider-contract.md").read_text("utf-8")
    for number, name in LAWS.items():
        assert (getattr(DestinationContract, name).__doc__ or "").startswith(f"Law {number}. ")
        assert re.search(rf"^{number}\. ", page, re.MULTILINE)


@pytest.mark.parametrize("law", [law for law in sorted(FAULTS) if law not in LONG])
def test_a_broken_law_is_seen(law: int, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The fault of this law makes its test fail."""
    assert verdict(law, FAULTS[law], folder, caplog) == "broken"


@pytest.mark.slow
@pytest.mark.parametrize("law", sorted(LONG))
def test_a_broken_law_is_seen_in_a_migration(law: int, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The same, for laws that carry out migrations."""
    assert verdict(law, FAULTS[law], folder, caplog) == "broken"


@pytest.mark.slow
@pytest.mark.parametrize("rule", sorted(LATE))
def test_a_rule_nobody_states_is_seen(rule: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Law 9 is red where apply is refused by a rule the schema does not state, and green where it does."""
    for number, (broken, expected) in enumerate(zip(LATE[rule], ("broken", "holds"), strict=True)):
        own = tmp_path / str(number)
        own.mkdir()
        assert verdict(9, broken, own, caplog) == expected


@pytest.mark.parametrize("law", sorted(WHOLE))
def test_a_law_that_applies_to_others_holds(law: int, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Rows and jobs, done properly."""
    assert verdict(law, WHOLE[law], folder, caplog) == "holds"


@pytest.mark.parametrize("law", [3, 6, 11, 13, 19, 21])
def test_what_comes_with_its_person_is_tried_there(law: int, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """No law creates by itself what only a create of its person brings."""
    assert verdict(law, WITH_PEOPLE, folder, caplog) == "holds"


def test_what_was_to_come_with_its_person_is_missed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """It is looked for where it was reported."""
    assert verdict(11, LOSES_MEMBERS, folder, caplog) == "broken"


@pytest.mark.parametrize("fault", sorted(SEEN))
def test_a_second_fault_of_a_law_is_seen(fault: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each of them breaks another part of what the law says."""
    law, broken = SEEN[fault]
    assert verdict(law, broken, folder, caplog) == "broken"


def test_an_assumption_nobody_can_try_is_seen(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """What is only assumed has to be of a kind that canary rows can be read back of."""
    assert verdict(25, UNTRIED, folder, caplog) == "broken"


@pytest.mark.parametrize("law", [16, 18])
def test_a_job_that_takes_no_sample_is_not_passed_over(
    law: int, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A law that tried nothing does not hold."""
    assert verdict(law, FOR_NOBODY, folder, caplog) == "broken"


@pytest.mark.slow
@pytest.mark.parametrize("fault", sorted(FAULTS))
def test_no_other_law_is_seen_broken(fault: int, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One thing is broken, one law says so. What migrations show is looked at where the fault is one of theirs."""
    found = set()
    others = LAWS.keys() - {fault} - ALSO.get(fault, set()) - (set() if fault in LONG else LONG)
    for law in sorted(others):
        own = folder / str(law)
        own.mkdir()
        if verdict(law, FAULTS[fault], own, caplog) == "broken":
            found.add(law)
        caplog.clear()
    assert found == set()
