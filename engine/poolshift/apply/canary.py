"""Canary rows: the first records of a write that a provider only assumes to work are read back before the rest go."""

from collections.abc import Mapping, Sequence

from poolshift.apply.claim import Claims
from poolshift.apply.coverage import Coverage
from poolshift.apply.lookup import Lookups, Question
from poolshift.apply.work import Work
from poolshift.errors import NeedsPerson, PoolshiftError
from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.plan.canaries import canaries
from poolshift.provider.operation import Code, Failure
from poolshift.provider.schema import Schema
from poolshift.provider.session import Found
from poolshift.provider.verb import Verb


class Canaries:
    """Used by the coordinating thread alone, and asks the destination while nothing is in flight."""

    def __init__(self, schema: Schema, lookups: Lookups, claims: Claims, coverage: Coverage) -> None:
        self._lookups = lookups
        self._claims = claims
        self._coverage = coverage
        self._left: dict[tuple[Kind, Verb], int] = {
            (kind, verb): count for kind in schema.kinds for verb in _VERBS if (count := canaries(schema, kind, verb))
        }

    def first(self, work: Work) -> int:
        """How many of this work's kind and verb have to go alone before the others."""
        return self._left.get((work.change.kind, work.verb), 0)

    def sends(self, work: Work) -> None:
        """One of the first: it ends only after it was read back."""
        work.canary = work.verb
        self._left[work.change.kind, work.verb] -= 1

    def check(self, works: Sequence[Work]) -> PoolshiftError | None:
        """Reads works back. What is not as reported has failed, and is the reason to stop the run."""
        wrong: dict[tuple[Kind, Verb], set[Path]] = {}
        for work, found in self._read(works):
            assert work.canary is not None
            key = work.change.kind, work.canary
            work.canary = None
            if (paths := self._differing(work, key[1], found)) is not None:
                wrong.setdefault(key, set()).update(paths)
        return _differs(wrong) if wrong else None

    def _read(self, works: Sequence[Work]) -> Sequence[tuple[Work, Found | None]]:
        answers: dict[str, Found | None] = {}
        by_kind: dict[Kind, list[tuple[Work, Question | None]]] = {}
        for work in works:
            question = self._lookups.by_id(work.change.kind, work.id or work.change.destination_id)
            by_kind.setdefault(work.change.kind, []).append((work, question))
        for kind, own in by_kind.items():
            found = self._lookups.ask(kind, [question for _, question in own if question is not None])
            for work, question in own:
                answers[work.change.address] = found.get((question.key.path, question.value)) if question else None
        return [(work, answers[work.change.address]) for work in works]

    def _differing(self, work: Work, verb: Verb, found: Found | None) -> frozenset[Path] | None:
        """Paths that do not read as they were reported, which have failed now; empty = the record; None = all well."""
        if found is None or (not found.records and not found.sure):
            return None  # nobody can tell: the next plan will
        if verb == "delete":
            return self._still_there(work) if found.records else None
        if not found.records:
            work.landed.clear()
            work.covered, work.already = False, False
            work.failure = Failure(Code.GONE, "was reported as written, and is not there")
            return frozenset()
        record = found.records[0]
        sent = {path: work.sent[path] for path in work.landed & work.sent.keys()}
        dropped = frozenset(sent) - self._claims.landed(record, sent) - self._claims.forced(record, work.forces).keys()
        self._coverage.read_back(work, record, work.wanted)
        if not (dropped := dropped & work.observed.keys()):
            return None
        work.landed -= dropped
        work.fail(Failure(Code.INVALID, f"reported as written, and reads otherwise: {_named(dropped)}"), dropped)
        return dropped

    def _still_there(self, work: Work) -> frozenset[Path]:
        work.covered = work.already = False
        work.failure = Failure(Code.INVALID, "was reported as deleted, and is there")
        return frozenset()


_VERBS: tuple[Verb, ...] = ("create", "update", "delete")


def _named(paths: frozenset[Path] | set[Path]) -> str:
    return ", ".join(sorted(paths))


def _differs(wrong: Mapping[tuple[Kind, Verb], set[Path]]) -> PoolshiftError:
    told = "; ".join(
        f"{verb} of {kind}" + (f" ({_named(paths)})" if paths else "") for (kind, verb), paths in sorted(wrong.items())
    )
    return NeedsPerson.of(
        "CANARY_DIFFERS",
        f"the first that were written do not read back as they were sent: {told}; the rest was not sent",
        "The provider only assumes that this works. Look at one of them at the destination; leave the field out of the "
        "spec, or report this to the provider's author; then plan again.",
    )
