"""Servers we did not write, and vendors' descriptions of their APIs: where they are, and what follows where not."""

import os
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parent.parent.parent
SERVERS: Final = ROOT / ".servers"
"""Each ``tests/servers/NAME/install.sh`` fills SERVERS/NAME and leaves a file ``ready`` there."""

DESCRIPTIONS: Final = ROOT.parent / "shared" / "specs"
"""Third-party data: it lies beside a checkout of the project, never in it."""


def installed(name: str) -> Path:
    """The folder of an installed server. Without it the test is skipped, and fails where everything is expected."""
    folder = SERVERS / name
    if not (folder / "ready").exists():
        told = f"{name} is not installed: run `make servers`"
        if os.environ.get("CI") == "true":
            pytest.fail(told)
        pytest.skip(told)
    return folder


def described(name: str) -> Path:
    """A vendor's OpenAPI file. The lane that is judged by it says that it did not run where there is none."""
    file = DESCRIPTIONS / f"{name}.openapi.json"
    if not file.exists():
        pytest.skip(
            f"OpenAPI lane did not run: there is no {file.name} in {DESCRIPTIONS.parent.name}/ beside the clone"
        )
    return file
