"""Where a test's state lies: in a file, or in a database of its own on a real server."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from poolshift.state.opening import open_store
from poolshift.state.sql_store import SqlStore

KEY: Final = {"POOLSHIFT_KEY": "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="}
OTHER_KEY: Final = {"POOLSHIFT_KEY": "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI="}


@dataclass
class Backend:
    """Opens the one state of a test; `close` closes whatever is open."""

    name: str
    folder: Path
    settings: Mapping[str, Any]
    opened: list[SqlStore] = field(default_factory=list)

    def open(self, *, write: bool = True, environ: Mapping[str, str] = KEY, migration: str = "acme") -> SqlStore:
        store = open_store(self.folder, migration, self.settings, environ, write=write, backend=self.name)
        self.opened.append(store)
        return store

    def close(self) -> None:
        while self.opened:
            self.opened.pop().close()
