"""The benchmark's spec: 12 attributes of a person become 14 fields, and three memberships."""

from pathlib import Path
from typing import Final

SPEC_FILE: Final = "migration.yaml"
DIRECTORY: Final = "people.directory"
STATE: Final = Path(".poolshift", "bench", "state.db")
FIELDS: Final = 14

SPEC: Final = """\
version: 1
migration: bench

source:
  provider: cognito_export
  settings: {path: users.jsonl, groups: groups}

destination:
  provider: directory
  settings: {path: people.directory}

users:
  login: [email]
  source_id: external_id
  copy: [username, email, email_verified, given_name, family_name, phone_number_verified, locale]
  fields:
    phone_number: {from: phone_number, format: e164, region: BE}
    name: "{{ [given_name, family_name] | join(' ') }}"
    attributes.plan: {from: custom:plan, values: {g: gold, s: silver, b: bronze, "*": free}, default: free}
    attributes.score: {from: custom:score, format: number}
  disabled: keep
  duplicates: fail
  passwords: none

attributes:
  attributes.plan: {type: string, max_length: 40}
  attributes.score: {type: number}

groups:
  - {match: "*", as: group}

policy:
  existing_value: destination
"""
