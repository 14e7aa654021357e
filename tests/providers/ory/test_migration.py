"""The shipped plan: its page, what it finds, and whom it never touches."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from poolshift.cli import main
from tests.providers.cognito.world import person
from tests.providers.ory.migration import SPEC, Migration
from tests.providers.ory.world import KEY
from tests.servers.cognito import CognitoServer
from tests.servers.ory import CUSTOMER, KratosServer

PAGE = Path(__file__).parents[3] / "docs" / "cognito-to-ory.md"


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[CognitoServer]:
    with CognitoServer() as server:
        for name in ("AWS_PROFILE", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAINVENTED")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "invented")
        yield server


@pytest.fixture
def migration(pool: CognitoServer, server: KratosServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migration:
    monkeypatch.chdir(tmp_path)
    return Migration(pool, server, tmp_path)


def _sub(number: int) -> str:
    return str(person(number)["Attributes"][0]["Value"])


def _commands() -> list[list[str]]:
    """The words after `poolshift` of every line that a block marked ``sh`` has, without what comes after ``>``."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("poolshift ")]
    return [shlex.split(line.partition(" > ")[0])[1:] for line in lines]


def test_the_commands_of_the_page_move_everybody(migration: Migration, capsys: pytest.CaptureFixture[str]) -> None:
    """Each ends well, and the list at the end names everybody's old and new id."""
    migration.pool.seed([person(1), person(2)])
    ends = f"pool: {migration.pool.pool_id}\nkratos: {migration.kratos.url}\n"
    (migration.folder / "ends.yaml").write_text(ends, "utf-8")
    commands = _commands()
    assert [words[0] for words in commands] == ["plan", "show", "apply", "verify", "export-ids"]
    for words in commands:
        capsys.readouterr()
        assert main(words) == 0, words
    moved = {f'"{own["external_id"]}","{own["id"]}"' for own in migration.kratos.identities}
    assert moved == set(capsys.readouterr().out.splitlines()[1:])
    assert len(moved) == 2


def _without(*names: str) -> dict[str, Any]:
    """The identity schema without some traits."""
    traits = CUSTOMER["properties"]["traits"]
    left = {name: own for name, own in traits["properties"].items() if name not in names}
    return {**CUSTOMER, "properties": {"traits": {**traits, "properties": left}}}


def test_a_trait_that_the_identity_schema_lacks_stops_the_plan(
    pool: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before anybody is looked at, and apply refuses it: a value would be lost."""
    monkeypatch.chdir(tmp_path)
    pool.seed([person(1)])
    with KratosServer(schema=_without("phone_number")) as kratos:
        migration = Migration(pool, kratos, tmp_path)
        found = migration.findings()
        assert set(found) == {"ATTRIBUTE_UNDECLARED"}
        assert [own.partition(":")[0] for own in found["ATTRIBUTE_UNDECLARED"]] == [
            'attribute["phone_number_verified"]',
            'attribute["traits.phone_number"]',
        ]
        assert migration.apply() == 6
        assert kratos.identities == []


def test_a_complete_identity_schema_is_no_finding(migration: Migration) -> None:
    """The neighbour."""
    migration.pool.seed([person(1)])
    assert migration.findings() == {}


def test_a_required_trait_that_nobody_fills_stops_the_plan(
    pool: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kratos would refuse everybody."""
    monkeypatch.chdir(tmp_path)
    pool.seed([person(1)])
    traits = {**CUSTOMER["properties"]["traits"], "required": ["email", "plan"]}
    with KratosServer(schema={**CUSTOMER, "properties": {"traits": traits}}) as kratos:
        (sample,) = Migration(pool, kratos, tmp_path).findings()["DESTINATION_FIXED"]
        assert "traits.plan" in sample


def test_a_value_that_the_identity_schema_refuses_is_found_in_the_plan(migration: Migration) -> None:
    """With the person it is about; the others move."""
    long = person(1, attributes={"given_name": "x" * 257})
    migration.pool.seed([long, person(2)])
    (sample,) = migration.findings()["VALUE_LENGTH"]
    assert sample.startswith(f'user["{_sub(1)}"] traits.name.first')
    assert migration.apply() == 4
    assert [own["external_id"] for own in migration.kratos.identities] == [_sub(2)]


def test_an_identity_that_we_did_not_make_is_a_conflict(migration: Migration) -> None:
    """Its address is not verified: it is not taken over, and not changed."""
    migration.pool.seed([person(1), person(2)])
    theirs = {"schema_id": "customer", "traits": {"email": "P1@example.com"}, "metadata_admin": {"theirs": 1}}
    migration.kratos.ask("POST", "/admin/identities", theirs)
    (before,) = migration.kratos.identities
    assert migration.plan()["verdict"]["conflicts"] == 1
    assert migration.apply() == 4
    first, second = migration.kratos.identities
    assert first == before
    assert second["external_id"] == _sub(2)


def test_an_identity_with_the_same_verified_address_is_adopted_when_accepted(migration: Migration) -> None:
    """It gets the source id and what the spec fills, and keeps everything else it has."""
    migration.pool.seed([person(1)])
    verified = {"value": "p1@example.com", "verified": True, "via": "email", "status": "completed"}
    theirs = {"schema_id": "customer", "traits": {"email": "p1@example.com"}, "metadata_admin": {"theirs": 1}}
    providers = {"oidc": {"config": {"providers": [{"provider": "github", "subject": "9"}]}}}
    migration.kratos.ask(
        "POST", "/admin/identities", {**theirs, "verifiable_addresses": [verified], "credentials": providers}
    )
    (before,) = migration.kratos.identities
    migration.plan()
    assert migration.apply() == 6
    assert migration.kratos.identities == [before]
    assert migration.apply("--accept", "adopt=1") == 0
    (after,) = migration.kratos.identities
    assert (after["id"], after["external_id"]) == (before["id"], _sub(1))
    assert after["metadata_admin"] == {"theirs": 1, "cognito_username": "p1"}
    assert after["credentials"] == before["credentials"]
    assert [own["verified"] for own in after["verifiable_addresses"]] == [True]
    assert migration.plan()["verdict"]["changes"] == 0


def test_one_that_signs_up_between_plan_and_apply_is_left_alone(migration: Migration) -> None:
    """The batch goes on without it."""
    migration.pool.seed([person(number) for number in range(5)])
    migration.plan()
    theirs = {"schema_id": "customer", "traits": {"email": "p1@example.com"}}
    migration.kratos.ask("POST", "/admin/identities", theirs)
    (before,) = migration.kratos.identities
    assert migration.apply() == 5
    after = migration.kratos.identities
    assert after[0] == before
    assert {own.get("external_id") for own in after} == {None, *(_sub(number) for number in (0, 2, 3, 4))}


@pytest.mark.slow
@pytest.mark.parametrize("how", ["close_after", "html_error", 413, 429])
def test_a_batch_that_goes_wrong_ends_well_and_nobody_is_there_twice(migration: Migration, how: Any) -> None:
    """Lost, refused as too large, or told to wait: what became of everybody is asked, and the rest goes again."""
    migration.pool.seed([person(number) for number in range(6)])
    migration.plan()
    migration.kratos.fail("PATCH /admin/identities", 1, how)
    assert migration.apply() == 0
    assert [own["external_id"] for own in sorted(migration.kratos.identities, key=lambda own: own["external_id"])] == [
        _sub(number) for number in range(6)
    ]
    assert migration.plan()["verdict"]["changes"] == 0


def test_a_missing_permission_ends_the_run(migration: Migration) -> None:
    """Before anything is written; exit code 9."""
    migration.pool.seed([person(1)])
    migration.plan()
    migration.kratos.fail("*", 1, 403, times=0)
    assert migration.apply() == 9
    assert migration.kratos.identities == []


_ORGANIZATIONS = """
organizations: {from: custom:tenant, split: ","}

links:"""


@pytest.mark.slow
def test_people_join_their_organization_when_they_are_created_and_not_later(
    pool: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who changes it at the source is held, with the reason, and stays where they are; a new person joins."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORY_API_KEY", KEY)
    pool.seed([person(number, attributes={"custom:tenant": "acme"}) for number in (1, 2)])
    with KratosServer(key=KEY) as kratos:
        monkeypatch.setenv("ORY_WORKSPACE_KEY", kratos.workspace_key)
        migration = Migration(pool, kratos, tmp_path)
        console = f'project_id: p, workspace_key: "${{env:ORY_WORKSPACE_KEY}}", console_url: "{kratos.url}"'
        ends = f'url: "${{var:kratos}}", schema_id: customer, api_key: "${{env:ORY_API_KEY}}", {console}'
        shipped = SPEC.read_text("utf-8")
        settings = shipped[shipped.index('    url: "') : shipped.index("\nusers:")]
        migration.write_spec(**{"  settings:\n" + settings: f"  settings: {{{ends}}}\n", "\nlinks:": _ORGANIZATIONS})
        migration.plan()
        assert migration.apply() == 0
        (acme,) = kratos.organizations
        assert [own["organization_id"] for own in kratos.identities] == [acme["id"]] * 2
        assert migration.plan()["verdict"]["changes"] == 0

        source = pool.pool()
        source.change(source.get("p1"), {"custom:tenant": "other"})
        pool.seed([person(3, attributes={"custom:tenant": "other"}), person(4, attributes={"custom:tenant": "a,b"})])
        document = migration.plan()
        held = [own for own in document["classes"] if own["action"] == "hold"]
        assert {(own["kind"], own["count"], tuple(own["rules"])) for own in held} == {
            ("organization_member", 1, ("AT_CREATION", "S2")),
            ("organization_member", 1, ("AT_CREATION", "S4")),
            ("user", 1, ("N", "TOO_MANY")),
        }
        assert migration.apply() == 4
        (other,) = [own["id"] for own in kratos.organizations if own["label"] == "other"]
        assert [own["organization_id"] for own in kratos.identities] == [acme["id"], acme["id"], other]
        assert migration.plan()["verdict"]["changes"] == 0


@pytest.mark.slow
def test_the_source_id_may_live_in_metadata(migration: Migration) -> None:
    """Found again by listing; nothing else of the metadata is touched."""
    migration.write_spec(**{"source_id: external_id": "source_id: metadata_admin.old_sub"})
    migration.pool.seed([person(1)])
    migration.plan()
    assert migration.apply() == 0
    (made,) = migration.kratos.identities
    assert made["metadata_admin"] == {"old_sub": _sub(1), "cognito_username": "p1"}
    assert "external_id" not in made
    assert migration.plan()["verdict"]["changes"] == 0
