"""Pools filled and written out in the form of `list-users`."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers.cognito import CognitoServer
from tests.servers.cognito.invented import groups, records

ROOT = Path(__file__).parents[2]


def as_listed(record: dict[str, Any]) -> dict[str, Any]:
    """What of a record `list-users` shows, its dates as text left aside."""
    return {name: record[name] for name in ("Username", "Attributes", "Enabled", "UserStatus")}


def test_people_come_out_as_they_went_in(server: CognitoServer, layer: Any, tmp_path: Path) -> None:
    """Every status, identity and attribute of the invented mixture survives, by the wire and in the export."""
    people = list(records(500))
    assert server.seed(people, groups(people)) == 500
    expected = sorted((as_listed(record) for record in people), key=lambda record: record["Username"])
    pages = layer.get_paginator("list_users").paginate(UserPoolId=server.pool_id)
    listed = sorted((user for page in pages for user in page["Users"]), key=lambda user: user["Username"])
    assert [as_listed(user) for user in listed] == expected
    assert {"EXTERNAL_PROVIDER", "UNCONFIRMED", "CONFIRMED", "RESET_REQUIRED"} <= {u["UserStatus"] for u in listed}
    server.export(tmp_path)
    exported = json.loads((tmp_path / "users.json").read_text("utf-8"))["Users"]
    assert [as_listed(user) for user in exported] == [as_listed(record) for record in people]


def test_export_seeds_another_pool(server: CognitoServer, tmp_path: Path) -> None:
    """An export put into another server gives the same export, dates and groups included."""
    people = list(records(200))
    server.seed(people, groups(people))
    server.export(tmp_path / "first")
    with CognitoServer() as other:
        other.seed(read(tmp_path / "first", "users")["Users"], exported_groups(tmp_path / "first"))
        other.export(tmp_path / "second")
        pools = (server.pool_id, other.pool_id)
    for path in sorted((tmp_path / "first").rglob("*.json")):
        if path.name != "pool.json":
            again = tmp_path / "second" / path.relative_to(tmp_path / "first")
            assert again.read_text("utf-8") == path.read_text("utf-8").replace(*pools)


def read(folder: Path, name: str) -> dict[str, Any]:
    return dict(json.loads((folder / f"{name}.json").read_text("utf-8")))


def exported_groups(folder: Path) -> dict[str, dict[str, Any]]:
    found = {group["GroupName"]: dict(group) for group in read(folder, "groups")["Groups"]}
    for path in (folder / "members").iterdir():
        document = json.loads(path.read_text("utf-8"))
        found[document["GroupName"]]["Members"] = [user["Username"] for user in document["Users"]]
    return found


@pytest.fixture
def far_away(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The clock on the wall is hours off UTC."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


FORMS = [1651166579.25, "2022-04-28T17:22:59.250000Z", "2022-04-28T19:22:59.250+02:00", "2022-04-28T17:22:59.250"]


@pytest.mark.usefixtures("far_away")
@pytest.mark.parametrize("date", FORMS)
def test_dates(server: CognitoServer, layer: Any, date: float | str) -> None:
    """Dates are read in every form exports have, UTC without an offset, and answered in seconds."""
    server.seed([{"Username": "ann", "UserCreateDate": date, "UserLastModifiedDate": date}])
    [user] = layer.list_users(UserPoolId=server.pool_id)["Users"]
    assert [user["UserCreateDate"].timestamp(), user["UserLastModifiedDate"].timestamp()] == [1651166579.25] * 2


def test_factors_and_federation(server: CognitoServer, layer: Any) -> None:
    """Second factors are kept, and what people refer to is declared."""
    identity = json.dumps([{"userId": "1", "providerName": "CorpSAML", "providerType": "SAML", "primary": True}])
    attributes = [{"Name": "custom:plan", "Value": "gold"}, {"Name": "identities", "Value": identity}]
    factors = {"UserMFASettingList": ["SOFTWARE_TOKEN_MFA"], "PreferredMfaSetting": "SOFTWARE_TOKEN_MFA"}
    server.seed([{"Username": "CorpSAML_1", "UserStatus": "EXTERNAL_PROVIDER", "Attributes": attributes} | factors])
    pool = {"UserPoolId": server.pool_id}
    assert layer.admin_get_user(**pool, Username="CorpSAML_1")["UserMFASettingList"] == ["SOFTWARE_TOKEN_MFA"]
    schema = layer.describe_user_pool(**pool)["UserPool"]["SchemaAttributes"]
    assert "custom:plan" in {attribute["Name"] for attribute in schema}
    [provider] = layer.list_identity_providers(**pool)["Providers"]
    assert [provider["ProviderName"], provider["ProviderType"]] == ["CorpSAML", "SAML"]


def test_repeated_names(server: CognitoServer) -> None:
    """Nobody is put in twice."""
    with pytest.raises(ValueError, match="already"):
        server.seed([{"Username": "ann"}, {"Username": "ann"}])


def test_case_of_names() -> None:
    """In a pool that compares without case, names are kept in lower case."""
    with CognitoServer(UsernameConfiguration={"CaseSensitive": False}) as server:
        server.seed([{"Username": "Google_1071"}])
        assert list(server.pool().users) == ["google_1071"]


def test_command(tmp_path: Path) -> None:
    """`python -m tests.servers.cognito` prints where it listens and the pool's id, and stops when interrupted."""
    command = [sys.executable, "-m", "tests.servers.cognito", "--people", "50"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        url, pool_id = process.stdout.readline().split()
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(20) == 0
        finally:
            process.kill()
    assert url.startswith("http://127.0.0.1:")
    assert pool_id.startswith("eu-west-1_")


@pytest.mark.slow
def test_hundred_thousand(server: CognitoServer, layer: Any) -> None:
    """A pool of 100,000 is filled, and listed to its end, each person once."""
    people = list(records(100_000))
    assert server.seed(people, groups(people)) == 100_000
    pages = layer.get_paginator("list_users").paginate(UserPoolId=server.pool_id)
    listed = [user["Username"] for page in pages for user in page["Users"]]
    assert len(listed) == len(set(listed)) == 100_000
