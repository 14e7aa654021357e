"""Reads organizations, roles, and who is in them: what is shared first, then the members of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from poolshift.errors import AccessDenied
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.provider.operation import Code, Failed
from poolshift.provider.session import Complete, Page, Partial, Want
from poolshift_providers.auth0 import listing
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.elements import ORGANIZATION
from poolshift_providers.auth0.routes import SEPARATOR

_OF_ORGANIZATIONS: Final = frozenset[Kind](("organization", "organization_member"))
_OF_ROLES: Final = frozenset[Kind](("role", "role_member"))


@dataclass(frozen=True, slots=True)
class Names:
    """What is shared, by id: keys of organizations, names of roles. Few: it is held in memory anyway."""

    organizations: dict[str, str]
    roles: dict[str, str]


class Memberships:
    """One reading. Where the client may not see organizations, they are told to be missing, and the rest is read.

    Roles are partial then, too: those within organizations, and who has them, stay out of sight.
    """

    def __init__(self, api: ManagementApi) -> None:
        self._api = api
        self._counts: dict[Kind, int] = {"organization_member": 0, "role_member": 0}

    def pages(self, want: Want, began: float) -> Iterator[Page]:
        kinds = want.kinds & (_OF_ORGANIZATIONS | _OF_ROLES)
        if not kinds:
            return
        names = Names({}, {})
        missing = ""
        try:
            yield from self._organizations(kinds, names, began)
        except AccessDenied as error:
            missing = _missing(error)
            for kind in sorted(kinds & _OF_ORGANIZATIONS):
                yield Page(kind, (), Partial(missing))
        if kinds & _OF_ROLES:
            yield from self._roles(kinds, names, began, missing)
        yield from self._members(want, names, began, missing)

    def _organizations(self, kinds: frozenset[Kind], names: Names, began: float) -> Iterator[Page]:
        for page in listing.organizations(self._api):
            names.organizations.update((str(item["id"]), str(item["name"])) for item in page)
            if "organization" in kinds:
                yield Page("organization", tuple(map(organization_record, page)))
        if "organization" in kinds:
            yield Page("organization", (), Complete(len(names.organizations), began))

    def _roles(self, kinds: frozenset[Kind], names: Names, began: float, missing: str) -> Iterator[Page]:
        """A role of the tenant is also one of each organization."""
        for page in listing.roles(self._api):
            names.roles.update((str(item["id"]), str(item["name"])) for item in page)
            if "role" not in kinds:
                continue
            yield Page("role", tuple(map(role_record, page)))
            for organization, key in names.organizations.items():
                yield Page("role", tuple(role_record(item, organization, key) for item in page))
        if "role" in kinds:
            count = len(names.roles) * (1 + len(names.organizations))
            yield Page("role", (), Partial(missing) if missing else Complete(count, began))

    def _members(self, want: Want, names: Names, began: float, missing: str) -> Iterator[Page]:
        kinds = want.kinds
        if kinds & {"organization_member", "role_member"} and not missing:
            for organization in _asked(want, names):
                yield from self._of_organization(organization, names, kinds)
        if "role_member" in kinds:
            parents = want.parents.get("role", frozenset())
            for role in sorted(names.roles):
                if not parents or role in parents:
                    yield from self._of_role(role, names)
            count = self._counts["role_member"]
            yield Page("role_member", (), Partial(missing) if missing else Complete(count, began))
        if "organization_member" in kinds and not missing:
            yield Page("organization_member", (), Complete(self._counts["organization_member"], began))

    def _of_organization(self, organization: str, names: Names, kinds: frozenset[Kind]) -> Iterator[Page]:
        key = names.organizations.get(organization, organization)
        pages, members, roles = listing.members(self._api, organization), 0, 0
        for page in unless_gone(pages):
            if pages.is_first:
                members = roles = 0
            if "organization_member" in kinds:
                members += len(page)
                yield Page(
                    "organization_member", tuple(member_record(item["user_id"], organization, key) for item in page)
                )
            if "role_member" in kinds:
                found = tuple(
                    role_member_record(
                        str(item["user_id"]), f"{organization}{SEPARATOR}{role['id']}", str(role["name"])
                    )
                    for item in page
                    for role in item.get("roles") or ()
                )
                roles += len(found)
                yield Page("role_member", found)
        self._counts["organization_member"] += members
        self._counts["role_member"] += roles

    def _of_role(self, role: str, names: Names) -> Iterator[Page]:
        pages, members = listing.role_members(self._api, role), 0
        for page in unless_gone(pages):
            members = len(page) if pages.is_first else members + len(page)
            yield Page(
                "role_member", tuple(role_member_record(str(item["user_id"]), role, names.roles[role]) for item in page)
            )
        self._counts["role_member"] += members


def unless_gone(pages: Iterable[listing.Items]) -> Iterator[listing.Items]:
    """What is not there, or was removed while its tenant was read, has no list."""
    try:
        yield from pages
    except Failed as error:
        if error.failure.code is not Code.GONE:
            raise


def _asked(want: Want, names: Names) -> list[str]:
    """The organizations whose members are read: all, or those the named parents are or belong to."""
    named = set(want.parents.get("organization", ()))
    named |= {id.rpartition(SEPARATOR)[0] for id in want.parents.get("role", ()) if SEPARATOR in id}
    return sorted(named if want.parents else names.organizations)


def _missing(error: AccessDenied) -> str:
    """Raises the error where it is not about a permission."""
    if any(diagnostic.code != "HTTP_DENIED" for diagnostic in error.diagnostics):
        raise error
    return "; ".join(diagnostic.summary for diagnostic in error.diagnostics)


def organization_record(item: Any) -> Record:
    values = {"key": item["name"], "name": item.get("display_name")}
    return Record("organization", str(item["id"]), {path: value for path, value in values.items() if value})


def role_record(item: Any, organization: str = "", key: str = "") -> Record:
    values = {"name": item["name"], "scope": "", "description": item.get("description") or None}
    if not organization:
        return Record("role", str(item["id"]), values)
    values["scope"] = f"{ORGANIZATION}{key}"
    refs = {"organization": Ref("", id=organization, key=key)}
    return Record("role", f"{organization}{SEPARATOR}{item['id']}", values, refs)


def member_record(user: str, organization: str, key: str) -> Record:
    refs = {"user": Ref("", id=user), "organization": Ref("", id=organization, key=key)}
    return Record("organization_member", f"{organization}\n{user}", {}, refs)


def role_member_record(user: str, role: str, name: str) -> Record:
    refs = {"user": Ref("", id=user), "role": Ref("", id=role, key=name)}
    return Record("role_member", f"{role}\n{user}", {}, refs)
