"""One record by one key: read from the server's database, so that an absence is sure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift_providers.keycloak import shared_records
from poolshift_providers.keycloak.admin import Admin, segment
from poolshift_providers.keycloak.member_records import member_record
from poolshift_providers.keycloak.realm import Realm
from poolshift_providers.keycloak.user_record import link_records, record_of
from poolshift_providers.keycloak.values import ATTRIBUTES, attribute_name

_VIEW: Final = "view-users"


def find(admin: Admin, realm: Realm, kind: Kind, key: Path, value: str) -> Iterable[Record]:
    """Raises ValueError for a key the kind does not declare."""
    if kind == "user":
        return [record_of(user, realm) for user in _users(admin, key, value)]
    if key == "user":
        return list(_OF_USER[kind](admin, value))
    if kind == "role" and key == "name":
        return _roles(admin, value)
    if kind == "group" and key == "name":
        found = shared_records.group_at(admin, value)
        return [] if found is None else [shared_records.group_record(found)]
    if kind in shared_records.LISTS:
        records = (one for page in shared_records.LISTS[kind](admin) for one in page)
        return [one for one in records if (one.id if key == "id" else one.values.get(key)) == value]
    raise ValueError(f"a realm is not searched by {key} of {kind}")


def _users(admin: Admin, key: Path, value: str) -> Iterator[Mapping[str, Any]]:
    if key == "id":
        user = admin.found(f"/users/{segment(value)}", _VIEW)
        yield from [user] if user is not None else []
        return
    if key.startswith(ATTRIBUTES):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        query = {"q": f'{attribute_name(key)}:"{escaped}"'}
    elif key in ("username", "email"):
        query = {key: value, "exact": "true"}
    else:
        raise ValueError(f"a realm is not searched by {key} of user")
    for page in admin.pages("/users", _VIEW, briefRepresentation=False, **query):
        yield from page


def _roles(admin: Admin, name: str) -> list[Record]:
    """Of the realm and of all clients."""
    path = f"/roles/{segment(name)}"
    own = admin.found(path, "view-realm")
    found = [] if own is None else [shared_records.role_record(own)]
    for client in shared_records.clients(admin):
        if (own := admin.found(f"/clients/{client['id']}{path}", "view-clients")) is not None:
            found.append(shared_records.role_record(own, client))
    return found


def _links(admin: Admin, user: str) -> Iterator[Record]:
    yield from link_records(user, admin.found(f"/users/{segment(user)}/federated-identity", _VIEW))


def _groups_of(admin: Admin, user: str) -> Iterator[Record]:
    for group in admin.found(f"/users/{segment(user)}/groups", _VIEW, max=-1) or ():
        yield member_record("group_member", "group", user, str(group["id"]), str(group["path"]))


def _roles_of(admin: Admin, user: str) -> Iterator[Record]:
    held = admin.found(f"/users/{segment(user)}/role-mappings", _VIEW) or {}
    for role in held.get("realmMappings") or ():
        yield member_record("role_member", "role", user, str(role["id"]), str(role["name"]))
    for client in (held.get("clientMappings") or {}).values():
        for role in client.get("mappings") or ():
            yield member_record("role_member", "role", user, f"{client['id']}/{role['id']}", str(role["name"]))


def _organizations_of(admin: Admin, user: str) -> Iterator[Record]:
    path = f"/organizations/members/{segment(user)}/organizations"
    for own in admin.found(path, "view-organizations") or ():
        yield member_record("organization_member", "organization", user, str(own["id"]), str(own["alias"]))


_OF_USER: Final = {
    "link": _links,
    "group_member": _groups_of,
    "role_member": _roles_of,
    "organization_member": _organizations_of,
}
