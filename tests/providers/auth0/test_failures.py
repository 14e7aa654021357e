"""The error table is total, keeps no value of a person, and tells how long to wait."""

import time
from email.utils import formatdate

import orjson
import pytest

from poolshift.provider.operation import Code, Failure
from poolshift_providers.auth0.collision import GHOST
from poolshift_providers.auth0.failures import failure_of
from poolshift_providers.auth0.job_errors import failure_of_row

SECRET = "ann@example.com"


def body(message: str = SECRET, code: str = "") -> bytes:
    return orjson.dumps({"statusCode": 400, "error": "x", "message": message, "errorCode": code})


@pytest.mark.parametrize(
    "content", [body(), body(code=SECRET), body()[:20], b"", b"<html>", b"[]", b"null"], ids=lambda own: str(len(own))
)
def test_every_status_and_body_is_a_code(content: bytes) -> None:
    """Truncated, HTML, empty: a code, and no word of what was sent."""
    for status in range(400, 600):
        failure = failure_of(status, content, {})
        assert isinstance(failure.code, Code)
        assert failure.message
        assert SECRET not in failure.message


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (400, "invalid_body", Code.INVALID),
        (401, "invalid_token", Code.DENIED),
        (403, "insufficient_scope", Code.DENIED),
        (404, "inexistent_user", Code.GONE),
        (400, "inexistent_organization", Code.GONE),
        (409, "auth0_idp_error", Code.EXISTS),
        (413, "", Code.INVALID),
        (429, "too_many_requests", Code.BUSY),
        (500, "", Code.DOWN),
        (503, "", Code.DOWN),
        (418, "", Code.UNMAPPED),
    ],
)
def test_codes(status: int, code: str, expected: Code) -> None:
    """By error code where it decides, else by status."""
    assert failure_of(status, body(code=code), {}).code is expected


@pytest.mark.parametrize(
    ("code", "told"), [("invalid_body", "(invalid_body)"), ("some_new_word", "(some_new_word)"), ("ann", "(400)")]
)
def test_a_code_is_told_where_it_is_one(code: str, told: str) -> None:
    """Of a single word nobody knows whether it is a name."""
    assert failure_of(400, body(code=code), {}).message.endswith(told)


def test_missing_scopes_are_named() -> None:
    """Only their names are taken out of the message."""
    message = f"Insufficient scope, expected any of: update:users,update:users_app_metadata for {SECRET}"
    failure = failure_of(403, body(message, "insufficient_scope"), {})
    assert "update:users or update:users_app_metadata" in failure.message
    assert SECRET not in failure.message


def test_waits_are_by_the_tenants_clock() -> None:
    """Retry-After first; else until the reset, whatever this machine's clock says; never forever."""
    assert failure_of(429, b"", {"Retry-After": "7", "X-RateLimit-Reset": "1"}).retry_after == 7
    then = 1_700_000_000
    headers = {"x-ratelimit-reset": str(then + 12), "date": formatdate(then, usegmt=True)}
    assert failure_of(429, b"", headers).retry_after == 12
    assert failure_of(429, b"", {"X-RateLimit-Reset": str(int(time.time()) - 60)}).retry_after == 0
    assert failure_of(429, b"", {"X-RateLimit-Reset": "9" * 12}).retry_after == 3_600
    assert failure_of(429, b"", {}).retry_after is None


def test_another_server_is_told_as_such() -> None:
    """HTML with 404 is no "not there": the message says so."""
    assert "something else answers" in failure_of(404, b"<html>", {}).message


@pytest.mark.parametrize("word", ["CONFLICT", "DUPLICATED_USER", "FORMAT", "PATTERN", "SOMETHING_NEW", "", None])
def test_rows_of_a_job_have_a_code(word: str | None) -> None:
    """Known or not, without a value."""
    failure = failure_of_row([{"code": word, "message": SECRET, "path": SECRET}])
    assert isinstance(failure, Failure)
    assert SECRET not in failure.message
    assert failure.path is None


def test_meeting_somebody_counts_more_than_a_wrong_value() -> None:
    """Who is there has to be asked, whatever else is wrong."""
    errors = [{"code": "FORMAT", "path": "email"}, {"code": "DUPLICATED_USER", "path": "email"}]
    assert failure_of_row(errors).code is Code.EXISTS
    assert failure_of_row([]).code is Code.UNMAPPED


def test_the_way_to_be_rid_of_a_ghost_names_both_calls() -> None:
    """The record, and what the connection keeps of it."""
    assert "DELETE /users/{id}" in GHOST
    assert "DELETE /connections/{id}/users" in GHOST
