"""Whatever form an export has, its users are the same."""

import os
from pathlib import Path
from typing import Any

import orjson
import pytest

from poolshift.identity.record import Record
from poolshift.identity.value import UNKNOWN
from poolshift.provider.session import Complete
from tests.providers.cognito_export.export import HERE, read, reader, users

FORMS = sorted(path.name for path in (HERE / "forms").iterdir())

EXPECTED = [
    {
        "sub": "00000000-0000-4000-8000-000000000001",
        "username": "ann",
        "status": "CONFIRMED",
        "enabled": True,
        "created_at": "2019-01-21T16:56:57.683000Z",
        "updated_at": "2024-01-23T21:20:26.500000Z",
        "email": "Ann@example.com",
        "email_verified": True,
        "phone_number": "+15550100001",
        "phone_number_verified": False,
        "given_name": "Ann",
        "name": 'Ann "A" Example, Jr.',
        "custom:plan": "gold",
    },
    {
        "sub": "00000000-0000-4000-8000-000000000002",
        "username": "corpsaml_a1",
        "status": "EXTERNAL_PROVIDER",
        "enabled": False,
        "created_at": "2020-09-13T12:26:40Z",
        "updated_at": "2020-09-13T12:26:40Z",
        "email": "bo@example.com",
        "email_verified": True,
        "phone_number_verified": False,
        "identities": [{"provider": "CorpSAML", "type": "SAML", "subject": "Sub|A1", "primary": True}],
    },
    {
        "sub": "00000000-0000-4000-8000-000000000003",
        "username": "cy",
        "status": "FORCE_CHANGE_PASSWORD",
        "enabled": True,
        "created_at": "1970-01-01T00:00:00Z",
        "updated_at": "2023-11-14T22:13:20.250000Z",
        "email_verified": False,
        "phone_number_verified": False,
        "name": "Cy Ünï 例",
        "custom:tenant": "acme,other",
    },
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_records(form: str) -> None:
    """Responses, arrays, lines, pages, flattened objects and CSV are one export."""
    found = users(HERE / "forms", path=form)
    assert found == [Record("user", str(values["sub"]), values) for values in EXPECTED]


@pytest.mark.parametrize("form", [form for form in FORMS if form.endswith("json")])
def test_a_form_too_large_for_one_piece_is_streamed_to_the_same_records(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same files, read as if they were large, a few bytes at a time."""
    monkeypatch.setattr("poolshift_providers.cognito_export.json_forms.WHOLE", 5)
    monkeypatch.setattr("poolshift_providers.cognito_export.json_stream._CHUNK", 7)
    assert [record.values for record in users(HERE / "forms", path=form)] == EXPECTED


def test_an_export_without_status_is_read_with_an_assumption() -> None:
    """A `--query` that kept e-mail, sub and name is enough when the spec says what the rest is."""
    found = users(HERE, path="flattened_without_status.json", assume={"status": "CONFIRMED", "enabled": True})
    assert [(one.id, one.values["status"], one.values["enabled"]) for one in found] == [
        (str(values["sub"]), "CONFIRMED", True) for values in EXPECTED
    ]
    assert "username" not in found[0].values
    assert "email" not in found[2].values


def one_user(tmp_path: Path, user: dict[str, Any], **settings: Any) -> Record:
    (tmp_path / "users.json").write_bytes(orjson.dumps({"Users": [user]}))
    (found,) = users(tmp_path, path="users.json", **settings)
    return found


def user(*attributes: tuple[str, str], **more: Any) -> dict[str, Any]:
    pairs = [{"Name": name, "Value": value} for name, value in (("sub", "s1"), *attributes)]
    return {"Username": "ann", "UserStatus": "CONFIRMED", "Enabled": True, "Attributes": pairs, **more}


@pytest.mark.parametrize(
    ("text", "verified"), [("true", True), ("True", True), ("TRUE", True), ("false", False), ("", False), ("1", False)]
)
def test_verified_flags_are_booleans(tmp_path: Path, text: str, verified: bool) -> None:
    """Only the word true, in any of the spellings tools write, is a verified address."""
    found = one_user(tmp_path, user(("email_verified", text), ("phone_number_verified", text)))
    assert (found.values["email_verified"], found.values["phone_number_verified"]) == (verified, verified)


@pytest.mark.parametrize(
    ("date", "expected", "naive"),
    [
        (1548089817.683, "2019-01-21T16:56:57.683000Z", False),
        (1548089817, "2019-01-21T16:56:57Z", False),
        (-1.5, "1969-12-31T23:59:58.500000Z", False),
        ("2024-01-23T02:40:26.413000+05:30", "2024-01-22T21:10:26.413000Z", False),
        ("2024-01-23T02:40:26-08:00", "2024-01-23T10:40:26Z", False),
        ("2024-01-23T02:40:26+0200", "2024-01-23T00:40:26Z", False),
        ("2024-01-23T02:40:26.413Z", "2024-01-23T02:40:26.413000Z", False),
        ("2024-01-23T02:40:26+00:00", "2024-01-23T02:40:26Z", False),
        ("2024-01-23T02:40:26", "2024-01-23T02:40:26Z", True),
        ("2024-01-23", "2024-01-23T00:00:00Z", True),
        ("2099-12-31T23:59:59Z", "2099-12-31T23:59:59Z", False),
    ],
)
def test_dates_are_utc_and_a_date_without_zone_is_marked(tmp_path: Path, date: Any, expected: str, naive: bool) -> None:
    """Epoch seconds and ISO text mean the same moment in every time zone."""
    found = one_user(tmp_path, user(UserCreateDate=date)).values
    assert found["created_at"] == expected
    assert found.get("naive_dates", False) is naive
    assert one_user(tmp_path, user(UserLastModifiedDate=date)).values["updated_at"] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            '[{"userId":"1","providerName":"Google","providerType":"Google","issuer":null,"primary":"true"}]',
            [{"provider": "Google", "type": "Google", "subject": "1", "primary": True}],
        ),
        (
            '[{"userId":2,"providerName":"Google","primary":false}]',
            [{"provider": "Google", "type": "", "subject": "2", "primary": False}],
        ),
        ("[]", []),
        ('[{"userId":"1","providerNa', UNKNOWN),
        ('[{"userId":"1"}]', UNKNOWN),
        ("null", UNKNOWN),
        ('"x"', UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_identities_are_a_list_or_unknown(tmp_path: Path, text: str, expected: Any) -> None:
    """A broken text is unknown, never an empty list: it is no evidence that there are no links."""
    assert one_user(tmp_path, user(("identities", text))).values["identities"] == expected


def test_empty_attributes_are_kept_and_absent_ones_stay_absent(tmp_path: Path) -> None:
    """An empty value is a value; an attribute that lost its value reads as empty too."""
    record = user(("nickname", ""))
    record["Attributes"].append({"Name": "custom:plan"})
    values = one_user(tmp_path, record).values
    assert (values["nickname"], values["custom:plan"]) == ("", "")
    assert not {"email", "created_at", "updated_at", "identities"} & values.keys()


def test_the_claim_updated_at_is_not_the_date_of_the_last_change(tmp_path: Path) -> None:
    """The application's own attribute of that name does not stand in for a missing date."""
    assert "updated_at" not in one_user(tmp_path, user(("updated_at", "1700000000"))).values


def test_a_user_that_stands_twice_is_passed_on_twice(tmp_path: Path) -> None:
    """The engine counts repetitions; the reader keeps no list of people."""
    (tmp_path / "users.json").write_bytes(orjson.dumps([user(), user()]))
    records, ends = read(reader(tmp_path, path="users.json"), ["user"])
    assert [record.id for record in records["user"]] == ["s1", "s1"]
    assert isinstance(end := ends["user"], Complete)
    assert end.count == 2


def test_an_export_is_as_old_as_its_oldest_page(tmp_path: Path) -> None:
    """The age of an export is the time its first page was written."""
    for name, age in (("1.json", 1_000_000.0), ("2.json", 2_000_000.0)):
        (tmp_path / name).write_bytes(orjson.dumps([user()]))
        os.utime(tmp_path / name, (age, age))
    end = read(reader(tmp_path, path="."), ["user"])[1]["user"]
    assert end == Complete(2, 1_000_000.0)


def test_an_export_of_no_users_is_complete(tmp_path: Path) -> None:
    """A pool may be empty: that is known, not unread."""
    (tmp_path / "users.json").write_text('{"Users": []}')
    records, ends = read(reader(tmp_path, path="users.json"), ["user"])
    assert records["user"] == []
    assert isinstance(end := ends["user"], Complete)
    assert end.count == 0


def test_a_folder_of_pages_may_hold_the_pool_and_the_group_list(tmp_path: Path) -> None:
    """Files that the settings name are not read as pages."""
    (tmp_path / "users.json").write_bytes(orjson.dumps([user()]))
    (tmp_path / "groups.json").write_text('{"Groups": []}')
    (tmp_path / "pool.json").write_bytes((HERE / "pool.json").read_bytes())
    assert len(users(tmp_path.parent, path=tmp_path.name, groups=tmp_path.name, pool=f"{tmp_path.name}/pool.json")) == 1
