"""`init` writes a spec that explains itself, and overwrites nothing."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel, Field

from poolshift.cli import main
from poolshift.cli.init import migration_name
from poolshift.errors import InputError
from poolshift.provider.discovery import GROUP, Installed
from tests.cli.fake_engine import FakeEngine


class SourceSettings(BaseModel):
    path: str = Field(description="The exported users.", examples=["users.json"])
    pool: str | None = Field(None, description="The pool's own description.")


class DestinationSettings(BaseModel):
    path: str = Field(description="The directory file.")
    declared: str | None = Field(None, alias="schema")


class Optional(BaseModel):
    region: str = "eu-west-1"


class Source:
    name, version, contract, ends, settings = "export", "1.0", 1, frozenset({"source"}), SourceSettings


class Destination:
    name, version, contract, ends = "embedded", "2.0", 1, frozenset({"source", "destination"})
    settings = DestinationSettings
    refuses = False

    def create(self, settings: DestinationSettings, folder: Path) -> None:
        if self.refuses:
            raise InputError.of("DIRECTORY_EXISTS", "the file is already there")
        (folder / settings.path).write_text("made", "utf-8")


class Service:
    name, version, contract, ends, settings = "service", "3.0", 1, frozenset({"destination"}), Optional


export, embedded, service = Source(), Destination(), Service()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    class WithProviders(FakeEngine):
        def installed(self) -> Installed:
            names = ("export", "embedded", "service")
            return Installed([EntryPoint(name, f"{__name__}:{name}", GROUP) for name in names])

    folder = tmp_path / "Acme 2 Prod"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr(embedded, "refuses", False)
    return WithProviders()


BETWEEN = ["--from", "export", "--to", "embedded"]


def _spec(path: str = "migration.yaml") -> Any:
    return yaml.safe_load(Path(path).read_text("utf-8"))


def test_init_writes_a_spec_and_an_ignore_file(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    """The spec is YAML with both ends filled in, named after the folder; git sees neither plans nor state."""
    assert main(["init", *BETWEEN], engine) == 0
    spec = _spec()
    assert spec["migration"] == "acme-2-prod"
    assert spec["source"] == {"provider": "export", "settings": {"path": "users.json"}}
    assert spec["destination"] == {"provider": "embedded", "settings": {"path": "change-embedded-path"}}
    assert Path(".gitignore").read_text("utf-8").split() == [".poolshift/", "*.plan"]
    assert "poolshift validate migration.yaml" in capsys.readouterr().out


def test_every_block_is_explained(engine: FakeEngine) -> None:
    """A comment stands before every block of the spec, and beside every setting of a provider."""
    main(["init", *BETWEEN], engine)
    lines = Path("migration.yaml").read_text("utf-8").splitlines()
    blocks = [index for index, line in enumerate(lines) if line[:1].isalpha()]
    assert len(blocks) >= 7
    assert all("#" in lines[index] or lines[index - 1].startswith("#") for index in blocks)
    assert '    path: "users.json"   # The exported users.' in lines
    assert "    # pool:   # The pool's own description." in lines
    assert "    # schema:" in lines


def test_a_file_of_ours_is_made(engine: FakeEngine) -> None:
    """A destination that offers it is created; a service is not."""
    assert main(["init", *BETWEEN], engine) == 0
    assert Path("change-embedded-path").read_text("utf-8") == "made"
    assert main(["init", "other", "--from", "export", "--to", "service"], engine) == 0
    assert sorted(path.name for path in Path("other").iterdir()) == [".gitignore", "migration.yaml"]
    assert _spec("other/migration.yaml")["destination"]["settings"] == {}


def test_nothing_is_written_when_the_file_cannot_be_made(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The destination's own reason is told, and no half of a project is left."""
    monkeypatch.setattr(embedded, "refuses", True)
    assert main(["init", *BETWEEN], engine) == 65
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(("name", "content"), [("migration.yaml", "mine"), (".gitignore", "*.pyc\n")])
def test_init_never_overwrites(engine: FakeEngine, name: str, content: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What exists is named, stays as it is, and nothing is written beside it."""
    Path(name).write_text(content, "utf-8")
    assert main(["init", *BETWEEN], engine) == 64
    assert name in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == [name]
    assert Path(name).read_text("utf-8") == content


def test_an_ignore_file_that_says_it_already_is_kept(engine: FakeEngine) -> None:
    """A repository that ignores plans and state is not in the way."""
    Path(".gitignore").write_text("*.pyc\n*.plan\n.poolshift/\n", "utf-8")
    assert main(["init", *BETWEEN], engine) == 0
    assert Path(".gitignore").read_text("utf-8") == "*.pyc\n*.plan\n.poolshift/\n"


@pytest.mark.parametrize(
    ("source", "destination"), [("service", "embedded"), ("export", "export"), ("oops", "embedded")]
)
def test_an_end_a_provider_cannot_be(engine: FakeEngine, source: str, destination: str) -> None:
    """Only a provider that can be this end is accepted."""
    assert main(["init", "--from", source, "--to", destination], engine) == 64
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("acme-prod", "acme-prod"),
        ("2027 Move!", "move"),
        ("___", "migration"),
        ("Ünïcode", "n-code"),
        ("a" * 90, "a" * 63),
    ],
)
def test_a_folder_names_the_migration(folder: str, name: str, tmp_path: Path) -> None:
    """The name is one a spec accepts, whatever the folder is called."""
    assert migration_name(tmp_path / folder) == name


def test_providers_are_listed(engine: FakeEngine, capsys: pytest.CaptureFixture[str]) -> None:
    """Name, version and ends, sorted by name."""
    assert main(["providers", "list"], engine) == 0
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["embedded", "2.0", "source,", "destination"],
        ["export", "1.0", "source"],
        ["service", "3.0", "destination"],
    ]
    assert main(["providers", "list", "--format", "json"], engine) == 0
    assert '"name": "service"' in capsys.readouterr().out
