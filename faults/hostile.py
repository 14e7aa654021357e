"""One fuzzer in a process of its own, in bounded memory: ``python -m faults.hostile spec 5000 1``.

A text that reaches new lines is kept, and bent further. Troubles: an error that is not a refusal, a hang, a file or a
connection that is opened, a process that is started.
"""

import json
import resource
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, Final

from tests.mapping.strategies import NAMES, TABLES
from tests.spec.providers import Catalogue
from tests.spec.test_routes import ENVIRON, ROUTES

from faults.coverage import Coverage
from faults.mutation import EXPRESSIONS, Mutation
from poolshift import mapping, spec
from poolshift.errors import InputError
from poolshift.mapping.emitter import template_function
from poolshift.spec.expression_error import ExpressionError
from poolshift.spec.load import load
from poolshift.spec.model import Table

SECONDS: Final = 10.0
"""What one text may take, on a busy machine."""

BYTES: Final = 1_500_000_000
_FORBIDDEN: Final = ("socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.remove")
_TABLES: Final = {name: Table(file="t.csv", key="id", rows=rows, digest="0") for name, rows in TABLES.items()}
_VALUES: Final = (None, "", "A@example.com", 3, -1.5, True, ["x", 2], "x" * 1000)


Arrange = Callable[[str], Callable[[], None]]
"""Puts a text in its place, and gives what tries it."""


class Hang(BaseException):
    """No code of ours catches it."""


class Guard:
    """Sees what the text under test opens or starts. reads: files may be read (a spec may name some)."""

    def __init__(self, *, reads: bool) -> None:
        self._reads = reads
        self._on = False
        self.seen: list[str] = []
        sys.addaudithook(self._audit)
        signal.signal(signal.SIGALRM, self._hang)

    @contextmanager
    def watching(self) -> Iterator[None]:
        self.seen.clear()
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        self._on = True
        try:
            yield
        finally:
            self._on = False
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self._on and (event.startswith(_FORBIDDEN) or (event == "open" and not self._may_open(*arguments))):
            self.seen.append(event)

    def _may_open(self, path: object, mode: str | None, flags: int) -> bool:
        """Modules that are imported late are read, as their source or compiled."""
        writes = any(letter in (mode or "r") for letter in "wax+")
        return str(path).endswith((".py", ".pyc")) or (self._reads and not writes)

    def _hang(self, *_: object) -> None:
        raise Hang


def fuzz(target: str, executions: int, seed: int) -> dict[str, Any]:
    """What was tried and what was found."""
    with tempfile.TemporaryDirectory() as folder:
        seeds, arrange = TARGETS[target](Path(folder))
        guard = Guard(reads=target == "spec")
        coverage = Coverage(*(str(Path(str(package.__file__)).parent) for package in (spec, mapping)))
        random = Random(seed)
        mutation = Mutation(random, yaml=target == "spec")
        corpus, troubles = list(seeds), []
        for text in seeds:
            arrange(text)()
        for _ in range(executions):
            text = mutation.of(random.choice(corpus), corpus)
            before = len(coverage.reached)
            if trouble := _tried(text, arrange, guard, coverage):
                troubles.append({"trouble": trouble, "text": text[:600]})
            elif len(coverage.reached) > before:
                corpus.append(text)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return {"troubles": troubles, "corpus": len(corpus), "pairs": len(coverage.reached), "megabytes": peak}


def _tried(text: str, arrange: Arrange, guard: Guard, coverage: Coverage) -> str:
    """What went wrong, "" where nothing did."""
    attempt = arrange(text)
    try:
        with guard.watching(), coverage.watching():
            attempt()
    except Hang:
        return f"hang: {traceback.format_exc(limit=-3)}"
    except Exception:  # noqa: BLE001 - whatever is not a refusal is what we look for
        return traceback.format_exc(limit=-4)
    return f"opened or started: {', '.join(guard.seen)}" if guard.seen else ""


def _specs(folder: Path) -> tuple[list[str], Arrange]:
    """Whole specs, with the files they name beside them."""
    for file in ROUTES.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    path = folder / "spec.yaml"

    def attempt() -> None:
        try:
            load(path, Catalogue(), environ=ENVIRON)
        except InputError as refusal:
            if refusal.exit_code != 65 or not refusal.diagnostics:
                raise

    def arrange(text: str) -> Callable[[], None]:
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        return attempt

    return [file.read_text("utf-8") for file in sorted(ROUTES.glob("*.yaml"))], arrange


def _expressions(_: Path) -> tuple[list[str], Arrange]:
    """Templates, emitted and run over values of every type."""

    def attempt(text: str) -> None:
        try:
            function = template_function(text, NAMES, _TABLES)
        except ExpressionError:
            return
        except KeyError as error:
            if error.args[0] in NAMES:
                raise
            return  # another name than these: the loader refuses it with a place
        for turn in range(len(_VALUES)):
            function(*(_VALUES[(turn + number) % len(_VALUES)] for number in range(len(NAMES))))

    return list(EXPRESSIONS), lambda text: partial(attempt, text)


TARGETS: Final[dict[str, Callable[[Path], tuple[list[str], Arrange]]]] = {"spec": _specs, "expression": _expressions}


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    sys.stdout.write(json.dumps(fuzz(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
