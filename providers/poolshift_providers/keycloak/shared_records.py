"""What belongs to nobody: attributes of the user profile, organizations, roles, groups."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift_providers.keycloak.admin import Admin, segment
from poolshift_providers.keycloak.profile import declared, longest
from poolshift_providers.keycloak.values import ATTRIBUTES

CLIENT: Final = "application:"
_ROOTS: Final = frozenset({"username", "email", "firstName", "lastName"})


def attributes(admin: Admin) -> Iterator[Sequence[Record]]:
    """The declared ones, but for those every user has. An attribute without a length takes what the server takes."""
    found = []
    for own in declared(admin.get("/users/profile", "view-realm")).values():
        if own.name not in _ROOTS:
            values: dict[str, Any] = {"name": ATTRIBUTES + own.name, "type": own.type}
            if own.type == "string":
                values["max_length"] = longest(own)
            found.append(Record("attribute", own.name, values))
    yield found


def organizations(admin: Admin) -> Iterator[Sequence[Record]]:
    for page in admin.pages("/organizations", "view-organizations", briefRepresentation=False):
        yield [organization_record(own) for own in page]


def organization_record(own: Mapping[str, Any]) -> Record:
    values: dict[str, Any] = {"key": str(own["alias"]), "name": str(own["name"])}
    if domains := sorted(str(domain["name"]) for domain in own.get("domains") or ()):
        values["domains"] = domains
    return Record("organization", str(own["id"]), values, raw=own)


def roles(admin: Admin) -> Iterator[Sequence[Record]]:
    """Of the realm, then of each client."""
    for page in admin.pages("/roles", "view-realm", briefRepresentation=True):
        yield [role_record(own) for own in page]
    for client in clients(admin):
        path = f"/clients/{client['id']}/roles"
        for page in admin.pages(path, "view-clients", briefRepresentation=True):
            yield [role_record(own, client) for own in page]


def clients(admin: Admin) -> Iterator[Mapping[str, Any]]:
    for page in admin.pages("/clients", "view-clients"):
        yield from page


def role_record(own: Mapping[str, Any], client: Mapping[str, Any] | None = None) -> Record:
    """The id of a client's role names the client, too: requests are made by both."""
    values = {"name": str(own["name"])}
    if description := own.get("description"):
        values["description"] = str(description)
    if client is None:
        return Record("role", str(own["id"]), values, raw=own)
    values["scope"] = f"{CLIENT}{client['clientId']}"
    return Record("role", f"{client['id']}/{own['id']}", values, raw=own)


def groups(admin: Admin) -> Iterator[Sequence[Record]]:
    """The tree, level by level."""
    for page in admin.pages("/groups", "query-groups", briefRepresentation=False):
        yield from _with_children(admin, page)


def _with_children(admin: Admin, page: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Record]]:
    yield [group_record(own) for own in page]
    for own in page:
        if own.get("subGroupCount"):
            for below in admin.pages(f"/groups/{own['id']}/children", "query-groups", briefRepresentation=False):
                yield from _with_children(admin, below)


def group_record(own: Mapping[str, Any]) -> Record:
    values = {"name": str(own["path"])}
    if description := own.get("description"):
        values["description"] = str(description)
    return Record("group", str(own["id"]), values, raw=own)


def group_at(admin: Admin, path: str) -> Mapping[str, Any] | None:
    """The group of a path; None where there is none."""
    found: Mapping[str, Any] | None = admin.found(
        "/group-by-path/" + "/".join(map(segment, path.strip("/").split("/"))), "query-groups"
    )
    return found


LISTS: Final[Mapping[Kind, Callable[[Admin], Iterator[Sequence[Record]]]]] = {
    "attribute": attributes,
    "organization": organizations,
    "role": roles,
    "group": groups,
}
