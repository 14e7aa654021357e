"""Groups, memberships, lookups, and what a pool's description adds."""

import json
import re
from pathlib import Path

import pytest

from poolshift.errors import InputError, UsageError
from poolshift.identity.record import Record, Ref
from poolshift.provider.calls import SessionCalls
from poolshift.provider.session import Complete, Partial
from poolshift_providers.cognito_export import PROVIDER
from tests.providers.cognito_export.export import HERE, read, reader

ANN, BO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
GONE = "00000000-0000-4000-8000-000000000009"


def member(group: str, sub: str) -> Record:
    return Record(
        "group_member", f"{group}\n{sub}", {}, {"user": Ref("", id=sub), "group": Ref("", id=group, key=group)}
    )


def test_groups_come_before_members_and_members_before_users() -> None:
    """A kind that refers to another comes after it; users come last, so that their groups are known."""
    records, ends = read(reader(HERE, path="forms/response.json", groups="groups"), ["user", "group", "group_member"])
    assert list(ends) == ["group", "group_member", "user"]
    assert records["group"] == [
        Record(
            "group",
            "admins",
            {
                "name": "admins",
                "description": "may do all",
                "precedence": 0,
                "role_arn": "arn:aws:iam::000000000000:role/admins",
            },
        ),
        Record("group", "team/a b", {"name": "team/a b"}),
        Record("group", "empty", {"name": "empty"}),
    ]
    assert records["group_member"] == [
        member("admins", ANN),
        member("admins", BO),
        member("team/a b", ANN),
        member("team/a b", GONE),
    ]
    assert isinstance(ends["group_member"], Complete)


def test_without_a_groups_folder_nothing_is_known_of_groups() -> None:
    """No folder is no evidence that there are no groups: the schema says never, the reading is partial."""
    source = reader(HERE, path="forms/response.json")
    assert source.schema().kinds["group"].reading.how == "never"
    _, ends = read(source, ["group", "group_member"])
    assert all(isinstance(end, Partial) for end in ends.values())


def test_the_fingerprint_is_the_pool_wherever_the_export_lies(tmp_path: Path) -> None:
    """Tomorrow's export at another path is the same end; it is unknown only where nothing names the pool."""
    (tmp_path / "users.json").write_text("[]")
    (tmp_path / "pool.json").write_bytes((HERE / "pool.json").read_bytes())
    expected = {"provider": "cognito_export", "pool": "eu-west-1_Example1"}
    assert reader(tmp_path, path="users.json", pool="pool.json").fingerprint() == expected
    assert reader(HERE, path="forms/pages", groups="groups").fingerprint() == expected
    assert reader(HERE, path="forms/pages").fingerprint() == {"provider": "cognito_export", "pool": "unknown"}


def test_the_pool_gives_the_types_of_custom_attributes() -> None:
    """Without a pool any custom attribute is text, under both spellings."""
    typed = reader(HERE, path="forms/pages", pool="pool.json").schema().kinds["user"]
    found = {
        name: getattr(typed.field_at(f"custom:{name}"), "type", None) for name in ("plan", "score", "active", "since")
    }
    assert found == {"plan": "text", "score": "number", "active": "bool", "since": "time"}
    plain = PROVIDER.documented(PROVIDER.settings(path="x")).kinds["user"]
    for path in ("custom:score", "custom.score", "dev:custom:score"):
        field = plain.field_at(path)
        assert field is not None
        assert field.type == "text"
    assert plain.fields["mfa"].read == "never"
    assert plain.field_at("no_such_attribute") is None


def test_lookups_scan_the_export_once_for_all_values() -> None:
    """One Found per value, in the order asked; an e-mail is found whatever its case."""
    source = reader(HERE, path="forms/pages", groups="groups")
    found = list(source.lookup("user", "email", ["BO@example.com", "nobody@example.com"]))
    assert [(one.value, [record.id for record in one.records], one.sure) for one in found] == [
        ("BO@example.com", [BO], True),
        ("nobody@example.com", [], True),
    ]
    assert [one.records[0].id for one in source.lookup("user", "username", ["ann"])] == [ANN]
    assert [one.records[0].id for one in source.lookup("user", "sub", [BO, ANN])] == [BO, ANN]
    assert [one.records[0].id for one in source.lookup("group", "name", ["admins"])] == ["admins"]
    with pytest.raises(ValueError, match="custom:plan"):
        list(source.lookup("user", "custom:plan", ["gold"]))


def test_an_export_cannot_be_a_destination() -> None:
    """It offers no writer, and no verb in its schema."""
    settings = PROVIDER.settings(path="x")
    schema = PROVIDER.documented(settings)
    assert PROVIDER.ends == {"source"}
    assert schema.routes == ()
    with pytest.raises(UsageError, match="SOURCE_ONLY"):
        PROVIDER.writer(settings, SessionCalls(HERE), schema)


GROUPS = {"Groups": [{"GroupName": "admins"}, {"GroupName": "staff"}]}
MEMBER = {"Attributes": [{"Name": "sub", "Value": "s1"}]}
ADMINS = {"GroupName": "admins", "Users": [MEMBER]}
STAFF = {"GroupName": "staff", "Users": []}


@pytest.mark.parametrize(
    ("files", "code", "named"),
    [
        ({"a.json": ADMINS}, "EXPORT_GROUP_UNREAD", "groups.json.*group staff"),
        (
            {"a.json": ADMINS, "s.json": STAFF, "x.json": {"GroupName": "x", "Users": []}},
            "EXPORT_GROUP_UNKNOWN",
            "x.json",
        ),
        ({"a.json": ADMINS, "s.json": {"Users": [MEMBER]}}, "EXPORT_INCOMPLETE", "s.json"),
        ({"a.json": ADMINS | {"NextToken": "t"}, "s.json": STAFF}, "EXPORT_CUT", "a.json.*group admins"),
        (
            {"a.json": ADMINS | {"Users": [MEMBER, {"Username": "b"}]}, "s.json": STAFF},
            "EXPORT_NO_ID",
            "a.json.*record 2",
        ),
        ({"a.json": ADMINS, "s.json": STAFF, "notes.txt": {}}, "EXPORT_FORM", "notes.txt"),
    ],
)
def test_a_faulty_groups_folder_is_refused_with_the_file(
    tmp_path: Path, files: dict[str, object], code: str, named: str
) -> None:
    """Members that cannot be attributed are an error, never a group that looks empty."""
    (tmp_path / "users.json").write_text("[]")
    (tmp_path / "g" / "members").mkdir(parents=True)
    (tmp_path / "g" / "groups.json").write_text(json.dumps(GROUPS))
    for name, content in files.items():
        (tmp_path / "g" / "members" / name).write_text(json.dumps(content))
    with pytest.raises(InputError, match=f"(?s){code}") as error:
        read(reader(tmp_path, path="users.json", groups="g"), ["group_member"])
    assert re.search(named, str(error.value))


@pytest.mark.parametrize("text", ['{"Groups": [{"Description": "x"}]}', "{", '"x"', "[1]"])
def test_a_damaged_group_list_is_refused(tmp_path: Path, text: str) -> None:
    """Groups without a name, and files that are not JSON, are no group list."""
    (tmp_path / "users.json").write_text("[]")
    (tmp_path / "groups.json").write_text(text)
    with pytest.raises(InputError, match=r"groups.json.*EXPORT_DAMAGED"):
        reader(tmp_path, path="users.json", groups=".")


def test_a_group_list_that_was_cut_is_refused(tmp_path: Path) -> None:
    """A next page of groups that is not there would make groups look deleted."""
    (tmp_path / "groups.json").write_text(json.dumps(GROUPS | {"NextToken": "t"}))
    with pytest.raises(InputError, match=r"EXPORT_CUT.*2 groups"):
        reader(tmp_path, path="users.json", groups=".")


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"UserPool": {"Id": "x", "SchemaAttributes": [{"Name": "custom:a"}]}}', "{"]
)
def test_a_damaged_pool_description_is_refused(tmp_path: Path, text: str) -> None:
    """What describe-user-pool did not write is not taken for it."""
    (tmp_path / "pool.json").write_text(text)
    with pytest.raises(InputError, match=r"pool.json: error EXPORT_DAMAGED"):
        reader(tmp_path, path="users.json", pool="pool.json")
