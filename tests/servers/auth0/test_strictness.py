"""What the tenant refuses, and what it takes beside it; each rule from a source that is there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest
import yaml

from tests.servers.auth0 import Auth0Server
from tests.servers.foreign import described

CASES: Final = yaml.safe_load(Path(__file__).with_name("strictness.yaml").read_text("utf-8"))
SECTIONS: Final = 15


class Client:
    """Asks as anybody would, with a token."""

    def __init__(self, server: Auth0Server) -> None:
        self._server = server
        tokens = server.service.tokens
        form = {
            "grant_type": "client_credentials",
            "client_id": tokens.client_id,
            "client_secret": tokens.client_secret,
            "audience": tokens.audience,
        }
        token = httpx.post(f"{server.url}/oauth/token", json=form).json()["access_token"]
        self.headers = {"Authorization": f"Bearer {token}"}

    def call(self, case: Mapping[str, Any]) -> httpx.Response:
        [(name, body)] = case.items()
        method, _, path = name.partition(" ")
        text = (
            json.dumps(body)
            .replace("{connection}", self._server.database.id)
            .replace("{google}", self._server.google.id)
        )
        url = f"{self._server.url}/api/v2{quote(path, safe='/?=&')}"
        content = None if body is None else text
        return httpx.request(method, url, headers=self.headers, content=content)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_rule(case: Mapping[str, Any]) -> None:
    """The call is answered as the rule says; its neighbour, if there is one, is taken."""
    with Auth0Server(**case.get("options", {})) as server:
        client = Client(server)
        for call in case.get("before", ()):
            assert client.call(call).status_code < 300
        before = len(server.mails)
        answer = client.call(case["call"])
        assert answer.status_code == case["status"], answer.text
        for name, value in case.get("shows", {}).items():
            assert answer.json()[name] == value
        if "mails" in case:
            assert len(server.mails) - before == case["mails"]
        if "neighbour" in case:
            neighbour = client.call(case["neighbour"])
            assert neighbour.status_code < 300, neighbour.text


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_source(case: Mapping[str, Any]) -> None:
    """A path and method of the vendor's file, or a section of our collection of facts."""
    kind, _, where = case["source"].partition(" ")
    if kind == "vendors/auth0.md":
        assert 1 <= int(where) <= SECTIONS
        return
    assert kind == "OpenAPI"
    method, _, path = where.partition(" ")
    assert method.lower() in json.loads(described("auth0").read_text("utf-8"))["paths"][path]


def test_limits_are_told_in_headers() -> None:
    """A burst, then 429 with the second in which it goes on (vendors/auth0.md 12)."""
    with Auth0Server() as server:
        server.limits.limit("read_users", 3, 60)
        client = Client(server)
        answers = [client.call({"GET /users": None}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-RateLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
    assert answers[-1].json()["errorCode"] == "too_many_requests"
    assert int(answers[-1].headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_jobs_upsert_erases_and_the_default_mails() -> None:
    """Why the provider asks for neither (vendors/auth0.md 4): metadata is replaced, and administrators are told."""
    with Auth0Server() as server:
        user = server.put(email="a@example.com", email_verified=True, app_metadata={"theirs": 1})
        rows = json.dumps([{"email": "a@example.com", "app_metadata": {"plan": "gold"}}])
        files = {"users": ("users.json", rows, "application/json")}
        data = {"connection_id": server.database.id, "upsert": "true"}
        client = Client(server)
        url = f"{server.url}/api/v2/jobs/users-imports"
        assert httpx.post(url, headers=client.headers, files=files, data=data).status_code == 202
        assert server.tenant.users[user["user_id"]]["app_metadata"] == {"plan": "gold"}
        assert server.tenant.users[user["user_id"]]["email_verified"] is False
        assert [mail.to for mail in server.mails] == ["administrators"]
