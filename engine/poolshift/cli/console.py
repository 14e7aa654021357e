"""Where a command writes: results to stdout, progress and warnings to stderr. A reader that went away is no error."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Final

from poolshift.errors import UsageError

if TYPE_CHECKING:
    from poolshift.diagnostics import Diagnostic
    from poolshift.render.views import Format, View

_PROGRESS_SECONDS: Final = 0.1


class Console:
    """Used as a context manager; the line of progress is cleared before anything else is written."""

    def __init__(self, out: IO[str], err: IO[str]) -> None:
        self._out = out
        self._err = err
        self._drawn = 0
        self._last = 0.0
        for stream in (out, err):
            if reconfigure := getattr(stream, "reconfigure", None):
                reconfigure(errors="backslashreplace")

    def __enter__(self) -> Console:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._clear()

    def write(self, text: str) -> None:
        """Raises UsageError when stdout cannot be written (a full disk)."""
        self._clear()
        with _Writing(self._out):
            self._out.write(text)
            self._out.flush()

    def line(self, text: str) -> None:
        """One line of a result; what could repaint a terminal is spelled out."""
        from poolshift.render.wording import printable

        self.write(printable(text) + "\n")

    def show(self, document: Mapping[str, Any], view: View, form: Format) -> None:
        """A document as text, JSON or Markdown. Raises as `write`."""
        from poolshift.render.views import write

        self._clear()
        with _Writing(self._out):
            write(document, view, form, self._out)
            self._out.flush()

    def warn(self, diagnostics: Sequence[Diagnostic]) -> None:
        from poolshift.cli.failure import told

        self._clear()
        with _Writing(self._err):
            self._err.write("".join(told(diagnostic) + "\n" for diagnostic in diagnostics))

    def progress(self, what: str, count: int) -> None:
        """How far a long step is; drawn on a terminal only, at most ten times a second."""
        now = time.monotonic()
        if not self._err.isatty() or now - self._last < _PROGRESS_SECONDS:
            return
        self._last = now
        text = f"{what} {count:,}"
        with _Writing(self._err):
            self._err.write(f"\r{text:<{self._drawn}}")
            self._err.flush()
        self._drawn = len(text)

    def _clear(self) -> None:
        if self._drawn:
            with _Writing(self._err):
                self._err.write(f"\r{'':<{self._drawn}}\r")
                self._err.flush()
            self._drawn = 0


class _Writing:
    """Turns a stream whose reader is gone into /dev/null, so that the command ends with its own exit code."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if isinstance(error, BrokenPipeError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
            return True
        if isinstance(error, OSError):
            raise UsageError.of(
                "OUTPUT", f"the result cannot be written: {error.strerror}", "Free some space, or write elsewhere."
            ) from error
        return False
