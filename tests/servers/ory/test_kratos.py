"""The Kratos of our own refuses what a real one is documented to refuse. "facts N": see the package."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers.ory import KratosServer
from tests.servers.ory.refusal import Refusal

_PATH = "/admin/identities"
_TRAITS = {"email": "a@example.com"}


@pytest.fixture
def server() -> Iterator[KratosServer]:
    with KratosServer() as server:
        yield server


def _body(**more: Any) -> dict[str, Any]:
    return {"schema_id": "customer", "traits": _TRAITS, **more}


def _create(server: KratosServer, **more: Any) -> str:
    return str(server.ask("POST", _PATH, _body(**more)).document["id"])


def _refused(server: KratosServer, method: str, path: str, body: Any = None, query: Any = None) -> Refusal:
    before = server.identities
    with pytest.raises(Refusal) as refused:
        server.ask(method, path, body, query)
    assert server.identities == before
    return refused.value


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"nobody": 1}, 400),  # facts 4: strict decoder
        ({"schema_id": "none"}, 400),
        ({"traits": {}}, 400),
        ({"traits": {**_TRAITS, "nobody": 1}}, 400),
        ({"state": "asleep"}, 400),  # spec createIdentityBody.state
        ({"credentials": {"totp": {"config": {"totp_url": "otpauth://x"}}}}, 400),  # facts 10
        ({"credentials": {"password": {"config": {"hashed_password": "plain"}}}}, 400),  # facts 5
        ({"verifiable_addresses": [{"value": "a@example.com", "verified": True, "via": "email"}]}, 400),
        ({"external_id": "taken", "traits": {"email": "b@example.com"}}, 409),  # facts 3
        ({"traits": {"email": "THEIRS@example.com"}}, 409),
    ],
)
def test_a_create_is_refused(server: KratosServer, more: dict[str, Any], status: int) -> None:
    """And its neighbour is not: without the bad part it is created."""
    _create(server, external_id="taken", traits={"email": "theirs@example.com"})
    assert _refused(server, "POST", _PATH, _body(**more)).status == status
    _create(server)


def test_a_batch_answers_every_row_in_order(server: KratosServer) -> None:
    """facts 4: one row's conflict or refused trait is its own."""
    _create(server)
    rows = [_body(), _body(traits={"email": "b@example.com"}), _body(traits={"email": "no address"})]
    ids = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(3)]
    patches = [{"patch_id": id, "create": row} for id, row in zip(ids, rows, strict=True)]
    answers = server.ask("PATCH", _PATH, {"identities": patches}).document["identities"]
    assert [(own["patch_id"], own["action"]) for own in answers] == list(
        zip(ids, ("error", "create", "error"), strict=True)
    )
    assert [own["error"]["code"] for own in (answers[0], answers[2])] == [409, 400]
    assert len(server.identities) == 2


@pytest.mark.parametrize(
    ("rows", "status"),
    [
        ([_body(), _body()], 409),  # all of them conflict with whom is there
        ([_body(traits={"email": "x"})], 400),
        ([_body(traits={"email": "b@example.com"}), _body(traits={"email": "c@example.com"}, nobody=1)], 400),
        ([_body(traits={"email": "b@example.com"}), _body(traits={"email": "c@example.com"}, state="asleep")], 400),
        ([_body(traits={"email": f"p{number}@example.com"}) for number in range(1_001)], 400),
        (
            [
                _body(
                    traits={"email": f"p{number}@example.com"},
                    credentials={"password": {"config": {"password": "invented"}}} if not number else {},
                )
                for number in range(201)
            ],
            400,
        ),
    ],
    ids=["all conflict", "all refused", "unknown member", "no such state", "1001", "201 with a clear password"],
)
def test_a_batch_fails_whole(server: KratosServer, rows: list[dict[str, Any]], status: int) -> None:
    """facts 4: without a word about any row."""
    _create(server)
    refused = _refused(server, "PATCH", _PATH, {"identities": [{"create": row} for row in rows]})
    assert refused.status == status


def test_a_thousand_at_once_are_created(server: KratosServer) -> None:
    """The neighbour of one too many; and two hundred where a password is clear."""
    rows = [{"create": _body(traits={"email": f"p{number}@example.com"})} for number in range(1_000)]
    server.ask("PATCH", _PATH, {"identities": rows})
    clear = {"credentials": {"password": {"config": {"password": "invented"}}}}
    rows = [{"create": _body(traits={"email": f"q{number}@example.com"}, **clear)} for number in range(200)]
    server.ask("PATCH", _PATH, {"identities": rows})
    assert len(server.identities) == 1_200


def test_a_put_empties_what_it_leaves_out_and_keeps_credentials(server: KratosServer) -> None:
    """facts 11."""
    providers = [{"provider": "google", "subject": "1"}]
    id = _create(
        server,
        external_id="e",
        metadata_admin={"x": 1},
        metadata_public={"y": 1},
        credentials={"oidc": {"config": {"providers": providers}}},
    )
    assert _refused(server, "PUT", f"{_PATH}/{id}", {"schema_id": "customer", "traits": _TRAITS}).status == 400
    server.ask("PUT", f"{_PATH}/{id}", _body(state="active"))
    (after,) = server.identities
    assert (after["metadata_admin"], after["metadata_public"], "external_id" in after) == (None, None, False)
    assert after["credentials"]["oidc"]["identifiers"] == ["google:1"]


@pytest.mark.parametrize("path", ["/id", "/stateChangedAt", "/credentials", "/credentials/oidc/config"])
def test_a_json_patch_may_not_touch(server: KratosServer, path: str) -> None:
    """facts 11."""
    id = _create(server)
    assert _refused(server, "PATCH", f"{_PATH}/{id}", [{"op": "add", "path": path, "value": {}}]).status == 400


def test_an_imported_address_that_is_no_trait_is_lost_at_the_next_update(server: KratosServer) -> None:
    """facts 3."""
    address = {"value": "other@example.com", "verified": True, "via": "email", "status": "completed"}
    id = _create(server, verifiable_addresses=[address])
    assert {own["value"] for own in server.identities[0]["verifiable_addresses"]} == {"a@example.com", address["value"]}
    server.ask("PATCH", f"{_PATH}/{id}", [{"op": "replace", "path": "/state", "value": "inactive"}])
    assert {own["value"] for own in server.identities[0]["verifiable_addresses"]} == {"a@example.com"}


def test_a_changed_address_is_not_verified(server: KratosServer) -> None:
    """It is a new one, whatever the old one was."""
    address = {"value": "a@example.com", "verified": True, "via": "email", "status": "completed"}
    id = _create(server, verifiable_addresses=[address])
    server.ask("PATCH", f"{_PATH}/{id}", [{"op": "replace", "path": "/traits/email", "value": "b@example.com"}])
    (after,) = server.identities[0]["verifiable_addresses"]
    assert (after["value"], after["verified"]) == ("b@example.com", False)


@pytest.mark.parametrize(
    "query",
    [
        {"page_size": ["501"]},
        {"page_token": ["made-up"]},
        {"ids": ["x"], "credentials_identifier": ["y"]},
        {"ids": [str(number) for number in range(501)]},
        {"consistency": ["sometimes"]},
        {"include_credential": ["nobody"]},
    ],
)
def test_a_list_is_refused(server: KratosServer, query: dict[str, list[str]]) -> None:
    """spec GET /admin/identities; facts 2."""
    assert _refused(server, "GET", _PATH, None, query).status == 400


def test_the_next_page_stands_in_a_header(server: KratosServer) -> None:
    """facts 2: no next is the end, also after a full page."""
    for number in range(4):
        _create(server, traits={"email": f"p{number}@example.com"})
    first = server.ask("GET", _PATH, None, {"page_size": ["2"]})
    assert 'rel="next"' in first.headers["Link"]
    token = first.headers["Link"].rpartition("page_token=")[2].partition(">")[0]
    second = server.ask("GET", _PATH, None, {"page_size": ["2"], "page_token": [token]})
    assert 'rel="next"' not in second.headers["Link"]
    seen = [own["traits"]["email"] for own in (*first.document, *second.document)]
    assert seen == [f"p{number}@example.com" for number in range(4)]
    assert all("credentials" not in own for own in first.document)


def test_a_rate_limit_answers_429_with_its_windows() -> None:
    """facts 12: several windows at once, and when to come again."""
    with KratosServer(key="k") as server, httpx.Client(base_url=server.url) as client:
        assert client.get(_PATH).status_code == 401
        client.headers["Authorization"] = "Bearer k"
        server.limit("kratos-admin-medium", ((10, 1.0), (2, 60.0)))
        answers = [client.get(_PATH) for _ in range(3)]
        assert [own.status_code for own in answers] == [200, 200, 429]
        assert answers[0].headers["x-ratelimit-limit"] == "10, 10;w=1, 2;w=60"
        assert [own.headers["x-ratelimit-remaining"] for own in answers] == ["1", "0", "0"]
        assert answers[2].headers["x-ratelimit-reset"] == "60"
