"""A provider, laid out: kinds with their fields and keys, ways to write, quotas, and what is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from poolshift.provider.schema import KindSchema, Quota, Route, Schema
from poolshift.provider.session import Provider
from poolshift.render.page import Block, Detail, Heading, Line, Page, Table
from poolshift.render.wording import visible

FORMAT_VERSION = "1.0"


def provider_document(provider: Provider, schema: Schema, settings: Mapping[str, Any]) -> dict[str, Any]:
    """``settings``: the JSON Schema of the provider's settings."""
    return {
        "format_version": FORMAT_VERSION,
        "name": provider.name,
        "version": provider.version,
        "ends": sorted(provider.ends),
        "settings": [_setting(name, one, settings) for name, one in settings.get("properties", {}).items()],
        "kinds": [_kind(kind, about) for kind, about in schema.kinds.items()],
        "routes": [_route(route) for route in schema.routes],
        "quotas": [_quota(quota) for quota in schema.quotas],
        "absent": [
            {"kind": kind, "level": why.level.value, "why": why.note} for kind, why in sorted(schema.absent.items())
        ],
    }


def _setting(name: str, one: Mapping[str, Any], settings: Mapping[str, Any]) -> dict[str, Any]:
    needed = name in settings.get("required", ())
    return {"name": name, "required": needed, "secret": bool(one.get("secret")), "what": one.get("description", "")}


def _kind(kind: str, about: KindSchema) -> dict[str, Any]:
    return {
        "kind": kind,
        "title": about.title,
        "read": about.reading.how,
        "keys": [key.path for key in about.keys],
        "verbs": {verb: {"level": own.level.value, "note": own.note} for verb, own in sorted(about.verbs.items())},
        "delete_is": about.delete_is,
        "scopes": {verb: sorted(scopes) for verb, scopes in sorted(about.scopes.items())},
        "fields": [
            {
                "path": path,
                "type": own.type,
                "roles": sorted(own.roles),
                "required": own.required,
                "write": own.write,
                "read": own.read,
                "pattern": own.pattern,
                "max_length": own.max_length,
            }
            for path, own in about.fields.items()
        ],
    }


def _route(route: Route) -> dict[str, Any]:
    return {
        "name": route.name,
        "kind": route.kind,
        "verbs": sorted(route.verbs),
        "method": route.method,
        "delivery": route.delivery,
        "items": route.items,
        "whole": route.whole,
        "width": route.width,
        "carries": sorted(route.carries),
        "note": route.note,
    }


def _quota(quota: Quota) -> dict[str, Any]:
    windows = [{"calls": calls, "seconds": seconds} for calls, seconds in quota.windows]
    return {"name": quota.name, "windows": windows, "per": quota.per, "shared": quota.shared}


def provider_page(document: Mapping[str, Any], detail: Detail) -> Page:
    ends = " and ".join(reversed(document["ends"]))
    title = f"{visible(document['name'])} {visible(document['version'])}: {ends}"
    return Page(title, "good", list(_blocks(document)))


def _blocks(document: Mapping[str, Any]) -> Iterator[Block]:
    yield Heading("Settings")
    yield Table(
        ("setting", "", "what"),
        [(one["name"], _asked(one), visible(one["what"])) for one in document["settings"]],
    )
    for kind in document["kinds"]:
        yield Heading(f"{kind['kind']}: {visible(kind['title'])}")
        yield Line(f"read: {kind['read']} · found by: {', '.join(kind['keys']) or 'nothing'} · {_verbs(kind)}", "quiet")
        yield Table(("field", "type", "rules"), [_field(one) for one in kind["fields"]])
    if document["routes"]:
        yield Heading("Ways to write")
        yield Table(("way", "what", "at once", "note"), [_way(one) for one in document["routes"]], frozenset({2}))
    if document["quotas"]:
        yield Heading("Quotas")
        yield Table(("quota", "calls", "of"), [_limit(one) for one in document["quotas"]])
    if document["absent"]:
        yield Heading("Not there")
        rows = [(one["kind"], one["level"], visible(one["why"])) for one in document["absent"]]
        yield Table(("kind", "", "why"), rows)


def _asked(one: Mapping[str, Any]) -> str:
    return " ".join(word for word in ("required", "secret") if one[word])


def _verbs(kind: Mapping[str, Any]) -> str:
    can = [verb for verb, own in kind["verbs"].items() if own["level"] in ("full", "partial")]
    return f"{', '.join(can)}" if can else "read only"


def _field(one: Mapping[str, Any]) -> tuple[str, ...]:
    rules = [
        *one["roles"],
        *(["required"] if one["required"] else []),
        *([f"written: {one['write']}"] if one["write"] != "always" else []),
        *([f"read: {one['read'].replace('_', ' ')}"] if one["read"] != "listed" else []),
        *([f"at most {one['max_length']}"] if one["max_length"] else []),
    ]
    return visible(one["path"]), one["type"], ", ".join(rules)


def _way(one: Mapping[str, Any]) -> tuple[str, ...]:
    marks = [
        *(["all or nothing"] if one["whole"] else []),
        *([f"as a {one['delivery']}"] if one["delivery"] == "job" else []),
    ]
    note = "; ".join([*marks, *([visible(one["note"])] if one["note"] else [])])
    return visible(one["name"]), f"{', '.join(one['verbs'])} {one['kind']}", str(one["items"]), note


def _limit(one: Mapping[str, Any]) -> tuple[str, ...]:
    windows = ", ".join(f"{window['calls']:g} in {window['seconds']:g} s" for window in one["windows"])
    return visible(one["name"]), windows, f"the {one['per']}" + (", shared with sign-ins" if one["shared"] else "")
