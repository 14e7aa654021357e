"""The other measures run with few people, and judge what they find."""

from pathlib import Path

import pytest
from bench import mappings
from bench.figure import Figure, ratios
from bench.measures import apply, auth0, keycloak, mapping, state, summary
from bench.options import Options
from bench.process import Cost, Failed, command_of, cost_of

from tests.servers.keycloak import shared_server


def test_three_ways_to_map_agree(tmp_path: Path) -> None:
    """Compiled, by hand and by templates: the same 14 fields of the same people."""
    digests = {side("200")[1] for side in (mappings.compiled, mappings.by_hand, mappings.templates)}
    assert len(digests) == 1
    names = [figure.name for figure in mapping.measure(Options(200, 1, tmp_path))]
    assert len(names) == 3


@pytest.mark.slow
def test_a_summary_is_opened_at_both_sizes(tmp_path: Path) -> None:
    """200 people make 800 changes, 2 make 8."""
    figures = list(summary.measure(Options(200, 1, tmp_path)))
    assert figures[0].note == "800 changes against 8"


@pytest.mark.slow
def test_the_state_is_measured_after_everybody_arrived(tmp_path: Path) -> None:
    """A few hundred people cost more than many, but no more than a page or two each."""
    size, cpu = state.measure(Options(400, 1, tmp_path))
    assert 100 < size.value < 2000
    assert cpu.value > 0


def test_apply_sends_one_create_a_person(tmp_path: Path) -> None:
    """As the stub has counted them."""
    assert apply.applied(tmp_path / "a", 40) > 0


@pytest.mark.slow
def test_refused_creates_are_sent_again(tmp_path: Path) -> None:
    """The stub refuses two of a hundred; everybody arrives, and no more requests are made than that takes."""
    figures = {figure.name.split(",")[0]: figure for figure in apply.paced(Options(100, 1, tmp_path, 1.0))}
    assert figures["paced: most requests in flight"].value >= 1


@pytest.mark.slow
def test_both_ways_into_keycloak_arrive(tmp_path: Path) -> None:
    """As the server counts; each side fails where somebody is missing."""
    server = shared_server()
    assert keycloak.posted(server, 20) > 0
    plan, apply = keycloak.migrated(tmp_path / "k", server, 60)
    assert min(plan.wall, apply.wall) > 0


@pytest.mark.slow
def test_a_tenant_with_limits_refuses_nobody(tmp_path: Path) -> None:
    """Sixty people by a job, and three memberships each, at the pace the limits allow."""
    figures = {figure.name: figure.value for figure in auth0.measure(Options(60, 1, tmp_path))}
    assert figures["answers 429"] == 0
    assert figures["the floor"] == 0.6


def test_a_side_that_fails_is_no_cost(tmp_path: Path) -> None:
    """An exit code that was not expected is an error, and says what the side said."""
    with pytest.raises(Failed, match="ended with 3"):
        cost_of(["sh", "-c", "exit 3"], tmp_path)
    with pytest.raises(Failed, match="multiple of 2,000"):
        cost_of(command_of("bench.world:build", 7, tmp_path / "w"), tmp_path)


def test_a_large_harness_measures_no_memory() -> None:
    """A process starts with the peak of the one that made it."""
    assert Cost(1.0, 1.0, 20_480, 10_240, "").megabytes == 20
    with pytest.raises(Failed, match="hides the peak"):
        _ = Cost(1.0, 1.0, 20_480, 20_480, "").megabytes


def test_the_median_of_the_rounds_is_judged() -> None:
    """A goal is met or missed in its own sense; without one nothing is judged."""
    values = ratios([2.0, 9.0, 4.0], [1.0, 3.0, 2.0])
    assert values == (2.0, 3.0, 2.0)
    assert Figure("m", "n", values, 2.0).met is True
    assert Figure("m", "n", values, 2.5, "at least").verdict == "missed"
    assert Figure("m", "n", values).met is None
