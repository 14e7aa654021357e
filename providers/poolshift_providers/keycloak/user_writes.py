"""Writes of users: imports of many, and requests for one."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from poolshift.provider.operation import Batch, Code, Failed, Failure, Operation, Outcome, Unknown, WholeRejected
from poolshift.provider.session import Reply
from poolshift_providers.keycloak.admin import Admin, segment
from poolshift_providers.keycloak.documents import imported, posted, updated
from poolshift_providers.keycloak.failures import failure_of, is_own, named_in_conflict
from poolshift_providers.keycloak.realm import Realm

NEEDS: Final = "manage-users"
_REFUSED: Final[Mapping[int, str]] = {400: "refused", 409: "there already", 500: "rolled back"}


def import_users(admin: Admin, realm: Realm, batch: Batch) -> Iterator[Outcome]:
    """One transaction: all of them, or WholeRejected. Never over somebody who is there."""
    documents = [imported(operation, realm) for operation in batch.operations]
    rows = {document["username"]: own for document, own in zip(documents, batch.operations, strict=True)}
    if len(rows) < len(documents):
        raise WholeRejected(Failure(Code.INVALID, "two users of the batch have one name", "username"), {})
    body = {"ifResourceExists": "FAIL", "users": documents}
    reply = admin.write("POST", "/partialImport", "manage-realm", body, ok=_REFUSED)
    if reply.status in _REFUSED:
        raise _rejected(reply.status, reply.content, rows)
    ids = {str(own["resourceName"]).lower(): str(own["id"]) for own in reply.json()["results"]}
    for username, operation in rows.items():
        yield Outcome(operation.address, id=ids.get(username))
        yield from _carried(operation)


def _rejected(status: int, content: bytes, rows: Mapping[str, Operation]) -> Exception:
    """The row an answer names is refused alone; else the engine looks for it by halves."""
    failure = failure_of(status, content, {})
    if status == 500:
        if not is_own(content):
            return Unknown("POST partialImport: the answer is not the server's")
        return WholeRejected(Failure(Code.INVALID, "the server failed over the user and took nothing (500)"), {})
    name = named_in_conflict(content)
    guilty = rows.get(name.lower()) if name is not None else None
    return WholeRejected(failure, {guilty.address: failure} if guilty is not None else {})


def write_user(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    """One request each. Raises Failed and Unknown."""
    if operation.verb == "create":
        reply = _post(admin, posted(operation))
        yield Outcome(operation.address, id=created_id(reply.headers))
        yield from _carried(operation)
        return
    path = f"/users/{segment(operation.id or '')}"
    if operation.verb == "delete":
        reply = admin.write("DELETE", path, NEEDS, again=True, ok={404: "gone"})
        yield Outcome(operation.address, "already" if reply.status == 404 else "done", id=operation.id)
        return
    try:
        admin.write("PUT", path, NEEDS, updated(operation), again=True)
    except Failed as error:
        # There is a user already, and it is not this one: the value is the other's.
        if error.failure.code is not Code.EXISTS:
            raise
        raise Failed(Failure(Code.TAKEN, error.failure.message, request_id=error.failure.request_id)) from error
    yield Outcome(operation.address, id=operation.id)


def _post(admin: Admin, document: Mapping[str, Any]) -> Reply:
    """Of two values that are there already the answer names the address: whoever has the name, too, is the same."""
    try:
        return admin.write("POST", "/users", NEEDS, document)
    except Failed as error:
        name, failure = document.get("username"), error.failure
        if failure.code is not Code.TAKEN or not name or not admin.get("/users", NEEDS, username=name, exact=True):
            raise
        raise Failed(replace(failure, code=Code.EXISTS, message="there is a user of this name and address")) from error


def created_id(headers: Mapping[str, Any]) -> str | None:
    """From the address of what was made."""
    return str(headers.get("Location") or "").rpartition("/")[2] or None


def _carried(operation: Operation) -> Iterator[Outcome]:
    for child in operation.children:
        yield Outcome(child.address)
