"""The naive way into Keycloak: one POST /users after another, on one connection that stays open."""

import time
from typing import Any, Final

import httpx
from tests.servers.keycloak.realm import CLIENT, SECRET

from bench.people import person

_TOKEN_SECONDS: Final = 30.0


def post(server: str, realm: str, people: str) -> float:
    """Wall seconds for so many. Raises httpx.HTTPStatusError when one is refused."""
    count = int(people)
    with httpx.Client(base_url=server, timeout=60) as client:
        began = time.monotonic()
        until = began
        for number in range(count):
            if time.monotonic() >= until:
                client.headers["Authorization"] = f"Bearer {_token(client, realm)}"
                until = time.monotonic() + _TOKEN_SECONDS
            client.post(f"/admin/realms/{realm}/users", json=_document(number, count)).raise_for_status()
        return time.monotonic() - began


def _token(client: httpx.Client, realm: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": CLIENT, "client_secret": SECRET}
    reply = client.post(f"/realms/{realm}/protocol/openid-connect/token", data=form)
    reply.raise_for_status()
    return str(reply.json()["access_token"])


def _document(number: int, people: int) -> dict[str, Any]:
    one = person(number, people, now=True)
    return {
        "username": one.username,
        "email": f"person.{number}@example.com",
        "emailVerified": True,
        "firstName": one.given,
        "lastName": one.family,
        "enabled": True,
        "attributes": {"locale": [one.locale]},
    }
