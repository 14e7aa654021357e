"""Cases run a few at a time: each lane has a warm parent and ends of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from queue import SimpleQueue
from typing import TypeVar

Lane = TypeVar("Lane")
Case = TypeVar("Case")
Result = TypeVar("Result")


def each(
    cases: Sequence[Case],
    lanes: Sequence[Callable[[], AbstractContextManager[Lane]]],
    run: Callable[[Case, Lane], Result],
) -> Iterator[tuple[Case, Result]]:
    """Every case with what ``run`` gave, in the order of the cases."""
    free: SimpleQueue[Lane] = SimpleQueue()

    def one(case: Case) -> Result:
        lane = free.get()
        try:
            return run(case, lane)
        finally:
            free.put(lane)

    with ExitStack() as stack:
        for lane in lanes[: len(cases)]:
            free.put(stack.enter_context(lane()))
        with ThreadPoolExecutor(len(lanes)) as pool:
            yield from zip(cases, pool.map(one, cases), strict=True)
