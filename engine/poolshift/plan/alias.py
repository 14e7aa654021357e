"""Would a sign-in identifier move away from another person? Seen in the destination's records, not by a refusal."""

from collections.abc import Mapping
from typing import Final

import orjson

from poolshift.identity.value import Path, Value
from poolshift.plan.match import Match, Matched
from poolshift.plan.person import Person
from poolshift.plan.rules import Rules

_CODES: Final = frozenset({"MATCH_DISAGREES", "IDENTITY_REUSED", "UNVERIFIED_MATCH"})
_PROVEN: Final = 3


def stolen_alias(person: Person, matched: Matched, rules: Rules) -> Path | None:
    """The login field of another's record that holds, proven, what this person would sign in with; None = none does.

    Only conflicts are looked at: whoever has no rival for a record takes nothing from anybody.
    """
    if matched.code not in _CODES or person.actual is None:
        return None
    own = next((match.record for match in _by_rank(person) if match.rank <= _PROVEN and match.standing == "ok"), None)
    desired: Mapping[Path, Value] = orjson.loads(person.encoded)
    wanted = {desired[path] for path in rules.login if isinstance(desired.get(path), str)}
    for match in _by_rank(person):
        if match.record != own and match.standing != "missing":
            actual = person.actual(match.place)
            for path in sorted(rules.login):
                if actual.get(path) in wanted and _proven(path, actual, rules):
                    return path
    return None


def _by_rank(person: Person) -> list[Match]:
    return sorted(person.matches, key=lambda match: (match.rank, match.record))


def _proven(path: Path, actual: Mapping[Path, Value], rules: Rules) -> bool:
    """A name needs no proof; an address does, and one whose flag is not read may have it."""
    flag = rules.user.fields[path].verified_by
    return flag is None or actual.get(flag, flag not in rules.paths) is True
