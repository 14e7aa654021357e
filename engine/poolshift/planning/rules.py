"""Compiles the rules of a plan from the spec, both schemas and the state."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import cast

from poolshift import canonical
from poolshift.gather.destination import Shared
from poolshift.gather.key_types import KeyTypes, key_types
from poolshift.identity.findings import severity
from poolshift.identity.kind import SHARED_KINDS, Kind
from poolshift.identity.value import Path
from poolshift.mapping.mapper import Mapper
from poolshift.plan.element_keys import ElementKeys
from poolshift.plan.routes import routes_for, selective
from poolshift.plan.rules import SHARED_RULE, Rules, element_kinds, field_rule
from poolshift.planning.session import Session
from poolshift.privacy import Fingerprinter
from poolshift.provider.schema import KindSchema
from poolshift.provider.session import Complete, Partial, Want
from poolshift.spec.model import Mode


@dataclass(frozen=True, slots=True)
class Compiled:
    """What is known before a record is read.

    paths: owned now or by an earlier rule set of this lineage, and the enabled flag where people may be disabled.
    """

    mapper: Mapper
    types: KeyTypes
    paths: tuple[Path, ...]
    modes: Mapping[Path, Mode]
    own_rules: Mapping[Path, str]
    records: Fingerprinter
    kinds: frozenset[Kind]
    source_want: Want
    destination_want: Want


def compile_rules(session: Session) -> Compiled:
    spec = session.spec
    source, destination = session.source.schema, session.destination.schema
    mapper = Mapper(spec, source, destination)
    user = destination.kinds["user"]
    earlier = {
        path for rules in session.store.rule_sets().values() for path, rule in rules.items() if rule != SHARED_RULE
    }
    told = user.with_role("enabled") if spec.policy.source_gone == "disable" else ()
    paths = tuple(sorted({*mapper.paths, *told, *(path for path in earlier if user.field_at(path) is not None)}))
    own_rules = {path: field_rule(mapper.modes[path], user.field_at(path)) for path in mapper.paths}
    kinds = element_kinds(
        destination.kinds,
        has_groups=bool(spec.groups),
        has_links=any(link.mode == "create" for link in spec.links.values()),
        has_organizations=spec.organizations is not None,
    )
    salt = canonical.digest([own_rules, spec.policy.model_dump(), sorted(kinds)])
    return Compiled(
        mapper=mapper,
        types=key_types(user, spec.users.match, spec.users.source_id),
        paths=paths,
        modes=mapper.modes,
        own_rules=own_rules,
        records=session.store.keys.fingerprints.salted(blake2b(salt.encode(), digest_size=16).digest()),
        kinds=kinds,
        source_want=_source_want(session, mapper),
        destination_want=_destination_want(session, kinds, paths),
    )


def _source_want(session: Session, mapper: Mapper) -> Want:
    """``fields`` names what costs a call a person; the rest is listed anyway."""
    wanted: set[Kind] = {"user"}
    if session.spec.groups and "group" in session.source.schema.kinds:
        wanted |= {"group", "group_member"}
    return Want(frozenset(wanted), frozenset({"mfa"} if mapper.needs_mfa else ()))


def _destination_want(session: Session, kinds: frozenset[Kind], paths: tuple[Path, ...]) -> Want:
    wanted: set[Kind] = {"user", "attribute", *kinds}
    if kinds - {"link"}:
        wanted |= {"organization", "role", "group"}
    return Want(frozenset(wanted & set(session.destination.schema.kinds)), frozenset(paths))


def bind_rules(
    session: Session,
    compiled: Compiled,
    shared: Shared,
    source_ends: Mapping[Kind, Complete | Partial],
    destination_ends: Mapping[Kind, Complete | Partial],
    *,
    destructive: bool,
) -> Rules:
    """The rules once both ends were read. ``destructive``: counts are as expected."""
    spec, store = session.spec, session.store
    kinds = session.destination.schema.kinds
    user = kinds["user"]
    fingerprints = store.keys.fingerprints
    unread = {kind for kind in compiled.kinds if not isinstance(destination_ends.get(kind), Complete)}
    if any(not isinstance(source_ends.get(kind, Partial("")), Complete) for kind in ("group_member",)) and spec.groups:
        unread |= compiled.kinds - {"link", "organization_member"}
    if spec.users.duplicates == "merge" and not _complete(source_ends.get("user")):
        unread |= compiled.kinds & {"link"}  # a twin that was not read may hold some of a person's links
    return Rules(
        migration=spec.migration,
        paths=compiled.paths,
        modes=compiled.modes,
        user=user,
        policy=spec.policy,
        fingerprints=fingerprints,
        records=compiled.records,
        rule_set=store.rule_set(compiled.own_rules),
        shared_rule_set=store.rule_set(_shared_rules(session)),
        rule_sets=store.rule_sets(),
        own_rules=compiled.own_rules,
        source_id=spec.users.source_id,
        owner=compiled.types.owner,
        enabled=next(iter(user.with_role("enabled")), None),
        login=frozenset(user.with_role("login")),
        flags=frozenset(flag for field in user.fields.values() if (flag := field.verified_by) is not None),
        kinds=compiled.kinds,
        at_most=_at_most(kinds),
        creating=selective(routes_for(session.destination.schema, "user", "create", 1, spec.users.method)),
        with_parent=frozenset(kind for kind, about in kinds.items() if about.arrives == "with_parent"),
        unread=frozenset(unread),
        unread_shared=frozenset(
            kind for kind in SHARED_KINDS if kind in destination_ends and not _complete(destination_ends[kind])
        ),
        source_read=_complete(source_ends.get("user")),
        destination_read=_complete(destination_ends.get("user")),
        destructive=destructive,
        members=compiled.mapper.groups.elements,
        member_codes=compiled.mapper.groups.codes,
        elements=ElementKeys(fingerprints),
        parents={
            (kind, parts): record.id for kind, records in shared.records.items() for parts, record in records.items()
        },
        severity=lambda code: cast(str, severity(code, spec.checks)),
        resolutions=store.resolutions(),
    )


def _shared_rules(session: Session) -> dict[Path, str]:
    kinds = session.destination.schema.kinds
    return {path: SHARED_RULE for kind in SHARED_KINDS if kind in kinds for path in kinds[kind].fields}


def _complete(end: Complete | Partial | None) -> bool:
    return isinstance(end, Complete)


def _at_most(kinds: Mapping[Kind, KindSchema]) -> Mapping[Kind, int]:
    """How many of a kind one person may have."""
    bounds = {kind: [most for to, most in about.at_most if to == {"user"}] for kind, about in kinds.items()}
    return {kind: min(own) for kind, own in bounds.items() if own}
