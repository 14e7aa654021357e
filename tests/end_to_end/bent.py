"""The command line with something bent in it: ``python -m tests.end_to_end.bent HOW poolshift's words…``.

crashing: the first write that carries a canary's value ends in an error nobody expected, which quotes the whole call.
impatient: a call that goes wrong is tried a second time at once, and then no more.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from poolshift.cli import main
from poolshift.provider import aws_calls, http_calls
from poolshift.provider.attempt import Backoff
from poolshift.provider.calls import SessionCalls
from tests.end_to_end.canaries import VALUES
from tests.end_to_end.dying import ROOT


def bent(how: str) -> dict[str, Any]:
    """For `Migration.run`."""
    return {"command": (sys.executable, "-m", "tests.end_to_end.bent", how), "environ": {"PYTHONPATH": str(ROOT)}}


def _crash() -> None:
    for name in ("aws", "http"):
        own = getattr(SessionCalls, name)

        def call(self: SessionCalls, *words: Any, _own: Any = own, **members: Any) -> Any:
            told = f"{words} {members}"
            if members["writes"] and any(value in told for value in VALUES):
                raise LookupError(told) from ValueError(told)
            return _own(self, *words, **members)

        setattr(SessionCalls, name, call)


def _hurry() -> None:
    quick = partial(Backoff, attempts=2, first=0.01)
    http_calls.Backoff = aws_calls.Backoff = quick  # type: ignore[misc,assignment]


WAYS: Final[Mapping[str, Callable[[], None]]] = {"crashing": _crash, "impatient": _hurry}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
    raise SystemExit(main(sys.argv[2:]))
