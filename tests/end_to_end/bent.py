"""The command line with something bent in it: ``python -m tests.end_to_end.bent HOW poolshift's words…``.

crashing: what was written about the first canary ends in an error nobody expected, which quotes all of it.
impatient: a call that goes wrong is tried a second time at once, and then no more.
"""

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from poolshift.apply.settlement import Settlement
from poolshift.apply.work import Work
from poolshift.cli import main
from poolshift.provider import aws_calls, http_calls
from poolshift.provider.attempt import Backoff
from poolshift.state.store import Settled
from tests.end_to_end.canaries import VALUES
from tests.end_to_end.dying import ROOT


def bent(how: str) -> dict[str, Any]:
    """For `Migration.run`."""
    return {"command": (sys.executable, "-m", "tests.end_to_end.bent", how), "environ": {"PYTHONPATH": str(ROOT)}}


def _crash() -> None:
    own = Settlement.of

    def of(self: Settlement, work: Work, *more: Any) -> Settled:
        told = f"{work.change} {dict(work.change.effect.values)}"
        if any(value in told for value in VALUES):
            raise LookupError(told) from ValueError(told)
        return own(self, work, *more)

    Settlement.of = of  # type: ignore[assignment]


def _hurry() -> None:
    quick = partial(Backoff, attempts=2, first=0.01)
    for module in (aws_calls, http_calls):
        vars(module)["Backoff"] = quick


WAYS: Final[Mapping[str, Callable[[], None]]] = {"crashing": _crash, "impatient": _hurry}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
    raise SystemExit(main(sys.argv[2:]))
