"""Which lines were reached from which: what tells a text that found something new from one that did not."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Coverage:
    """Of the modules whose file lies in one of ``folders``. reached: pairs of lines, so far."""

    def __init__(self, *folders: str) -> None:
        self._folders = folders
        self._known: dict[str, bool] = {}
        self.reached: set[tuple[str, int, int]] = set()

    @contextmanager
    def watching(self) -> Iterator[None]:
        sys.settrace(self._call)
        try:
            yield
        finally:
            sys.settrace(None)

    def _call(self, frame: FrameType, event: str, _: Any) -> Callable[..., Any] | None:
        file = frame.f_code.co_filename
        ours = self._known.get(file)
        if ours is None:
            ours = self._known[file] = file.startswith(self._folders)
        if not ours:
            return None
        before = frame.f_lineno

        def line(own: FrameType, event: str, _: Any) -> Any:
            nonlocal before
            if event == "line":
                self.reached.add((file, before, own.f_lineno))
                before = own.f_lineno
            return line

        return line
