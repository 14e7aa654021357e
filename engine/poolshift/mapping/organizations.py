"""Organizations: which keys a person has, and what the destination should hold for a key."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from poolshift.identity.address import address
from poolshift.identity.finding import Finding
from poolshift.identity.value import UNKNOWN, Path, Value
from poolshift.mapping.emitter import template_function
from poolshift.mapping.field_rule import Note
from poolshift.mapping.operators import text
from poolshift.provider.schema import FieldSchema, Schema
from poolshift.spec.model import OrganizationItem, Spec


@dataclass(frozen=True, slots=True)
class DesiredOrganization:
    """One organization. ``key`` is its part in addresses; ``create`` false = adopt only."""

    key: str
    name: str
    domains: tuple[str, ...] = ()
    settings: Mapping[str, Value] = field(default_factory=dict)
    create: bool = True


class OrganizationRules:
    """The spec's `organizations`; for a spec without them, nobody has one."""

    def __init__(self, spec: Spec, destination: Schema) -> None:
        own = spec.organizations
        kind = destination.kinds.get("organization")
        self._own = own
        self._canonical = _canonical(kind.fields if kind else {}, "name")
        self._name = _function(own.name if own else None, spec)
        self._domains = _function(own.domains if own else None, spec)

    def keys(self, raw: Value, notes: list[Note]) -> tuple[str, ...]:
        """The organizations of a person from the value of ``from``: in order, trimmed, without repetition."""
        own = self._own
        if own is None:
            return ()
        keys = () if raw is UNKNOWN else tuple(dict.fromkeys(_pieces(raw, own.split)))
        if keys or own.missing == "skip":
            return keys
        if own.missing == "fail":
            notes.append(("ORGANIZATION_MISSING", "", "has no organization"))
            return ()
        return (own.missing,)

    def desired(self, key: str) -> DesiredOrganization:
        """What the destination should hold for a key."""
        own = self._own
        if own is None:
            return DesiredOrganization(key, key, create=False)
        item = own.items.get(key, OrganizationItem())
        name = item.name or (text(self._name(key)) if self._name else None) or key
        domains = item.domains or (_pieces(self._domains(key), ",") if self._domains else ())
        return DesiredOrganization(
            key=key,
            name=self._canonical(name),
            domains=tuple(dict.fromkeys(domain.lower() for domain in domains)),
            settings={**own.settings, **item.settings},
            create=own.create,
        )

    def twice(self, keys: Iterable[str]) -> tuple[Finding, ...]:
        """ORGANIZATION_NAME_TWICE for every key whose name another key (its partner, the smallest) yields too."""
        by_name: dict[str, list[str]] = {}
        for key in sorted(set(keys)):
            by_name.setdefault(self.desired(key).name, []).append(key)
        return tuple(
            Finding(
                "ORGANIZATION_NAME_TWICE",
                address("organization", key),
                message="another key yields the same name",
                partner=address("organization", twins[1] if key == twins[0] else twins[0]),
            )
            for twins in by_name.values()
            if len(twins) > 1
            for key in twins
        )


def _pieces(raw: Value, separator: str | None) -> list[str]:
    """The keys in a value: of a list each, of a text its parts when it is split."""
    if isinstance(raw, (list, tuple)):
        return [piece for item in raw for piece in _pieces(item, None)]
    own = text(raw)
    if own is None:
        return []
    pieces = own.split(separator) if separator else [own]
    return [piece for part in pieces if (piece := part.strip())]


def _function(template: str | None, spec: Spec) -> Callable[..., Any] | None:
    return None if template is None else template_function(template, ("key",), spec.tables)


def _canonical(fields: Mapping[Path, FieldSchema], path: Path) -> Callable[[Value], Value]:
    schema = fields.get(path)
    return schema.canonical if schema else str
