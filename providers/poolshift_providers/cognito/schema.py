"""What a pool holds: as every pool may (documented), and as this very one does."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Literal

from poolshift.identity.claims import PROFILE
from poolshift.identity.finding import Finding
from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Schema, Support, lower, same
from poolshift.provider.verb import Verb
from poolshift_providers.cognito.pool import Attribute, Pool
from poolshift_providers.cognito.quotas import quotas
from poolshift_providers.cognito.routes import routes
from poolshift_providers.cognito.settings import Settings
from poolshift_providers.cognito.user_record import CREDENTIAL, FEDERATED
from poolshift_providers.cognito.values import VALUE_LENGTH, wire

LAG: Final = 2.0
"""Seconds ListUsers may lag behind a write: it is eventually consistent, by how much is not documented."""

STANDARD: Final = (*PROFILE, "address")
_TYPES: Final[Mapping[str, Literal["text", "bool", "number", "time"]]] = {
    "Number": "number",
    "Boolean": "bool",
    "DateTime": "time",
    "String": "text",
}
_FULL: Final = Support(Level.FULL)
_ALL: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _FULL, "delete": _FULL}
_NO_WHITESPACE: Final = r"\S+"
_LOGINS: Final = {"email": "email", "phone_number": "phone", "preferred_username": ""}


def documented(settings: Settings) -> Schema:
    """What any pool may be: every way to sign in, and custom attributes of any name."""
    anything = Pool(settings.pool_id, {}, alias_attributes=("email", "phone_number", "preferred_username"))
    users = _user_fields(anything)
    users = {path: replace(field, required=False) for path, field in users.items()}
    return _schema(settings, anything, replace(_user(anything), fields=users, check=partial(_check, None)))


def schema_of(settings: Settings, pool: Pool) -> Schema:
    """What this pool is."""
    return _schema(settings, pool, _user(pool))


def _schema(settings: Settings, pool: Pool, users: KindSchema) -> Schema:
    kinds: dict[Kind, KindSchema] = {"attribute": _attributes(), **_groups(), "user": users, "link": _links()}
    facts = {
        "alias_attributes": list(pool.alias_attributes),
        "case_sensitive": pool.case_sensitive,
        "demands_factor": pool.mfa == "ON",
        "migration_trigger": pool.has_migration_trigger,
        "role_by_precedence": True,
        "username_attributes": list(pool.username_attributes),
    }
    if pool.password_policy:
        facts["password_policy"] = dict(pool.password_policy)
    absent: dict[Kind, Support] = {
        "organization": Support(Level.BY_DESIGN_IMPOSSIBLE, "a pool has groups and no organizations"),
        "role": Support(Level.BY_DESIGN_IMPOSSIBLE, "a pool has groups and no roles"),
        "factor": Support(Level.BY_DESIGN_IMPOSSIBLE, "only its owner can verify a TOTP or WebAuthn factor"),
    }
    return Schema(
        kinds, absent, routes(pool, imports=settings.import_role_arn is not None), quotas(settings.quotas), facts
    )


def _user(pool: Pool) -> KindSchema:
    named = [path for path in _LOGINS if path in pool.username_attributes]
    unique = ["username", *named, *(path for path in _LOGINS if path in pool.alias_attributes and path not in named)]
    return KindSchema(
        "user",
        _user_fields(pool),
        Reading("list", lag=LAG),
        # The id of a user is its sub: the user name may be an e-mail address.
        tuple(Key(path, lag=LAG) for path in ("id", "sub", "username", "email")),
        _ALL,
        unique=tuple((frozenset({path}), "pool") for path in unique),
        any_of=(frozenset(named),) if named else (),
        scopes={
            "read": frozenset({"cognito-idp:DescribeUserPool", "cognito-idp:ListUsers"}),
            "create": frozenset(
                {"cognito-idp:AdminCreateUser", "cognito-idp:AdminSetUserPassword", "cognito-idp:AdminDisableUser"}
            ),
            "update": frozenset({"cognito-idp:AdminUpdateUserAttributes", "cognito-idp:AdminDeleteUserAttributes"}),
            "delete": frozenset({"cognito-idp:AdminDeleteUser"}),
        },
        check=partial(_check, pool.username_attributes or pool.alias_attributes),
        adoptable=_is_native,
    )


def _is_native(values: Mapping[Path, Value]) -> bool:
    """A record that only an identity provider stands behind becomes nobody's: a password would make it native."""
    return values.get("status") != FEDERATED


def _check(names: tuple[str, ...] | None, values: Mapping[Path, Value]) -> Iterable[Finding]:
    """A user name that looks like an alias is refused in a pool with aliases. names: None = not known yet."""
    username = values.get("username")
    if names and isinstance(username, str) and "email" in names and "@" in username:
        yield Finding("USERNAME_IS_EMAIL", "", "username", "the pool takes an e-mail address for the alias only")


def _user_fields(pool: Pool) -> dict[Path, FieldSchema]:
    name = same if pool.case_sensitive else lower
    fields = {
        "sub": FieldSchema("text", tier="plain", write="never"),
        "username": _username(pool),
        "email": _contact(pool, "email", "email_verified", VALUE_LENGTH, canonical=name, pattern=r"[^\s@]+@[^\s@]+"),
        "email_verified": FieldSchema("bool", tier="plain"),
        "phone_number": _contact(pool, "phone_number", "phone_number_verified", 16, pattern=r"\+[0-9]{1,15}"),
        "phone_number_verified": FieldSchema("bool", tier="plain"),
        "status": FieldSchema("text", tier="plain", write="never"),
        "enabled": FieldSchema("bool", roles=frozenset({"enabled"}), tier="plain", clearable=False),
        CREDENTIAL: FieldSchema("text", roles=frozenset({"credential"}), tier="plain", clearable=False),
        "created_at": FieldSchema("time", roles=frozenset({"created"}), tier="plain", write="never"),
        "updated_at": FieldSchema("time", tier="plain", write="never"),
        "groups": FieldSchema("set", tier="plain", write="never"),
        "identities": FieldSchema("json", write="never"),
        # AdminGetUser counts the user as active in this month's bill.
        "mfa": FieldSchema("set", tier="plain", write="never", read="per_record", billed="MAU"),
    }
    fields |= {path: FieldSchema("text", max_length=VALUE_LENGTH) for path in STANDARD}
    if "preferred_username" in pool.alias_attributes:
        fields["preferred_username"] = FieldSchema(
            "text", roles=frozenset({"login"}), max_length=VALUE_LENGTH, canonical=name
        )
    # An expression's `custom.plan` and a field's `custom:plan` both lie in an open map of their spelling.
    fields |= dict.fromkeys(("custom.*", "custom:*"), FieldSchema("text", max_length=VALUE_LENGTH, canonical=wire))
    fields["dev.*"] = FieldSchema("text", max_length=VALUE_LENGTH, write="never")
    for attribute in pool.attributes.values():
        if attribute.is_custom:
            fields[attribute.name] = _custom(attribute)
        elif attribute.name in fields:
            fields[attribute.name] = _bounded(fields[attribute.name], attribute)
    return fields


def _username(pool: Pool) -> FieldSchema:
    if pool.invents_usernames:
        return FieldSchema("text", roles=frozenset({"username"}), write="never")
    return FieldSchema(
        "text",
        roles=frozenset({"login", "username"}),
        required=True,
        pattern=_NO_WHITESPACE,
        max_length=128,
        write="create",
        clearable=False,
        canonical=same if pool.case_sensitive else lower,
    )


def _contact(pool: Pool, path: Path, flag: Path, length: int, **more: Any) -> FieldSchema:
    signs_in = path in pool.username_attributes or path in pool.alias_attributes
    return FieldSchema(
        "text",
        roles=frozenset({_LOGINS[path], "login"} if signs_in else {_LOGINS[path]}),
        verified_by=flag,
        # A new address counts as unverified unless its flag comes in the same call.
        companions=frozenset({flag}),
        max_length=length,
        clearable=pool.username_attributes != (path,),
        **more,
    )


def _custom(attribute: Attribute) -> FieldSchema:
    return FieldSchema(
        _TYPES.get(attribute.type, "text"),
        max_length=min(attribute.max_length or VALUE_LENGTH, VALUE_LENGTH),
        write=_write(attribute),
        canonical=wire,
    )


def _bounded(field: FieldSchema, attribute: Attribute) -> FieldSchema:
    """A standard field within what this pool asks of its attribute."""
    shortest, longest = attribute.min_length, attribute.max_length
    return replace(
        field,
        required=field.required or attribute.required,
        clearable=field.clearable and not attribute.required,
        max_length=min(longest, field.max_length) if longest and field.max_length else field.max_length,
        pattern=rf"[\s\S]{{{shortest},}}" if shortest > 1 and field.pattern is None else field.pattern,
        write=field.write if field.write == "never" else _write(attribute),
    )


def _write(attribute: Attribute) -> Literal["always", "create", "never"]:
    if attribute.name.startswith("dev:"):
        return "never"
    return "always" if attribute.mutable else "create"


def _attributes() -> KindSchema:
    def plain(type_: Literal["text", "number"], **more: Any) -> FieldSchema:
        return FieldSchema(type_, tier="plain", write="create", clearable=False, **more)

    verbs: dict[Verb, Support] = {
        "create": Support(Level.FULL, "cannot be undone: a custom attribute is never renamed, retyped or removed"),
        "update": Support(Level.BY_DESIGN_IMPOSSIBLE, "an attribute of a pool never changes"),
        "delete": Support(Level.BY_DESIGN_IMPOSSIBLE, "an attribute of a pool cannot be removed"),
    }
    fields = {
        "name": plain("text", required=True),
        "type": plain("text", required=True, pattern="string|number|boolean|date"),
        "max_length": plain("number"),
    }
    scopes = {"create": frozenset({"cognito-idp:AddCustomAttributes"})}
    return KindSchema("custom attribute", fields, Reading("list"), (Key("name"),), verbs, scopes=scopes)


def _groups() -> dict[Kind, KindSchema]:
    verbs: dict[Verb, Support] = {
        "create": _FULL,
        "update": _FULL,
        "delete": Support(Level.NOT_IMPLEMENTED, "shared records stay; remove them by hand"),
    }
    fields = {
        "name": FieldSchema(
            "text", tier="plain", required=True, write="create", clearable=False, pattern=_NO_WHITESPACE, max_length=128
        ),
        "description": FieldSchema("text", tier="plain", max_length=VALUE_LENGTH),
        "precedence": FieldSchema("number", tier="plain", clearable=False),
        # A role belongs to one account: it is never copied.
        "role_arn": FieldSchema("text", tier="plain", write="never"),
    }
    scopes = {
        "read": frozenset({"cognito-idp:ListGroups"}),
        "create": frozenset({"cognito-idp:CreateGroup"}),
        "update": frozenset({"cognito-idp:UpdateGroup"}),
    }
    unique = ((frozenset({"name"}), "pool"),)
    group = KindSchema("group", fields, Reading("list"), (Key("name"), Key("id")), verbs, unique=unique, scopes=scopes)
    ends = {"user": _ref("user"), "group": _ref("group")}
    member = KindSchema(
        "group membership",
        ends,
        Reading("per_parent"),
        (Key("user"),),
        _pair_verbs(),
        at_most=((frozenset({"user"}), 100),),
        scopes={
            "read": frozenset({"cognito-idp:ListUsersInGroup", "cognito-idp:AdminListGroupsForUser"}),
            "create": frozenset({"cognito-idp:AdminAddUserToGroup"}),
            "delete": frozenset({"cognito-idp:AdminRemoveUserFromGroup"}),
        },
    )
    return {"group": group, "group_member": member}


def _links() -> KindSchema:
    once: dict[str, Any] = {"required": True, "write": "create", "clearable": False}
    return KindSchema(
        "linked identity",
        {
            "user": _ref("user"),
            "provider": FieldSchema("text", tier="plain", max_length=32, **once),
            "subject": FieldSchema("text", **once),
        },
        Reading("list", lag=LAG),
        (Key("user"),),
        _pair_verbs(),
        unique=((frozenset({"provider", "subject"}), "pool"),),
        at_most=((frozenset({"user"}), 5),),
        scopes={
            "read": frozenset({"cognito-idp:ListUsers", "cognito-idp:AdminGetUser"}),
            "create": frozenset({"cognito-idp:AdminLinkProviderForUser"}),
            "delete": frozenset({"cognito-idp:AdminDisableProviderForUser"}),
        },
    )


def _ref(kind: Kind) -> FieldSchema:
    return FieldSchema("ref", ref=kind, tier="plain", required=True, write="create", clearable=False)


def _pair_verbs() -> dict[Verb, Support]:
    update = Support(Level.BY_DESIGN_IMPOSSIBLE, "it has nothing but its two ends")
    return {"create": _FULL, "update": update, "delete": _FULL}
