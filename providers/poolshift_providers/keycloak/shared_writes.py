"""Writes of what belongs to nobody: attributes of the user profile, organizations, roles, groups."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.provider.operation import Batch, Clear, Code, Failed, Failure, Operation, Outcome, WholeRejected
from poolshift_providers.keycloak.admin import Admin, segment
from poolshift_providers.keycloak.documents import puts, text
from poolshift_providers.keycloak.profile import TYPES, Type, declaration
from poolshift_providers.keycloak.shared_records import CLIENT, group_at
from poolshift_providers.keycloak.user_writes import created_id
from poolshift_providers.keycloak.values import attribute_name

_PROFILE: Final = "/users/profile"
_USERS: Final = "manage-users"
_REALM: Final = "manage-realm"
_ORGANIZATIONS: Final = "manage-organizations"


def declare(admin: Admin, batch: Batch) -> Iterator[Outcome]:
    """The user profile is one document: what others declared is sent back as it is."""
    profile = admin.get(_PROFILE, "view-realm")
    attributes = list(profile.get("attributes") or ())
    there = {own["name"] for own in attributes}
    known = frozenset(there)
    names = {operation.address: attribute_name(_text(operation, "name")) for operation in batch.operations}
    for operation in batch.operations:
        name = names[operation.address]
        type_ = _type(operation)
        if name not in there:
            there.add(name)
            attributes.append(declaration(name, type_, puts(operation).get("max_length")))
    if there != known:
        try:
            admin.write("PUT", _PROFILE, _REALM, {**profile, "attributes": attributes}, again=True)
        except Failed as error:
            raise WholeRejected(error.failure, {}) from error
    for operation in batch.operations:
        name = names[operation.address]
        yield Outcome(operation.address, "already" if name in known else "done", id=name)


def _type(operation: Operation) -> Type:
    found: Any = _text(operation, "type")
    if found not in TYPES:
        failure = Failure(Code.INVALID, f"an attribute is one of {', '.join(TYPES)}", "type")
        raise WholeRejected(failure, {operation.address: failure})
    known: Type = found
    return known


def _text(operation: Operation, path: str) -> str:
    """Raises WholeRejected where the row does not say it: nothing was sent yet."""
    try:
        return text(operation, path)
    except Failed as error:
        raise WholeRejected(error.failure, {operation.address: error.failure}) from error


def write_organization(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    wanted = _named(operation)
    if "domains" in wanted:
        wanted["domains"] = [{"name": name, "verified": False} for name in sorted(wanted["domains"])]
    if operation.verb == "create":
        body = {"enabled": True, "name": text(operation, "key"), **wanted}
        reply = admin.write("POST", "/organizations", _ORGANIZATIONS, body)
        yield Outcome(operation.address, id=created_id(reply.headers))
        return
    path = f"/organizations/{operation.id}"
    current = admin.get(path, "view-organizations")
    if "domains" in wanted:
        verified = {own["name"]: own for own in current.get("domains") or ()}
        wanted["domains"] = [verified.get(own["name"], own) for own in wanted["domains"]]
    admin.write("PUT", path, _ORGANIZATIONS, {**current, **wanted}, again=True)
    yield Outcome(operation.address, id=operation.id)


def _named(operation: Operation) -> dict[str, Any]:
    """By the API's words; what is cleared is empty."""
    cleared: Mapping[str, Any] = {"domains": []}
    wanted = puts(operation) | {
        path: cleared.get(path, "") for path, change in operation.changes.items() if isinstance(change, Clear)
    }
    if "key" in wanted:
        wanted["alias"] = wanted.pop("key")
    return wanted


def write_role(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    if operation.verb == "create":
        yield from _create_role(admin, operation)
        return
    path = f"/roles-by-id/{str(operation.id).rpartition('/')[2]}"
    current = admin.get(path, "view-realm")
    admin.write("PUT", path, _REALM, {**current, **_named(operation)}, again=True)
    yield Outcome(operation.address, id=operation.id)


def _create_role(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    """The answer names the role, not its id: it is read."""
    wanted = _named(operation)
    scope, name = str(wanted.pop("scope", "")), text(operation, "name")
    owner, needs, client = "", _REALM, ""
    if scope:
        found = admin.get("/clients", "view-clients", clientId=scope.removeprefix(CLIENT))
        if not found:
            raise Failed(Failure(Code.PARENT_GONE, f"the realm has no client {scope.removeprefix(CLIENT)}", "scope"))
        client = str(found[0]["id"])
        owner, needs = f"/clients/{client}", "manage-clients"
    admin.write("POST", f"{owner}/roles", needs, wanted)
    made = admin.found(f"{owner}/roles/{segment(name)}", "view-realm")
    id = str(made["id"]) if made is not None else None
    yield Outcome(operation.address, id=f"{client}/{id}" if id and client else id)


def write_group(admin: Admin, operation: Operation) -> Iterator[Outcome]:
    wanted = _named(operation)
    if operation.verb == "create":
        wanted.pop("name", None)
        id = _make(admin, text(operation, "name"), wanted)
        yield Outcome(operation.address, id=id)
        return
    path = f"/groups/{operation.id}"
    current = admin.get(path, "query-groups")
    admin.write("PUT", path, _USERS, {**current, **wanted}, again=True)
    yield Outcome(operation.address, id=operation.id)


def _make(admin: Admin, path: str, more: Mapping[str, Any]) -> str | None:
    """Make a group below its parent, which is made as well where it is not there. Raises Failed (EXISTS)."""
    above, _, name = path.rpartition("/")
    body = {"name": name, **more}
    if not above:
        return created_id(admin.write("POST", "/groups", _USERS, body).headers)
    parent = group_at(admin, above)
    if parent is None:
        _make(admin, above, {})
        parent = group_at(admin, above)
    if parent is None:
        raise Failed(Failure(Code.PARENT_GONE, "the group above was made, and is not there", "name"))
    return created_id(admin.write("POST", f"/groups/{parent['id']}/children", _USERS, body).headers)
