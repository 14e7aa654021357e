"""What a realm holds: as every realm may (documented), and as this very one does."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Quota, Reading, Schema, Support
from poolshift.provider.verb import Verb
from poolshift_providers.keycloak.realm import Realm
from poolshift_providers.keycloak.routes import QUOTA, routes
from poolshift_providers.keycloak.user_schema import user_kind
from poolshift_providers.keycloak.values import group_path, texts

QUOTAS: Final = (Quota(QUOTA, ((1000.0, 1.0),), shared=False),)
"""The server has no limit of its own; this one is there for a spec's `rates` to be slower."""

_FULL: Final = Support(Level.FULL, evidence="live")
_NO_DELETE: Final = Support(Level.NOT_IMPLEMENTED, "shared records stay; remove them by hand")
_SHARED: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _FULL, "delete": _NO_DELETE}
_PAIR: Final[Mapping[Verb, Support]] = {
    "create": _FULL,
    "update": Support(Level.BY_DESIGN_IMPOSSIBLE, "it has nothing but its two ends"),
    "delete": _FULL,
}
_LIST: Final = Reading("list")


def documented() -> Schema:
    """What any realm may be: attributes of any name, every way to sign in."""
    return schema_of(Realm())


def schema_of(realm: Realm) -> Schema:
    """What this realm is."""
    kinds: dict[Kind, KindSchema] = {
        "attribute": _attribute(),
        "organization": _organization(),
        "role": _role(),
        "group": _group(),
        "user": user_kind(realm),
        "organization_member": _member("organization", "manage-organizations"),
        "role_member": _member("role", "manage-users", arrives="either"),
        "group_member": _member("group", "manage-users", arrives="either"),
        "link": _link(realm),
    }
    absent: dict[Kind, Support] = {
        "factor": Support(
            Level.BY_DESIGN_IMPOSSIBLE, "no source gives away a seed; map requiredActions to ask for one"
        ),
        "hook": Support(Level.NOT_IMPLEMENTED, "needs an extension on the server"),
    }
    facts: dict[str, Any] = {
        "case_sensitive": False,
        "resets_passwords": realm.resets_passwords,
        "sends_messages": realm.sends_messages,
    }
    if realm.password_policy:
        facts["password_policy"] = dict(realm.password_policy)
    return Schema(kinds, absent, routes(realm), QUOTAS, facts)


def _fixed(type_: Literal["text", "number"] = "text", **more: Any) -> FieldSchema:
    return FieldSchema(type_, tier="plain", write="create", clearable=False, **more)


def _attribute() -> KindSchema:
    """Declared for administrators only. What is there already is never changed."""
    fields = {
        "name": _fixed(required=True),
        "type": _fixed(required=True, pattern="string|number|boolean|date"),
        "max_length": _fixed("number"),
    }
    verbs: dict[Verb, Support] = {
        "create": _FULL,
        "update": Support(Level.NOT_IMPLEMENTED, "an attribute that is declared already is left as it is"),
        "delete": _NO_DELETE,
    }
    return KindSchema("attribute of the user profile", fields, _LIST, _keys("name"), verbs, scopes=_scopes("realm"))


def _organization() -> KindSchema:
    fields = {
        "key": _fixed(required=True, max_length=255, pattern=r"\S+"),
        "name": FieldSchema("text", tier="plain", max_length=255, clearable=False),
        "domains": FieldSchema("set", tier="plain", canonical=texts),
    }
    unique = ((frozenset({"key"}), "realm"), (frozenset({"name"}), "realm"))
    scopes = _scopes("organizations")
    return KindSchema("organization", fields, _LIST, _keys("key"), _SHARED, unique=unique, scopes=scopes)


def _role() -> KindSchema:
    """Of the realm, or of a client: scope application:CLIENT_ID."""
    fields = {
        "name": _fixed(required=True, max_length=255),
        "scope": _fixed(max_length=300, pattern=r"application:[\s\S]+"),
        "description": FieldSchema("text", tier="plain", max_length=255),
    }
    unique = ((frozenset({"name", "scope"}), "realm"),)
    keys = (Key("name"), Key("id"))
    scopes = {
        "read": frozenset({"view-realm", "view-clients"}),
        "create": frozenset({"manage-realm", "manage-clients"}),
        "update": frozenset({"manage-realm", "manage-clients"}),
    }
    return KindSchema("role", fields, _LIST, keys, _SHARED, unique=unique, scopes=scopes)


def _group() -> KindSchema:
    """The name is the path: a group is found by where it lies in the tree."""
    fields = {
        "name": _fixed(required=True, pattern=r"(/[^/]+)+", canonical=group_path),
        "description": FieldSchema("text", tier="plain", max_length=255),
    }
    unique = ((frozenset({"name"}), "realm"),)
    scopes = {
        "read": frozenset({"query-groups", "view-users"}),
        "create": frozenset({"manage-users"}),
        "update": frozenset({"manage-users"}),
    }
    return KindSchema("group", fields, _LIST, _keys("name"), _SHARED, unique=unique, scopes=scopes)


def _member(parent: Kind, writes: str, arrives: Literal["own_call", "either"] = "own_call") -> KindSchema:
    return KindSchema(
        f"{parent} membership",
        {"user": _ref("user"), parent: _ref(parent)},
        Reading("per_parent"),
        (Key("user"),),
        _PAIR,
        arrives=arrives,
        unique=((frozenset({"user", parent}), "realm"),),
        scopes={
            "read": frozenset({"view-users"}),
            "create": frozenset({writes}),
            "delete": frozenset({writes}),
        },
    )


def _link(realm: Realm) -> KindSchema:
    known = realm.identity_providers
    one = "|".join(sorted(known)) if known else None
    fields = {
        "user": _ref("user"),
        "provider": _fixed(required=True, max_length=255, pattern=one),
        "subject": FieldSchema("text", required=True, write="create", clearable=False, max_length=255),
    }
    return KindSchema(
        "linked identity",
        fields,
        Reading("per_parent", note="of the users who have one"),
        (Key("user"),),
        _PAIR,
        arrives="either",
        unique=((frozenset({"provider", "subject"}), "realm"),),
        at_most=((frozenset({"user", "provider"}), 1),),
        scopes={
            "read": frozenset({"view-users", "view-identity-providers"}),
            "create": frozenset({"manage-users"}),
            "delete": frozenset({"manage-users"}),
        },
    )


def _ref(kind: Kind) -> FieldSchema:
    return FieldSchema("ref", ref=kind, tier="plain", required=True, write="create", clearable=False)


def _keys(*paths: Path) -> tuple[Key, ...]:
    return tuple(Key(path) for path in (*paths, "id"))


def _scopes(word: str) -> dict[str, frozenset[str]]:
    return {
        "read": frozenset({f"view-{word}"}),
        "create": frozenset({f"manage-{word}"}),
        "update": frozenset({f"manage-{word}"}),
    }
