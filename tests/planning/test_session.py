"""Opening a migration: the ends are those it was made for, the spec is one that can be run."""

from pathlib import Path

import pytest

from poolshift.errors import AccessDenied, InputError
from poolshift.planning.session import open_session
from poolshift.spec.load import load
from poolshift.spec.model import Spec
from poolshift_providers.directory.database import create
from poolshift_providers.directory.settings import Settings
from tests.planning.rehearsal import INSTALLED

SPEC = """
version: 1
migration: invented
source: {provider: cognito_export, settings: {path: users.json}}
destination: {provider: directory, settings: {path: people.db}}
users: {source_id: external_id, copy: [email, email_verified], passwords: none}
"""
EXPORT = """{"Users": [{"Username": "anna", "UserStatus": "CONFIRMED", "Enabled": true,
"UserCreateDate": "2024-01-01T00:00:00Z", "UserLastModifiedDate": "2024-01-01T00:00:00Z",
"Attributes": [{"Name": "sub", "Value": "s1"}, {"Name": "email", "Value": "a@example.com"}]}]}"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "migration.yaml").write_text(SPEC)
    (tmp_path / "users.json").write_text(EXPORT)
    create(tmp_path / "people.db", Settings(path="people.db"))
    return tmp_path


def spec_in(folder: Path) -> Spec:
    return load(folder / "migration.yaml", INSTALLED, environ={})


def pin(folder: Path) -> None:
    """As an apply does."""
    with open_session(spec_in(folder), INSTALLED, {}, write=True) as session:
        session.store.pin_tenants({"source": session.source.tenant, "destination": session.destination.tenant})


def opened(folder: Path) -> None:
    with open_session(spec_in(folder), INSTALLED, {}, write=False):
        pass


def test_the_same_ends_are_opened_again(folder: Path) -> None:
    """Tomorrow's export of the same pool, and a copy of the same directory, are the same ends."""
    pin(folder)
    (folder / "users.json").write_text(EXPORT.replace("a@example.com", "b@example.com"))
    opened(folder)


def test_another_destination_is_refused(folder: Path) -> None:
    """Exit 9 before anything is read: everybody would look new there."""
    pin(folder)
    (folder / "people.db").unlink()
    create(folder / "people.db", Settings(path="people.db"))
    with pytest.raises(AccessDenied) as caught:
        opened(folder)
    assert (caught.value.exit_code, caught.value.diagnostics[0].code) == (9, "TENANT_CHANGED")
    assert "destination" in caught.value.diagnostics[0].summary


def test_another_source_is_refused(folder: Path) -> None:
    """Exit 9: everybody would look gone."""
    (folder / "pool.json").write_text('{"UserPool": {"Id": "eu-west-1_One", "SchemaAttributes": []}}')
    (folder / "migration.yaml").write_text(SPEC.replace("path: users.json", "path: users.json, pool: pool.json"))
    pin(folder)
    (folder / "pool.json").write_text('{"UserPool": {"Id": "eu-west-1_Two", "SchemaAttributes": []}}')
    with pytest.raises(AccessDenied) as caught:
        opened(folder)
    assert (caught.value.exit_code, caught.value.diagnostics[0].code) == (9, "TENANT_CHANGED")
    assert "source" in caught.value.diagnostics[0].summary


def test_what_comes_later_is_refused_before_any_read(folder: Path) -> None:
    """Exit 65 with the key and its place; no state is made."""
    (folder / "migration.yaml").write_text(f"{SPEC}phases: [{{name: pilot}}]\n")
    with pytest.raises(InputError) as caught:
        opened(folder)
    assert {own.code for own in caught.value.diagnostics} == {"SPEC_NOT_YET"}
    assert not (folder / ".poolshift").exists()
