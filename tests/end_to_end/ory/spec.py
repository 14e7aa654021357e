"""The shipped plan's shape, with what this population has beside it."""

from typing import Final

from tests.providers.cognito.world import FAST

KEY: Final = "ory_pat_invented"
VARIABLE: Final = "ORY_API_KEY"
"""Where the spec takes the key from."""

_SPEC: Final = """\
version: 1
migration: people

source:
  provider: cognito
  settings: {pool_id: POOL, endpoint_url: "COGNITO", quotas: {QUOTAS}}

destination:
  provider: ory
  settings: {url: "ORY", schema_id: customer, api_key: "${env:ORY_API_KEY}", tier: enterprise}

users:
  login: [email]
  source_id: external_id
  copy: [email_verified, phone_number_verified]
  fields:
    traits.phone_number: {from: phone_number, format: e164, region: BE}
    traits.name.first: given_name
    traits.name.last: family_name
    traits.plan: {from: custom:plan, values: {g: gold, s: silver, "*": free}, default: free}
    traits.score: {from: custom:score, format: number}
    metadata_public.tenant: custom:tenant
    metadata_admin.username: {from: username, mode: write_once}
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

groups:
  - {match: "tmp-*", as: skip}
  - {match: "*", as: field, field: metadata_public.groups}

links:
  Google: {to: google, trust_email: true}
  CorpSAML: {to: corp-saml, mode: rebind}
"""


def spec(pool: str, cognito: str, ory: str) -> str:
    """With quotas nobody waits for."""
    quotas = ", ".join(f"{name}: {rate}" for name, rate in FAST.items())
    text = _SPEC
    for name, value in {"POOL": pool, "COGNITO": cognito, "QUOTAS": quotas}.items():
        text = text.replace(name, value)
    return text.replace('"ORY"', f'"{ory}"')
