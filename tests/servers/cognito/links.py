"""Identities at other providers: linked to a person, taken away again."""

import json
import time
from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUser

from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.service import Operation, Request, Service

_MOST: Final = 5
_SUBJECT: Final = "Cognito_Subject"
_NATIVE: Final = "Cognito"
_MAPPED: Final = ("SAML", "OIDC")


def identities_of(user: CognitoIdpUser) -> list[dict[str, Any]]:
    """The identities attribute, parsed."""
    return list(json.loads(user.attribute_lookup.get("identities") or "[]"))


def as_text(identities: list[dict[str, Any]]) -> str:
    """The identities attribute as pools hold it."""
    return json.dumps(identities, separators=(",", ":"), ensure_ascii=False)


def admin_link_provider_for_user(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    user = _destination(pool, request["DestinationUser"])
    provider, subject = _source(pool, request["SourceUser"])
    if pool.fold(f"{provider}_{subject}") in pool.users:
        raise Refusal.parameter(
            "Merging is not currently supported, provide a SourceUser that has not been signed up in order to link"
        )
    fixed = [name for name in user.attribute_lookup if name.startswith("custom:") and not _mutable(pool, name)]
    if fixed:
        raise Refusal.parameter("The destination user has immutable custom attributes.")
    if pool.linked(provider, subject) is not None:
        raise Refusal.parameter("SourceUser is already linked to DestinationUser")
    identities = identities_of(user)
    if sum(not _is_primary(identity) for identity in identities) >= _MOST:
        raise Refusal("LimitExceededException", f"A user has at most {_MOST} linked identities.")
    identities.append(
        {
            "userId": subject,
            "providerName": provider,
            "providerType": pool.identity_providers[provider].extended_config["ProviderType"],
            "issuer": None,
            "primary": False,
            "dateCreated": int(time.time() * 1000),
        }
    )
    pool.change(user, {"identities": as_text(identities)})
    return {}


def admin_disable_provider_for_user(service: Service, request: Request) -> dict[str, Any]:
    pool, named = service.pool(request), request["User"]
    provider, subject = named.get("ProviderName", ""), named.get("ProviderAttributeValue", "")
    if provider == _NATIVE:
        pool.get(subject).password = None
        return {}
    user = pool.linked(provider, subject)
    if user is None or named.get("ProviderAttributeName") != _SUBJECT:
        raise Refusal.no_user()
    left = [one for one in identities_of(user) if (one["providerName"], one["userId"]) != (provider, subject)]
    if left:
        pool.change(user, {"identities": as_text(left)})
    else:
        pool.change(user, {}, ["identities"])
    return {}


def _is_primary(identity: dict[str, Any]) -> bool:
    """Exports of tokens write the flag as text."""
    return str(identity.get("primary")).lower() == "true"


def _destination(pool: Pool, named: dict[str, str]) -> CognitoIdpUser:
    provider, value = named.get("ProviderName"), named.get("ProviderAttributeValue", "")
    user = pool.find(value if provider == _NATIVE else f"{provider}_{value}")
    if user is None:
        raise Refusal.no_user()
    return user


def _source(pool: Pool, named: dict[str, str]) -> tuple[str, str]:
    """The provider's name and the person's id there."""
    provider, subject = named.get("ProviderName", ""), named.get("ProviderAttributeValue", "")
    known = pool.identity_providers.get(provider)
    if known is None:
        raise Refusal("ResourceNotFoundException", f"Identity provider {provider} does not exist.")
    if not subject:
        raise Refusal.parameter("SourceUser needs a ProviderAttributeValue.")
    mapped = known.extended_config["ProviderType"] in _MAPPED
    if named.get("ProviderAttributeName") != _SUBJECT and not (mapped and named.get("ProviderAttributeName")):
        raise Refusal.parameter(f"ProviderAttributeName must be {_SUBJECT}.")
    return provider, subject


def _mutable(pool: Pool, name: str) -> bool:
    attribute = pool.schema_attributes.get(name)
    return attribute is not None and bool(attribute.mutable)


OPERATIONS: Final[dict[str, Operation]] = {
    "AdminDisableProviderForUser": admin_disable_provider_for_user,
    "AdminLinkProviderForUser": admin_link_provider_for_user,
}
