"""What the directory declares to the planner. The file enforces its rules by itself: see `database`."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Schema, Support
from poolshift.provider.verb import Verb
from poolshift_providers.directory.canonical_form import attribute_path, folded, text, texts
from poolshift_providers.directory.routes import QUOTAS, ROUTES
from poolshift_providers.directory.settings import Settings

Type = Literal["text", "bool", "number", "time"]

AT_ONCE: Final = 100  # values in one lookup
_LIST: Final = Reading("list")
_FULL: Final = Support(Level.FULL, evidence="live")
_NO_DELETE: Final = Support(Level.NOT_IMPLEMENTED, "shared records stay; remove them by hand")
_NO_UPDATE: Final = Support(Level.BY_DESIGN_IMPOSSIBLE, "it has nothing but its two ends")
_ALL: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _FULL, "delete": _FULL}
_SHARED: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _FULL, "delete": _NO_DELETE}
_MEMBER: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _NO_UPDATE, "delete": _FULL}
_TYPES: Final[Mapping[str, Type]] = {"string": "text", "number": "number", "boolean": "bool", "date": "time"}
_NONEMPTY: Final = r"^[\s\S]+$"
_LENGTHS: Final = {
    "name": 256,
    "given_name": 256,
    "family_name": 256,
    "middle_name": 256,
    "nickname": 256,
    "profile": 2048,
    "picture": 2048,
    "website": 2048,
    "gender": 64,
    "birthdate": 10,
    "zoneinfo": 64,
    "locale": 64,
}


def _text(length: int, **more: Any) -> FieldSchema:
    return FieldSchema("text", max_length=length, **{"canonical": text, "on_ascii": "same", **more})


def _plain(length: int, **more: Any) -> FieldSchema:
    return _text(length, tier="plain", **more)


def _ref(kind: Kind) -> FieldSchema:
    return FieldSchema("ref", ref=kind, tier="plain", required=True, write="create", clearable=False)


def _keys(*paths: Path) -> tuple[Key, ...]:
    return tuple(Key(path, AT_ONCE) for path in paths)


def _user_fields(settings: Settings, attributes: Mapping[str, tuple[str, int | None]]) -> dict[Path, FieldSchema]:
    mail: Callable[[Value], Value] = folded if settings.case_fold else text
    needed = frozenset(settings.required)
    fields = {
        "id": FieldSchema("text", tier="plain", write="never"),
        "external_id": _plain(256, roles=frozenset({"source_id"}), pattern=_NONEMPTY),
        "username": _text(128, roles=frozenset({"login", "username"}), pattern=_NONEMPTY),
        "email": _text(
            254,
            roles=frozenset({"login", "email"}),
            verified_by="email_verified",
            companions=frozenset({"email_verified"}),
            pattern=r"^[\s\S]+@[\s\S]+$",
            canonical=mail,
            on_ascii="lower" if settings.case_fold else "same",
        ),
        "email_verified": FieldSchema("bool", tier="plain"),
        "phone_number": _text(
            64,
            roles=frozenset({"login", "phone"}),
            verified_by="phone_number_verified",
            companions=frozenset({"phone_number_verified"}),
        ),
        "phone_number_verified": FieldSchema("bool", tier="plain"),
        "preferred_username": _text(128, roles=frozenset({"login"})),
        **{path: _text(length) for path, length in _LENGTHS.items()},
        "address": FieldSchema("json"),
        "enabled": FieldSchema("bool", roles=frozenset({"enabled"}), tier="plain", clearable=False),
        "owner": _plain(128, roles=frozenset({"owner"})),
        "created_at": FieldSchema("time", roles=frozenset({"created"}), tier="plain", write="never"),
        "attributes.*": FieldSchema("json", canonical=text, on_ascii="same"),
    }
    for path, (type_, length) in attributes.items():
        fields[path] = FieldSchema(_TYPES[type_], max_length=length, canonical=text, on_ascii="same")
    return {path: _required(field) if path in needed else field for path, field in fields.items()}


def _required(field: FieldSchema) -> FieldSchema:
    return replace(field, required=True, clearable=False)


def _user(settings: Settings, attributes: Mapping[str, tuple[str, int | None]]) -> KindSchema:
    unique = tuple((frozenset({path}), "directory") for path in ("external_id", "username", "email"))
    keys = _keys("id", "external_id", "email", "username")
    return KindSchema("user", _user_fields(settings, attributes), _LIST, keys, _ALL, unique=unique)


def _shared() -> dict[Kind, KindSchema]:
    name = _plain(256, required=True, clearable=False, write="create", pattern=_NONEMPTY)
    attribute = {
        "name": _plain(64, required=True, clearable=False, write="create", canonical=attribute_path, on_ascii=None),
        "type": _plain(16, required=True, clearable=False, write="create", pattern="^(string|number|boolean|date)$"),
        "max_length": FieldSchema("number", tier="plain"),
    }
    organization = {"key": name, "name": _plain(256), "domains": FieldSchema("set", tier="plain", canonical=texts)}
    role = {"name": name, "scope": _plain(512, write="create", clearable=False)}
    group = {"name": name, "description": _plain(2048), "precedence": FieldSchema("number", tier="plain")}
    return {
        "attribute": _kind("attribute", attribute, _SHARED, "name"),
        "organization": _kind("organization", organization, _SHARED, "key"),
        "role": _kind("role", role, _SHARED, "name", unique=frozenset({"name", "scope"})),
        "group": _kind("group", group, _SHARED, "name"),
    }


def _kind(
    title: str,
    fields: Mapping[Path, FieldSchema],
    verbs: Mapping[Verb, Support],
    key: Path,
    unique: frozenset[Path] | None = None,
) -> KindSchema:
    unique = unique or frozenset({key})
    return KindSchema(title, fields, _LIST, _keys(key, "id"), verbs, unique=((unique, "directory"),))


def _elements() -> dict[Kind, KindSchema]:
    kinds: dict[Kind, KindSchema] = {}
    pairs: tuple[tuple[Kind, Kind], ...] = (
        ("organization_member", "organization"),
        ("role_member", "role"),
        ("group_member", "group"),
    )
    for kind, parent in pairs:
        kinds[kind] = KindSchema(
            f"{parent} membership",
            {"user": _ref("user"), parent: _ref(parent)},
            _LIST,
            _keys("id", "user"),
            _MEMBER,
            arrives="either",
            unique=((frozenset({"user", parent}), "directory"),),
        )
    kinds["link"] = KindSchema(
        "link",
        {
            "user": _ref("user"),
            "provider": _plain(256, required=True, clearable=False, write="create", pattern=_NONEMPTY),
            "subject": _text(256, required=True, clearable=False, write="create", pattern=_NONEMPTY),
        },
        _LIST,
        _keys("id", "user"),
        _MEMBER,
        arrives="either",
        unique=((frozenset({"provider", "subject"}), "directory"),),
        at_most=((frozenset({"user"}), 5),),
    )
    return kinds


def schema_of(settings: Settings, attributes: Mapping[str, tuple[str, int | None]]) -> Schema:
    """The schema; ``attributes`` = (type, max_length) of the declared ones by path, empty where they are not known."""
    nothing_kept = Support(Level.BY_DESIGN_IMPOSSIBLE, "the directory holds no passwords: it needs no reset either")
    absent: dict[Kind, Support] = {
        "credential": nothing_kept,
        "factor": Support(Level.BY_DESIGN_IMPOSSIBLE, "the directory signs nobody in"),
        "hook": Support(Level.BY_DESIGN_IMPOSSIBLE, "the directory signs nobody in"),
    }
    return Schema({**_shared(), "user": _user(settings, attributes), **_elements()}, absent, ROUTES, QUOTAS)
