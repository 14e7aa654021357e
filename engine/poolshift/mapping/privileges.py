"""Which destination names are privileged, whatever rule yields them."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from poolshift.identity.value import Value
from poolshift.spec.expression import parse_template
from poolshift.spec.model import GroupRule

_ANYTHING: Final = ".+"


class Privileges:
    """Privilege follows the destination name, not the rule: ``*`` must not slip an `administrators` past its rule.

    A rule's name may hold expressions; its literal texts then are what has to fit. A name that is nothing but one
    expression covers only what its own rule yields. Case is ignored, and so are kind and scope: in doubt, ask.
    """

    def __init__(self, rules: Sequence[GroupRule], forms: Iterable[Callable[[Value], Value]] = ()) -> None:
        """``forms``: what the destination makes of names; a name that is no expression is privileged in each form."""
        own = [rule for rule in rules if rule.privileged and rule.target != "skip"]
        literal = [name for rule in own if (name := _literal(rule)) is not None]
        names = [*map(_pattern, own), *(re.escape(str(form(name))) for form in forms for name in literal)]
        known = [name for name in names if name != _ANYTHING]
        self._names = (
            re.compile("|".join(f"(?:{name})" for name in known), re.IGNORECASE | re.DOTALL) if known else None
        )

    def cover(self, name: str) -> bool:
        """Whether membership in the group or role of this name is a privilege by name."""
        return self._names is not None and self._names.fullmatch(name) is not None


def _literal(rule: GroupRule) -> str | None:
    """The name a rule yields, where it is always the same."""
    if rule.name is None:
        return None if set(rule.match) & {"*", "?"} else rule.match
    return None if "{{" in rule.name else rule.name


def _pattern(rule: GroupRule) -> str:
    if rule.name is None:
        wild = {"*": ".*", "?": "."}
        return _ANYTHING if rule.match == "*" else "".join(wild.get(part, re.escape(part)) for part in rule.match)
    parts = parse_template(rule.name).parts
    return "".join(re.escape(part) if isinstance(part, str) else _ANYTHING for part in parts)
