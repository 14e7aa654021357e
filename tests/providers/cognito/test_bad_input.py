"""What goes wrong at a pool ends the command with one clear line and its exit code; half a read decides nothing."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.providers.cognito.migration import Migration, changes, mixture
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.faults import How


@dataclass(frozen=True)
class Trouble:
    """The nth call of an operation meets a fault, for good; the command ends with a code and says these words."""

    name: str
    operation: str
    how: How
    code: int
    says: tuple[str, ...]
    nth: int = 1


TROUBLES: Final = (
    Trouble("expired credentials", "*", "expired_credentials", 9, ("AWS_DENIED", "expired", "DescribeUserPool")),
    Trouble("credentials that expire on the way", "ListUsers", "expired_credentials", 9, ("ListUsers",), 3),
    Trouble("a permission is missing", "ListGroups", "access_denied", 9, ("AWS_DENIED", "ListGroups", "Allow")),
    Trouble("403 on page 7", "ListUsers", "access_denied", 9, ("ListUsers",), 7),
    Trouble("no such pool", "DescribeUserPool", "not_found", 9, ("POOL_NOT_FOUND",)),
    Trouble("HTML instead of an answer", "ListUsers", "html", 10, ("AWS_DOWN", "not JSON", "ListUsers")),
    Trouble("an HTML error page", "ListUsers", "html_error", 10, ("AWS_DOWN", "ListUsers")),
    Trouble("an empty answer", "DescribeUserPool", "empty_body", 10, ("AWS_DOWN", "DescribeUserPool")),
    Trouble("a chain that is cut", "ListUsers", "close_before", 10, ("AWS_DOWN", "ListUsers"), 4),
    Trouble("a token that always expires", "ListUsers", "expired_page_token", 10, ("ListUsers",), 2),
    Trouble("throttling to a standstill", "ListUsers", "throttle", 10, ("AWS_DOWN", "ListUsers"), 2),
)


@pytest.fixture
def migration(server: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migration:
    """People on eight pages of the old pool."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setattr("poolshift.provider.attempt.Backoff.delay", lambda *_: 0.0)
    migration = Migration(server, tmp_path)
    server.seed(mixture(460))
    return migration


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_trouble_at_the_source_is_one_line_and_no_plan(
    migration: Migration, trouble: Trouble, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code says whose it is; there is no plan file to apply by mistake."""
    migration.server.fail(trouble.operation, trouble.nth, trouble.how, times=0)
    code = migration.run("plan", "migration.yaml", "--out", "half.plan")
    told = capsys.readouterr().err
    assert code == trouble.code, told
    errors = [line for line in told.splitlines() if "error " in line]
    assert len(errors) == 1
    for words in trouble.says:
        assert words in told
    assert "@" not in told
    assert not (migration.folder / "half.plan").exists()


def test_a_passing_trouble_is_not_told(migration: Migration, capsys: pytest.CaptureFixture[str]) -> None:
    """The neighbour of them all: a page that fails twice is asked for again, and the plan is whole."""
    migration.server.fail("ListUsers", 3, "html", times=2)
    migration.server.fail("ListUsers", 5, "throttle", times=2)
    document = migration.plan()
    assert "error" not in capsys.readouterr().err
    assert document["counts"]["source"] == 460
    assert document["source"]["read"]["user"]["end"] == "complete"


def test_a_region_without_the_pool_is_told(migration: Migration, capsys: pytest.CaptureFixture[str]) -> None:
    """A pool's region is the beginning of its id; another one is asked in vain."""
    migration.old = "eu-nowhere-1_AbCdEf123"
    assert migration.run("plan", "migration.yaml") == 9
    assert "POOL_NOT_FOUND" in capsys.readouterr().err


def test_missing_credentials_are_told(
    migration: Migration, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what to do about it."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert migration.run("plan", "migration.yaml") == 9
    told = capsys.readouterr().err
    assert "AWS_CREDENTIALS" in told
    assert "aws sso login" in told


def test_trouble_at_the_destination_makes_no_plan_either(
    migration: Migration, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of a destination would make everybody new: nobody is created twice because a page was missing."""
    migration.migrate("--accept", "privilege_grants=0")
    migration.server.fail("ListUsers", 12, "access_denied", times=0)
    assert migration.run("plan", "migration.yaml", "--out", "half.plan") == 9
    assert not (migration.folder / "half.plan").exists()
    migration.server.heal()
    assert changes(migration.plan()).get(("user", "create"), 0) == 0
