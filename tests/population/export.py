"""Writes people as an export: what ``aws cognito-idp list-users`` and its sisters print."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

from tests.population.people import GROUPS, Person

POOL: Final = "eu-west-1_Invented1"
_PAGE: Final = 60


def record_of(person: Person) -> dict[str, Any]:
    """One element of Users. Dates as epoch seconds or as text with an offset, as the CLI's versions differ."""
    attributes = {"sub": person.sub, **person.attributes}
    if person.identities:
        attributes["identities"] = json.dumps(
            [
                {"userId": subject, "providerName": provider, "providerType": provider, "primary": "false"}
                for provider, subject in person.identities
            ]
        )
    return {
        "Username": person.username,
        "Attributes": [{"Name": name, "Value": value} for name, value in attributes.items()],
        "UserCreateDate": _date(person.created, person),
        "UserLastModifiedDate": _date(person.modified, person),
        "Enabled": person.enabled,
        "UserStatus": person.status,
    }


def write_response(people: Sequence[Person], path: Path) -> None:
    """One response that holds everybody."""
    path.write_text(json.dumps({"Users": [record_of(person) for person in people]}, indent=1), encoding="utf-8")


def write_lines(people: Sequence[Person], path: Path) -> None:
    path.write_text("".join(json.dumps(record_of(person)) + "\n" for person in people), encoding="utf-8")


def write_pages(people: Sequence[Person], folder: Path, size: int = _PAGE) -> None:
    """A folder of responses, all but the last naming the next. An older export in it is replaced."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    starts = range(0, max(len(people), 1), size)
    for number, start in enumerate(starts, 1):
        page: dict[str, Any] = {"Users": [record_of(person) for person in people[start : start + size]]}
        if number < len(starts):
            page["PaginationToken"] = f"token-{number}"
        (folder / f"users-{number}.json").write_text(json.dumps(page), encoding="utf-8")


def write_groups(people: Sequence[Person], folder: Path) -> None:
    """groups.json, and one file of members a group."""
    members = folder / "members"
    members.mkdir(parents=True, exist_ok=True)
    listed = [
        {"GroupName": name, "UserPoolId": POOL, "Description": f"The {name}", "Precedence": number}
        for number, name in enumerate(GROUPS)
    ]
    (folder / "groups.json").write_text(json.dumps({"Groups": listed}), encoding="utf-8")
    for number, name in enumerate(GROUPS):
        inside = [record_of(person) for person in people if name in person.groups]
        (members / f"{number}.json").write_text(json.dumps({"GroupName": name, "Users": inside}), encoding="utf-8")


def _date(at: float, person: Person) -> float | str:
    if person.created % 1:
        return at
    hours = int(person.created) % 12
    return (datetime.fromtimestamp(at, UTC)).astimezone(timezone(timedelta(hours=hours))).isoformat()
