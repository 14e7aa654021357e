"""Invented populations over few values, so that everything that can collide does: both ends and what state knows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import strategies as st

from tests.planning.rehearsal import MIGRATION, Rehearsal, end, person

SPEC = """
version: 1
migration: invented
source: {{provider: cognito_export, settings: {{path: export}}}}
destination: {{provider: directory, settings: {{path: people.db}}}}
users:
  login: [email]
  source_id: external_id
  copy: [email, email_verified, username]
  statuses: {{UNCONFIRMED: skip}}
  passwords: none
  duplicates: {duplicates}
links: {{Google: google}}
policy: {{destination_gone: {gone}}}
"""

EMAILS = ("a@example.com", "A@example.com", "b@example.com", "c@example.com", "d@example.com", "e@example.com")
IDS = ("s1", "s2", "s3", "s4")
MORE_IDS = (*IDS, *(f"t{number}" for number in range(16)))
RECORDS = tuple(f"d{number}" for number in range(20))
NAMES = ("n1", "n2", "n3", "a@example.com")


@dataclass(frozen=True)
class Someone:
    """A person at the source; ``name``: the user name, ``link``: a subject at an identity provider."""

    id: str
    email: str
    name: str
    verified: bool = True
    federated: bool = False
    selected: bool = True
    link: str | None = None


@dataclass(frozen=True)
class There:
    """A record at the destination."""

    id: str
    email: str
    name: str | None = None
    verified: bool = True
    marker: str | None = None
    owner: str | None = None
    link: str | None = None


@dataclass(frozen=True)
class Population:
    """base: source id -> destination id."""

    people: tuple[Someone, ...] = ()
    there: tuple[There, ...] = ()
    base: tuple[tuple[str, str], ...] = ()
    duplicates: str = "fail"
    gone: str = "hold"

    def rehearsal(self) -> Rehearsal:
        text = SPEC.format(duplicates=self.duplicates, gone=self.gone)
        own = Rehearsal(text, end("source", text), end("destination", text))
        own.source.users = {one.id: _source(one) for one in self.people}
        own.destination.users = {one.id: _destination(one) for one in self.there}
        own.destination.links = {("google", one.link): one.id for one in self.there if one.link}
        own.store.rule_set({})
        for source_id, destination_id in self.base:
            own.base(source_id, destination_id)
        return own


def _source(one: Someone) -> dict[str, Any]:
    more: dict[str, Any] = {"username": one.name, "email_verified": one.verified}
    if one.federated:
        more["status"] = "EXTERNAL_PROVIDER"
    if not one.selected:
        more["status"] = "UNCONFIRMED"
    if one.link:
        more["identities"] = [{"provider": "Google", "subject": one.link}]
    return person(one.id, one.email, **more)


def _destination(one: There) -> dict[str, Any]:
    values = {
        "email": one.email,
        "email_verified": one.verified,
        "username": one.name,
        "external_id": one.marker,
        "owner": one.owner,
        "enabled": True,
    }
    return {path: value for path, value in values.items() if value is not None}


OFTEN = st.sampled_from((True, True, True, False))


def _person(own: str, email: str, name: str, *rest: Any) -> Someone:
    return Someone(own, email, name or f"name-{own}", *rest)


def _people(ids: Sequence[str], *, sparse: bool) -> st.SearchStrategy[list[Someone]]:
    one = st.builds(
        _person,
        st.sampled_from(ids),
        st.sampled_from(EMAILS),
        st.sampled_from(("", "", "", *NAMES)),
        OFTEN,
        st.booleans(),
        OFTEN,
        st.sampled_from((None, None, None, "g1", "g2")),
    )
    return st.lists(one, max_size=20, unique_by=_apart(sparse))


def _there(ids: Sequence[str], *, sparse: bool) -> st.SearchStrategy[list[There]]:
    one = st.builds(
        There,
        st.sampled_from(RECORDS),
        st.sampled_from(EMAILS),
        st.sampled_from((None, None, None, *NAMES)),
        OFTEN,
        st.sampled_from((None, None, *ids[:4])),
        st.sampled_from((None, None, MIGRATION, "somebody-else")),
        st.sampled_from((None, None, None, "g1", "g2")),
    )
    return st.lists(one, max_size=20, unique_by=_apart(sparse))


def _apart(sparse: bool) -> tuple[Callable[[Any], str], ...]:
    """Sparse: one record an e-mail, as it should be."""
    ids = (lambda own: str(own.id),)
    return (*ids, lambda own: str(own.email.lower())) if sparse else ids


def _one_each(there: list[There]) -> tuple[There, ...]:
    """No destination gives one subject to two records."""
    first = {one.link: one.id for one in reversed(there)}
    return tuple(one if first[one.link] == one.id else replace(one, link=None) for one in there)


@st.composite
def populations(draw: st.DrawFn) -> Population:
    """Up to 40 records over six e-mails and four ids (or many ids, so that values are shared by many people)."""
    ids, sparse = draw(st.sampled_from((IDS, MORE_IDS))), draw(st.booleans())
    people, there = draw(_people(ids, sparse=sparse)), draw(_there(ids, sparse=sparse))
    records = [*(one.id for one in there), "d0", "d1"]
    owned = st.tuples(st.sampled_from(ids), st.sampled_from(records))
    return Population(
        tuple(people),
        _one_each(there),
        tuple(draw(st.lists(owned, max_size=6, unique_by=lambda own: own[0]))),
        draw(st.sampled_from(("fail", "fail", "merge", "skip"))),
        draw(st.sampled_from(("hold", "recreate"))),
    )


@dataclass(frozen=True)
class Seen:
    """What became of one person: a word of the counts, or a rule with its action, code and record."""

    rule: str
    action: str
    code: str = ""
    record: str | None = None
