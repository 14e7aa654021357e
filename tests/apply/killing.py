"""A store that dies at a chosen write, before or after it: what a SIGKILL leaves behind."""

from typing import Any

from poolshift.state.store import Store

WRITES = ("open_window", "begin_job", "keep_handle", "settle", "close_window", "record", "close_plan", "open_plan")


class Killed(BaseException):
    """Nothing in the product catches it."""


class KillingStore:
    """Passes everything on; the ``at``-th write kills. ``after``: once it is durable."""

    def __init__(self, store: Store, at: int, *, after: bool) -> None:
        self._store = store
        self._left = at
        self._after = after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._store, name)
        if name not in WRITES:
            return method

        def killing(*arguments: Any) -> Any:
            self._left -= 1
            if not self._left and not self._after:
                raise Killed
            result = method(*arguments)
            if not self._left:
                raise Killed
            return result

        return killing
