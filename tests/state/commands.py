"""Commands of another process against a state, for tests of its lock: ``python commands.py DEED FOLDER``."""

import sys
import time
from pathlib import Path

from poolshift.errors import PoolshiftError
from poolshift.state.opening import open_store
from tests.state.contract import PLAN, base_of, intent_of, landed


def hold(folder: Path) -> None:
    """Take the lock and keep it until killed."""
    store = open_store(folder, "acme", {}, {}, write=True)
    store.begin_run("apply", PLAN)
    print("ready", flush=True)  # noqa: T201 - the word the test waits for
    time.sleep(60)


def read(folder: Path) -> None:
    """Read under a snapshot until killed."""
    store = open_store(folder, "acme", {}, {}, write=False)
    print("ready", store.count_people(), flush=True)  # noqa: T201
    time.sleep(60)


def look(folder: Path) -> None:
    """Open for reading and end."""
    open_store(folder, "acme", {}, {}, write=False).close()


def work(folder: Path) -> None:
    """Settle one person after the other of one window; each line of output is committed."""
    store = open_store(folder, "acme", {}, {}, write=True)
    store.open_plan(PLAN, "digest")
    people = [f"person {number}" for number in range(1000)]
    window = store.open_window(store.begin_run("apply", PLAN), PLAN, "api", [intent_of(one) for one in people])
    for one in people:
        store.settle(window.number, [landed(base_of(store, one))])
        print(one, flush=True)  # noqa: T201


if __name__ == "__main__":
    try:
        {"hold": hold, "read": read, "look": look, "work": work}[sys.argv[1]](Path(sys.argv[2]))
    except PoolshiftError as error:
        sys.exit(error.exit_code)
