"""Writes of what a user has: memberships and linked identities. What is there, or gone, already is `already`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.provider.operation import Code, Failed, Failure, Operation, Outcome
from poolshift.provider.session import Reply
from poolshift_providers.keycloak.admin import Admin, segment
from poolshift_providers.keycloak.documents import identity

_USERS: Final = "manage-users"
_THERE: Final[Mapping[int, str]] = {409: "there already"}
_GONE: Final[Mapping[int, str]] = {404: "gone"}


def write_group_member(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    group = operation.refs["group"].id or ""
    path = f"/users/{_user(operation)}/groups/{segment(group)}"
    yield _paired(admin, operation, group, "PUT" if operation.verb == "create" else "DELETE", path, _USERS)


def write_role_member(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    """A role is sent with its id and its name, to its client where it has one."""
    own = operation.refs["role"].id or ""
    client, slash, id = own.rpartition("/")
    name = operation.refs["role"].key or admin.get(f"/roles-by-id/{id}", "view-realm")["name"]
    path = f"/users/{_user(operation)}/role-mappings/{f'clients/{client}' if slash else 'realm'}"
    method = "POST" if operation.verb == "create" else "DELETE"
    yield _paired(admin, operation, own, method, path, _USERS, [{"id": id, "name": name}])


def write_organization_member(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    organization = operation.refs["organization"].id or ""
    path = f"/organizations/{segment(organization)}/members"
    needs = "manage-organizations"
    if operation.verb == "create":
        body = operation.refs["user"].id or ""
        yield _paired(admin, operation, organization, "POST", path, needs, body)
    else:
        yield _paired(admin, operation, organization, "DELETE", f"{path}/{_user(operation)}", needs)


def _paired(
    admin: Admin, operation: Operation, parent: str, method: str, path: str, needs: str, body: Any = None
) -> Outcome:
    """All of these may be repeated: adding twice is adding once."""
    adds = operation.verb == "create"
    try:
        reply = admin.write(method, path, needs, body, again=True, ok=_THERE if adds else _GONE)
    except Failed as error:
        if not adds or error.failure.code is not Code.GONE:
            raise
        raise Failed(Failure(Code.PARENT_GONE, "one of its two ends is not there")) from error
    user = operation.refs["user"].id
    return Outcome(operation.address, _status(reply), id=f"{parent}\n{user}" if adds else operation.id)


def write_link(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    user = _user(operation)
    if operation.verb == "delete":
        provider = str(operation.id).partition("\n")[2]
        path = f"/users/{user}/federated-identity/{segment(provider)}"
        reply = admin.write("DELETE", path, _USERS, again=True, ok=_GONE)
        yield Outcome(operation.address, _status(reply), id=operation.id)
        return
    own = identity(operation)
    path = f"/users/{user}/federated-identity"
    alias = own["identityProvider"]
    try:
        reply = admin.write("POST", f"{path}/{segment(alias)}", _USERS, own, again=True, ok=_THERE)
    except Failed as error:
        if error.failure.code is not Code.GONE:
            raise
        raise Failed(Failure(Code.PARENT_GONE, "the user is not there", "user")) from error
    if reply.status == 409 and not _is_linked(admin.get(path, "view-users"), own):
        raise Failed(Failure(Code.INVALID, f"the user is linked with another account of {alias}", "subject"))
    yield Outcome(operation.address, _status(reply), id=f"{operation.refs['user'].id}\n{alias}")


def _is_linked(identities: Any, own: Mapping[str, str]) -> bool:
    wanted = own["identityProvider"], own["userId"]
    return any((one["identityProvider"], one["userId"]) == wanted for one in identities)


def _status(reply: Reply) -> Any:
    return "done" if reply.status < 300 else "already"


def _user(operation: Operation) -> str:
    return segment(operation.refs["user"].id or "")
