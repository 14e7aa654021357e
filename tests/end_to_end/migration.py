"""A migration in a folder of its own: runs the installed command there and reads back what it left."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from poolshift_providers.directory import PROVIDER
from poolshift_providers.directory.settings import Settings
from tests.population.export import write_groups, write_pages
from tests.population.people import Person
from tests.population.spec import SPEC

COMMAND: Final = Path(sys.executable).with_name("poolshift")
SPEC_FILE: Final = "migration.yaml"
DIRECTORY: Final = "people.directory"
STATE: Final = Path(".poolshift", "people", "state.db")
KEY: Final = Path(".poolshift", "key")
_ERROR: Final = re.compile(r"^(?:.*: )?error ([A-Z0-9_]+):", re.MULTILINE)
NO_CHANGES: Final = "No changes."

Directory = Mapping[str, Mapping[str, Any]]
"""Everybody in the directory by external_id: fields, memberships, links; without ids and times of the directory."""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """What ``--format json`` printed."""
        document: dict[str, Any] = json.loads(self.out)
        return document

    def codes(self) -> set[str]:
        """The codes of the errors it told."""
        return set(_ERROR.findall(self.err))


@dataclass(frozen=True)
class Migration:
    """``folder`` holds the spec, the export, the directory and the state."""

    folder: Path

    @classmethod
    def create(cls, folder: Path, people: Sequence[Person], spec: str = SPEC) -> "Migration":
        """A new one with its export, spec and empty directory."""
        folder.mkdir(parents=True, exist_ok=True)
        own = cls(folder)
        own.export(people)
        own.write_spec(spec)
        PROVIDER.create(Settings(path=DIRECTORY), folder)
        return own

    def copy(self, folder: Path) -> "Migration":
        shutil.copytree(self.folder, folder)
        return Migration(folder)

    def export(self, people: Sequence[Person]) -> None:
        """Replace the export."""
        write_pages(people, self.folder / "users")
        write_groups(people, self.folder / "groups")

    def write_spec(self, text: str) -> None:
        (self.folder / SPEC_FILE).write_text(text, encoding="utf-8")

    # -- commands
    def start(
        self,
        *words: str,
        environ: Mapping[str, str] | None = None,
        command: Sequence[str | Path] = (COMMAND,),
        **more: Any,
    ) -> subprocess.Popen[str]:
        """The command in the background. ``more``: of subprocess.Popen."""
        variables = {name: value for name, value in os.environ.items() if name != "POOLSHIFT_KEY"} | dict(environ or {})
        settings: dict[str, Any] = {
            "cwd": self.folder,
            "env": variables,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
        }
        process: subprocess.Popen[str] = subprocess.Popen([*command, *words], text=True, **(settings | more))
        return process

    def run(self, *words: str, seconds: float = 300, **more: Any) -> Ran:
        """The command to its end."""
        with self.start(*words, **more) as process:
            out, err = process.communicate(timeout=seconds)
        return Ran(process.returncode, out, err)

    def plan(self, *words: str) -> dict[str, Any]:
        """The plan's document."""
        ran = self.run("plan", SPEC_FILE, "--format", "json", *words)
        assert ran.code == 0, ran.err
        return ran.document

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """The lines of a new plan that are neither open questions nor state only: what would be done."""
        document = self.plan("--out", "rows.plan", *words)
        classes = [own["id"] for own in document["classes"] if own["action"] not in ("conflict", "hold")]
        rows = [row for class_id in classes for row in self._of_class("rows.plan", class_id)]
        (self.folder / "rows.plan").unlink()
        return rows

    def all_rows(self, file: str) -> list[dict[str, Any]]:
        """Every line of a plan file."""
        document = self.run("show", file, "--format", "json").document
        return [row for own in document["classes"] for row in self._of_class(file, own["id"])]

    def _of_class(self, file: str, class_id: str) -> list[dict[str, Any]]:
        ran = self.run("show", file, "--class", class_id, "--format", "json")
        assert ran.code == 0, ran.err
        changes: list[dict[str, Any]] = ran.document["changes"]
        return changes

    def plan_to(self, file: str) -> dict[str, Any]:
        return self.plan("--out", file)

    def apply(self, file: str, *words: str) -> Ran:
        return self.run("apply", file, "--format", "json", *words)

    def migrate(self) -> Ran:
        """Plan, and apply with the exact numbers the plan asks for."""
        document = self.plan_to("migrate.plan")
        ran = self.apply("migrate.plan", *accepts(document))
        assert ran.code in (0, 4), ran.err + ran.out
        return ran

    def until_quiet(self, rounds: int) -> list[int]:
        """Exit codes of applies until a plan has no change, then 4; at most ``rounds`` plans."""
        codes: list[int] = []
        for number in range(rounds):
            document = self.plan_to(f"again-{number}.plan")
            if not document["verdict"]["changes"]:
                return [*codes, 4]
            codes.append(self.apply(f"again-{number}.plan", *accepts(document)).code)
        raise AssertionError(f"still not quiet after {rounds} plans: {codes}")

    # -- what is there
    def directory(self) -> Directory:
        return read_directory(self.folder / DIRECTORY)

    def execute(self, sql: str, *values: object, at_least: int = 1) -> None:
        """Change the directory behind the engine's back; so many rows at least."""
        with closing(sqlite3.connect(self.folder / DIRECTORY)) as connection, connection:
            assert connection.execute(sql, values).rowcount >= at_least, sql

    def files(self) -> set[Path]:
        return {path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()}


def accepts(document: Mapping[str, Any]) -> list[str]:
    """``--accept`` words for every limit that needs one."""
    wanted = [own for own in document["limits"] if own["verdict"] == "needs_accept"]
    return [word for own in wanted for word in ("--accept", f"{own['name']}={own['planned']}")]


_FIELDS: Final = (
    "username",
    "email",
    "email_verified",
    "phone_number",
    "phone_number_verified",
    "name",
    "given_name",
    "family_name",
    "enabled",
    "owner",
)


def read_directory(path: Path) -> Directory:
    """Everybody by external_id. Nobody may be there without one, or twice."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        query = connection.execute
        found: dict[str, dict[str, Any]] = {}
        ids: dict[str, dict[str, Any]] = {}
        for id, external_id, attributes, *values in query(
            f"SELECT id, external_id, attributes, {', '.join(_FIELDS)} FROM users"
        ):
            assert external_id not in found
            fields = {name: value for name, value in zip(_FIELDS, values, strict=True) if value is not None}
            own = fields | json.loads(attributes) | {"groups": set(), "roles": set(), "organizations": set()}
            found[external_id] = ids[id] = own | {"links": set()}
        for user, name in query('SELECT user, name FROM group_members AS m JOIN groups AS g ON g.id = m."group"'):
            ids[user]["groups"].add(name)
        for user, name, scope in query(
            "SELECT user, name, scope FROM role_members AS m JOIN roles AS r ON r.id = m.role"
        ):
            ids[user]["roles"].add((scope, name))
        for user, key in query(
            "SELECT user, key FROM organization_members AS m JOIN organizations AS o ON o.id = m.organization"
        ):
            ids[user]["organizations"].add(key)
        for user, provider, subject in query("SELECT user, provider, subject FROM links"):
            ids[user]["links"].add((provider, subject))
    return found
