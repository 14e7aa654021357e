"""The shipped plan for two pools, with what this population has beside it."""

from typing import Final

from tests.providers.cognito.world import FAST

_SPEC: Final = """\
version: 1
migration: people

source:
  provider: cognito
  settings: {pool_id: OLD_POOL, endpoint_url: "ENDPOINT", quotas: {QUOTAS}}

destination:
  provider: cognito
  settings: {pool_id: NEW_POOL, endpoint_url: "ENDPOINT", quotas: {QUOTAS}}

users:
  login: [email]
  source_id: custom:legacy_sub
  copy: [email, email_verified, phone_number_verified, given_name, family_name]
  fields:
    phone_number: {from: phone_number, format: e164, region: BE}
    name: "{{ [given_name, family_name] | join(' ') }}"
    preferred_username: username
    custom:legacy_username: {from: username, mode: write_once}
    custom:plan: {from: custom:plan, values: {g: gold, s: silver, "*": free}, default: free}
    custom:score: {from: custom:score, format: number}
    custom:tenant: custom:tenant
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

attributes:
  custom:legacy_sub: {type: string, max_length: 36}
  custom:legacy_username: {type: string, max_length: 128}
  custom:plan: {type: string, max_length: 40}
  custom:score: {type: number}
  custom:tenant: {type: string, max_length: 256}

groups:
  - {match: admins, as: group, name: administrators, privileged: true}
  - {match: "tmp-*", as: skip}
  - {match: "*", as: group}

links:
  Google: {to: Google, trust_email: true}
  CorpSAML: {to: CorpSAML, mode: rebind}
"""


def spec(old_pool: str, new_pool: str, endpoint: str) -> str:
    """With quotas nobody waits for."""
    quotas = ", ".join(f"{name}: {rate}" for name, rate in FAST.items())
    placed = {"OLD_POOL": old_pool, "NEW_POOL": new_pool, "ENDPOINT": endpoint, "QUOTAS": quotas}
    text = _SPEC
    for name, value in placed.items():
        text = text.replace(name, value)
    return text


def import_spec(old_pool: str, new_pool: str, endpoint: str) -> str:
    """The same for people whose address is verified, by import job."""
    text = spec(old_pool, new_pool, endpoint)
    role = "arn:aws:iam::123456789012:role/import-log"
    own = f'pool_id: {new_pool}, import_role_arn: "{role}", logs_endpoint_url: "{endpoint}"'
    for old, new in (
        (f"pool_id: {new_pool}", own),
        ("users:\n", 'users:\n  if: "email_verified"\n  method: job\n'),
    ):
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text
