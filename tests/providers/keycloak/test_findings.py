"""What a plan finds because of what the realm is; by the command, and nothing of it is written."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from poolshift.cli import main
from tests.providers.cognito.world import person
from tests.providers.keycloak.world import World
from tests.servers.keycloak.realm import CLIENT, SECRET

pytestmark = pytest.mark.slow

_SPEC: Final = """\
version: 1
migration: people
source: {{provider: cognito_export, settings: {{path: users.json}}}}
destination:
  provider: keycloak
  settings: {{url: "{url}", realm: {realm}, client_id: {client}, client_secret: "${{env:SECRET}}"}}
users:
  login: [email, username]
  source_id: id
  method: job
  copy: [username, email, email_verified, given_name, family_name]
  fields: {{attributes.plan: locale}}
"""


class Plans:
    """People of an export into the realm of a world, planned by the command."""

    def __init__(self, world: World, folder: Path) -> None:
        self.world = world
        self.folder = folder
        own = world.settings
        spec = _SPEC.format(url=own.url, realm=own.realm, client=CLIENT)
        (folder / "migration.yaml").write_text(spec, "utf-8")

    def export(self, *people: dict[str, Any]) -> None:
        (self.folder / "users.json").write_text(json.dumps({"Users": people}), "utf-8")

    def plan(self, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        capsys.readouterr()
        assert main(["plan", "migration.yaml", "--out", "a.plan", "--format", "json"]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        return document

    def found(self, capsys: pytest.CaptureFixture[str], code: str) -> tuple[int, str]:
        """How often a fresh plan finds it, and its first sample."""
        (self.folder / "a.plan").unlink(missing_ok=True)
        findings = {one["code"]: one for one in self.plan(capsys)["findings"]}
        return (findings[code]["count"], findings[code]["samples"][0]) if code in findings else (0, "")


@pytest.fixture
def plans(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plans:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SECRET", SECRET)
    return Plans(world, tmp_path)


def test_a_value_the_profile_refuses_is_found_before_it_is_sent(
    plans: Plans, capsys: pytest.CaptureFixture[str]
) -> None:
    """Which field, and whose; an import would have written it. Others are not held up."""
    plans.export(person(101), person(102, attributes={"given_name": "A * B"}))
    count, sample = plans.found(capsys, "VALUE_LENGTH")
    assert count == 1
    assert sample.startswith(f'user["{_sub(102)}"] firstName')
    assert "A * B" not in sample
    assert main(["apply", "a.plan"]) == 4
    assert [user["username"] for user in plans.world.realm.listed("/users")] == ["p101"]


def test_a_realm_without_its_forgotten_password_flow_stops_the_plan(
    plans: Plans, capsys: pytest.CaptureFixture[str]
) -> None:
    """Everybody would be locked out; switched on, the same spec goes."""
    plans.export(person(101))
    realm = plans.world.realm
    own = realm.ask("GET", "")
    realm.ask("PUT", "", {**own, "resetPasswordAllowed": False})
    count, sample = plans.found(capsys, "DESTINATION_FIXED")
    assert count == 1
    assert "forgotten password" in sample
    assert main(["apply", "a.plan"]) == 6
    realm.ask("PUT", "", own)
    assert plans.found(capsys, "DESTINATION_FIXED") == (0, "")


def test_an_address_under_another_user_name_is_found_before_a_batch_is_sent(
    plans: Plans, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not verified there: nobody is taken over, nobody is overwritten, the others arrive."""
    stranger = plans.world.put("stranger", email="p101@example.com", firstName="Before")
    plans.export(person(101), person(102))
    assert plans.plan(capsys)["verdict"]["conflicts"] == 1
    assert main(["apply", "a.plan"]) == 4
    assert plans.world.get(stranger)["firstName"] == "Before"
    assert {user["username"] for user in plans.world.realm.listed("/users")} == {"stranger", "p102"}


def test_somebody_who_came_since_the_plan_holds_up_nobody_else(
    plans: Plans, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest of the batch arrives; the next plan says what became of that one."""
    plans.export(*(person(number) for number in range(101, 131)))
    plans.plan(capsys)
    plans.world.put("stranger", email="p115@example.com")
    assert main(["apply", "a.plan"]) in (4, 5)
    names = {user["username"] for user in plans.world.realm.listed("/users")}
    assert names == {"stranger", *(f"p{number}" for number in range(101, 131) if number != 115)}
    (plans.folder / "a.plan").unlink()
    assert plans.plan(capsys)["verdict"]["conflicts"] == 1


def _sub(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"
