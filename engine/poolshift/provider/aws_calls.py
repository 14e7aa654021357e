"""Calls of an AWS service: one client a session, paced, and every way a call can end brought to one of four.

An answer; Failed (refused, nothing written); Unknown (it may have been carried out); or, in a session that only reads,
the error that ends the command: AccessDenied or ProviderDown.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import boto3  # type: ignore[import-untyped]
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
from poolshift.errors import AccessDenied, PoolshiftError, ProviderDown
from poolshift.provider.operation import Code, Failed, Failure, Unknown
from poolshift.provider.pacing import UNPACED, Pacing
from poolshift.provider.session import AwsConnection

CONNECTIONS: Final = 32
SECONDS: Final = {"connect_timeout": 10, "read_timeout": 30}

_PASSING: Final = frozenset({Code.BUSY, Code.DOWN})
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


@dataclass(frozen=True, slots=True)
class Backoff:
    """How often and how long a call that may be repeated is: seconds, doubling, with full jitter."""

    attempts: int = 6
    first: float = 0.5
    longest: float = 20.0

    def delay(self, attempt: int, failure: Failure) -> float:
        if failure.retry_after is not None:
            return failure.retry_after
        return min(self.first * 2.0 ** (attempt - 1), self.longest) * (0.5 + random.random() / 2)


class Trouble(Exception):
    """One attempt that did not end well. lost: it may have been carried out all the same. code: of the error."""

    def __init__(self, failure: Failure, *, lost: bool = False, code: str = "AWS_DOWN") -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.lost = lost
        self.code = code


class AwsCalls:
    """Used from many threads: boto3's clients are safe to share. Nothing repeats a call behind our back."""

    def __init__(self, connection: AwsConnection, pacing: Pacing, backoff: Backoff | None = None) -> None:
        """Raises AccessDenied (AWS_CREDENTIALS, AWS_REGION) for a profile or region that does not exist."""
        self._connection = connection
        self._pacing = pacing
        self._backoff = backoff or Backoff()
        try:
            self._client = _client(connection)
        except (*_NOBODY, *_NOWHERE) as error:
            raise _ending(_trouble(error, connection)) from error
        service = self._client.meta.service_model.service_id.hyphenize()
        self._client.meta.events.register(f"before-parse.{service}", self._judge)

    def close(self) -> None:
        self._client.close()

    def call(
        self, operation: str, *, quota: str, writes: bool, again: bool, members: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The answer of one operation; reads, and writes that are ``again``, are repeated a few times.

        Raises Failed and, for other writes whose answer was lost, Unknown; a read that is denied or stays without an
        answer raises AccessDenied or ProviderDown instead. KeyError for a quota that is not declared.
        """
        attempt = 0
        while True:
            attempt += 1
            if quota != UNPACED:
                self._pacing.spend(quota)
            try:
                answer = self._attempt(operation, members)
            except Trouble as trouble:
                passing = trouble.failure.code in _PASSING
                self._tell(quota, throttled=trouble.failure.code is Code.BUSY)
                if passing and (again or not writes) and attempt < self._backoff.attempts:
                    self._pacing.wait(self._backoff.delay(attempt, trouble.failure))
                    continue
                raise self._verdict(trouble, operation, writes=writes, again=again) from trouble
            self._tell(quota, throttled=False)
            return answer

    def _attempt(self, operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self._client, xform_name(operation))(**members)
        except (aws.BotoCoreError, aws.ClientError, ResponseParserError) as error:
            raise _trouble(error, self._connection) from error
        return answer

    def _judge(self, response_dict: Mapping[str, Any], **_: Any) -> None:
        """Before the SDK reads an answer: refusals go through the provider's table, and what is no JSON is no answer.

        The SDK takes an empty body for an empty answer, and an HTML page for an error without a code.
        """
        status, body, headers = response_dict["status_code"], response_dict["body"], response_dict["headers"]
        if status < 300 and body.lstrip().startswith(b"{"):
            return
        if status < 300:
            raise Trouble(Failure(Code.DOWN, "the answer is not JSON: something else answers there"), lost=True)
        failure = self._connection.failure(status, body, headers)
        raise Trouble(failure, lost=status >= 500, code="AWS_DENIED" if failure.code is Code.DENIED else "AWS_DOWN")

    def _tell(self, quota: str, *, throttled: bool) -> None:
        if quota != UNPACED:
            self._pacing.answered(quota, throttled=throttled)

    def _verdict(self, trouble: Trouble, operation: str, *, writes: bool, again: bool) -> Exception:
        """Every failure names the action, as the policies of an account spell it."""
        failure = replace(trouble.failure, message=f"{self._connection.service}:{operation}: {trouble.failure.message}")
        if writes:
            return Unknown(failure.message) if trouble.lost and not again else Failed(failure)
        if failure.code in _PASSING or failure.code is Code.DENIED:
            return _ending(Trouble(failure, code=trouble.code))
        return Failed(failure)


def _ending(trouble: Trouble) -> PoolshiftError:
    """The error that ends a command that only reads."""
    message = trouble.failure.message
    if trouble.failure.code is not Code.DENIED:
        return ProviderDown.of(trouble.code, message, "Try again later; if it lasts, ask who runs that network.")
    remedies = {
        "AWS_CREDENTIALS": "Sign in again (aws sso login), or check `profile`, `role_arn` and the AWS_* variables.",
        "AWS_REGION": "Check `region` in the settings.",
    }
    remedy = remedies.get(trouble.code, "Allow the action to the role that runs poolshift, or use another role.")
    return AccessDenied.of(trouble.code, message, remedy)


def _trouble(error: Exception, connection: AwsConnection) -> Trouble:
    """What an error of the SDK means. Its own text may hold values of the call: only its class is told."""
    name = type(error).__name__
    if isinstance(error, aws.ParamValidationError):
        return Trouble(Failure(Code.INVALID, "a value is empty, too short or of the wrong type"))
    if isinstance(error, _NOWHERE):
        return Trouble(Failure(Code.DENIED, f"there is no region to ask ({name})"), code="AWS_REGION")
    if isinstance(error, _NOBODY):
        why = f"the credentials are missing, expired or not usable ({name})"
        return Trouble(Failure(Code.DENIED, why), code="AWS_CREDENTIALS")
    if isinstance(error, _UNSENT):
        if isinstance(error, aws.EndpointConnectionError) and not _is_known(connection):
            why = f"nothing answers for region {connection.region}, which the SDK does not know"
            return Trouble(Failure(Code.DENIED, why), code="AWS_REGION")
        return Trouble(Failure(Code.DOWN, f"no connection ({name})"))
    if isinstance(error, _LOST):
        return Trouble(Failure(Code.DOWN, f"the connection broke before the answer was whole ({name})"), lost=True)
    return Trouble(Failure(Code.UNMAPPED, f"the SDK could not make the call ({name})"), lost=True)


def _is_known(connection: AwsConnection) -> bool:
    if connection.endpoint_url is not None or connection.region is None:
        return True
    core = boto3.Session()
    return any(
        connection.region in core.get_available_regions(connection.service, partition_name=partition)
        for partition in core.get_available_partitions()
    )


def _client(connection: AwsConnection) -> Any:
    core = Core(profile=connection.profile)
    if connection.role_arn is not None:
        source = Core(profile=connection.profile)
        role = _Role(source, connection.role_arn, connection.region)
        core.get_component("credential_provider").insert_before("env", role)
    return boto3.Session(botocore_session=core, region_name=connection.region).client(
        connection.service,
        endpoint_url=connection.endpoint_url,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=CONNECTIONS,
            user_agent_extra=f"poolshift/{poolshift.__version__}",
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
