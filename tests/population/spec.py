"""A spec that uses what the language offers for an export and the embedded directory."""

from typing import Final

SPEC: Final = """\
version: 1
migration: people

source:
  provider: cognito_export
  settings: {path: users, groups: groups}

destination:
  provider: directory
  settings: {path: people.directory}

users:
  login: [email]
  source_id: external_id
  copy: [username, email, email_verified, given_name, family_name, phone_number_verified]
  fields:
    phone_number: {from: phone_number, format: e164, region: BE}
    name: "{{ [given_name, family_name] | join(' ') }}"
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
  passwords: none

attributes:
  attributes.plan: {type: string, max_length: 40}
  attributes.score: {type: number}

organizations:
  from: custom:tenant
  split: ","
  missing: skip
  items:
    bigco: {name: Big Company, domains: [bigco.example.com]}

groups:
  - {match: admins, as: group, name: administrators, privileged: true}
  - {match: role-billing, as: role, name: billing, privileged: true}
  - {match: "role-*", as: role, name: "{{ group | removeprefix('role-') }}"}
  - {match: "org-*", as: role, in: organization, name: "{{ group | removeprefix('org-') }}"}
  - {match: "tmp-*", as: skip}
  - {match: "*", as: group}

links:
  Google: {to: google, trust_email: true}
  CorpSAML: corp-saml
"""
