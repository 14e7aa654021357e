"""What the route offers, for this population."""

from typing import Final

from tests.providers.auth0.world import FAST
from tests.providers.cognito.world import FAST as COGNITO_FAST
from tests.servers.auth0 import Auth0Server

ENVIRON: Final = {"AUTH0_CLIENT_SECRET": "invented-secret-0123456789"}
_SPEC: Final = """\
version: 1
migration: people

source:
  provider: cognito
  settings: {pool_id: OLD_POOL, endpoint_url: "COGNITO", quotas: {COGNITO_QUOTAS}}

destination:
  provider: auth0
  settings:
    domain: DOMAIN
    client_id: invented-client
    client_secret: "${env:AUTH0_CLIENT_SECRET}"
    connection: CONNECTION
    endpoint_url: "AUTH0"
    quotas: {AUTH0_QUOTAS}

users:
  login: [email]
  source_id: user_id
  copy: [email, email_verified, given_name, family_name]
  fields:
    phone_number: {from: phone_number, format: e164, region: BE}
    phone_verified: phone_number_verified
    name: "{{ words(given_name, family_name) or email }}"
    app_metadata.plan: {from: custom:plan, values: {g: gold, s: silver, "*": free}, default: free}
    app_metadata.score: {from: custom:score, format: number}
    user_metadata.username: {from: username, mode: seed}
  statuses:
    FORCE_CHANGE_PASSWORD: import
    RESET_REQUIRED: import
    UNCONFIRMED: skip
    ARCHIVED: skip
    COMPROMISED: skip
    UNKNOWN: fail
  disabled: keep
  duplicates: merge
  passwords: reset

organizations:
  from: custom:tenant
  split: ","
  missing: skip

groups:
  - {match: admins, as: role, name: administrators, privileged: true}
  - {match: role-billing, as: role, name: billing, privileged: true}
  - {match: "role-*", as: role, name: "{{ group | removeprefix('role-') }}"}
  - {match: "org-*", as: role, in: organization, name: "{{ group | removeprefix('org-') }}"}
  - {match: "tmp-*", as: skip}
  - {match: "*", as: role}

links:
  Google: {to: google-oauth2, mode: rebind, trust_email: true}
  CorpSAML: {to: corp-saml, mode: rebind}
"""


def spec(old_pool: str, cognito: str, auth0: Auth0Server, url: str) -> str:
    """With quotas nobody waits for. url: of what stands before the tenant."""
    placed = {
        "OLD_POOL": old_pool,
        "COGNITO_QUOTAS": _quotas(COGNITO_FAST),
        "COGNITO": cognito,
        "DOMAIN": auth0.domain,
        "CONNECTION": auth0.database.name,
        "AUTH0_QUOTAS": _quotas(FAST),
        '"AUTH0"': f'"{url}"',
    }
    text = _SPEC
    for name, value in placed.items():
        text = text.replace(name, value)
    return text


def _quotas(rates: dict[str, str]) -> str:
    return ", ".join(f"{name}: {rate}" for name, rate in rates.items())
