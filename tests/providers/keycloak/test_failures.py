"""The error table: total, and silent about people."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from poolshift.provider.operation import Code
from poolshift_providers.keycloak.failures import failure_of

_INVALID = {"field": "plan", "errorMessage": "error-invalid-length-too-long", "params": ["plan", None, 10]}


@pytest.mark.parametrize(
    ("status", "body", "code", "path"),
    [
        (400, _INVALID, Code.INVALID, "plan"),
        (400, {"errors": [{"field": "email", "errorMessage": "error-invalid-email"}, _INVALID]}, Code.INVALID, "email"),
        (400, {"errorMessage": "User name is missing"}, Code.INVALID, None),
        (401, {"error": "HTTP 401 Unauthorized"}, Code.DENIED, None),
        (403, {"error": "HTTP 403 Forbidden"}, Code.DENIED, None),
        (404, {"error": "User not found"}, Code.GONE, None),
        (409, {"errorMessage": "User exists with same email"}, Code.TAKEN, None),
        (409, {"errorMessage": "User exists with same username"}, Code.EXISTS, None),
        (409, {"errorMessage": "User with user name x@example.com already exists."}, Code.EXISTS, None),
        (409, {"errorMessage": "Duplicate resource error"}, Code.TAKEN, None),
        (409, {"errorMessage": "something new"}, Code.EXISTS, None),
        (413, None, Code.INVALID, None),
        (429, None, Code.BUSY, None),
        (500, {"error": "unknown_error"}, Code.DOWN, None),
        (502, None, Code.DOWN, None),
    ],
)
def test_what_the_server_refuses_has_one_meaning(status: int, body: Any, code: Code, path: str | None) -> None:
    """By status, and by the message where one status means several things."""
    content = b"<html>a proxy</html>" if body is None else json.dumps(body).encode()
    found = failure_of(status, content, {"X-Request-Id": "r1"})
    assert (found.code, found.path, found.request_id) == (code, path, "r1")
    assert f"({status})" in found.message or "user profile" in found.message
    assert "example.com" not in found.message


def test_every_field_the_profile_refuses_is_told() -> None:
    """All at once, as the profile says it."""
    body = {"errors": [{"field": "email", "errorMessage": "error-invalid-email"}, _INVALID]}
    found = failure_of(400, json.dumps(body).encode(), {})
    assert "email: error-invalid-email, plan: error-invalid-length-too-long" in found.message


def test_what_a_rule_of_the_realm_says_is_not_passed_on() -> None:
    """A validator of somebody's own may answer with the value itself."""
    found = failure_of(400, json.dumps({"field": "plan", "errorMessage": "platinum"}).encode(), {})
    assert found.path == "plan"
    assert "plan: a rule of this realm's own" in found.message
    assert "platinum" not in found.message


@given(st.integers(400, 599), st.binary(max_size=60) | st.text(max_size=30).map(lambda own: json.dumps(own).encode()))
def test_the_table_is_total(status: int, body: bytes) -> None:
    """Whatever answers, there is a code, and nothing of the body in the message."""
    found = failure_of(status, body, {})
    assert isinstance(found.code, Code)
    assert len(body) < 12 or body.decode("utf-8", "ignore") not in found.message
