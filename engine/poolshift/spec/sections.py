"""The sections of a spec, each judged by itself, so that a mistake in one does not hide those of another."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from pydantic import TypeAdapter

from poolshift.spec import section
from poolshift.spec.model import CheckLevel
from poolshift.spec.nodes import MapNode, ScalarNode
from poolshift.spec.problems import Problems, did_you_mean
from poolshift.spec.written import (
    WrittenAttributes,
    WrittenDestination,
    WrittenGroupRule,
    WrittenJustInTime,
    WrittenLimits,
    WrittenLink,
    WrittenOrganizations,
    WrittenPhase,
    WrittenPolicy,
    WrittenSource,
    WrittenState,
    WrittenTable,
    WrittenUsers,
)
from poolshift.spec.written.document import Migration, WrittenSpec

RESERVED: Final[Mapping[str, str]] = {
    "sources": "A migration has one source; write a spec for each.",
    "destinations": "A migration has one destination; write a spec for each.",
    "extends": "Use vars for what differs between specs.",
    "include": "Use tables for long lists, and vars for what differs.",
    "environments": "Use vars and a --vars file for each environment.",
    "matrix": "Use vars and a --vars file for each combination.",
}
_REQUIRED: Final = ("version", "migration", "source", "destination", "users")


@dataclass(frozen=True, slots=True)
class Sections:
    """None where a section is absent or unusable; what is unusable has been reported."""

    migration: str | None = None
    source: WrittenSource | None = None
    destination: WrittenDestination | None = None
    tables: dict[str, WrittenTable] | None = None
    users: WrittenUsers | None = None
    attributes: WrittenAttributes | None = None
    organizations: WrittenOrganizations | None = None
    groups: list[WrittenGroupRule] | None = None
    links: dict[str, WrittenLink] | None = None
    just_in_time: WrittenJustInTime | None = None
    policy: WrittenPolicy | None = None
    limits: WrittenLimits | None = None
    checks: dict[str, CheckLevel] | None = None
    state: WrittenState | None = None
    phases: list[WrittenPhase] | None = None


@cache
def _adapters() -> Mapping[str, TypeAdapter[Any]]:
    types: dict[str, Any] = {
        "migration": Migration,
        "source": WrittenSource,
        "destination": WrittenDestination,
        "tables": dict[str, WrittenTable],
        "users": WrittenUsers,
        "attributes": WrittenAttributes,
        "organizations": WrittenOrganizations,
        "groups": list[WrittenGroupRule],
        "links": dict[str, WrittenLink],
        "just_in_time": WrittenJustInTime,
        "policy": WrittenPolicy,
        "limits": WrittenLimits,
        "checks": dict[str, CheckLevel],
        "state": WrittenState,
        "phases": list[WrittenPhase],
    }
    return {name: TypeAdapter(kind) for name, kind in types.items()}


def judge(root: MapNode, problems: Problems) -> tuple[Sections, MapNode]:
    """The sections, and the document without what was wrong with them."""
    _check_keys(root, problems)
    _check_version(root, problems)
    found: dict[str, Any] = {}
    for name, adapter in _adapters().items():
        read = section.read(root, name, adapter, problems)
        found[name] = read.value
        if read.node is not None:
            root = root.put(name, read.node)
    return Sections(**found), root


def _check_keys(root: MapNode, problems: Problems) -> None:
    known = frozenset(WrittenSpec.model_fields)
    for key, entry in root.entries.items():
        if key in RESERVED:
            problems.error("SPEC_RESERVED", f'"{key}" is kept for later', entry.key_place, RESERVED[key])
        elif key not in known:
            problems.error("SPEC_KEY_UNKNOWN", f'unknown key "{key}"', entry.key_place, did_you_mean(key, known))
    for key in _REQUIRED:
        if key not in root.entries:
            problems.error("SPEC_REQUIRED", f'"{key}" is missing', root.place, f"Add {key}: … to the spec.")


def _check_version(root: MapNode, problems: Problems) -> None:
    node = root.get("version")
    if node is None:
        return
    value = node.value if isinstance(node, ScalarNode) else None
    if not isinstance(value, int) or isinstance(value, bool):
        problems.error("SPEC_TYPE", '"version" must be a whole number', node.place, "Write version: 1.")
    elif value != 1:
        remedy = "Write version: 1, or use a poolshift that knows this version."
        problems.error("SPEC_VERSION", f"version {value} of the language is not known", node.place, remedy)
