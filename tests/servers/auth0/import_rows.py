"""The rows of an import file: each taken or refused by itself (vendors/auth0.md 4)."""

from collections.abc import Mapping
from typing import Any, Final

from tests.servers.auth0 import people, shapes
from tests.servers.auth0.tenant import Connection, Tenant

# vendors/auth0.md 4, "upsertable".
UPSERTABLE: Final = ("email_verified", "family_name", "given_name", "name", "nickname", "picture")
Error = dict[str, Any]


def carry_out(
    tenant: Tenant, connection: Connection, rows: list[Any], *, upsert: bool
) -> tuple[list[Error], dict[str, int]]:
    """(errors, summary). A row that is twice in the file is an error, not an import and an update."""
    errors: list[Error] = []
    summary = {"failed": 0, "updated": 0, "inserted": 0, "total": len(rows)}
    seen: set[str] = set()
    for row in rows:
        word, path = _refused(tenant, connection, row, seen, upsert=upsert)
        if word:
            summary["failed"] += 1
            error = {"code": word, "message": f"Error in user property {path}: {row}", "path": path}
            errors.append({"user": row, "errors": [error]})
        elif upsert and (user_id := connection.taken.get(("email", row["email"].lower()))) is not None:
            summary["updated"] += 1
            _upsert(tenant, user_id, row)
        else:
            summary["inserted"] += 1
            people.make(tenant, connection, row)
    return errors, summary


def _refused(tenant: Tenant, connection: Connection, row: Any, seen: set[str], *, upsert: bool) -> tuple[str, str]:
    """(code, path) of the first reason; empty where the row is taken."""
    if not isinstance(row, dict):
        return "OBJECT_REQUIRED", ""
    if "email" not in row:
        return "ANY_OF_MISSING", "email"
    for name, value in row.items():
        word = shapes.problem(name, value, shapes.ROW[name]) if name in shapes.ROW else "NOT_PASSED"
        if word:
            return word, name
    if name := people.metadata_problem(row):
        return "NOT_PASSED", name
    if "username" in row and not connection.takes_usernames:
        return "NOT_PASSED", "username"
    return _collision(tenant, connection, row, seen, upsert=upsert)


def _collision(
    tenant: Tenant, connection: Connection, row: Mapping[str, Any], seen: set[str], *, upsert: bool
) -> tuple[str, str]:
    email = row["email"].lower()
    if email in seen:
        return "DUPLICATED_USER", "email"
    seen.add(email)
    there = people.holder(connection, row)
    if upsert and there is not None and there[0] == "email" and there[1] in tenant.users:
        return "", ""
    if row.get("user_id") and people.id_is_taken(tenant, row["user_id"]):
        return "DUPLICATED_USER", "user_id"
    if there is not None:
        return ("CONFLICT_USERNAME" if there[0] == "username" else "DUPLICATED_USER"), there[0]
    return "", ""


def _upsert(tenant: Tenant, user_id: str, row: Mapping[str, Any]) -> None:
    """Metadata is overwritten, and a flag that is not sent is reset (vendors/auth0.md 4)."""
    user = tenant.users[user_id]
    changes = {name: row[name] for name in UPSERTABLE if name in row}
    people.change(tenant, user, {"email_verified": False, **changes})
    for name in people.METADATA:
        if name in row:
            user[name] = dict(row[name])
