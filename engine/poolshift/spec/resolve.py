"""Puts the sections together: what one says is checked against the others, the ends and the tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from poolshift.spec import rules
from poolshift.spec.attributes import attributes, declared_names
from poolshift.spec.catalogue import Catalogue
from poolshift.spec.context import Context
from poolshift.spec.ends import end
from poolshift.spec.groups import groups
from poolshift.spec.just_in_time import check_passwords, just_in_time, settings_model
from poolshift.spec.links import links
from poolshift.spec.model import End, Limits, Table
from poolshift.spec.nodes import MapNode, ScalarNode, Step, at
from poolshift.spec.organizations import organizations
from poolshift.spec.phases import phases
from poolshift.spec.problems import Problems
from poolshift.spec.sections import Sections
from poolshift.spec.settings import SAFE, secret_paths
from poolshift.spec.tables import tables
from poolshift.spec.users import users
from poolshift.spec.written import WrittenAttributes, WrittenLimits, WrittenPolicy, WrittenState


@dataclass(frozen=True, slots=True)
class Resolved:
    """``parts``: keyword arguments of Spec; ``secrets``: paths of the document whose values are secret."""

    parts: Mapping[str, Any]
    tables: Mapping[str, Table]
    secrets: tuple[tuple[Step, ...], ...]


def resolve(
    sections: Sections, document: MapNode, folder: Path, catalogue: Catalogue, problems: Problems
) -> Resolved | None:
    """Check every section against the rest; None where one that a spec cannot do without is unusable."""
    context = Context(document, problems, folder)
    ends = _ends(sections, catalogue, context)
    context.table_names = _table_names(document)
    context.tables = tables(sections.tables or {}, context)
    parts: dict[str, Any] = {
        "migration": sections.migration,
        **ends,
        "policy": rules.policy(sections.policy or WrittenPolicy()),
        "limits": rules.limits(sections.limits or WrittenLimits()),
        "checks": rules.checks(sections.checks or {}, context),
        "state": rules.state(sections.state or WrittenState(), context),
    }
    parts |= _people(sections, parts["checks"], context)
    parts |= _cutover(sections, parts["limits"], ends.get("source"), context)
    if any(parts.get(name) is None for name in ("migration", "source", "destination", "users")):
        return None
    return Resolved(parts, context.tables, tuple(_secrets(parts, context)))


def _ends(sections: Sections, catalogue: Catalogue, context: Context) -> dict[str, End]:
    found: dict[str, End] = {}
    if sections.source is not None and (read := end("source", sections.source, catalogue, context)):
        found["source"], context.source = read
    if sections.destination is not None and (read := end("destination", sections.destination, catalogue, context)):
        found["destination"], context.destination = read
        context.hooks = catalogue.hooks(sections.destination.provider)
    return found


def _table_names(document: MapNode) -> frozenset[str]:
    node = document.get("tables")
    return frozenset(node.entries) if isinstance(node, MapNode) else frozenset()


def _people(sections: Sections, checks: Mapping[str, str], context: Context) -> dict[str, Any]:
    declared = declared_names(sections.attributes)
    # Declared or not, a broken block of organizations is one: rules that need it are not wrong.
    has_organizations = sections.organizations is not None or "organizations" in context.document.entries
    merged = users(sections.users, declared, checks, context) if sections.users else None
    rules_of_groups = groups(sections.groups, has_organizations, declared, context)
    used = [rule.field for rule in rules_of_groups or () if rule.field]
    return {
        "users": merged,
        "organizations": organizations(sections.organizations, context),
        "groups": rules_of_groups,
        "links": links(sections.links or {}, context),
        "attributes": attributes(sections.attributes or WrittenAttributes(), merged, used, context),
    }


def _cutover(sections: Sections, limits: Limits, source: End | None, context: Context) -> dict[str, Any]:
    steps = sections.phases or []
    block, hook = just_in_time(sections.just_in_time, source, context)
    if sections.users is not None:
        has_block = "just_in_time" in context.document.entries
        check_passwords(sections.users, steps, has_block, hook, context)
    return {"just_in_time": block, "phases": phases(steps, limits, context)}


def _secrets(parts: Mapping[str, Any], context: Context) -> list[tuple[Step, ...]]:
    secrets: list[tuple[Step, ...]] = [("just_in_time", "secret")]
    for name in ("source", "destination"):
        settings = parts[name].settings
        if isinstance(settings, BaseModel):
            secrets += [(name, "settings", *path) for path in secret_paths(type(settings))]
    backend = rules.BACKENDS[parts["state"].backend]
    secrets += [("state", "settings", *path) for path in secret_paths(backend)]
    return secrets + _hook_secrets(parts["just_in_time"], context)


def _hook_secrets(block: Mapping[str, Any] | None, context: Context) -> list[tuple[Step, ...]]:
    """A hook without a model cannot say which of its settings are secret: all that come from outside are."""
    if block is None:
        return []
    path: tuple[Step, ...] = ("just_in_time", "settings")
    model = settings_model(context.hooks.get(str(block["hook"])))
    if model is not None:
        return [(*path, *found) for found in secret_paths(model)]
    node = at(context.document, path)
    entries = node.entries if isinstance(node, MapNode) else {}
    return [
        (*path, name)
        for name, entry in entries.items()
        if isinstance(entry.node, ScalarNode) and entry.node.filled & SAFE
    ]
