"""What a spec becomes: short forms written out, defaults merged, values parsed."""

from pathlib import Path

import pytest

from poolshift.errors import InputError
from poolshift.spec.load import load
from poolshift.spec.model import Amount, Rate, Spec
from tests.spec.providers import Catalogue
from tests.spec.test_routes import ENVIRON, ROUTES, VARIABLES


def route(name: str) -> Spec:
    return load(ROUTES / name, Catalogue(), variables=VARIABLES.get(name), environ=ENVIRON)


def test_copy_login_and_fields_are_one_list() -> None:
    """In this order; a login that is copied or filled already is not added again."""
    users = route("01-cognito.yaml").users
    assert [field.path for field in users.fields] == [
        "email",
        "email_verified",
        "name",
        "preferred_username",
        "custom:legacy_username",
    ]
    assert [field.source for field in users.fields][-1] == "username"
    assert users.fields[-1].mode == "write_once"
    assert users.fields[-1].place.line == 10


def test_a_claim_lands_in_the_vendors_own_field() -> None:
    """Ory keeps the e-mail address in a trait and its flag beside the address."""
    fields = {field.path: field.source for field in route("08-ory.yaml").users.fields}
    assert fields["verifiable_addresses.email"] == "email_verified"
    assert fields["traits.email"] == "email"
    assert "email" not in fields


def test_a_login_that_nobody_copied_is_filled_all_the_same(tmp_path: Path) -> None:
    """Who may sign in with an address has it."""
    text = (ROUTES / "04-workos.yaml").read_text("utf-8").replace("copy: [email, email_verified, ", "copy: [")
    (tmp_path / "spec.yaml").write_text(text, "utf-8")
    (tmp_path / "tenants.csv").write_bytes((ROUTES / "tenants.csv").read_bytes())
    spec = load(tmp_path / "spec.yaml", Catalogue(), environ=ENVIRON)
    paths = [field.path for field in spec.users.fields]
    assert paths == ["given_name", "family_name", "email", "metadata.phone", "metadata.plan"]


def test_statuses_are_total() -> None:
    """Every status of the source has a rule, the spec's or the default."""
    assert route("02a-auth0.yaml").users.statuses == {
        "CONFIRMED": "import",
        "EXTERNAL_PROVIDER": "import",
        "FORCE_CHANGE_PASSWORD": "reset",
        "RESET_REQUIRED": "reset",
        "UNCONFIRMED": "skip",
        "ARCHIVED": "fail",
        "COMPROMISED": "fail",
        "UNKNOWN": "fail",
    }


def test_amounts_rates_and_durations_are_parsed() -> None:
    """Numbers come out of texts; percentages stay percentages."""
    spec = route("01-cognito.yaml")
    assert spec.source.expect["users"].min == Amount(number=49000)
    assert spec.destination.rates == {"UserCreation": Rate(calls=25, seconds=1)}
    assert spec.limits.disable == Amount(percent=1)
    assert spec.policy.max_read_age == 6 * 3600
    assert spec.just_in_time is not None
    assert spec.just_in_time["timeout"] == 4
    assert spec.phases[1]["until"]["or_after"] == 60 * 86400
    assert spec.phases[1]["until"]["failed"]["max"] == Amount(percent=0.1)


def test_a_constant_an_attribute_and_a_template_are_told_apart() -> None:
    """A text with braces is a template, a plain text after a field is an attribute."""
    fields = {field.path: field for field in route("06-entra.yaml").users.fields}
    assert fields["display_name"].is_template
    assert fields["display_name"].source is None
    assert fields["extension.plan"].source == "custom:plan"
    assert fields["extension.plan"].has_default
    assert fields["extension.plan"].default == "free"
    assert not fields["given_name"].has_default
    constant = {field.path: field for field in route("10a-descope.yaml").users.fields}["status"]
    assert (constant.value, constant.is_template, constant.source) == ("enabled", False, None)


def test_groups_links_and_organizations_keep_what_was_said() -> None:
    """Rules in order, links by the source's name, organizations with their items."""
    spec = route("02b-auth0-organizations.yaml")
    assert spec.groups is not None
    assert [(rule.match, rule.target, rule.scope) for rule in spec.groups] == [
        ("admins", "role", "global"),
        ("tmp-*", "skip", "global"),
        ("*", "role", "organization"),
    ]
    assert spec.groups[0].privileged
    assert spec.links["Google"].trust_email
    assert spec.organizations is not None
    assert spec.organizations.source == "custom:tenant"
    assert spec.organizations.items["bigco"].domains == ("bigco.com",)
    assert spec.tables["tenants"].rows["bigco"]["display_name"] == "BigCo Inc."


def test_groups_that_are_not_mentioned_are_not_migrated(tmp_path: Path) -> None:
    """Absent is None, which is not an empty list of rules."""
    lines = (ROUTES / "10d-zitadel.yaml").read_text("utf-8").splitlines(keepends=True)
    spec_file = tmp_path / "spec.yaml"
    spec_file.write_text("".join(line for line in lines if not line.startswith("groups:")), "utf-8")
    assert load(spec_file, Catalogue(), environ=ENVIRON).groups is None
    spec_file.write_text("".join(lines).replace("groups: [", "groups: []  # ["), "utf-8")
    assert load(spec_file, Catalogue(), environ=ENVIRON).groups == ()


def test_everything_wrong_is_reported_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Mistakes of every stage come together: shape, provider, expression, table, phase."""
    (tmp_path / "spec.yaml").write_text(
        "version: 1\n"
        "migration: Acme\n"
        "source: {provider: cognito, settings: {pool_id: p, colour: red}}\n"
        'destination: {provider: workos, settings: {api_key: "${env:NOT_SET}"}}\n'
        "tables: {t: {file: nowhere.csv, key: id}}\n"
        'users: {source_id: external_id, if: "sub in tables.tt", nonsense: 1, passwords: just_in_time}\n'
        'phases: [{name: a, not_before: tomorrow}, {name: a, select: {if: "sub +"}}]\n',
        "utf-8",
    )
    with pytest.raises(InputError) as caught:
        load(tmp_path / "spec.yaml", Catalogue(), environ={})
    found = [(item.place.line if item.place else 0, item.code) for item in caught.value.diagnostics]
    assert found == [
        (2, "SPEC_NAME"),
        (3, "SPEC_SETTING"),
        (4, "SPEC_VAR_UNSET"),
        (5, "SPEC_TABLE_FILE"),
        (6, "SPEC_DISABLED_UNSUPPORTED"),
        (6, "SPEC_TABLE_UNKNOWN"),
        (6, "SPEC_KEY_UNKNOWN"),
        (6, "SPEC_JIT_UNSUPPORTED"),
        (7, "SPEC_TIME"),
        (7, "SPEC_PHASE_DUPLICATE"),
        (7, "SPEC_EXPRESSION"),
    ]


def test_what_came_from_outside_is_never_shown(tmp_path: Path) -> None:
    """Messages quote the reference, not the value behind it."""
    text = (ROUTES / "04-workos.yaml").read_text("utf-8")
    for right in ("provider: workos", "source_id: external_id", "disabled: skip"):
        key = right.partition(":")[0]
        assert right in text
        text = text.replace(right, f'{key}: "${{env:HIDDEN}}"')
    (tmp_path / "spec.yaml").write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        load(tmp_path / "spec.yaml", Catalogue(), environ=ENVIRON | {"HIDDEN": "hush-hush-value"})
    assert "hush-hush-value" not in str(caught.value)
    assert "${env:HIDDEN}" in str(caught.value)


def test_a_spec_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    """The missing file is named, with exit code 65."""
    with pytest.raises(InputError, match=r"nowhere\.yaml: error SPEC_FILE"):
        load(tmp_path / "nowhere.yaml", Catalogue(), environ={})
