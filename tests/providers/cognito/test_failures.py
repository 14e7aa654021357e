"""The table of refusals: total, and silent about what was sent."""

import json

import pytest
from botocore.session import get_session  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from poolshift.provider.operation import Code
from poolshift_providers.cognito.failures import failure_of
from poolshift_providers.cognito.operations import OPERATIONS


def _of(name: str, message: str = "", status: int = 400) -> Code:
    return failure_of(status, json.dumps({"__type": name, "message": message}).encode(), {}).code


def test_every_error_of_every_operation_in_use_has_a_code() -> None:
    """By the SDK's own model of the service: none is left to the status."""
    model = get_session().get_service_model("cognito-idp")
    names = {shape.name for operation in OPERATIONS for shape in model.operation_model(operation).error_shapes}
    assert len(names) > 15
    assert {name for name in names if _of(name) is Code.UNMAPPED} == set()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UsernameExistsException", Code.EXISTS),
        ("AliasExistsException", Code.TAKEN),
        ("UserNotFoundException", Code.GONE),
        ("TooManyRequestsException", Code.BUSY),
        ("com.amazonaws.cognito#TooManyRequestsException", Code.BUSY),
        ("InternalErrorException", Code.DOWN),
        ("AccessDeniedException", Code.DENIED),
        ("ExpiredTokenException", Code.DENIED),
        ("LimitExceededException", Code.INVALID),
    ],
)
def test_a_refusal_is_told_by_its_name(name: str, code: Code) -> None:
    """LimitExceeded is a limit of one user (five identities), not of a second: no pause helps."""
    assert _of(name) is code


@pytest.mark.parametrize(
    "message", ["Paging marker x is invalid for request", "Invalid pagination token", "NextToken is bad"]
)
def test_an_expired_page_token_is_told_apart(message: str) -> None:
    """It has the same name as any other wrong parameter."""
    assert _of("InvalidParameterException", message) is Code.STALE
    assert _of("InvalidParameterException", "Invalid search attribute") is Code.INVALID


def test_the_name_may_stand_in_a_header() -> None:
    """With whatever AWS puts behind it; the request's id and the wished-for pause are kept."""
    headers = {"x-amzn-ErrorType": "TooManyRequestsException:http://x", "x-amzn-RequestId": "abc", "Retry-After": "7"}
    failure = failure_of(400, b"", headers)
    assert (failure.code, failure.request_id, failure.retry_after) == (Code.BUSY, "abc", 7)


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, Code.DENIED), (403, Code.DENIED), (408, Code.BUSY), (429, Code.BUSY), (500, Code.DOWN), (503, Code.DOWN)],
)
@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'{"message": "x"}', b"\xff"])
def test_an_answer_without_a_name_goes_by_its_status(status: int, code: Code, body: bytes) -> None:
    """A proxy or a load balancer answers like that."""
    assert failure_of(status, body, {}).code is code


@given(st.integers(300, 599), st.binary(), st.dictionaries(st.text(), st.text()))
def test_every_answer_has_a_code(status: int, body: bytes, headers: dict[str, str]) -> None:
    """Whatever the status, the body and the headers."""
    assert isinstance(failure_of(status, body, headers).code, Code)


@given(st.sampled_from(["InvalidParameterException", "UsernameExistsException", "Unheard"]), st.text(min_size=12))
def test_no_message_of_cognito_is_passed_on(name: str, secret: str) -> None:
    """They quote what they were sent."""
    failure = failure_of(400, json.dumps({"__type": name, "message": secret}).encode(), {})
    assert secret not in failure.message


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SomethingNewException", "SomethingNewException"),
        ("Throttling", "Throttling"),
        ("Ann", "400"),
        ("ann@example.com", "400"),
        ("com.amazonaws#+32470123456", "400"),
        ("", "400"),
    ],
)
def test_a_name_is_told_where_it_is_one(name: str, told: str) -> None:
    """A trigger of the pool, or a proxy, may put a value where the name of the error should be."""
    failure = failure_of(400, json.dumps({"__type": name}).encode(), {})
    assert failure.message.endswith(f"({told})")
