"""The table of refusals: total, and silent about what was sent."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from poolshift.provider.operation import Code
from poolshift_providers.ory.failures import failure_of


def _of(status: int, headers: dict[str, str] | None = None, **error: Any) -> Any:
    return failure_of(status, json.dumps({"error": {"code": status, **error}}).encode(), headers or {})


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (301, Code.UNSUPPORTED),
        (400, Code.INVALID),
        (401, Code.DENIED),
        (403, Code.DENIED),
        (404, Code.GONE),
        (409, Code.EXISTS),
        (413, Code.INVALID),
        (429, Code.BUSY),
        (500, Code.DOWN),
        (504, Code.DOWN),
    ],
)
def test_a_refusal_is_told_by_its_status(status: int, code: Code) -> None:
    """Ory's errors have no other name."""
    assert _of(status).code is code


def test_a_refused_trait_is_named_without_its_value() -> None:
    """By its place; the reason behind it quotes what was sent."""
    reason = 'I[#/traits/name/first] S[#/properties/traits/maxLength] length of "Secret Person" must be <= 3'
    failure = _of(400, reason=reason, request="r-1")
    assert (failure.code, failure.path, failure.request_id) == (Code.INVALID, "traits.name.first", "r-1")
    assert "Secret" not in failure.message


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("The page token is invalid, do not craft your own page tokens", Code.STALE),
        ("An error occurred when applying the JSON patch: testing value failed", Code.STALE),
        ("The patch is invalid", Code.INVALID),
    ],
)
def test_what_is_out_of_date_is_told_apart(reason: str, code: Code) -> None:
    """It has the same status as any other wrong request."""
    assert _of(400, reason=reason).code is code


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"X-RateLimit-Reset": "3"}, 3.0),
        ({"x-ratelimit-reset": "4000"}, 30.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_the_wished_for_pause_is_kept(headers: dict[str, str], seconds: float | None) -> None:
    """Never longer than a window of a rate limit is worth."""
    assert _of(429, headers).retry_after == seconds


_BODIES = st.one_of(
    st.binary(max_size=40),
    st.just(b"<html>Bad Gateway</html>"),
    st.just(b'{"error": {"code": 4'),
    st.recursive(st.none() | st.integers() | st.text(max_size=9), st.lists, max_leaves=4).map(
        lambda value: json.dumps({"error": value}).encode()
    ),
)


@settings(max_examples=60)
@given(status=st.integers(300, 599), body=_BODIES, secret=st.just("somebody@example.com"))
def test_the_table_is_total_and_tells_nothing(status: int, body: bytes, secret: str) -> None:
    """Every status with every body is a code; no value of a record comes back out of it."""
    assert isinstance(failure_of(status, body, {}).code, Code)
    document = {"error": {"reason": f"I[#/traits/{secret}] {secret}", "message": secret, "details": {"a": secret}}}
    assert secret not in failure_of(status, json.dumps(document).encode(), {}).message


def test_html_is_said_to_be_somebody_elses() -> None:
    """A proxy, a firewall, a sign-in page: not Ory's answer."""
    assert "something else answers" in failure_of(403, b"<html>no</html>", {}).message
