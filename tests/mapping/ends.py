"""Two invented ends and the normalised spec between them, for tests of the mapping."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from poolshift.diagnostics import Place
from poolshift.identity.finding import Finding
from poolshift.identity.kind import Kind
from poolshift.identity.value import Value
from poolshift.provider.schema import FieldSchema, KindSchema, Reading, Schema
from poolshift.spec.model import End, Spec

PLACE = Place("spec.yaml", 1)


def lower(value: Value) -> Value:
    return value.lower() if isinstance(value, str) else value


def no_mail_as_username(values: Mapping[str, Value]) -> Iterable[Finding]:
    if "@" in str(values.get("username", "")):
        yield Finding("USERNAME_IS_EMAIL", "", "username")


def text(*roles: str, **more: Any) -> FieldSchema:
    return FieldSchema("text", roles=frozenset(roles), **more)


def kind_of(fields: Mapping[str, FieldSchema], **more: Any) -> KindSchema:
    return KindSchema("user", fields, Reading("list"), (), {}, **more)


SOURCE = Schema(
    kinds={
        "user": kind_of(
            {
                "sub": text("source_id"),
                "email": text("email", "login", verified_by="email_verified"),
                "email_verified": FieldSchema("bool"),
                "phone_number": text("phone", verified_by="phone_number_verified"),
                "phone_number_verified": FieldSchema("bool"),
                "custom:level": FieldSchema("number"),
                "custom:member": FieldSchema("bool"),
                "custom:since": FieldSchema("time"),
                "custom:plan": text(max_length=20),
            }
        )
    }
)

_USER_FIELDS = {
    "email": text("email", "login", verified_by="email_verified", max_length=254, canonical=lower),
    "email_verified": FieldSchema("bool"),
    "phone": text("phone", "login", verified_by="phone_verified"),
    "phone_verified": FieldSchema("bool"),
    "username": text("username", "login", max_length=128),
    "given_name": text(max_length=100),
    "family_name": text(max_length=100),
    "name": text(),
    "birthdate": text(),
    "locale": text(),
    "address": FieldSchema("json"),
    "score": FieldSchema("number"),
    "active": FieldSchema("bool"),
    "joined": FieldSchema("time"),
    "tags": FieldSchema("set"),
    "slug": text(pattern="[a-z0-9-]+", max_length=12),
    "note": text(max_bytes=20),
    "external_id": text("source_id", max_length=40),
    "owner": text("owner"),
    "enabled": FieldSchema("bool", roles=frozenset({"enabled"})),
    "locked": text(write="never"),
    "attributes.*": FieldSchema("json", max_length=2048, reserved=frozenset({"user_id", "identities", "metadata"})),
    "tiny.*": FieldSchema("json", max_keys=2, max_bytes=40),
}


def destination(
    without: Iterable[str] = (),
    required: Iterable[str] = (),
    any_of: Iterable[Iterable[str]] = (),
    kinds: Iterable[Kind] = (),
    username_check: bool = False,
) -> Schema:
    """The invented destination, less some fields, with more demands."""
    fields = {path: field for path, field in _USER_FIELDS.items() if path not in set(without)}
    fields |= {path: replace(fields[path], required=True) for path in required}
    more: dict[str, Any] = {"check": no_mail_as_username} if username_check else {}
    user = kind_of(fields, any_of=tuple(frozenset(paths) for paths in any_of), **more)
    named = kind_of({"name": text()})
    return Schema(kinds={"user": user, **dict.fromkeys(kinds, named)})


def spec_of(fragment: Mapping[str, Any]) -> Spec:
    """A normalised spec; every fragment stands under its own key and places are filled in."""
    fields = [{"place": PLACE, **field} for field in fragment.get("fields", [])]
    users = {"source_id": "external_id", **fragment.get("users", {}), "fields": fields}
    document: dict[str, Any] = {
        "file": "spec.yaml",
        "folder": ".",
        "digest": "0",
        "migration": "acme-test",
        "source": End(provider="invented", settings=None),
        "destination": End(provider="invented", settings=None),
        "users": users,
        "checks": fragment.get("checks", {}),
        "attributes": fragment.get("attributes", {}),
        "links": {name: {"provider": name, "place": PLACE, **link} for name, link in fragment.get("links", {}).items()},
        "tables": {
            name: {"file": f"{name}.csv", "key": "id", "rows": rows, "digest": "0"}
            for name, rows in fragment.get("tables", {}).items()
        },
    }
    if "groups" in fragment:
        document["groups"] = [{"place": PLACE, **rule} for rule in fragment["groups"]]
    if "organizations" in fragment:
        document["organizations"] = {"place": PLACE, **fragment["organizations"]}
    return Spec.model_validate(document)
