"""The shipped plan's route, with what this population has beside it."""

from typing import Final

from tests.providers.cognito.world import FAST
from tests.servers.keycloak.realm import CLIENT, SECRET, Realm

_SPEC: Final = """\
version: 1
migration: people

source:
  provider: cognito
  settings: {pool_id: POOL, endpoint_url: "ENDPOINT", quotas: {QUOTAS}}

destination:
  provider: keycloak
  settings: {url: "SERVER", realm: REALM, client_id: CLIENT, client_secret: "${env:KEYCLOAK_SECRET}"}

users:
  login: [email, username]
  source_id: id
  method: job
  copy: [username, email, email_verified, given_name, family_name]
  fields:
    attributes.phone: {from: phone_number, format: e164, region: BE}
    attributes.plan: {from: custom:plan, values: {g: gold, s: silver, "*": free}, default: free}
    attributes.score: {from: custom:score, format: number}
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
  attributes.phone: {type: string, max_length: 16}
  attributes.plan: {type: string, max_length: 40}
  attributes.score: {type: number}

organizations: {from: custom:tenant, split: ",", missing: skip}

groups:
  - {match: admins, as: role, name: administrators, privileged: true}
  - {match: "role-*", as: role, name: "{{ group | removeprefix('role-') }}"}
  - {match: "team-*", as: group, name: "/teams/{{ group | removeprefix('team-') }}"}
  - {match: "tmp-*", as: skip}
  - {match: "org-*", as: skip}
  - {match: "*", as: group}

links:
  Google: {to: google, trust_email: true}
  CorpSAML: {to: corp-saml, mode: rebind}
"""

ENVIRON: Final = {"KEYCLOAK_SECRET": SECRET}


def spec(pool: str, endpoint: str, realm: Realm, url: str) -> str:
    """With quotas nobody waits for. url: of what stands before the realm's server."""
    placed = {
        "CLIENT": CLIENT,
        "POOL": pool,
        "ENDPOINT": endpoint,
        "SERVER": url,
        "REALM": realm.name,
        "QUOTAS": ", ".join(f"{name}: {rate}" for name, rate in FAST.items()),
    }
    text = _SPEC
    for name, value in placed.items():
        text = text.replace(f": {name}" if name != "QUOTAS" else name, f": {value}" if name != "QUOTAS" else value)
        text = text.replace(f'"{name}"', f'"{value}"')
    return text
