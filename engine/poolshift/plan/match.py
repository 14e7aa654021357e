"""Which destination record is this person's: rules R1 to R8 and R12."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from poolshift.spec.model import Policy


@dataclass(slots=True)  # nobody changes it; a frozen one takes three times as long to make
class Match:
    """A claim of this person on a destination record, as stage 2 settled it.

    rank: 1 base, 2 our marker, 3 verified on both sides or declared, 4 unverified. digest: of the record's fields.
    taker: who has the record, where standing is taken or tie; alive: the taker claims it from the source too.
    """

    record: str
    rank: int
    standing: Literal["ok", "tie", "taken", "missing"]
    digest: bytes = b""
    place: int = 0
    taker: str = ""
    alive: bool = False


@dataclass(frozen=True, slots=True)
class Matched:
    """The rule that applies; `match` where there is a record to go on with; else the action that stands instead."""

    rule: str
    match: Match | None = None
    action: Literal["create", "hold", "conflict"] | None = None
    code: str = ""
    partner: str = ""
    candidates: tuple[str, ...] = ()


def choose_match(matches: Sequence[Match], has_base: bool, policy: Policy) -> Matched:
    """Best rank wins; rank 4 never matches; a second claim that disagrees is a conflict."""
    if has_base and len(matches) == 1 and (only := matches[0]).rank == 1 and only.standing == "ok":
        return Matched("R7", only)  # nearly everybody; the rest of the table would say the same
    claims = sorted(matches, key=lambda match: (match.rank, match.record))
    won = [match for match in claims if match.standing == "ok"]
    if has_base:
        return _with_base(claims, won, policy)
    if not won:
        return _nothing_won(claims)
    best = won[0]
    candidates = tuple(sorted({match.record for match in claims}))
    if best.rank == 4:
        return Matched("R4", action="conflict", code="UNVERIFIED_MATCH", candidates=candidates)
    if sum(match.rank == best.rank for match in won) > 1:
        return Matched("R6", action="conflict", code="AMBIGUOUS", candidates=candidates)
    if (disagreeing := _disagreeing(claims, best)) is not None:
        return disagreeing
    return Matched("R2" if best.rank == 2 else "R3", best)


def _with_base(claims: Sequence[Match], won: Sequence[Match], policy: Policy) -> Matched:
    candidates = tuple(sorted({match.record for match in claims}))
    own = next((match for match in claims if match.rank == 1), None)
    if own is not None and own.standing == "ok":
        return _disagreeing(claims, own) or Matched("R7", own)
    if own is not None and own.standing in ("tie", "taken"):
        return Matched("R6", action="conflict", code="AMBIGUOUS", partner=own.taker, candidates=candidates)
    return _gone(claims, won, policy)


def _gone(claims: Sequence[Match], won: Sequence[Match], policy: Policy) -> Matched:
    """The record of the base is not there any more. It is created again only where nothing else answers."""
    candidates = tuple(sorted({match.record for match in claims if match.standing != "missing"}))
    marked = [match for match in won if match.rank == 2]
    if len(marked) > 1:
        return Matched("R6", action="conflict", code="AMBIGUOUS", candidates=candidates)
    if marked:
        return _disagreeing(claims, marked[0]) or Matched("R8m", marked[0])
    if any(match.rank == 3 for match in won):
        return Matched("R8e", action="conflict", code="ID_HELD_ELSEWHERE", candidates=candidates)
    if policy.destination_gone == "recreate" and not candidates:
        return Matched("R8", action="create")
    return Matched("R8", action="hold", code="DESTINATION_GONE", candidates=candidates)


def _nothing_won(claims: Sequence[Match]) -> Matched:
    if not claims:
        return Matched("R1", action="create")
    candidates = tuple(sorted({match.record for match in claims}))
    if (tied := next((match for match in claims if match.standing == "tie"), None)) is not None:
        return Matched("R6", action="conflict", code="AMBIGUOUS", partner=tied.taker, candidates=candidates)
    return _taken(next(match for match in claims if match.standing == "taken"), candidates)


def _taken(match: Match, candidates: tuple[str, ...]) -> Matched:
    """Somebody else has it: they let go in this very plan (wait), or an older person holds it (reused)."""
    if match.alive:
        return Matched("R12", action="hold", code="WAITS_FOR", partner=match.taker, candidates=candidates)
    return Matched("R12", action="conflict", code="IDENTITY_REUSED", partner=match.taker, candidates=candidates)


def _disagreeing(claims: Sequence[Match], best: Match) -> Matched | None:
    """Another record answers to one of this person's keys too."""
    others = [match for match in claims if match.record != best.record and match.standing != "missing"]
    if not others:
        return None
    candidates = tuple(sorted({best.record, *(match.record for match in others)}))
    taken = next((match for match in others if match.standing == "taken"), None)
    if taken is not None and len(others) == 1:
        return _taken(taken, candidates)
    return Matched("R6", action="conflict", code="MATCH_DISAGREES", candidates=candidates)
