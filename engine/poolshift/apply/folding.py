"""Children that ride in their parent's create, where the vendor's route carries their kind."""

from collections.abc import Iterable, Mapping, Sequence

from poolshift.apply.operations import operation
from poolshift.apply.references import References
from poolshift.apply.work import Work
from poolshift.identity.kind import Kind
from poolshift.provider.operation import Operation
from poolshift.provider.schema import Route, Schema


def by_person(works: Iterable[Work]) -> Mapping[str, Sequence[Work]]:
    """Creates of people's belongings, by person: what a user's create might carry."""
    found: dict[str, list[Work]] = {}
    for work in works:
        change = work.change
        if change.person and change.kind != "user" and work.verb == "create" and not work.messages:
            found.setdefault(change.person, []).append(work)
    return found


class Folding:
    """Decides which belongings ride. A child refers to the parent, or to all the parent refers to."""

    def __init__(self, schema: Schema, references: References) -> None:
        self._riders: frozenset[Kind] = frozenset(
            kind for kind, about in schema.kinds.items() if about.arrives in ("either", "with_parent")
        )
        self._references = references

    def riders(self, parent: Work, belongings: Sequence[Work], route: Route) -> tuple[Work, ...]:
        """Belongings that ride in ``parent`` on this route, in their given order."""
        if parent.verb != "create" or parent.wanted != parent.open_paths:
            return ()
        kinds = self._riders & route.carries
        return tuple(child for child in belongings if child.change.kind in kinds and self._rides(child, parent))

    def operation(self, parent: Work, children: Sequence[Work]) -> Operation | str:
        """The parent's operation with its children's inside, or why one of its references has no id."""
        refs = self._references.of(parent.change)
        if isinstance(refs, str):
            return refs
        inside = tuple(operation(child, self._references.folded(child.change)) for child in children)
        return operation(parent, refs, inside)

    def _rides(self, child: Work, parent: Work) -> bool:
        if child is parent or not child.is_open or child.parent not in (None, parent):
            return False
        to = set(child.change.effect.refs.values())
        shared = set(parent.change.effect.refs.values())
        belongs = parent.change.address in to or (bool(shared) and shared <= to)
        return belongs and self._references.known(child.change, parent.change.address)
