"""A Kratos to start and stop."""

import threading
from collections.abc import Mapping
from copy import deepcopy
from types import TracebackType
from typing import Any, Final, Self

from tests.servers.cognito.log import Log
from tests.servers.ory.faults import Fault, How
from tests.servers.ory.identities import Identities, Identity
from tests.servers.ory.identity_schema import CUSTOMER
from tests.servers.ory.rates import Rates, Windows
from tests.servers.ory.service import Answer, Service
from tests.servers.ory.wire import Listener
from tests.servers.programme import Faults

SCHEMA_ID: Final = "customer"


class KratosServer:
    """A context manager around one Kratos on a free port.

    key: makes it a project of the Ory Network, which asks for an API key and refuses two creates at a time. schema:
    the identity schema called `customer`. port: 0 for a free one. choose_passwords: people have a second way to sign in
    as soon as they are there, so that a social sign-in of theirs may go.
    """

    def __init__(
        self,
        *,
        key: str = "",
        schema: Mapping[str, Any] | None = None,
        port: int = 0,
        choose_passwords: bool = False,
    ) -> None:
        self.log = Log()
        self._faults = Faults[Fault]()
        self._rates = Rates()
        self._rates.locks = bool(key)
        self._service = Service({SCHEMA_ID: deepcopy(dict(schema or CUSTOMER))})
        self._service.identities.choose_passwords = choose_passwords
        self._listener = Listener(self._service, self.log, self._faults, self._rates, key, port)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.end()
        self._thread.join()

    @property
    def url(self) -> str:
        """Of the admin API; identity schemas are answered there, too."""
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    @property
    def workspace_key(self) -> str:
        """What the console asks for: the API of the organizations answers at the same address."""
        return self._listener.workspace_key

    @property
    def organizations(self) -> list[dict[str, Any]]:
        """All of them, in the order of their creation: copies."""
        with self._service.lock:
            return deepcopy(list(self._service.organizations.by_id.values()))

    @property
    def write_seconds(self) -> float:
        """How long a write takes."""
        return self._listener.seconds

    @write_seconds.setter
    def write_seconds(self, seconds: float) -> None:
        self._listener.seconds = seconds

    @property
    def identities(self) -> list[Identity]:
        """All of them, whole, in the order of their creation: copies."""
        with self._service.lock:
            return deepcopy(list(self._service.identities.by_id.values()))

    def snapshot(self) -> Identities:
        """All identities as they are now, for `put`."""
        with self._service.lock:
            return self._service.identities.copied()

    def put(self, snapshot: Identities) -> None:
        """All identities as they were then."""
        with self._service.lock:
            self._service.identities = snapshot.copied()

    def ask(self, method: str, path: str, body: Any = None, query: Mapping[str, list[str]] | None = None) -> Answer:
        """The answer without the wire, its key, limits, faults and log. Raises Refusal."""
        return self._service.execute(method, path, query or {}, body)

    def limit(self, bucket: str, windows: Windows) -> None:
        """Answer 429 to more calls of a bucket than ((calls, seconds), …) allow."""
        self._rates.limit(bucket, windows)

    def fail(self, operation: str, nth: int = 1, how: How | int = 500, *, times: int = 1) -> None:
        """From now on the nth request of ``METHOD /path`` (ids as {id}; `*`: of any) meets a fault, and the times - 1
        after it; times 0: all after it, until heal."""
        self._faults.add(Fault(operation, nth - 1, times, how))

    def heal(self) -> None:
        """Take back the faults that were not met."""
        self._faults.clear()
