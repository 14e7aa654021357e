"""Rows of an import job: what is written reads back, by our reader and by the server's, and who cannot be written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.cognitoidp.models import CognitoIdpBackend

from poolshift.provider.operation import Failed
from poolshift_providers.cognito import import_rows
from poolshift_providers.cognito.import_log import by_row
from poolshift_providers.cognito.pool import Attribute, Pool
from tests.providers.cognito.world import user_create
from tests.servers.cognito.import_file import header_of, rows_of
from tests.servers.cognito.pool import Pool as ServerPool

POOL = Pool(
    "eu-west-1_x",
    {"sub": Attribute("sub", required=True), "email": Attribute("email", required=True)},
    username_attributes=("email",),
    auto_verified=("email",),
)
THERE = ServerPool(CognitoIdpBackend("eu-west-1", "123456789012"), "people", {})
ANN: dict[str, Any] = {"email": "ann@example.com", "email_verified": True}
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=20)


@given(st.lists(st.dictionaries(st.sampled_from(("name", "given_name", "nickname")), TEXT), min_size=1, max_size=5))
def test_what_is_taken_reads_back(rows: list[dict[str, str]]) -> None:
    """Law: of the people a job takes, every value reads back as it was, by two readers that share no code."""
    operations = [user_create(**{**ANN, **values}) for values in rows]
    taken = [one for one in operations if import_rows.refusal(POOL, one) is None]
    content = import_rows.table(header_of(THERE), taken, POOL)
    assert rows_of(THERE, content, 10**8, 10**6) == import_rows.read(content)
    for operation, row in zip(taken, import_rows.read(content), strict=True):
        for path in ("name", "given_name", "nickname"):
            change: Any = operation.changes.get(path)
            assert row[path] == (change.value if change is not None else "")
        assert len(",".join(row.values()).encode()) <= import_rows.length(operation) + len(row)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"email_verified": False}, "neither is there and verified"),
        ({"email": None}, "neither is there and verified"),
        ({"name": "two\nlines"}, "value of name"),
        ({"name": " blank before"}, "value of name"),
        ({"name": "back\\slash"}, "value of name"),
        ({"profile": "x" * 16_000}, "at most 16000"),
    ],
)
def test_who_cannot_stand_in_a_row(values: dict[str, Any], why: str) -> None:
    """Each is told why; no value of theirs is."""
    told = import_rows.refusal(POOL, user_create(**{**ANN, **values}))
    assert told is not None
    assert why in told
    assert "example.com" not in told


@pytest.mark.parametrize(
    ("pool", "why"),
    [
        (Pool("p", {}, username_attributes=("email",)), "no import job starts"),
        (Pool("p", {}, auto_verified=("email",)), "needs username"),
        (Pool("p", {}, ("email",), auto_verified=("email",), mfa="ON"), "second factor"),
        (
            Pool("p", {"birthdate": Attribute("birthdate", required=True)}, ("email",), auto_verified=("email",)),
            "birth",
        ),
    ],
)
def test_pools_that_import_nobody_like_that(pool: Pool, why: str) -> None:
    """Told for each person, by the pool's own rules."""
    told = import_rows.refusal(pool, user_create(**ANN, birthdate="1990-01-02"))
    assert told is not None
    assert why in told


def test_a_flag_without_its_contact_is_written_as_false() -> None:
    """The pool would refuse the row; an update sets the flag afterwards."""
    operation = user_create(**ANN, phone_number_verified=True)
    header = ["email", "email_verified", "phone_number_verified", "cognito:mfa_enabled", "cognito:username"]
    assert import_rows.refusal(POOL, operation) is None
    assert import_rows.read(import_rows.table(header, [operation], POOL)) == [
        {
            "email": "ann@example.com",
            "email_verified": "true",
            "phone_number_verified": "false",
            "cognito:mfa_enabled": "false",
            "cognito:username": "ann@example.com",
        }
    ]


def test_a_value_without_a_column_is_refused() -> None:
    """Rather than left out in silence."""
    with pytest.raises(Failed, match="no column custom:plan"):
        import_rows.table(["email", "cognito:username"], [user_create(**ANN, custom_plan="x")], POOL)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_rows_are_told_by_their_lines_from_any_first_number(first: int) -> None:
    """Which number the first row has is not documented: it follows from a log that has all of them."""
    lines = {first + row: ("SUCCEEDED", "") for row in range(5)} | {first + 3: ("FAILED", "secret@example.com")}
    told = by_row(lines, 5)
    assert told is not None
    assert [failure is not None for failure in told] == [False, False, False, True, False]
    assert "secret" not in str(told)
    del lines[first + 4]
    assert by_row(lines, 5) is None
    assert by_row({line + 7: result for line, result in lines.items()}, 4) is None
