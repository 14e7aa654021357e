"""The page about this route: its commands, in order, on a pool and a tenant of this machine."""

import re
import shlex
from pathlib import Path
from typing import Final

import pytest

from poolshift.cli import main
from tests.providers.auth0.migration import Migration
from tests.providers.cognito.world import person
from tests.servers.auth0 import Auth0Server
from tests.servers.cognito import CognitoServer

PAGE: Final = Path(__file__).parents[3] / "docs" / "cognito-to-auth0.md"


def _commands() -> list[list[str]]:
    """The words after `poolshift` of every line that a block marked ``sh`` has, without what comes after ``>``."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines() if line.startswith("poolshift ")]
    return [shlex.split(line.partition(" > ")[0])[1:] for line in lines]


def test_the_commands_of_the_page_move_everybody(
    server: Auth0Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each ends well, and the list at the end names everybody's old and new id."""
    with CognitoServer() as cognito:
        migration = Migration(cognito, server, tmp_path, monkeypatch)
        cognito.seed([person(1), person(2)])
        ends = f"pool: {cognito.pool_id}\ndomain: {server.domain}\n"
        (migration.folder / "ends.yaml").write_text(ends, "utf-8")
        commands = _commands()
        assert [words[0] for words in commands] == ["plan", "show", "apply", "verify", "export-ids"]
        for words in commands:
            capsys.readouterr()
            assert main(words) == 0, words
    moved = {f'"{user_id.removeprefix("auth0|")}","{user_id}"' for user_id in server.tenant.users}
    assert moved == set(capsys.readouterr().out.splitlines()[1:])
    assert len(moved) == 2
    assert server.mails == []
