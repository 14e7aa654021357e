"""What a fake that is written as one function is asked, and how it answers."""

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

import httpx
import pytest

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.testing import HttpWorld, Refused, Request


class Echo(HttpWorld):
    """Tells what it was asked, refuses a DELETE, and has a fault in PUT."""

    settings: Mapping[str, Any] = {}

    def answer(self, request: Request) -> tuple[int, Any]:
        if request.method == "DELETE":
            raise Refused(409, {"field": "email"})
        if request.method == "PUT":
            raise LookupError
        if request.document is None:
            return 204, None
        asked = [request.method, request.path, dict(request.query), request.headers["x-key"], request.document]
        return 201, asked

    def put(self, kind: Kind, values: Mapping[Path, Value], refs: Mapping[Path, str]) -> str:
        raise NotImplementedError("an echo keeps nothing")

    def get(self, kind: Kind, id: str) -> Record | None:
        return None


@pytest.fixture
def client(tmp_path: FilePath) -> Iterator[httpx.Client]:
    world = Echo(tmp_path)
    with httpx.Client(base_url=world.url) as client:
        yield client
    world.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(world.url)


def test_a_request_is_told_whole(client: httpx.Client) -> None:
    """Method, path, query with empty values, headers in lower case, and the document; an empty body is None."""
    reply = client.post("/members?q=a%40b&empty=", headers={"X-Key": "k"}, json={"a": None})
    assert reply.status_code == 201
    assert reply.json() == ["POST", "/members", {"q": "a@b", "empty": ""}, "k", {"a": None}]
    assert client.get("/members").status_code == 204


def test_a_refusal_is_an_answer(client: httpx.Client) -> None:
    """What is raised as `Refused` has its status and document; the connection lives on."""
    for _ in range(2):
        reply = client.delete("/members/1")
        assert (reply.status_code, reply.json()) == (409, {"field": "email"})


def test_a_fault_of_the_fake_is_a_500_and_shown(client: httpx.Client, capfd: pytest.CaptureFixture[str]) -> None:
    """A law that fails by it can be understood."""
    assert client.put("/members/1", json={}).status_code == 500
    assert client.get("/members").status_code == 204
    assert "LookupError" in capfd.readouterr().err
