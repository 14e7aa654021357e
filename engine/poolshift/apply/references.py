"""Destination ids of the records others refer to: known to the plan, or learnt in this run."""

from collections.abc import Mapping
from typing import Final, Literal

from poolshift.identity.address import parse
from poolshift.identity.kind import SHARED_KINDS
from poolshift.identity.record import Ref
from poolshift.identity.value import Path
from poolshift.plan.change import Change

Missing = Literal["failed", "deferred"]
_SHARED: Final = frozenset(SHARED_KINDS)


class References:
    """Ids by address. Shared kinds are kept for the run, people until the next chunk begins."""

    def __init__(self) -> None:
        self._shared: dict[str, str] = {}
        self._people: dict[str, str] = {}
        self._deferred: set[str] = set()

    def learn(self, change: Change, id: str) -> None:
        known = self._people if change.person else self._shared
        known[change.address] = id
        self._deferred.discard(change.address)

    def defer(self, address: str) -> None:
        """Its create is tried once more at the end of the run; what belongs to it waits."""
        self._deferred.add(address)

    def settle_deferred(self) -> None:
        """The second try is over: what has no id now never gets one."""
        self._deferred.clear()

    def forget_people(self) -> None:
        """Memory stays independent of the number of people. Deferred addresses, which are few, stay."""
        self._people.clear()

    def of(self, change: Change) -> Mapping[Path, Ref] | Missing:
        """Every reference of a change with its id, or why one of them has none."""
        effect = change.effect
        refs: dict[Path, Ref] = {}
        for name in effect.refs.keys() | effect.ref_ids.keys():
            to = effect.refs.get(name, "")
            id = self._id(change, name, to)
            if not id:
                return "deferred" if to in self._deferred else "failed"
            refs[name] = Ref(to, id, _natural_key(to))
        return refs

    def known(self, change: Change, beside: str) -> bool:
        """Whether all references are resolved, leaving out the one to the record ``beside``."""
        effect = change.effect
        return all(to == beside or self._id(change, name, to) for name, to in effect.refs.items())

    def folded(self, change: Change) -> Mapping[Path, Ref]:
        """References of a change that rides in a create: the one to its parent has no id yet."""
        effect = change.effect
        return {name: Ref(to, self._id(change, name, to), _natural_key(to)) for name, to in effect.refs.items()}

    def _id(self, change: Change, name: Path, to: str) -> str | None:
        """Learnt in this run, else known to the plan."""
        return self._people.get(to) or self._shared.get(to) or change.effect.ref_ids.get(name)


def _natural_key(of: str) -> str | None:
    """The name of a shared record at the destination: the last part of its address."""
    if not of:
        return None
    kind, parts = parse(of)
    return parts[-1] if kind in _SHARED else None
