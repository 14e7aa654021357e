"""The quiet test on rows as they lie in the spills: of nearly everybody nothing moved since the last decision.

Whoever it does not take is put together and decided in full. Of the others the tables would say the same: nothing.
"""

from collections.abc import Callable, Sequence
from typing import Final

import orjson

from poolshift.gather.rows import OK, SELECTED
from poolshift.identity.kind import Kind
from poolshift.plan.quiet import quiet_pair
from poolshift.plan.rules import Rules
from poolshift.plan.sets import key_there, parents_of, wanted_of
from poolshift.state.base import NEVER_QUIET
from poolshift.state.packing import quiet_of

_BY_STATE: Final = b"1"


class QuietPeople:
    """Takes people whose verdict is "noop" without a change or a finding, and keeps what they add to the counts.

    count: how many; parents: the shared records their elements need. concerns: whether something may have to be said
    about a member of this source group, whatever state knows.
    """

    def __init__(self, rules: Rules, concerns: Callable[[str], bool] = lambda _group: False) -> None:
        self.count = 0
        self.parents: set[tuple[Kind, tuple[str, ...]]] = set()
        self._rules = rules
        self._concerns = concerns
        self._silent: dict[tuple[str, tuple[str, ...]], bool] = {}
        self._keys: dict[bytes, bytes | None] = {}

    def takes(
        self, wide: Sequence[bytes], matches: Sequence[bytes], groups: Sequence[bytes], base: bytes | None
    ) -> bool:
        """The rows of one person without their first column, and its packed base row. Not for people whom a note or
        a twin's link is about.

        False, too, of people with elements that nobody wants: state may know them as ours.
        """
        if base is None or len(wide) != 1 or len(matches) != 1:
            return False
        rules = self._rules
        rule_set, quiet = quiet_of(base)
        _, rank, won, digest, _, _, *elements = matches[0].split(b"\t")
        standing, _, more, fields = wide[0].split(b"\t", 3)
        if rank != _BY_STATE or won != OK or standing != SELECTED:
            return False
        if rule_set != rules.rule_set or quiet[0] == NEVER_QUIET:
            return False
        organizations: tuple[str, ...] = ()
        links: list[tuple[str, str]] = []
        if more:
            some, identities, findings, unknown = orjson.loads(more)
            if findings or unknown:
                return False
            organizations = tuple(some)
            links = [(provider, subject) for provider, subject, _ in identities]
        names = [name.decode() for name in groups]
        for name in names:
            if not self._is_silent(name, organizations):
                return False
        wanted = wanted_of(organizations, names, links, rules)
        present = self._present(elements)
        if not wanted.keys() >= present:
            return False
        desired = rules.records.of_bytes(fields)
        if quiet != quiet_pair(desired, bytes.fromhex(digest.decode()), wanted, present, rules.records):
            return False
        self.count += 1
        self.parents.update(parents_of(wanted.values()))
        return True

    def _is_silent(self, group: str, organizations: tuple[str, ...]) -> bool:
        """Kept, for groups are few and people many."""
        silent = self._silent.get((group, organizations))
        if silent is None:
            silent = not self._rules.member_codes(group, organizations) and not self._concerns(group)
            self._silent[group, organizations] = silent
        return silent

    def _present(self, elements: Sequence[bytes]) -> set[bytes]:
        """Keys of those elements of the destination record whose kind is ours; every second column is an id."""
        keys = set()
        for column in elements[::2]:
            key = self._keys[column] if column in self._keys else self._key(column)
            if key is not None:
                keys.add(key)
        return keys

    def _key(self, column: bytes) -> bytes | None:
        kind, parts = orjson.loads(column)
        key = key_there(kind, tuple(parts), self._rules)[0] if kind in self._rules.kinds else None
        if kind != "link":  # there is one a person
            self._keys[column] = key
        return key
