"""Every backend keeps the contract."""

from collections.abc import Callable

import pytest

from poolshift.state.store import Store
from tests.state.backends import Backend
from tests.state.contract import StoreContract


class TestStores(StoreContract):
    """The contract, on a file and on a server."""

    @pytest.fixture
    def store(self, backend: Backend) -> Store:
        return backend.open()

    @pytest.fixture
    def reopened(self, backend: Backend, store: Store) -> Callable[[], Store]:
        def again() -> Store:
            store.close()
            return backend.open()

        return again
