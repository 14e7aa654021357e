"""Asks the tenant for single records, by endpoints that see every write at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.schema import lower
from poolshift_providers.auth0 import listing
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.membership import (
    member_record,
    organization_record,
    role_member_record,
    role_record,
    unless_gone,
)
from poolshift_providers.auth0.routes import SEPARATOR
from poolshift_providers.auth0.user_record import link_records, record_of
from poolshift_providers.auth0.values import PREFIX, bare


class Lookup:
    """Used for one round of questions: what is shared is listed once in it."""

    def __init__(self, api: ManagementApi) -> None:
        self._api = api

    def find(self, kind: Kind, key: Path, value: str) -> Iterable[Record]:
        """The records a value names; none where there are none. Raises ValueError for a key that is not declared."""
        if kind == "user":
            return [record_of(user) for user in self._users(key, value)]
        if kind == "role":
            return self._roles(key, value)
        if kind == "organization":
            return self._organizations(key, value)
        if key == "user" and kind == "link":
            return [link for user in self._users("id", value) for link in link_records(user)]
        if key == "user" and kind == "organization_member":
            return [member_record(value, id, name) for id, name in self._organizations_of(value)]
        if key == "user" and kind == "role_member":
            return self._role_members(value)
        raise ValueError(f"a tenant is not searched by {key} of {kind}")

    def _users(self, key: Path, value: str) -> list[Mapping[str, Any]]:
        if key == "email":
            return list(self._api("users_by_email", query={"email": lower(value)}).json())
        if key not in ("id", "user_id"):
            raise ValueError(f"a tenant is not searched by {key} of user")
        reply = self._api("user", {"user": value if key == "id" else f"{PREFIX}{bare(value)}"}, ok={404: "gone"})
        return [] if reply.status == 404 else [reply.json()]

    def _organizations(self, key: Path, value: str) -> list[Record]:
        if key == "id":
            found = [item for page in listing.organizations(self._api) for item in page if item["id"] == value]
        else:
            reply = self._api("organization_by_name", {"name": str(lower(value))}, ok={400: "no name", 404: "gone"})
            found = [reply.json()] if reply.status < 300 else []
        return [organization_record(item) for item in found]

    def _roles(self, key: Path, value: str) -> list[Record]:
        """By name: the role of the tenant and of each organization, which differ in their scope."""
        if key == "id":
            organization, _, role = value.rpartition(SEPARATOR)
            found = [item for page in listing.roles(self._api) for item in page if item["id"] == role]
            keys = self._keys({organization}) if organization else {"": ""}
        else:
            found = listing.roles_named(self._api, value)
            keys = {"": "", **(self._keys() if found else {})}
        return [role_record(item, organization, key) for item in found for organization, key in keys.items()]

    def _keys(self, only: set[str] | None = None) -> dict[str, str]:
        """Keys of organizations by id."""
        items = (item for page in listing.organizations(self._api) for item in page)
        return {str(item["id"]): str(item["name"]) for item in items if only is None or item["id"] in only}

    def _organizations_of(self, user: str) -> Iterator[tuple[str, str]]:
        pages = listing.numbered(self._api, "organizations_of_user", "organizations", {}, {"user": user})
        for page in unless_gone(pages):
            for item in page:
                yield str(item["id"]), str(item["name"])

    def _role_members(self, user: str) -> list[Record]:
        """Of the tenant, and within each of the person's organizations."""
        pages = unless_gone(listing.numbered(self._api, "roles_of_user", "roles", {}, {"user": user}))
        found = [role_member_record(user, str(role["id"]), str(role["name"])) for page in pages for role in page]
        for organization, _ in self._organizations_of(user):
            pages = listing.numbered(
                self._api, "member_roles", "roles", {}, {"organization": organization, "user": user}
            )
            found += [
                role_member_record(user, f"{organization}{SEPARATOR}{role['id']}", str(role["name"]))
                for page in unless_gone(pages)
                for role in page
            ]
        return found
