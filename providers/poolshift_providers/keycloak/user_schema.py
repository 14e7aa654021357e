"""The users of a realm: fields, keys and rules, from the realm's settings and its user profile."""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final, Literal

from poolshift.identity.finding import Finding
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Support, lower
from poolshift.provider.verb import Verb
from poolshift_providers.keycloak.profile import Declared, all_of, longest
from poolshift_providers.keycloak.realm import Realm
from poolshift_providers.keycloak.user_record import CREDENTIAL, implied
from poolshift_providers.keycloak.values import ATTRIBUTES, LENGTH, texts, wire

Write = Literal["always", "create", "never"]

_FULL: Final = Support(Level.FULL, evidence="live")
_VERBS: Final[Mapping[Verb, Support]] = {"create": _FULL, "update": _FULL, "delete": _FULL}
_ROOTS: Final = ("username", "email", "firstName", "lastName")
_TYPES: Final = {"string": "text", "number": "number", "boolean": "bool", "date": "time"}
_ID: Final = r"[0-9A-Za-z-]{1,36}"
_OTHERS: Final = ("LATIN", "FEMININE", "MASCULINE", "MICRO", "MODIFIER")
"""How the names begin of letters that are no letters of another script."""


def user_kind(realm: Realm) -> KindSchema:
    unique: list[Path] = ["username"] if realm.duplicate_emails else ["username", "email"]
    latin = frozenset(name for name, own in realm.declared.items() if own.latin)
    return KindSchema(
        "user",
        {**_roots(realm), **_attributes(realm)},
        Reading("list"),
        # What the realm keeps unique comes first: an attribute is a key for whoever keeps a source id in it.
        (Key("id"), Key("username"), Key("email"), *_attribute_keys(realm)),
        _VERBS,
        unique=tuple((frozenset({path}), "realm") for path in unique),
        scopes={
            "read": frozenset({"view-realm", "view-users", "view-identity-providers"}),
            "create": frozenset({"manage-users", "manage-realm"}),
            "update": frozenset({"manage-users"}),
            "delete": frozenset({"manage-users"}),
        },
        check=partial(_check, latin),
        implied=partial(implied, realm),
    )


def _roots(realm: Realm) -> dict[Path, FieldSchema]:
    own = {name: realm.declared.get(name) for name in _ROOTS}
    plain: dict[str, Any] = {"tier": "plain"}
    fields = {
        "id": FieldSchema("text", pattern=_ID, write="create", clearable=False, **plain),
        "username": _username(realm, own["username"]),
        "email": _root(
            realm,
            own["email"],
            roles=frozenset({"email", "login"} if realm.login_with_email else {"email"}),
            verified_by="emailVerified",
            companions=frozenset({"emailVerified"}),
            canonical=lower,
            on_ascii="lower",
            pattern=r"[^\s@]+@[^\s@]+",
            required=realm.email_as_username,
        ),
        "emailVerified": FieldSchema("bool", clearable=False, **plain),
        "firstName": _root(realm, own["firstName"], roles=frozenset({"given_name"})),
        "lastName": _root(realm, own["lastName"], roles=frozenset({"family_name"})),
        "enabled": FieldSchema("bool", roles=frozenset({"enabled"}), clearable=False, **plain),
        "requiredActions": FieldSchema("set", canonical=texts, **plain),
        CREDENTIAL: FieldSchema("text", roles=frozenset({"credential"}), clearable=False, **plain),
        "createdTimestamp": FieldSchema("time", roles=frozenset({"created"}), write="never", **plain),
    }
    return fields


def _username(realm: Realm, own: Declared | None) -> FieldSchema:
    """Where the e-mail address is the user name, the realm fills it."""
    if realm.email_as_username:
        return FieldSchema("text", roles=frozenset({"username"}), write="never", canonical=lower, on_ascii="lower")
    return _root(
        realm,
        own,
        roles=frozenset({"username", "login"}),
        canonical=lower,
        on_ascii="lower",
        required=True,
        write="always" if realm.edit_username else "create",
    )


def _root(realm: Realm, own: Declared | None, **more: Any) -> FieldSchema:
    """A field every user has, within what the profile asks of it; one the profile does not list is not written."""
    if own is None:
        length: dict[str, Any] = {"max_length": 255}
        return FieldSchema("text", **{**length, **more, **({"write": "never"} if realm.declared else {})})
    required = own.required or more.pop("required", False)
    pattern = all_of(one for one in (own.pattern, more.pop("pattern", None)) if one)
    write: Write = more.pop("write", "always") if own.writable else "never"
    return FieldSchema(
        "text",
        max_length=own.max_length or 255,
        pattern=pattern,
        required=required,
        clearable=not required,
        write=write,
        **more,
    )


def _attributes(realm: Realm) -> dict[Path, FieldSchema]:
    fields = {f"{ATTRIBUTES}*": FieldSchema("text", max_length=LENGTH, canonical=wire)}
    for name, own in realm.declared.items():
        if name not in _ROOTS:
            fields[ATTRIBUTES + name] = _attribute(own)
    return fields


def _attribute(own: Declared) -> FieldSchema:
    canonical: Callable[[Value], Value] = texts if own.multivalued else wire
    return FieldSchema(
        "set" if own.multivalued else _TYPES[own.type],  # type: ignore[arg-type]
        max_length=longest(own),
        pattern=own.pattern,
        required=own.required,
        clearable=not own.required,
        write="always" if own.writable else "never",
        canonical=canonical,
        on_ascii="same" if canonical is wire and own.type == "string" else None,
    )


def _attribute_keys(realm: Realm) -> tuple[Key, ...]:
    """Every single-valued attribute can be searched for."""
    names = (name for name, own in sorted(realm.declared.items()) if name not in _ROOTS and not own.multivalued)
    return tuple(Key(ATTRIBUTES + name) for name in names)


def _check(latin: frozenset[str], values: Mapping[Path, Value]) -> Iterable[Finding]:
    """Letters of another script in a name the profile keeps to Latin ones."""
    for name in latin:
        value = values.get(name if name in _ROOTS else ATTRIBUTES + name)
        if isinstance(value, str) and not value.isascii() and any(map(_is_foreign, value)):
            yield Finding("VALUE_LENGTH", "", name, "has letters that look like others, which the user profile refuses")


def _is_foreign(letter: str) -> bool:
    return letter.isalpha() and not letter.isascii() and not unicodedata.name(letter, "").startswith(_OTHERS)
