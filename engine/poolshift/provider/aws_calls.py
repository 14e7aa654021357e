"""Calls of an AWS service: one client a session, and every error of the SDK brought to one meaning."""

import io
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import boto3  # type: ignore[import-untyped]
import botocore  # type: ignore[import-untyped]
import botocore.exceptions as aws  # type: ignore[import-untyped]
from botocore import xform_name
from botocore.client import Config  # type: ignore[import-untyped]
from botocore.credentials import (  # type: ignore[import-untyped]
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    DeferredRefreshableCredentials,
)
from botocore.parsers import ResponseParserError  # type: ignore[import-untyped]
from botocore.session import Session as Core  # type: ignore[import-untyped]

import poolshift
from poolshift.errors import PoolshiftError
from poolshift.provider.attempt import Attempts, Backoff, Trouble
from poolshift.provider.operation import Code, Failure
from poolshift.provider.pacing import Pacing
from poolshift.provider.session import AwsConnection

CONNECTIONS: Final = 32
SECONDS: Final = {"connect_timeout": 10, "read_timeout": 30}
_USER_AGENT: Final = f"poolshift/{poolshift.__version__} Boto3/{boto3.__version__} Botocore/{botocore.__version__}"
"""Given whole: the SDK puts its own together twice a call, which is an eighth of the CPU of a call."""

_DOWN: Final = "AWS_DOWN"
_REMEDIES: Final = {
    "AWS_CREDENTIALS": "Sign in again (aws sso login), or check `profile`, `role_arn` and the AWS_* variables.",
    "AWS_REGION": "Check `region` in the settings.",
    "": "Allow the action to the role that runs poolshift, or use another role.",
}
_UNSENT: Final = (aws.EndpointConnectionError, aws.ConnectTimeoutError, aws.ProxyConnectionError, aws.SSLError)
_LOST: Final = (aws.HTTPClientError, aws.ConnectionError, ResponseParserError)
_NOBODY: Final = (
    aws.NoCredentialsError,
    aws.PartialCredentialsError,
    aws.CredentialRetrievalError,
    aws.ProfileNotFound,
    aws.TokenRetrievalError,
    aws.NoAuthTokenError,
    aws.SSOError,
    aws.LoginError,
    aws.InvalidConfigError,
    aws.MissingDependencyException,
    aws.ClientError,  # of the token service: the answers of the service itself never become one
)
_NOWHERE: Final = (aws.NoRegionError, aws.InvalidRegionError, aws.UnknownRegionError)


class AwsCalls:
    """Used from many threads: boto3's clients are safe to share. Nothing repeats a call behind our back."""

    def __init__(self, connection: AwsConnection, pacing: Pacing, backoff: Backoff | None = None) -> None:
        """Raises AccessDenied (AWS_CREDENTIALS, AWS_REGION) for a profile or region that does not exist."""
        self._connection = connection
        self._attempts = Attempts(pacing, backoff or Backoff(), _REMEDIES)
        self._opening = threading.Lock()
        self._clients: dict[str, Any] = {}
        self._client = self._client_of(connection.service)

    def close(self) -> None:
        with self._opening:
            while self._clients:
                self._clients.popitem()[1].close()

    def call(
        self,
        operation: str,
        *,
        service: str = "",
        quota: str,
        writes: bool,
        again: bool,
        members: Mapping[str, Any],
    ) -> Mapping[str, Any]:
        """The answer of one operation of a service, "" = the connection's own. Ends as `Attempts.make` says.

        Raises KeyError for a service the connection does not name.
        """
        service = service or self._connection.service
        client = self._client_of(service)
        return self._attempts.make(
            lambda: self._attempt(client, operation, members),
            f"{service}:{operation}",
            quota=quota,
            writes=writes,
            again=again,
        )

    def _client_of(self, service: str) -> Any:
        """Made at the first call: raises AccessDenied as the constructor does."""
        with self._opening:
            client = self._clients.get(service)
            if client is None:
                try:
                    client = _client(self._connection, service)
                except (*_NOBODY, *_NOWHERE) as error:
                    raise self._attempts.ending(_trouble(error, self._connection)) from error
                name = client.meta.service_model.service_id.hyphenize()
                client.meta.events.register(f"before-send.{name}", self._watch_leaving)
                client.meta.events.register(f"before-parse.{name}", self._judge)
                self._clients[service] = client
            return client

    def _attempt(self, client: Any, operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(client, xform_name(operation))(**members)
        except (aws.BotoCoreError, aws.ClientError, ResponseParserError) as error:
            if isinstance(stopped := error.__context__, PoolshiftError):
                raise stopped from None  # the SDK wraps what is raised while it sends
            raise _trouble(error, self._connection) from error
        return answer

    def _watch_leaving(self, request: Any, **_: Any) -> None:
        """Signed and about to be sent: while that took its time, or we were suspended, a lease may have ended."""
        may_leave = self._attempts.pacing.may_start
        may_leave()
        if request.body:
            request.body = _Leaving(request.body, may_leave)

    def _judge(self, response_dict: Mapping[str, Any], **_: Any) -> None:
        """Before the SDK reads an answer: refusals go through the provider's table, and what is no JSON is no answer.

        The SDK takes an empty body for an empty answer, and an HTML page for an error without a code.
        """
        status, body, headers = response_dict["status_code"], response_dict["body"], response_dict["headers"]
        if status < 300 and body.lstrip().startswith(b"{"):
            return
        if status < 300:
            raise Trouble(Failure(Code.DOWN, "the answer is not JSON: something else answers there"), _DOWN, lost=True)
        failure = self._connection.failure(status, body, headers)
        raise Trouble(failure, "AWS_DENIED" if failure.code is Code.DENIED else _DOWN, lost=status >= 500)


class _Leaving(io.BytesIO):
    """A body that asks before each of its blocks is sent: a head without its body is no request."""

    def __init__(self, body: bytes, may_leave: Callable[[], None]) -> None:
        super().__init__(body)
        self._may_leave = may_leave
        self._size = len(body)

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() < self._size:
            self._may_leave()
        return super().read(size)


def _trouble(error: Exception, connection: AwsConnection) -> Trouble:
    """What an error of the SDK means. Its own text may hold values of the call: only its class is told."""
    name = type(error).__name__
    if isinstance(error, aws.ParamValidationError):
        return Trouble(Failure(Code.INVALID, "a value is empty, too short or of the wrong type"), _DOWN)
    if isinstance(error, _NOWHERE):
        return Trouble(Failure(Code.DENIED, f"there is no region to ask ({name})"), "AWS_REGION")
    if isinstance(error, _NOBODY):
        why = f"the credentials are missing, expired or not usable ({name})"
        return Trouble(Failure(Code.DENIED, why), "AWS_CREDENTIALS")
    if isinstance(error, _UNSENT):
        if isinstance(error, aws.EndpointConnectionError) and not _is_known(connection):
            why = f"nothing answers for region {connection.region}, which the SDK does not know"
            return Trouble(Failure(Code.DENIED, why), "AWS_REGION")
        return Trouble(Failure(Code.DOWN, f"no connection ({name})"), _DOWN)
    if isinstance(error, _LOST):
        return Trouble(
            Failure(Code.DOWN, f"the connection broke before the answer was whole ({name})"), _DOWN, lost=True
        )
    return Trouble(Failure(Code.UNMAPPED, f"the SDK could not make the call ({name})"), _DOWN, lost=True)


def _is_known(connection: AwsConnection) -> bool:
    if connection.endpoint_url is not None or connection.region is None:
        return True
    core = boto3.Session()
    return any(
        connection.region in core.get_available_regions(connection.service, partition_name=partition)
        for partition in core.get_available_partitions()
    )


def _client(connection: AwsConnection, service: str) -> Any:
    own = service == connection.service
    endpoint = connection.endpoint_url if own else connection.others[service]
    core = Core(profile=connection.profile)
    if connection.role_arn is not None:
        source = Core(profile=connection.profile)
        role = _Role(source, connection.role_arn, connection.region)
        core.get_component("credential_provider").insert_before("env", role)
    return boto3.Session(botocore_session=core, region_name=connection.region).client(
        service,
        endpoint_url=endpoint,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=CONNECTIONS,
            user_agent=_USER_AGENT,
            **SECONDS,
        ),
    )


class _Role(CredentialProvider):  # type: ignore[misc]
    """A role to take on before the first call, and again before it expires: a migration outlasts its hour."""

    METHOD = "assume-role"
    CANONICAL_NAME = "custom-poolshift"

    def __init__(self, source: Core, role_arn: str, region: str | None) -> None:
        super().__init__(source)
        self._role_arn = role_arn
        self._region = region

    def load(self) -> Any:
        credentials = self.session.get_credentials()
        if credentials is None:
            raise aws.NoCredentialsError

        def client(service: str, **more: Any) -> Any:
            return self.session.create_client(service, region_name=self._region, **more)

        fetcher = AssumeRoleCredentialFetcher(
            client, credentials, self._role_arn, extra_args={"RoleSessionName": "poolshift"}
        )
        return DeferredRefreshableCredentials(fetcher.fetch_credentials, self.METHOD)
