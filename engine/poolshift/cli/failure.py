"""What is printed and returned when a command raises: diagnostics, or "a bug of ours" without any value."""

import contextlib
import os
import traceback
from collections.abc import Iterator
from typing import IO

from poolshift.cli.exit_codes import BUG, INTERRUPTED, first
from poolshift.diagnostics import Diagnostic
from poolshift.errors import PoolshiftError


def report(error: BaseException, stream: IO[str]) -> int:
    """Print what happened to ``stream`` and return the exit code."""
    known = list(_known(error))
    lines: list[str] = []
    for one in known:
        lines += map(told, one.diagnostics)
    codes = [one.exit_code for one in known]
    if any(isinstance(leaf, KeyboardInterrupt) for leaf in _leaves(error)):
        lines.append("interrupted: run the command again")
        codes.append(INTERRUPTED)
    for leaf in _leaves(error):
        if not isinstance(leaf, (PoolshiftError, KeyboardInterrupt)):
            lines += _bug(leaf)
            codes.append(BUG)
    with contextlib.suppress(BrokenPipeError):
        stream.write("".join(f"{line}\n" for line in lines))
        stream.flush()
    return first(codes)


def told(diagnostic: Diagnostic) -> str:
    """A diagnostic as text: redacted, and unable to repaint a terminal."""
    from poolshift.privacy import redact
    from poolshift.render.wording import printable

    where = f"{printable(str(diagnostic.place))}: " if diagnostic.place else ""
    text = f"{where}{diagnostic.severity} {diagnostic.code}: {_lines(redact(diagnostic.summary))}"
    return f"{text}\n    {_lines(redact(diagnostic.remedy))}" if diagnostic.remedy else text


def _lines(text: str) -> str:
    from poolshift.render.wording import printable

    return "\n    ".join(map(printable, text.splitlines()))


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _leaves(one)
    else:
        yield error


def _known(error: BaseException) -> Iterator[PoolshiftError]:
    """Ours among what was raised, with what was already on its way when closing something failed as well."""
    for leaf in _leaves(error):
        if isinstance(leaf, PoolshiftError):
            yield leaf
        if leaf.__context__ is not None and not leaf.__suppress_context__:
            yield from _known(leaf.__context__)


def _bug(error: BaseException) -> Iterator[str]:
    """Where, never what: messages and locals of an unexpected error may hold people's data."""
    yield f"error BUG: this is a bug of ours ({type(error).__name__})"
    for frame, line in traceback.walk_tb(error.__traceback__):
        module = frame.f_globals.get("__name__", os.path.basename(frame.f_code.co_filename))
        yield f"    {module}:{line} in {frame.f_code.co_name}"
    yield "    Please report these lines and the output of `poolshift --version`; they hold no data of yours."
    yield "    Nothing is lost: what was written is in the state, and the next apply settles what was open."
