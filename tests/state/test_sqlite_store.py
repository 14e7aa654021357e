"""The SQLite store keeps the contract."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from poolshift.state.opening import open_store
from poolshift.state.store import Store
from tests.state.contract import StoreContract


class TestSqliteStore(StoreContract):
    """The contract, on one file."""

    @pytest.fixture
    def stores(self) -> Iterator[list[Store]]:
        opened: list[Store] = []
        yield opened
        for store in opened:
            store.close()

    @pytest.fixture
    def store(self, tmp_path: Path, stores: list[Store]) -> Store:
        stores.append(open_store(tmp_path, "acme", {}, {}, write=True))
        return stores[-1]

    @pytest.fixture
    def reopened(self, tmp_path: Path, store: Store, stores: list[Store]) -> Callable[[], Store]:
        def again() -> Store:
            store.close()
            stores.append(open_store(tmp_path, "acme", {}, {}, write=True))
            return stores[-1]

        return again
