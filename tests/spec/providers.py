"""Providers that are schemas only: just enough truth about each vendor to validate the routes against."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from poolshift.identity.kind import Kind
from poolshift.provider.schema import (
    Cost,
    FieldSchema,
    Key,
    KindSchema,
    Level,
    Quota,
    Reading,
    Route,
    Schema,
    Shape,
    Support,
)
from poolshift.provider.verb import Verb

SECRET: dict[str, Any] = {"secret": True}
FULL: Mapping[Verb, Support] = {"create": Support(Level.FULL), "update": Support(Level.FULL)}
CREATE: frozenset[Verb] = frozenset({"create"})
NO_WRITES: Mapping[Verb, Support] = {"create": Support(Level.BY_DESIGN_IMPOSSIBLE, "read only")}
FieldType = Literal["text", "bool", "number", "time", "json", "set", "ref"]


class Settings(BaseModel):
    """What every vendor's settings have in common here."""

    model_config = ConfigDict(extra="forbid")


class CognitoSettings(Settings):
    pool_id: str
    region: str | None = None
    profile: str | None = None
    client_id: str | None = None
    quotas: dict[str, str] = {}


class Auth0Settings(Settings):
    domain: str
    client_id: str
    client_secret: str = Field(json_schema_extra=SECRET)
    connection: str


class KeycloakSettings(Settings):
    url: str
    realm: str
    client_id: str
    client_secret: str = Field(json_schema_extra=SECRET)


class WorkosSettings(Settings):
    api_key: str = Field(json_schema_extra=SECRET)


class ClerkSettings(Settings):
    secret_key: str = Field(json_schema_extra=SECRET)


class EntraSettings(Settings):
    tenant: str
    client_id: str
    client_secret: str = Field(json_schema_extra=SECRET)
    extension_app: str


class KindeSettings(Settings):
    domain: str
    client_id: str
    client_secret: str = Field(json_schema_extra=SECRET)
    file_format: Literal["csv", "ndjson"] = "ndjson"


class OrySettings(Settings):
    url: str
    api_key: str = Field(json_schema_extra=SECRET)
    schema_id: str


class FusionAuthSettings(Settings):
    url: str
    api_key: str = Field(json_schema_extra=SECRET)
    tenant_id: str


class DescopeSettings(Settings):
    project_id: str
    management_key: str = Field(json_schema_extra=SECRET)


class StytchSettings(Settings):
    product: Literal["consumer", "b2b"]
    project_id: str
    secret: str = Field(json_schema_extra=SECRET)


class FronteggSettings(Settings):
    region: str
    client_id: str
    secret: str = Field(json_schema_extra=SECRET)


class ZitadelSettings(Settings):
    url: str
    token: str = Field(json_schema_extra=SECRET)
    organization: str
    project: str


class EntraHookSettings(Settings):
    application_ids: list[str]
    certificate: str
    flag: str


@dataclass(frozen=True)
class Hook:
    """A first sign-in hook."""

    users: str
    budget_s: float = 10.0
    needs_url: bool = True
    settings: type[BaseModel] | None = None


def field_of(type_: FieldType = "text", *roles: str, **more: Any) -> FieldSchema:
    return FieldSchema(type_, roles=frozenset(roles), **more)


def kind_of(title: str, fields: Mapping[str, FieldSchema], verbs: Mapping[Verb, Support] = FULL) -> KindSchema:
    return KindSchema(title, fields, Reading("list"), (Key(next(iter(fields))),), verbs)


def route_of(method: Literal["api", "job", "file"] = "api") -> Route:
    return Route(f"users by {method}", "user", CREATE, _cost, method=method)


def _cost(shape: Shape) -> Cost:
    return Cost({"write": float(shape.count)})


def shared(*names: Kind, **fields: FieldSchema) -> dict[Kind, KindSchema]:
    return {name: kind_of(name, {"name": field_of(tier="plain"), **fields}) for name in names}


ORGANIZATION = field_of("ref", ref="organization")
NEEDS_ORGANIZATION = field_of("ref", ref="organization", required=True)
EMAIL = field_of("text", "email", "login", verified_by="email_verified")
USERNAME = field_of("text", "username", "login")
PHONE = field_of("text", "phone", verified_by="phone_number_verified")
ENABLED = field_of("bool", "enabled")
NAMES = {"given_name": field_of(), "family_name": field_of()}
MAIL = {"email": EMAIL, "email_verified": field_of("bool")}
LINK: dict[Kind, KindSchema] = {"link": kind_of("link", {"provider": field_of(), "subject": field_of()})}
FACTOR: dict[Kind, KindSchema] = {"factor": kind_of("factor", {"type": field_of()})}


def cognito(settings: Any) -> Schema:
    standard = ("name", "given_name", "family_name", "locale", "preferred_username", "phone_number_verified")
    users = {
        "sub": field_of("text", "source_id", write="never"),
        **MAIL,
        "username": USERNAME,
        "phone_number": field_of("text", "phone", "login", verified_by="phone_number_verified"),
        **{name: field_of() for name in standard},
        "custom:score": field_of("number"),
        "custom.*": field_of(),
        "enabled": ENABLED,
        "status": field_of(write="never"),
        "created_at": field_of("time", write="never"),
        "ghost": field_of(read="never"),
    }
    kinds: dict[Kind, KindSchema] = {
        "user": kind_of("user", users),
        **shared("attribute", "group"),
        "group_member": kind_of("group_member", {"group": field_of("ref", ref="group")}),
        **LINK,
        **FACTOR,
    }
    granted = {name: float(text.partition("/")[0]) for name, text in settings.quotas.items()}
    quotas = tuple(Quota(name, ((granted.get(name, calls), 1),)) for name, calls in COGNITO_QUOTAS.items())
    return Schema(kinds, routes=(route_of(), route_of("job")), quotas=quotas)


COGNITO_QUOTAS = {"UserCreation": 50.0, "UserList": 30.0}


def auth0(_settings: Any) -> Schema:
    users = {
        "user_id": field_of("text", "source_id"),
        **MAIL,
        **NAMES,
        "username": USERNAME,
        "phone_number": PHONE,
        "blocked": ENABLED,
        "app_metadata.*": field_of("json"),
        "user_metadata.*": field_of("json"),
        "tags": field_of("set"),
        "last_ip": field_of(write="never"),
    }
    organization = {"enabled_connections": field_of("json"), "display_name": field_of()}
    kinds = {
        "user": kind_of("user", users),
        **shared("role", role_organization=ORGANIZATION),
        **shared("organization", **organization),
        **LINK,
        **FACTOR,
    }
    return Schema(kinds, routes=(route_of(), route_of("job")), quotas=(Quota("write", ((200, 60),)),))


def keycloak(_settings: Any) -> Schema:
    users = {
        "id": field_of("text", "source_id"),
        "username": USERNAME,
        **MAIL,
        **NAMES,
        "enabled": ENABLED,
        "attributes.*": field_of(),
    }
    kinds = {
        "user": kind_of("user", users),
        **shared("attribute", "group", "organization"),
        **shared("role", application=field_of()),
        **LINK,
        **FACTOR,
    }
    return Schema(kinds, routes=(route_of(), route_of("job")))


def workos(_settings: Any) -> Schema:
    users = {"external_id": field_of("text", "source_id"), **MAIL, **NAMES, "metadata.*": field_of()}
    kinds = {
        "user": kind_of("user", users),
        **shared("organization"),
        **shared("role", organization=NEEDS_ORGANIZATION),
    }
    return Schema(kinds, routes=(route_of(),), quotas=(Quota("user_management_write", ((500, 10),)),))


def clerk(_settings: Any) -> Schema:
    users = {
        "external_id": field_of("text", "source_id"),
        **MAIL,
        **NAMES,
        "phone_number": field_of("text", "phone", "login"),
        "created_at": field_of("time", write="create"),
        "banned": ENABLED,
        "public_metadata.*": field_of("json"),
    }
    kinds = {
        "user": kind_of("user", users),
        **shared("organization"),
        **shared("role", organization=NEEDS_ORGANIZATION),
        **FACTOR,
    }
    return Schema(kinds, routes=(route_of(),), quotas=(Quota("api", ((1000, 10),)),))


def entra(_settings: Any) -> Schema:
    users = {
        "id": field_of(write="never"),
        "identities": field_of("json"),
        "mail": field_of("text", "email", "login"),
        "given_name": field_of(),
        "family_name": field_of(),
        "display_name": field_of(required=True),
        "accountEnabled": ENABLED,
        "extension.*": field_of(),
    }
    kinds = {"user": kind_of("user", users), **shared("attribute", "group", "role"), **LINK, **FACTOR}
    return Schema(kinds, routes=(route_of(),), facts={"sends_messages": False})


def kinde(_settings: Any) -> Schema:
    users = {
        "provided_id": field_of("text", "source_id"),
        **MAIL,
        **NAMES,
        "is_suspended": ENABLED,
        "properties.*": field_of(),
    }
    kinds = {
        "user": kind_of("user", users),
        **shared("attribute", "organization"),
        **shared("role", organization=NEEDS_ORGANIZATION),
        **LINK,
    }
    return Schema(kinds, routes=(route_of(), route_of("file")))


def ory(_settings: Any) -> Schema:
    users = {
        "external_id": field_of("text", "source_id"),
        "traits.email": field_of("text", "email", "login", verified_by="verifiable_addresses.email"),
        "verifiable_addresses.email": field_of("bool"),
        "traits.*": field_of(),
        "state": ENABLED,
        "metadata_public.*": field_of("json"),
    }
    kinds = {"user": kind_of("user", users), **shared("organization"), **LINK, **FACTOR}
    return Schema(kinds, routes=(route_of(),), facts={"sends_messages": False})


def fusionauth(_settings: Any) -> Schema:
    users = {
        "id": field_of("text", "source_id"),
        **MAIL,
        **NAMES,
        "phone_number": field_of("text", "phone", "login"),
        "username": USERNAME,
        "active": ENABLED,
        "data.*": field_of("json"),
    }
    kinds = {"user": kind_of("user", users), **shared("group"), **shared("role", application=field_of()), **LINK}
    return Schema(kinds, routes=(route_of(), route_of("job")))


def descope(_settings: Any) -> Schema:
    users = {"loginIds": field_of("set", "login"), **MAIL, **NAMES, "status": ENABLED, "customAttributes.*": field_of()}
    kinds = {
        "user": kind_of("user", users),
        **shared("attribute", "organization"),
        **shared("role", tenant=ORGANIZATION),
    }
    return Schema(kinds, routes=(route_of(),), quotas=(Quota("create", ((100, 60),)),))


def stytch(_settings: Any) -> Schema:
    users = {
        "external_id": field_of("text", "source_id"),
        **MAIL,
        **NAMES,
        "phone_number": PHONE,
        "trusted_metadata.*": field_of("json"),
    }
    kinds: dict[Kind, KindSchema] = {
        "user": kind_of("user", users),
        "role": kind_of("role", {"name": field_of()}, NO_WRITES),
    }
    return Schema(kinds, routes=(route_of(),), quotas=(Quota("write", ((65, 1),)),))


def frontegg(_settings: Any) -> Schema:
    users = {
        "externalId": field_of("text", "source_id"),
        **MAIL,
        "name": field_of(),
        "tenantId": NEEDS_ORGANIZATION,
        "isLocked": ENABLED,
        "metadata.*": field_of("json"),
    }
    kinds = {"user": kind_of("user", users), **shared("organization"), **shared("role", tenant=ORGANIZATION)}
    return Schema(kinds, routes=(route_of(), route_of("job")))


def zitadel(_settings: Any) -> Schema:
    users = {
        "user_id": field_of("text", "source_id"),
        **MAIL,
        **NAMES,
        "username": USERNAME,
        "state": ENABLED,
        "metadata.*": field_of(),
    }
    kinds = {
        "user": kind_of("user", users),
        **shared("organization"),
        **shared("role", application=field_of(required=True)),
        **LINK,
        **FACTOR,
    }
    return Schema(kinds, routes=(route_of(),))


@dataclass(frozen=True)
class Vendor:
    settings: type[BaseModel]
    schema: Any
    hooks: Mapping[str, Hook] = field(default_factory=dict)
    ends: frozenset[str] = frozenset({"destination"})


BOTH = frozenset({"source", "destination"})
VENDORS: Mapping[str, Vendor] = {
    "cognito": Vendor(CognitoSettings, cognito, {"user_migration": Hook("must_not_exist", 5, False)}, BOTH),
    "auth0": Vendor(Auth0Settings, auth0, {"custom_database": Hook("must_not_exist")}),
    "keycloak": Vendor(KeycloakSettings, keycloak, {"user_storage": Hook("must_not_exist")}),
    "workos": Vendor(WorkosSettings, workos),
    "clerk": Vendor(ClerkSettings, clerk, {"awscognito": Hook("must_exist", needs_url=False)}),
    "entra-external-id": Vendor(
        EntraSettings, entra, {"password_submit": Hook("must_exist", 2, True, EntraHookSettings)}
    ),
    "kinde": Vendor(KindeSettings, kinde, {"workflow": Hook("either"), "legacy": Hook("either")}),
    "ory": Vendor(OrySettings, ory, {"password_migration": Hook("must_exist")}),
    "fusionauth": Vendor(FusionAuthSettings, fusionauth, {"connector": Hook("must_not_exist")}),
    "descope": Vendor(DescopeSettings, descope),
    "stytch": Vendor(StytchSettings, stytch),
    "frontegg": Vendor(FronteggSettings, frontegg, {"user_source": Hook("must_not_exist", needs_url=False)}),
    "zitadel": Vendor(ZitadelSettings, zitadel),
}


class Catalogue:
    """The catalogue of these vendors."""

    def names(self, end: str) -> tuple[str, ...]:
        return tuple(name for name, vendor in VENDORS.items() if end in vendor.ends)

    def settings(self, provider: str) -> type[BaseModel]:
        return VENDORS[provider].settings

    def schema(self, provider: str, settings: Any) -> Schema:
        schema = VENDORS[provider].schema(settings)
        assert isinstance(schema, Schema)
        return schema

    def hooks(self, provider: str) -> Mapping[str, Hook]:
        return VENDORS[provider].hooks
