"""The page about this route: its commands, in order, on a pool of our server and a realm of the real one."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from poolshift.cli import main
from tests.providers.cognito.conftest import _credentials
from tests.providers.cognito.world import person
from tests.providers.keycloak.world import World
from tests.servers.cognito import CognitoServer
from tests.servers.keycloak.realm import SECRET

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = ROOT / "docs" / "cognito-to-keycloak.md"
SPEC: Final = ROOT / "plans" / "cognito-to-keycloak" / "migration.yaml"

_ROLE: Final = re.compile(r"`((?:view|query|manage)-[a-z-]+)`")

__all__ = ["_credentials"]


@pytest.fixture
def server() -> Iterator[CognitoServer]:
    with CognitoServer() as server:
        yield server


def _commands() -> list[list[str]]:
    """The words after `poolshift` of every line that a block marked ``sh`` has."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("poolshift ")]
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.slow
def test_the_commands_of_the_page_move_everybody(
    server: CognitoServer, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the roles the page names and no other: each ends well, everybody is there whole, nobody got a message."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setenv("KEYCLOAK_SECRET", SECRET)
    world.realm.add_identity_providers(["google", "corp-saml"])
    world.realm.grant(*sorted(set(_ROLE.findall(PAGE.read_text("utf-8")))))
    people = [person(101, attributes={"phone_number": "+32470000001", "phone_number_verified": "true"}), person(102)]
    server.seed(people, {"team-red": {"Members": ["p101"]}, "shop": {"Members": ["p101", "p102"]}})
    (tmp_path / "migration.yaml").write_text(SPEC.read_text("utf-8"), "utf-8")
    ends = f"pool: {server.pool_id}\nserver: {world.realm.server}\nrealm: {world.realm.name}\n"
    (tmp_path / "ends.yaml").write_text(ends, "utf-8")
    commands = _commands()
    assert [words[0] for words in commands] == ["plan", "show", "apply", "verify"]
    for words in commands:
        assert main(words) == 0, words
    first, second = (world.get(f"00000000-0000-4000-8000-{number:012d}") for number in (101, 102))
    assert (first["username"], first["email"], first["emailVerified"]) == ("p101", "p101@example.com", True)
    assert first["attributes"] == {"phone": ["+32470000001"], "phone_verified": ["true"]}
    assert first["groups"] == ["/shop", "/teams/red"]
    assert second["groups"] == ["/shop"]
    assert server.messages == []
