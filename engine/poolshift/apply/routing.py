"""Which of the vendor's ways is taken for a change."""

from collections.abc import Mapping, Sequence

from poolshift.apply.folding import Folding
from poolshift.apply.references import Missing
from poolshift.apply.work import Work
from poolshift.identity.kind import Kind
from poolshift.plan.change import VERB_OF, WRITES
from poolshift.plan.routes import routes_for
from poolshift.planning.planned import PlanRows
from poolshift.provider.operation import Code, Failure, Operation
from poolshift.provider.schema import Route, Schema
from poolshift.provider.verb import Verb

Counts = Mapping[tuple[Kind, Verb], int]


def counts_of(plan: PlanRows) -> Counts:
    """Operations of each kind and verb in the whole plan: what a route's `worth` is measured against."""
    counts: dict[tuple[Kind, Verb], int] = {}
    for line in plan.document["summary"]:
        if line["action"] in WRITES:
            key = (line["kind"], VERB_OF[line["action"]])
            counts[key] = counts.get(key, 0) + int(line["count"])
    return counts


class Routing:
    """Routes by kind and verb, best first: the spec's method, then the one worth most, then the largest batch."""

    def __init__(self, schema: Schema, counts: Counts, method: str, folding: Folding) -> None:
        self._folding = folding
        self._routes: dict[tuple[Kind, Verb], tuple[Route, ...]] = {}
        for kind in schema.kinds:
            for verb in ("create", "update", "delete"):
                self._routes[kind, verb] = routes_for(schema, kind, verb, counts.get((kind, verb), 0), method)

    def are_jobs(self, kind: Kind, verb: Verb) -> bool:
        """Whether most operations of this kind and verb go into jobs."""
        return any(route.delivery != "now" for route in self._routes.get((kind, verb), ())[:1])

    def choose(self, work: Work, belongings: Sequence[Work] = ()) -> "Chosen | Failure | Missing":
        """A route with the operation it takes, or why there is none.

        A route that refuses a user with its belongings inside is asked again without them.
        """
        reasons: list[str] = []
        for route in self._routes.get((work.change.kind, work.verb), ()):
            riders = self._folding.riders(work, belongings, route)
            for children in (riders, ()) if riders else ((),):
                operation = self._folding.operation(work, children)
                if not isinstance(operation, Operation):
                    return "deferred" if operation == "deferred" else "failed"
                reason = route.takes(operation)
                if reason is None:
                    _board(work, children)
                    return Chosen(route, work, children, operation)
                reasons.append(f"{route.name}: {reason}")
        why = "; ".join(reasons) or "the destination offers no route"
        return Failure(Code.UNSUPPORTED, f"{work.verb} of {work.change.kind}: {why}")


class Chosen:
    """A change on its way: the route, the operation, and the children inside it."""

    __slots__ = ("children", "operation", "route", "work")

    def __init__(self, route: Route, work: Work, children: Sequence[Work], operation: Operation) -> None:
        self.route = route
        self.work = work
        self.children = tuple(children)
        self.operation = operation


def _board(parent: Work, children: Sequence[Work]) -> None:
    for child in children:
        if child.parent is None:
            child.parent = parent
            parent.riders.append(child)
