"""The export of a user pool beside the spec, as the source of a migration."""

import re
from typing import Final

_EXPORT: Final = "  provider: cognito_export\n  settings: {path: users, groups: groups}\n"
_POOL: Final = re.compile(r"(?<=source:\n)  provider: cognito\n  settings: .*\n")


def from_export(spec: str) -> str:
    """The spec of a migration out of a user pool, out of its export instead."""
    text, count = _POOL.subn(_EXPORT, spec)
    assert count == 1
    return text
