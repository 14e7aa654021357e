"""What an Ory holds: as any may (documented), and as this very identity schema says."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Schema, Support, nothing, same
from poolshift.provider.verb import Verb
from poolshift_providers.ory.checks import check, has_rules
from poolshift_providers.ory.identity_record import CREDENTIAL, ENABLED, EXTERNAL_ID, METADATA, folded
from poolshift_providers.ory.organizations import DOMAINS, KEY
from poolshift_providers.ory.quotas import quotas
from poolshift_providers.ory.routes import routes
from poolshift_providers.ory.settings import Settings
from poolshift_providers.ory.traits import PREFIX, Trait, flags_of

IDS_AT_ONCE: Final = 500
LINKS_READ: Final = "admin/identities?include_credential=oidc"
_FULL: Final = Support(Level.FULL)
_ONCE: Final[Mapping[str, Any]] = {"required": True, "write": "create", "clearable": False}
_USUAL: Final = (
    Trait(f"{PREFIX}email", "text", identifier=True, verified_via="email", recovered_via="email"),
    Trait(f"{PREFIX}username", "text", identifier=True),
    Trait(f"{PREFIX}phone_number", "text", identifier=True, verified_via="sms"),
)
"""Traits as most identity schemas call them: what a spec is judged by before there is a connection."""


def documented(settings: Settings) -> Schema:
    """What any identity schema may be: the usual ways to sign in, and traits of any name."""
    fields = _user_fields(_USUAL) | {f"{PREFIX}*": FieldSchema("json")}
    return _schema(settings, _user(_USUAL, fields, nothing))


def schema_of(settings: Settings, traits: Sequence[Trait]) -> Schema:
    """What this identity schema is. A trait that it does not name is none: it is configuration, no API writes it."""
    return _schema(settings, _user(traits, _user_fields(traits), partial(check, tuple(filter(has_rules, traits)))))


def _schema(settings: Settings, users: KindSchema) -> Schema:
    kinds: dict[Kind, KindSchema] = {"user": users, "link": _links()}
    absent: dict[Kind, Support] = {
        "attribute": Support(Level.BY_DESIGN_IMPOSSIBLE, "traits are declared in the identity schema, by hand"),
        "group": Support(Level.BY_DESIGN_IMPOSSIBLE, "Ory has none: keep them in metadata_public"),
        "role": Support(Level.BY_DESIGN_IMPOSSIBLE, "Ory has none: keep them in metadata_public"),
        "factor": Support(Level.NOT_IMPLEMENTED, "a release takes none; a source that tells secrets is not there yet"),
    }
    if settings.has_organizations:
        kinds = {"organization": _organizations(), **kinds, "organization_member": _members()}
    else:
        why = "of the Ory Network: they need project_id and workspace_key"
        absent["organization"] = Support(Level.NOT_IMPLEMENTED, why)
    return Schema(kinds, absent, routes(settings), quotas(settings))


def _user(traits: Sequence[Trait], fields: Mapping[Path, FieldSchema], check_: Any) -> KindSchema:
    logins = [trait.path for trait in traits if trait.identifier]
    keys = (Key("id", IDS_AT_ONCE), Key(EXTERNAL_ID), *(Key(path) for path in logins))
    verbs: dict[Verb, Support] = {"create": _FULL, "update": _FULL, "delete": _FULL}
    return KindSchema(
        "identity",
        fields,
        Reading("list"),
        keys,
        verbs,
        unique=tuple((frozenset({path}), "project") for path in (EXTERNAL_ID, *logins)),
        scopes={
            "read": frozenset({"admin/identities", "schemas"}),
            "create": frozenset({"admin/identities"}),
            "update": frozenset({"admin/identities"}),
            "delete": frozenset({"admin/identities"}),
        },
        check=check_,
        implied=partial(_implied, tuple(trait.path for trait in traits if trait.recovered_via)),
    )


def _implied(addresses: tuple[Path, ...], values: Mapping[Path, Value]) -> Mapping[Path, Value]:
    """Whoever has an address to recover by is read as able to set a new password; see `record_of`."""
    return {CREDENTIAL: "reset"} if any(values.get(path) for path in addresses) else {}


def _user_fields(traits: Sequence[Trait]) -> dict[Path, FieldSchema]:
    flags = flags_of(traits)
    fields = {trait.path: _trait(trait, flags.get(trait.path)) for trait in traits}
    # An address that is not there is in no list of verified ones.
    fields |= {flag: FieldSchema("bool", only_with=path, tier="plain", clearable=False) for path, flag in flags.items()}
    fields |= {
        EXTERNAL_ID: FieldSchema("text", tier="plain"),
        ENABLED: FieldSchema("bool", roles=frozenset({"enabled"}), tier="plain", clearable=False),
        "created_at": FieldSchema("time", roles=frozenset({"created"}), tier="plain", write="never"),
        "updated_at": FieldSchema("time", tier="plain", write="never"),
    }
    fields |= {f"{name}.*": FieldSchema("json") for name in METADATA}
    if any(trait.recovered_via for trait in traits):
        # An identity with an address to recover by needs nothing to be written: its forgotten-password flow works.
        fields[CREDENTIAL] = FieldSchema("text", roles=frozenset({"credential"}), tier="plain", clearable=False)
    return fields


def _trait(trait: Trait, flag: Path | None) -> FieldSchema:
    role = {"email": "email", "sms": "phone"}.get(trait.contact, "username" if trait.identifier else "")
    is_email = trait.contact == "email"
    return FieldSchema(
        trait.type,
        roles=frozenset({role, "login"} if trait.identifier else {role} if role else ()),
        verified_by=flag,
        # An address that changes is a new one to Kratos: unverified unless its flag comes along.
        companions=frozenset({flag}) if flag else frozenset(),
        required=trait.required,
        clearable=not trait.required,
        pattern=trait.pattern,
        max_length=trait.max_length,
        canonical=folded if is_email else same,
        on_ascii="same" if trait.type == "text" and not is_email else None,
    )


def _organizations() -> KindSchema:
    fields = {
        KEY: FieldSchema("text", tier="plain", **_ONCE),
        DOMAINS: FieldSchema("set", tier="plain", write="create", clearable=False),
    }
    by_hand = Support(Level.NOT_IMPLEMENTED, "in the Ory Console, by hand")
    verbs: dict[Verb, Support] = {"create": _FULL, "update": by_hand, "delete": by_hand}
    unique = ((frozenset({KEY}), "project"),)
    return KindSchema("organization", fields, Reading("list"), (Key(KEY), Key("id")), verbs, unique=unique)


def _members() -> KindSchema:
    fields = {
        "user": FieldSchema("ref", ref="user", tier="plain", **_ONCE),
        "organization": FieldSchema("ref", ref="organization", tier="plain", **_ONCE),
    }
    never = Support(Level.BY_DESIGN_IMPOSSIBLE, "an identity is in the organization it was created in")
    return KindSchema(
        "organization of an identity",
        fields,
        Reading("list"),
        (Key("user"),),
        {"create": Support(Level.PARTIAL, "together with the identity"), "update": never, "delete": never},
        arrives="with_parent",
        at_most=((frozenset({"user"}), 1),),
    )


def _links() -> KindSchema:
    update = Support(Level.BY_DESIGN_IMPOSSIBLE, "it has nothing but its two ends")
    return KindSchema(
        "social sign-in",
        {
            "user": FieldSchema("ref", ref="user", tier="plain", **_ONCE),
            "provider": FieldSchema("text", tier="plain", **_ONCE),
            "subject": FieldSchema("text", **_ONCE),
        },
        Reading("list", note="the answers hold the providers' first tokens, which are not looked at"),
        (Key("user"),),
        {"create": _FULL, "update": update, "delete": _FULL},
        arrives="either",
        unique=((frozenset({"provider", "subject"}), "project"),),
        scopes={"read": frozenset({LINKS_READ}), "create": frozenset({"admin/identities"})},
    )
