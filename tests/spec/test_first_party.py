"""The installed providers, through the catalogue the command uses."""

from pathlib import Path

import pytest

from poolshift.errors import InputError
from poolshift.provider.discovery import Installed
from poolshift.spec.catalogue import Catalogue
from poolshift.spec.load import load

INSTALLED: Catalogue = Installed()
SPEC = """\
version: 1
migration: demo
source: {provider: cognito_export, settings: {path: export, groups: groups}, expect: {users: {min: 1}}}
destination: {provider: directory, settings: {path: people.db, case_fold: true}}
users:
  if: "custom.tenant != 'test'"
  login: [email, username]
  source_id: external_id
  copy: [email, email_verified, given_name, phone_number]
  fields: {attributes.plan: {from: custom:plan, default: free}, attributes.tier: "{{ custom.plan | upper }}"}
  statuses: {UNCONFIRMED: skip}
attributes: {attributes.plan: {type: string, max_length: 40}}
organizations: {from: custom:tenant, missing: skip}
groups:
  - {match: admins, as: role, in: organization, privileged: true}
  - {match: "*", as: group}
links: {Google: google}
"""


def test_an_export_to_a_directory(tmp_path: Path) -> None:
    """Everything of this spec can be carried out by this version."""
    (tmp_path / "spec.yaml").write_text(SPEC, "utf-8")
    spec = load(tmp_path / "spec.yaml", INSTALLED, environ={})
    assert spec.not_yet == ()
    assert spec.warnings == ()
    assert [field.path for field in spec.users.fields] == [
        "email",
        "email_verified",
        "given_name",
        "phone_number",
        "username",
        "attributes.plan",
        "attributes.tier",
    ]
    assert spec.users.source_id == "external_id"
    assert spec.destination.settings.path == "people.db"


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("given_name, phone", "gvien_name, phone", "SPEC_FIELD_UNKNOWN"),
        ("{path: export,", "{paths: export,", "SPEC_SETTING"),
        ("passwords: reset", "passwords: just_in_time", "SPEC_JIT_UNSUPPORTED"),
        ("custom.tenant !=", "tenant !=", "SPEC_NAME_UNKNOWN"),
        ("provider: directory", "provider: directry", "SPEC_PROVIDER_UNKNOWN"),
    ],
)
def test_a_mistake_is_told(right: str, wrong: str, code: str, tmp_path: Path) -> None:
    """The providers' own schemas judge names and settings."""
    text = SPEC.replace("  statuses:", "  passwords: reset\n  statuses:")
    assert right in text
    (tmp_path / "spec.yaml").write_text(text.replace(right, wrong), "utf-8")
    with pytest.raises(InputError) as caught:
        load(tmp_path / "spec.yaml", INSTALLED, environ={})
    assert code in {found.code for found in caught.value.diagnostics}
