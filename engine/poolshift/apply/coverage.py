"""What a provider reported, checked against what it was asked for, and summed per address and path."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from poolshift.apply.packing import Packet
from poolshift.apply.work import Work
from poolshift.errors import PoolshiftError
from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Code, Failure, Operation, Outcome
from poolshift.provider.schema import Route

Observe = Callable[[Record, Sequence[Path]], Mapping[Path, bytes]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A failure a provider reported of a row, or of some of its paths."""

    work: Work
    paths: frozenset[Path]
    failure: Failure


class Coverage:
    """Sums outcomes into works. Distrusts the provider: law 6 is checked at every send."""

    def __init__(self, observe: Observe) -> None:
        self._observe = observe

    def take(self, packet: Packet, outcomes: Iterable[Outcome]) -> list[Refusal]:
        """Raises PoolshiftError where an outcome names what is not in the batch, or names it twice."""
        works = {work.change.address: work for work in packet.changes}
        asked = {operation.address: frozenset(operation.changes) for operation in _flat(packet.operations)}
        seen: dict[str, set[Path]] = {}
        refusals: list[Refusal] = []
        for outcome in outcomes:
            work = works.get(outcome.address)
            if work is None:
                raise _broken(packet.route, outcome, "names an address that is not in the batch")
            paths = _paths(packet.route, outcome, asked[outcome.address], seen)
            if outcome.status == "failed":
                refusals.append(Refusal(work, paths, outcome.failure or Failure(Code.INVALID, "no reason given")))
            else:
                forces = packet.route.forces if work.change.kind == packet.route.kind else {}
                self._sum(work, outcome, paths, forces)
        return refusals

    def _sum(self, work: Work, outcome: Outcome, paths: frozenset[Path], forces: Mapping[Path, Value]) -> None:
        if outcome.status == "not_yet":
            work.not_yet = True
            return
        made = work.creates
        work.id = outcome.id or work.id
        work.landed |= paths
        for path in paths:
            work.observed.pop(path, None)  # seen before it was written
        work.covered = work.covered or outcome.paths is None or not work.wanted
        work.already = outcome.status == "already"
        if forced := {path: value for path, value in forces.items() if path in paths}:
            self.read_back(work, Record(work.change.kind, "", forced), forced)
        if outcome.echo is not None:
            self.read_back(work, outcome.echo, work.wanted if made else paths)

    def read_back(self, work: Work, record: Record, paths: Iterable[Path]) -> None:
        """Remember how paths read at the destination; paths no listing shows are left out.

        Of a record we made, also what has not landed: nobody else has put it there.
        """
        work.observed.update(self._observe(record, list(paths)))


def _flat(operations: Iterable[Operation]) -> Iterable[Operation]:
    for operation in operations:
        yield operation
        yield from operation.children


def _paths(route: Route, outcome: Outcome, asked: frozenset[Path], seen: dict[str, set[Path]]) -> frozenset[Path]:
    """The paths an outcome covers. ``seen``: address -> paths earlier outcomes of this send covered."""
    paths = asked if outcome.paths is None else outcome.paths
    if strange := paths - asked:
        raise _broken(route, outcome, f"names {', '.join(sorted(strange))}, which was not in the batch")
    before = seen.get(outcome.address)
    if before is not None and (before & paths or not paths):
        raise _broken(route, outcome, "is covered twice")
    seen.setdefault(outcome.address, set()).update(paths)
    return paths


def _broken(route: Route, outcome: Outcome, what: str) -> PoolshiftError:
    return PoolshiftError.of(
        "PROVIDER_LAW_6",
        f"route {route.name}: the outcome of {outcome.address} {what}; outcomes cover exactly the batch, nothing twice",
        "Report this to the author of the destination's provider; run apply again to settle what was in flight.",
    )
