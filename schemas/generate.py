"""Writes spec.schema.json from the engine and the installed providers: ``python schemas/generate.py``."""

import json
from pathlib import Path

from poolshift.provider.discovery import Installed
from poolshift.spec.json_schema import spec_schema

FILE = Path(__file__).parent / "spec.schema.json"


def generate() -> str:
    """The text of the schema file, for every provider that is installed."""
    installed = Installed()
    names = sorted({*installed.names("source"), *installed.names("destination")})
    schema = spec_schema({name: installed.settings(name) for name in names})
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(generate(), encoding="utf-8")
