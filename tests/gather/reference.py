"""Matching, written from its rules once more: everything in memory, every pair looked at, no stages."""

from collections import defaultdict
from itertools import product

from tests.gather.population import Population, Seen, Someone, There
from tests.planning.rehearsal import MIGRATION


def logins(one: Someone | There) -> set[str]:
    """Whatever one signs in with: one namespace, e-mails without case."""
    return {one.email.lower(), one.name} - {None}  # type: ignore[return-value]


def twins(holders: list[Someone]) -> bool:
    """One native person and federated ones, the e-mail verified everywhere."""
    return len(holders) > 1 and sum(not one.federated for one in holders) == 1 and all(one.verified for one in holders)


def reference(population: Population) -> dict[str, Seen]:
    """Source id -> what becomes of it."""
    people = {one.id: one for one in population.people if one.selected}
    there = {one.id: one for one in population.there}
    base = dict(population.base)
    notes = _notes(population, list(people.values()))
    best: dict[str, dict[str, int]] = defaultdict(dict)
    for s, d in base.items():
        best[d][s] = 1
    for one, other in product(people.values(), there.values()):
        if (rank := _rank(population, one, other, list(people.values()))) and rank < best[other.id].get(one.id, 9):
            best[other.id][one.id] = rank
    alive = {(d, s) for d in there for s in people if _rank(population, people[s], there[d], list(people.values()))}
    matches: dict[str, list[tuple[int, str, str, str, bool]]] = defaultdict(list)
    for d, claims in best.items():
        top = min(claims.values(), default=0)
        winners = sorted(s for s, rank in claims.items() if rank == top)
        for s, rank in claims.items():
            standing = "missing" if d not in there else "taken" if rank != top else "ok" if len(winners) == 1 else "tie"
            matches[s].append((rank, d, standing, winners[0], (d, winners[0]) in alive))
    everybody = {one.id for one in population.people} | set(base)
    return {s: _verdict(population, s, s in people, notes[s], sorted(matches[s]), base, there) for s in everybody}


def _notes(population: Population, people: list[Someone]) -> dict[str, set[str]]:
    """Findings by key: people who want one value that one record can hold."""
    notes: dict[str, set[str]] = defaultdict(set)
    for value in set().union(*map(logins, people)) if people else ():
        holders = [one for one in people if value in logins(one)]
        emails = all(one.email.lower() == value for one in holders)
        if len(holders) < 2:
            continue
        same = emails and twins(holders)
        if same and population.duplicates == "merge":
            for one in holders:
                notes[one.id] |= {"MERGED"} if one.federated else set()
            continue
        code = "PERSON_TWIN" if same else "ID_EMAIL_CASE_DUP" if emails else "LOGIN_COLLISION"
        for one in holders:
            notes[one.id].add(f"SKIPPED:{code}" if population.duplicates == "skip" else code)
    for subject in {one.link for one in people if one.link}:
        linked = [one for one in people if one.link == subject]
        for one in linked if len(linked) > 1 else ():
            notes[one.id].add("LINK_TWICE")
    return notes


def _rank(population: Population, one: Someone, other: There, people: list[Someone]) -> int:
    """2 our marker, 3 an e-mail verified on both sides, 4 anything unverified; 0 nothing. Twins claim as one person."""
    email = one.email.lower()
    shared = logins(one) & logins(other)
    proven = email == other.email.lower() and one.verified and other.verified
    if population.duplicates == "merge" and one.federated:
        proven = proven and not twins([own for own in people if own.email.lower() == email and own.verified])
        holders = {value: [own for own in people if value in logins(own)] for value in shared}
        shared = {
            value
            for value in shared
            if not (twins(holders[value]) and all(own.email.lower() == value for own in holders[value]))
        }
    if other.marker == one.id:
        return 2
    if proven:
        return 3
    return 4 if shared or (one.link and one.link == other.link) else 0


def _verdict(
    population: Population,
    s: str,
    wanted: bool,
    notes: set[str],
    matches: list[tuple[int, str, str, str, bool]],
    base: dict[str, str],
    there: dict[str, There],
) -> Seen:
    if not wanted:
        if any(one.id == s for one in population.people):
            return Seen("", "unselected")
        return _gone(matches, base[s])
    for code in sorted(notes):
        if code == "MERGED":
            return Seen("", "repeated")
        return Seen("", "unselected") if code.startswith("SKIPPED:") else Seen("N", "conflict", code)
    chosen = _known(population, matches, base[s]) if s in base else _new(matches)
    owner = there[chosen.record].owner if chosen.action == "matched" and chosen.record in there else None
    if chosen.rule != "R7" and owner not in (None, MIGRATION):
        return Seen("R5", "conflict", "FOREIGN_OWNER", chosen.record)
    return chosen


def _gone(matches: list[tuple[int, str, str, str, bool]], record: str) -> Seen:
    standing = next(own[2] for own in matches if own[0] == 1)
    if standing == "missing":
        return Seen("R10", "forget")
    return Seen("R9", "retain", "", record) if standing == "ok" else Seen("R12", "conflict", "IDENTITY_REUSED", record)


def _new(matches: list[tuple[int, str, str, str, bool]]) -> Seen:
    """No base. The best claim wins if it is the only one of its rank and nothing else answers."""
    won = [own for own in matches if own[2] == "ok"]
    if not matches:
        return Seen("R1", "create")
    if not won:
        if any(own[2] == "tie" for own in matches):
            return Seen("R6", "conflict", "AMBIGUOUS")
        return _taken(matches[0])
    if won[0][0] == 4:
        return Seen("R4", "conflict", "UNVERIFIED_MATCH")
    if len(won) > 1 and won[1][0] == won[0][0]:
        return Seen("R6", "conflict", "AMBIGUOUS")
    return _alone(matches, "R2" if won[0][0] == 2 else "R3", won[0][1])


def _known(population: Population, matches: list[tuple[int, str, str, str, bool]], own: str) -> Seen:
    """The base's record, verified anew; where it is gone, our marker elsewhere, or nothing."""
    standing = next(match[2] for match in matches if match[1] == own)
    rest = [match for match in matches if match[1] != own]
    if standing == "ok":
        return _alone(matches, "R7", own)
    if standing == "tie":
        return Seen("R6", "conflict", "AMBIGUOUS")
    marked = [match for match in rest if match[0] == 2 and match[2] == "ok"]
    if marked:
        return _alone(rest, "R8m", marked[0][1]) if len(marked) == 1 else Seen("R6", "conflict", "AMBIGUOUS")
    if any(match[0] == 3 and match[2] == "ok" for match in rest):
        return Seen("R8e", "conflict", "ID_HELD_ELSEWHERE")
    if population.gone == "recreate" and not rest:
        return Seen("R8", "create")
    return Seen("R8", "hold", "DESTINATION_GONE")


def _alone(matches: list[tuple[int, str, str, str, bool]], rule: str, record: str) -> Seen:
    """A second record that answers as well disagrees; the only one that does, and is somebody's, is theirs."""
    others = [match for match in matches if match[1] != record and match[2] != "missing"]
    if not others:
        return Seen(rule, "matched", "", record)
    if len(others) == 1 and others[0][2] == "taken":
        return _taken(others[0])
    return Seen("R6", "conflict", "MATCH_DISAGREES")


def _taken(match: tuple[int, str, str, str, bool]) -> Seen:
    """Who has it may be about to let go; somebody the source does not know any more, or elsewhere, is not."""
    return Seen("R12", "hold", "WAITS_FOR") if match[4] else Seen("R12", "conflict", "IDENTITY_REUSED")
