"""Which destination names are privileged, whatever rule yields them."""

import re
from collections.abc import Sequence
from typing import Final

from poolshift.spec.expression import parse_template
from poolshift.spec.model import GroupRule

_ANYTHING: Final = ".+"


class Privileges:
    """Privilege follows the destination name, not the rule: ``*`` must not slip an `administrators` past its rule.

    A rule's name may hold expressions; its literal texts then are what has to fit. A name that is nothing but one
    expression covers only what its own rule yields. Case is ignored, and so are kind and scope: in doubt, ask.
    """

    def __init__(self, rules: Sequence[GroupRule]) -> None:
        names = [_pattern(rule) for rule in rules if rule.privileged and rule.target != "skip"]
        known = [name for name in names if name != _ANYTHING]
        self._names = (
            re.compile("|".join(f"(?:{name})" for name in known), re.IGNORECASE | re.DOTALL) if known else None
        )

    def cover(self, name: str) -> bool:
        """Whether membership in the group or role of this name is a privilege by name."""
        return self._names is not None and self._names.fullmatch(name) is not None


def _pattern(rule: GroupRule) -> str:
    if rule.name is None:
        wild = {"*": ".*", "?": "."}
        return _ANYTHING if rule.match == "*" else "".join(wild.get(part, re.escape(part)) for part in rule.match)
    parts = parse_template(rule.name).parts
    return "".join(re.escape(part) if isinstance(part, str) else _ANYTHING for part in parts)
