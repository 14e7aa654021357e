"""An import job that starts late, refuses rows, loses its file or its answer, or expires: nobody twice, nobody lost."""

from pathlib import Path
from typing import Any

import pytest

from poolshift_providers.cognito import import_job, schema
from tests.providers.cognito.migration import Migration, changes
from tests.providers.cognito.world import EMAIL_POOL, person
from tests.servers.cognito import CognitoServer
from tests.servers.cognito.faults import How

COUNT = 12
ROLE = "arn:aws:iam::123456789012:role/import-log"


@pytest.fixture
def migration(server: CognitoServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Migration:
    """Twelve people of whom two may not sign in and one has a comma in the name, in one group."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url)
    monkeypatch.setattr(schema, "LAG", 0.01)
    for name, seconds in (("_LATE_LINES", (0.01, 0.01)), ("UNSEEN_SECONDS", 0.3), ("SOON", 0.01), ("POLL", 0.01)):
        monkeypatch.setattr(import_job, name, seconds)
    migration = Migration(server, tmp_path)
    migration.new = server.create_pool("imported", **EMAIL_POOL, AutoVerifiedAttributes=["email"])
    details = {"client_id": "x", "client_secret": "y", "authorize_scopes": "email"}
    for name in ("Google", "CorpSAML"):
        request = {"ProviderName": name, "ProviderType": "Google", "ProviderDetails": details}
        server.ask("CreateIdentityProvider", {"UserPoolId": migration.new, **request})
    migration.write_spec(
        **{
            "users:\n": "users:\n  method: job\n",
            '{pool_id: "${var:new_pool}"': f'{{import_role_arn: "{ROLE}", pool_id: "${{var:new_pool}}"',
        }
    )
    people = [person(number, Enabled=number % 6 > 0, attributes=_name(number)) for number in range(COUNT)]
    server.seed(people, {"staff": {"Description": "S", "Members": [one["Username"] for one in people]}})
    return migration


def _name(number: int) -> dict[str, str]:
    return {"given_name": "Ann", "family_name": "Ó Briain, Jr." if number == 3 else f"B{number}"}


def _assert_moved(migration: Migration, jobs: int = 1) -> None:
    """Everybody once, whole; so many jobs; nobody made in another way; the next plan is empty."""
    server = migration.server
    moved = migration.people()
    assert len(server.pool(migration.new).users) == len(moved) == COUNT
    for number in range(COUNT):
        one = moved[str(person(number)["Attributes"][0]["Value"])]
        assert (one["status"], one["enabled"]) == ("RESET_REQUIRED", number % 6 > 0)
        assert one["groups"] == {"staff"}
        assert one["attributes"]["family_name"] == _name(number)["family_name"]
    assert len(server.imports.jobs) == jobs
    assert server.log.counts["AdminCreateUser"] == 0
    assert changes(migration.plan()) == {}
    assert server.messages == []


def test_everybody_arrives(migration: Migration) -> None:
    """However the log counts its lines, in however many pages, and though its last line comes late."""
    migration.server.imports.first_line = 0
    migration.server.imports.page = 5
    migration.server.imports.late_log = 1
    assert migration.migrate() == 0
    _assert_moved(migration)


@pytest.mark.slow
def test_a_start_that_comes_too_early_is_made_again(migration: Migration) -> None:
    """The file is not seen at once (vendors/cognito.md 6)."""
    migration.server.imports.unseen = 2
    assert migration.migrate() == 0
    _assert_moved(migration)
    assert migration.server.log.counts["StartUserImportJob"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("first_line", [1, 2])
def test_a_refused_row_is_that_persons_failure(migration: Migration, first_line: int) -> None:
    """The others are there; what the refused one owns waits; the next plan has that person only."""
    migration.server.imports.first_line = first_line
    migration.server.imports.broken = {"p5@example.com"}
    assert migration.migrate() == 5
    missing = {str(person(number)["Attributes"][0]["Value"]) for number in range(COUNT)} - migration.people().keys()
    assert missing == {str(person(5)["Attributes"][0]["Value"])}
    migration.server.imports.broken = set()
    assert changes(migration.plan()) == {("user", "create"): 1, ("group_member", "add"): 1}
    assert migration.apply() == 0
    _assert_moved(migration, jobs=2)


@pytest.mark.slow
@pytest.mark.parametrize("how", ["close_before", "close_after_commit", "html_error"])
def test_an_upload_that_is_cut_off_is_made_again(migration: Migration, how: How) -> None:
    """To the same address, in the same job."""
    migration.server.fail("PutUpload", 1, how)
    assert migration.migrate() == 0
    _assert_moved(migration)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("operation", "how", "jobs"),
    [
        ("GetCSVHeader", "throttle", 1),
        ("CreateUserImportJob", "throttle", 1),
        ("CreateUserImportJob", "close_before", 1),
        # The job is found by its name; it has no file and never gets one.
        ("CreateUserImportJob", "close_after_commit", 2),
        ("StartUserImportJob", "close_after_commit", 1),
        ("StartUserImportJob", "internal_error", 1),
        ("DescribeUserImportJob", "close_after_commit", 1),
        ("DescribeUserImportJob", "html", 1),
        ("GetLogEvents", "throttle", 1),
        ("GetLogEvents", "close_before", 1),
    ],
)
def test_a_call_that_goes_wrong_once_costs_nobody(migration: Migration, operation: str, how: How, jobs: int) -> None:
    """Each call of the job, refused or its answer lost."""
    migration.server.fail(operation, 1, how)
    assert migration.migrate() == 0
    _assert_moved(migration, jobs)


@pytest.mark.slow
def test_an_expired_job_is_never_called_done(migration: Migration) -> None:
    """What it did not import goes into another one."""
    migration.server.imports.expiring = 1
    assert migration.migrate() == 0
    assert [job.status for job in migration.server.imports.jobs.values()] == ["Expired", "Succeeded"]
    _assert_moved(migration, jobs=2)


@pytest.mark.slow
def test_people_who_are_there_already_are_found_not_made(
    migration: Migration, capsys: pytest.CaptureFixture[str]
) -> None:
    """A row the job skips is somebody's record: not ours unless it bears the id, and told as a failure."""
    migration.plan()
    client: Any = migration.server.client()
    client.admin_create_user(
        UserPoolId=migration.new,
        Username="p4@example.com",
        UserAttributes=[{"Name": "email", "Value": "p4@example.com"}],
        MessageAction="SUPPRESS",
    )
    assert migration.apply() == 5
    assert len(migration.people()) == COUNT - 1
    assert len(migration.server.pool(migration.new).users) == COUNT
    assert "p4@example.com" not in capsys.readouterr().out


@pytest.mark.slow
def test_without_the_right_to_read_the_log_the_job_is_kept(
    migration: Migration, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 9 with the right that is missing; recover goes on with the same job."""
    migration.plan()
    migration.server.fail("GetLogEvents", 1, "access_denied", times=1)
    assert migration.apply() == 9
    assert "logs:GetLogEvents" in capsys.readouterr().out
    assert migration.run("recover", "migration.yaml", "--format", "json") == 0
    assert '"import-' in capsys.readouterr().out
    assert migration.run("recover", "migration.yaml") == 0
    assert "nothing is open" in capsys.readouterr().out
    while changes(migration.plan()):
        assert migration.apply("--accept", "disable=2") in (0, 5)
    _assert_moved(migration)
