"""What is written when a change ends: the outcome and the base row it leaves."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from poolshift.apply.work import Work
from poolshift.identity.value import Path
from poolshift.plan.change import Change
from poolshift.privacy import redact
from poolshift.state.base import ABSENT_FP, NEVER_QUIET, Base, ElementBase, Pair
from poolshift.state.store import Result, Settled

ElementFingerprint = Callable[[str], bytes]
LANDED: frozenset[Result] = frozenset({"done", "already"})


class Settlement:
    """Builds the durable outcome of a work, or of a row that only writes state."""

    def __init__(self, fingerprint: ElementFingerprint, person: Callable[[str], Base | None]) -> None:
        self._fingerprint = fingerprint
        self._person = person

    def of(self, work: Work, result: Result, code: str = "", message: str = "") -> Settled:
        """``person``, the row as it stands, is read only where something did not land."""
        change = work.change
        base = self._base(work, result)
        landed = result in LANDED
        return Settled(
            address=change.address,
            result=result,
            destination_id=work.id or change.destination_id,
            person=change.person,
            base=None if landed and change.effect.drop else base,
            drop=landed and change.effect.drop,
            elements=self._elements(change) if landed and base is None and not change.effect.drop else {},
            code=code,
            message=redact(message),
        )

    def recorded(self, change: Change, base: Base | None) -> Settled:
        """A row of the plan that asks for no call."""
        drop = change.effect.drop
        return Settled(
            address=change.address,
            result="done",
            destination_id=change.destination_id,
            person=change.person,
            base=None if drop else base,
            drop=drop,
            elements=self._elements(change) if base is None and not drop else {},
        )

    def intended(self, change: Change, siblings: Iterable[Change]) -> Base | None:
        """The row if this change lands and none of the person's elements has yet: those settle on their own."""
        base = change.effect.base
        if base is None:
            return None
        elements = dict(base.elements)
        for sibling in siblings:
            key = self._fingerprint(sibling.address)
            if sibling.action in ("add", "adopt"):
                elements.pop(key, None)
            elif sibling.action == "remove":
                elements.setdefault(key, ElementBase())
        return replace(base, fields=dict(base.fields), elements=elements)

    def _elements(self, change: Change) -> Mapping[bytes, tuple[bool, bool]]:
        if not change.person or change.kind == "user":
            return {}
        key = self._fingerprint(change.address)
        if change.action in ("add", "create", "adopt", "update", "message"):
            return {key: (True, True)}
        if change.action in ("remove", "delete", "forget", "release"):
            return {key: (False, False)}
        return {key: (change.desired != ABSENT_FP, change.actual != ABSENT_FP)}

    def _base(self, work: Work, result: Result) -> Base | None:
        base = work.base
        if base is None or not (result in LANDED or work.leaves_row):
            return None
        id = work.id or work.change.destination_id or base.destination_id
        whole = result in LANDED
        before = None if whole or not work.change.person else self._person(work.change.person)
        fields = dict(base.fields)
        quiet = base.quiet if whole else (NEVER_QUIET, NEVER_QUIET)
        for path in () if whole else work.change.effect.values.keys() - work.landed:
            _restore(fields, path, before)
            seen = work.observed.get(path, ABSENT_FP)
            if work.change.action == "create" and path not in fields and seen != ABSENT_FP:
                fields[path] = (seen, seen)  # the destination's own default: still to be changed, and no conflict
        for path, seen in work.observed.items():
            if path in work.landed and path in fields and fields[path][1] != seen:
                fields[path] = (fields[path][0], seen)
                quiet = (NEVER_QUIET, NEVER_QUIET)
        return replace(base, destination_id=id, fields=fields, quiet=quiet)


def _restore(fields: dict[Path, Pair], path: Path, before: Base | None) -> None:
    """A path that did not land keeps its last decision; without one it is decided as if never sent."""
    pair = before.fields.get(path) if before is not None else None
    if pair is None:
        fields.pop(path, None)
    else:
        fields[path] = pair
