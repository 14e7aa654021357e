"""From a decided change to the operation a provider is asked for."""

from collections.abc import Mapping

from poolshift.apply.work import Work
from poolshift.identity.kind import SHARED_KINDS
from poolshift.identity.record import Ref
from poolshift.identity.value import Path
from poolshift.plan.change import VERB_OF, Change
from poolshift.provider.operation import Clear, Operation, Put
from poolshift.provider.verb import Verb


def verb_of(change: Change) -> Verb | None:
    """The verb a change is written with; None = it is settled in the state alone, without a call."""
    is_record = change.kind == "user" or change.kind in SHARED_KINDS
    if change.action == "adopt" and not (is_record and change.effect.values):
        return None
    if change.action in ("update", "enable", "disable") and not change.effect.values:
        return None
    return VERB_OF.get(change.action)


def operation(work: Work, refs: Mapping[Path, Ref], children: tuple[Operation, ...] = ()) -> Operation:
    """What is to be sent now: the paths of the change that are still open."""
    change = work.change
    values = change.effect.values
    return Operation(
        address=change.address,
        kind=change.kind,
        verb=work.verb,
        changes={path: Clear() if values[path] is None else Put(values[path]) for path in sorted(work.open_paths)},
        id=work.id or change.destination_id,
        refs=refs,
        children=children,
    )
