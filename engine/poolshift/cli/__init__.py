"""The command ``poolshift``: one file a command, parsing and exit codes only.

Nothing is imported before it is known which command is wanted, and then only what that command needs.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from poolshift.cli.engine import Engine


def main(argv: Sequence[str] | None = None, engine: "Engine | None" = None) -> int:
    """Run a command and return its exit code. ``engine``: what the commands call, for tests."""
    from poolshift.cli.dispatch import dispatch

    return dispatch(argv, engine)


__all__ = ["main"]
