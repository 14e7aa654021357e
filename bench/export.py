"""Writes people as an export: JSON lines of users, and the pages of list-users-in-group, one a line, for each group."""

import json
from collections.abc import Iterable
from pathlib import Path

from bench.people import GROUPS, Person

_PAGE = 60  # what list-users-in-group gives at most


def write_export(people: Iterable[Person], folder: Path) -> int:
    """Replace the export below ``folder``; the number of users. Users in a group are repeated whole, as AWS does."""
    members = folder / "groups" / "members"
    members.mkdir(parents=True, exist_ok=True)
    listed = [{"GroupName": name, "UserPoolId": "eu-west-1_Benchmark"} for name in GROUPS]
    (folder / "groups" / "groups.json").write_text(json.dumps({"Groups": listed}))
    files = {name: (members / f"{name}.json").open("w") for name in GROUPS}
    pages: dict[str, list[str]] = {name: [] for name in GROUPS}
    count = 0
    with (folder / "users.jsonl").open("w") as users:
        for person in people:
            count += 1
            text = person.export()
            users.write(f"{text}\n")
            for name in person.groups:
                page = pages[name]
                page.append(text)
                if len(page) == _PAGE:
                    files[name].write(_response(name, page))
                    page.clear()
    for name, file in files.items():
        with file:
            if pages[name] or not file.tell():
                file.write(_response(name, pages[name]))
    return count


def _response(group: str, users: list[str]) -> str:
    return f'{{"GroupName":"{group}","Users":[{",".join(users)}]}}\n'
