"""A stranger's provider, from its document to a migration."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.plugin.conftest import POOLSHIFT, Run
from tests.plugin.package import DOCUMENT, files, write

MIGRATE = """
import os, sys
sys.path.insert(0, os.environ["PYTHONPATH"])
from pathlib import Path
from poolshift.cli import main
from poolshift_roster.world import KEY, RosterWorld

here = Path.cwd()
world = RosterWorld(here, {})
(here / "users.json").write_text('''{"Users": [
  {"Username": "ann", "Enabled": true, "UserStatus": "CONFIRMED", "UserCreateDate": 1700000000,
   "Attributes": [{"Name": "sub", "Value": "s1"}, {"Name": "email", "Value": "Ann@example.com"},
                  {"Name": "email_verified", "Value": "true"}, {"Name": "name", "Value": "A"}]},
  {"Username": "eve", "Enabled": false, "UserStatus": "CONFIRMED", "UserCreateDate": 1700000000,
   "Attributes": [{"Name": "sub", "Value": "s2"}, {"Name": "email", "Value": "eve@example.com"},
                  {"Name": "email_verified", "Value": "false"}]}]}''')
(here / "migration.yaml").write_text(f'''
version: 1
migration: to-roster
source: {{provider: cognito_export, settings: {{path: users.json}}}}
destination: {{provider: roster, settings: {{url: "{world.settings['url']}", key: "${{env:ROSTER_KEY}}"}}}}
users: {{source_id: external_id, copy: [email, email_verified, name], passwords: none}}
''')
os.environ["ROSTER_KEY"] = KEY
codes = [main(["validate", "migration.yaml"]), main(["plan", "migration.yaml", "--out", "a.plan"]),
         main(["apply", "a.plan"]), main(["plan", "migration.yaml", "--detailed-exitcode"]),
         main(["verify", "migration.yaml"])]
import json
people = sorted((m["external_id"], m["email"], m["active"]) for m in world.members.values())
print(json.dumps({"codes": codes, "people": people}))
world.close()
"""


def test_the_document_is_the_package() -> None:
    """Every file is there once, the Python is valid, and no line is longer than ours."""
    found = dict(files())
    assert sorted(found) == [
        "poolshift_roster/__init__.py",
        "poolshift_roster/schema.py",
        "poolshift_roster/session.py",
        "poolshift_roster/world.py",
        "pyproject.toml",
    ]
    assert len(list(files())) == len(found)
    for name, content in found.items():
        if name.endswith(".py"):
            ast.parse(content)
    assert max(map(len, DOCUMENT.read_text("utf-8").splitlines())) <= 120


def test_its_code_is_formatted_as_ours(tmp_path: Path) -> None:
    """One statement a line, at most 120 columns: nothing is squeezed to make the page shorter."""
    write(tmp_path)
    words = ["format", "--check", "--isolated", "--line-length", "120", str(tmp_path)]
    found = subprocess.run([sys.executable, "-m", "ruff", *words], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


def test_it_is_found_by_its_entry_point(run: Run) -> None:
    """`providers list` names it beside ours."""
    found = run(*POOLSHIFT, "providers", "list", "--format", "json")
    assert found.returncode == 0, found.stderr
    listed = {one["name"]: one for one in json.loads(found.stdout)["providers"]}
    assert listed["roster"] == {"name": "roster", "version": "0.1.0", "ends": ["destination", "source"]}
    assert "directory" in listed


def test_it_carries_a_migration(run: Run, tmp_path: Path) -> None:
    """Plan, apply, an empty plan, and a clean verify; the people are at the vendor."""
    (tmp_path / "migrate.py").write_text(MIGRATE, "utf-8")
    found = run("migrate.py")
    assert found.returncode == 0, found.stderr
    last = json.loads(found.stdout.splitlines()[-1])
    assert last["codes"] == [0, 0, 0, 0, 0], found.stderr
    assert last["people"] == [["s1", "ann@example.com", True], ["s2", "eve@example.com", False]]


@pytest.mark.slow
def test_it_keeps_the_laws(run: Run) -> None:
    """The whole kit, run by the command it documents."""
    found = run(*POOLSHIFT, "providers", "test", "roster")
    assert found.returncode == 0, found.stdout[-3000:] + found.stderr[-2000:]
    assert " passed" in found.stdout
    assert " failed" not in found.stdout
