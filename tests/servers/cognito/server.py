"""A Cognito to start and stop."""

import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import boto3  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]

from tests.servers.cognito import groups, imports, links, listing, passwords, pools, seeding, sign_in, users
from tests.servers.cognito.faults import Fault, How
from tests.servers.cognito.log import Log
from tests.servers.cognito.messages import Message
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.quotas import Quotas
from tests.servers.cognito.service import Operation, Service
from tests.servers.cognito.wire import Listener
from tests.servers.programme import Faults

OPERATIONS: Final[dict[str, Operation]] = {
    **groups.OPERATIONS,
    **imports.OPERATIONS,
    **links.OPERATIONS,
    **listing.OPERATIONS,
    **passwords.OPERATIONS,
    **pools.OPERATIONS,
    **sign_in.OPERATIONS,
    **users.OPERATIONS,
}


class CognitoServer:
    """A context manager around one service on a free port, with a first pool.

    region: of the pools, part of their ids. port: 0 for a free one. settings: of the first pool, as CreateUserPool
    takes them (UsernameAttributes, AliasAttributes, UsernameConfiguration, Schema, ...).
    """

    def __init__(self, *, region: str = "eu-west-1", port: int = 0, **settings: Any) -> None:
        self.region = region
        self.log = Log()
        self._faults = Faults[Fault]()
        self._quotas = Quotas()
        self._service = Service(region, "123456789012", OPERATIONS, imports.LOGS, imports.Imports())
        self._listener = Listener(self._service, self.log, self._faults, self._quotas, port)
        self._service.url = self.url
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)
        self.pool_id = self.create_pool(**settings)

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
        """For endpoint_url."""
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    @property
    def messages(self) -> list[Message]:
        """All that would have been sent to people, in order."""
        return self._service.messages

    @property
    def imports(self) -> imports.Imports:
        """Import jobs, and how they behave."""
        found: imports.Imports = self._service.imports
        return found

    @property
    def list_lag(self) -> float:
        """Seconds before ListUsers shows a person created by a call; AdminGetUser shows them at once."""
        return self._service.list_lag

    @list_lag.setter
    def list_lag(self, seconds: float) -> None:
        self._service.list_lag = seconds

    @property
    def token_seconds(self) -> float:
        """How long a page token lives."""
        return self._service.chains.token_seconds

    @token_seconds.setter
    def token_seconds(self, seconds: float) -> None:
        self._service.chains.token_seconds = seconds

    def create_pool(self, name: str = "people", **settings: Any) -> str:
        """A further pool; answers its id. Raises Refusal for settings that Cognito refuses."""
        answer = self.ask("CreateUserPool", {"PoolName": name, **settings})
        return str(answer["UserPool"]["Id"])

    def ask(self, operation: str, request: object) -> dict[str, Any]:
        """The answer to a request without the wire, its faults, quotas and log. Raises Refusal."""
        return self._service.execute(operation, request)

    def client(self, service: str = "cognito-idp", **settings: Any) -> Any:
        """A boto3 client of this server that never repeats a call; settings: of botocore's Config."""
        config = Config(**{"retries": {"mode": "standard", "total_max_attempts": 1}, **settings})
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.url,
            aws_access_key_id="AKIAINVENTED",
            aws_secret_access_key="invented",
            config=config,
        )

    def pool(self, pool_id: str | None = None) -> Pool:
        """The pool itself, for what no operation shows. Raises Refusal."""
        return self._service.pool({"UserPoolId": pool_id or self.pool_id})

    def seed(
        self,
        people: Iterable[Mapping[str, Any]],
        groups: Mapping[str, Mapping[str, Any]] | None = None,
        *,
        pool_id: str | None = None,
    ) -> int:
        """See seeding.seed: people as list-users prints them; groups by name with their `Members`."""
        with self._service.lock:
            return seeding.seed(self.pool(pool_id), people, groups or {})

    def export(self, folder: Path, *, pool_id: str | None = None) -> None:
        """See seeding.export."""
        with self._service.lock:
            pool = self.pool(pool_id)
            seeding.export(pool, self.ask("DescribeUserPool", {"UserPoolId": pool.id}), folder)

    def fail(
        self, operation: str, nth: int = 1, how: How = "throttle", *, times: int = 1, seconds: float = 1.0
    ) -> None:
        """From now on the nth call of an operation (`*`: of any) meets a fault, and the times - 1 calls after it.

        times: 0 for all calls after it, until heal. seconds: how late a slow answer is.
        """
        self._faults.add(Fault(operation, nth - 1, times, how, seconds))

    def heal(self) -> None:
        """Take back the faults that were not met."""
        self._faults.clear()

    def limit(self, category: str, per_second: float) -> None:
        """Answer TooManyRequestsException to more calls of a quota category than that. Raises KeyError."""
        self._quotas.limit(category, per_second)
