"""`doctor`: everything that would stop a plan, at once, and nothing written."""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from poolshift.cli import main
from poolshift.cli.engine import Engine
from poolshift.provider.discovery import Installed
from poolshift.provider.schema import Quota, Schema
from poolshift.state.opening import open_store
from poolshift.testing.migration import Shelf
from poolshift.testing.source import Source
from poolshift_providers.directory.database import create
from poolshift_providers.directory.settings import Settings
from tests.testing.broken_readers import BrokenReader
from tests.testing.faulty import Broken

SPEC = """
version: 1
migration: looked-at
source: {provider: kit_source, settings: {}}
destination: {provider: directory, settings: {path: people.db}, rates: {writes: 100/s}}
users: {source_id: external_id, copy: [email, email_verified], passwords: none}
groups: [{match: "*", as: group}]
"""
KEY = b64encode(b"an invented master key, 32 bytes").decode()
SCOPES = {"people:read": True, "people:write": False, "people:delete": None}


class Guarded(BrokenReader):
    """Knows what it may."""

    def access(self) -> Mapping[str, bool | None]:
        return SCOPES


def guarded(schema: Schema) -> Schema:
    scopes = {
        "read": frozenset({"people:read"}),
        "create": frozenset({"people:write"}),
        "delete": frozenset({"people:delete"}),
    }
    return replace(schema, kinds={**schema.kinds, "user": replace(schema.kinds["user"], scopes=scopes)})


def without_groups(schema: Schema) -> Schema:
    kinds = {kind: about for kind, about in schema.kinds.items() if not kind.startswith("group")}
    return replace(schema, kinds=kinds)


def slower(schema: Schema) -> Schema:
    return replace(schema, quotas=(Quota("writes", ((50, 1),), shared=False),))


class OnShelf(Engine):
    """The engine with a destination of the test's own."""

    def __init__(self, destination: Broken) -> None:
        super().__init__()
        self._shelf = Shelf(Source([], {}), destination)

    def installed(self) -> Installed:
        return self._shelf


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POOLSHIFT_KEY", KEY)
    (tmp_path / "migration.yaml").write_text(SPEC, "utf-8")
    create(tmp_path / "people.db", Settings(path="people.db"))
    return tmp_path


def look(capsys: pytest.CaptureFixture[str], destination: Broken | None = None) -> tuple[int, dict[str, Any]]:
    """Exit code, and the document."""
    code = main(["doctor", "migration.yaml", "--format", "json"], OnShelf(destination or Broken()))
    return code, json.loads(capsys.readouterr().out)


def codes(document: dict[str, Any], severity: str) -> list[tuple[str, str]]:
    return [(one["where"], one["code"]) for one in document["findings"] if one["severity"] == severity]


def test_all_in_order_is_0_and_writes_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not even a state or a key."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    code, document = look(capsys)
    assert (code, document["exit_code"], codes(document, "error")) == (0, 0, [])
    assert ("destination", "TENANT") in codes(document, "ok")
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_scopes_are_told_with_what_they_are_for(capsys: pytest.CaptureFixture[str]) -> None:
    """Granted, missing and unknown; a missing one is exit 9."""
    code, document = look(capsys, Broken(reads=Guarded, schema=guarded))
    assert code == 9
    told = {one["code"]: one["what"] for one in document["findings"] if one["code"].startswith("SCOPE_")}
    assert told == {
        "SCOPE_GRANTED": "people:read (read user)",
        "SCOPE_MISSING": "people:write (create user) is missing",
        "SCOPE_UNKNOWN": "people:delete (delete user): not known without trying it",
    }


def test_another_tenant_than_before_is_9(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The state knows who was migrated to."""
    store = open_store(folder, "looked-at", {}, {"POOLSHIFT_KEY": KEY}, write=True)
    store.pin_tenants({"destination": {"provider": "directory", "id": "another"}})
    store.close()
    code, document = look(capsys)
    assert (code, codes(document, "error")) == (9, [("destination", "TENANT_CHANGED")])


def test_everything_that_is_wrong_is_told_at_once(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong key, and a destination that is not there: the more urgent code wins."""
    open_store(folder, "looked-at", {}, {"POOLSHIFT_KEY": KEY}, write=True).close()
    monkeypatch.setenv("POOLSHIFT_KEY", b64encode(b"x" * 32).decode())
    (folder / "people.db").unlink()
    code, document = look(capsys)
    assert code == 11
    assert codes(document, "error") == [("state", "KEY_WRONG"), ("destination", "DIRECTORY_NOT_FOUND")]


def test_what_the_tenant_lacks_is_65(capsys: pytest.CaptureFixture[str]) -> None:
    """Documented, and not there in this very tenant."""
    code, document = look(capsys, Broken(schema=without_groups, hidden=True))
    assert code == 65
    assert set(codes(document, "error")) == {("destination", "CAPABILITY_MISSING")}


def test_a_rate_above_the_tenants_quota_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """Where the live quota is lower than the documented one."""
    code, document = look(capsys, Broken(schema=slower, hidden=True))
    assert code == 0
    assert ("destination", "QUOTA_RATE") in codes(document, "warning")


def test_it_is_told_to_people_too(capsys: pytest.CaptureFixture[str]) -> None:
    """What is wrong stands first, and Markdown says the same."""
    for form in ("text", "markdown"):
        assert main(["doctor", "migration.yaml", "--format", form], OnShelf(Broken(reads=Guarded, schema=guarded))) == 9
        out = capsys.readouterr().out
        assert "looked-at: 1 error, 1 warning" in out
        assert 0 < out.index("people:write") < out.index("In order")
