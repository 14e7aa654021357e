"""Who is in what: lists of the users of each organization, role and group."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift_providers.keycloak.admin import Admin, segment
from poolshift_providers.keycloak.shared_records import LISTS

BRIEF: Final[Mapping[str, Any]] = {"briefRepresentation": True}


@dataclass(frozen=True, slots=True)
class Parents:
    """A kind with members. path: of the list of one's users. key: the field that names one."""

    kind: Kind
    members: Kind
    key: str
    path: Callable[[Record], str]

    def pages(self, admin: Admin, ids: Iterable[str] | None, default_role: str) -> Iterator[Sequence[Record]]:
        """Of all of them, or of those with these ids. The role everybody has by being there is left out."""
        wanted = None if ids is None else frozenset(ids)
        for page in LISTS[self.kind](admin):
            for parent in page:
                everybody = (
                    self.kind == "role" and not parent.values.get("scope") and parent.values["name"] == default_role
                )
                if not everybody and (wanted is None or parent.id in wanted):
                    yield from self._users(admin, parent)

    def _users(self, admin: Admin, parent: Record) -> Iterator[Sequence[Record]]:
        key = str(parent.values[self.key])
        for page in admin.pages(self.path(parent), "view-users", **BRIEF):
            yield [member_record(self.members, self.kind, str(user["id"]), parent.id, key) for user in page]


def member_record(members: Kind, kind: Kind, user: str, parent: str, key: str) -> Record:
    refs: dict[str, Ref] = {"user": Ref("", id=user), kind: Ref("", id=parent, key=key)}
    return Record(members, f"{parent}\n{user}", {}, refs)


def _users_of_role(role: Record) -> str:
    client, slash, _ = role.id.rpartition("/")
    owner = f"/clients/{client}" if slash else ""
    return f"{owner}/roles/{segment(str(role.values['name']))}/users"


MEMBERS: Final[Mapping[Kind, Parents]] = {
    "organization_member": Parents(
        "organization", "organization_member", "key", lambda own: f"/organizations/{own.id}/members"
    ),
    "role_member": Parents("role", "role_member", "name", _users_of_role),
    "group_member": Parents("group", "group_member", "name", lambda own: f"/groups/{own.id}/members"),
}
