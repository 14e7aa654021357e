"""What goes wrong on purpose at a fake: the nth call of an operation meets a fault."""

import threading
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

ANY: Final = "*"


@dataclass
class Due:
    """operation: as the fake's log names it, or * for any. skip: calls to let pass; times: calls it happens to, 0 =
    all that follow."""

    operation: str
    skip: int
    times: int


Fault = TypeVar("Fault", bound=Due)


class Faults(Generic[Fault]):
    """The programme. Each fault counts the calls of its operation from the moment it was added."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> None:
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def next(self, operation: str) -> Fault | None:
        """The fault this call meets, the first added if there are several."""
        met: Fault | None = None
        with self._lock:
            for fault in tuple(self._faults):
                if fault.operation not in (operation, ANY):
                    continue
                if fault.skip:
                    fault.skip -= 1
                elif met is None:
                    met = fault
                    fault.times -= 1
                    if not fault.times:
                        self._faults.remove(fault)
        return met
