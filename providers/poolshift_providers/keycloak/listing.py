"""The list of all users, and whether it is whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from poolshift_providers.keycloak.admin import Admin
from poolshift_providers.keycloak.paging import Items, ListMoved

NEEDS: Final = "view-users"


@dataclass
class Users:
    """The server lists users by user name.

    count: distinct records given. broken: why the list cannot be called whole; empty = it can.
    """

    admin: Admin
    count: int = 0
    broken: str = ""

    def pages(self) -> Iterator[Items]:
        """Each user once. Memory: one page and its overlap."""
        before = self.admin.get("/users/count", NEEDS)
        try:
            for page in self.admin.pages("/users", NEEDS, briefRepresentation=False):
                self.count += len(page)
                yield page
        except ListMoved:
            self.broken = "users were removed while they were listed"
            return
        after = self.admin.get("/users/count", NEEDS)
        if before != after:
            self.broken = f"users came or went while they were read: {before} before, {after} after"
        elif self.count != after:
            self.broken = f"{self.count} of {after} users were listed"
