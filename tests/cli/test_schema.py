"""`poolshift schema` prints what editors and readers check against."""

import json
from importlib.metadata import EntryPoint

import pytest
from jsonschema import Draft202012Validator

from poolshift.cli import main
from poolshift.cli.engine import Engine
from poolshift.provider.discovery import GROUP, Installed


class FirstParty(Engine):
    """Whatever else is installed on this machine."""

    def installed(self) -> Installed:
        names = ("cognito_export", "directory")
        return Installed([EntryPoint(name, f"poolshift_providers.{name}:PROVIDER", GROUP) for name in names])


@pytest.mark.parametrize("kind", ["spec", "plan", "report"])
def test_every_kind_is_a_json_schema(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The output is one valid schema of the dialect it names, and it refuses an empty document."""
    assert main(["schema", "--kind", kind], FirstParty()) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert not Draft202012Validator(schema).is_valid({})


def test_the_spec_is_the_usual_one(capsys: pytest.CaptureFixture[str]) -> None:
    """Without `--kind` it is the schema an editor needs."""
    main(["schema"], FirstParty())
    assert "migration" in json.loads(capsys.readouterr().out)["properties"]
