"""Pacing keeps within every window, from any number of threads."""

from hypothesis import given
from hypothesis import strategies as st

from poolshift.provider.quota import Bucket, windows_of
from poolshift.provider.schema import Quota


class Clock:
    """A clock that only moves when a caller waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def starts(windows: list[tuple[float, float]], calls: int) -> list[float]:
    """When each of ``calls`` calls of one caller begins."""
    clock = Clock()
    bucket = Bucket(windows, clock=clock)
    begun = []
    for _ in range(calls):
        clock.now += bucket.delay()
        begun.append(clock.now)
    return begun


WINDOW = st.tuples(st.integers(1, 300), st.sampled_from([1.0, 10.0, 60.0, 3600.0]))


@given(st.lists(WINDOW, min_size=1, max_size=3), st.integers(2, 400))
def test_no_window_ever_holds_more_calls_than_it_allows(windows: list[tuple[float, float]], calls: int) -> None:
    """Wherever a window is laid, at most its number of calls begin inside it."""
    begun = starts(windows, calls)
    for allowed, seconds in windows:
        for index in range(int(allowed), calls):
            assert begun[index] - begun[index - int(allowed)] >= seconds * (1 - 1e-9)


@given(WINDOW)
def test_the_rate_is_nearly_used_up(window: tuple[float, float]) -> None:
    """Pacing gives away at most a twentieth of the rate, beside the last call's own wait."""
    allowed, seconds = window
    begun = starts([window], int(allowed) * 3 + 1)
    assert begun[-1] <= 3 * seconds * 1.06


def test_a_fraction_of_a_call_a_window_still_passes_calls() -> None:
    """Half of one call a minute is one call in two minutes."""
    assert starts([(0.5, 60)], 3) == [0.0, 120.0, 240.0]


def test_a_heavy_call_is_paid_for_by_the_next_ones() -> None:
    """A call of weight ten in a window of ten a second leaves nothing for a second."""
    clock = Clock()
    bucket = Bucket([(10, 1)], clock=clock)
    assert bucket.delay(10) == 0.0
    assert bucket.delay(1) >= 1.0 - 1e-9


def test_more_than_five_refusals_in_a_hundred_lower_the_rate_until_they_are_forgotten() -> None:
    """The sixth refusal slows the bucket by a quarter; a hundred good answers later it is as fast as before."""
    clock = Clock()
    bucket = Bucket([(1, 1)], clock=clock)

    def gap() -> float:
        clock.now += bucket.delay()
        before = clock.now
        clock.now += bucket.delay()
        return round(clock.now - before, 6)

    for _ in range(5):
        bucket.answered(throttled=True)
    assert (bucket.throttled, gap()) == (5, 1.0)
    bucket.answered(throttled=True)
    clock.now += 10
    assert (bucket.throttled, gap()) == (6, round(1 / 0.75, 6))
    for _ in range(100):
        bucket.answered(throttled=False)
    clock.now += 10
    assert (bucket.throttled, gap()) == (0, 1.0)


def test_a_refusal_of_a_quota_with_a_penalty_closes_it_for_that_long() -> None:
    """Nothing begins while the vendor refuses everything."""
    bucket = Bucket([(1000, 1)], penalty=60, clock=Clock())
    bucket.answered(throttled=True)
    assert bucket.delay() == 60


def test_half_of_a_shared_quota_is_left_to_live_sign_ins_unless_the_spec_says_a_rate() -> None:
    """A rate of the spec replaces the share and stays within the vendor's windows; an own quota is used whole."""
    shared = Quota("list", ((30, 1), (600, 60)))
    assert windows_of(shared, None) == ((15, 1), (300, 60))
    assert windows_of(shared, (25, 1)) == ((30, 1), (600, 60), (25, 1))
    assert windows_of(Quota("own", ((30, 1),), shared=False), None) == ((30, 1),)
