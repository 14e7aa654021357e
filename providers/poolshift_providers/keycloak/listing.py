"""The list of all users: pages by offset, which others may shift while it is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from poolshift_providers.keycloak.admin import Admin

PAGE: Final = 100
"""The server looks at each of a page again for each of it: pages of 500 take three times as long a user."""
OVERLAP: Final = 5
"""Records of the page before that are read once more: the last one is looked for among them."""

NEEDS: Final = "view-users"


@dataclass
class Users:
    """The server lists users by user name. A record that moved the rest forth or back is made up for by an overlap.

    count: distinct records given. broken: why the list cannot be called whole; empty = it can.
    """

    admin: Admin
    count: int = 0
    broken: str = ""

    def pages(self) -> Iterator[list[Mapping[str, Any]]]:
        """Each user once. Memory: one page and its overlap."""
        before = self.admin.get("/users/count", NEEDS)
        position, tail = 0, ""
        while True:
            start = max(0, position - OVERLAP)
            page = self.admin.get("/users", NEEDS, first=start, max=PAGE, briefRepresentation=False)
            fresh = self._after(page, tail)
            position = start + len(page)
            if fresh:
                self.count += len(fresh)
                tail = str(fresh[-1]["id"])
                yield fresh
            if len(page) < PAGE:
                break
        after = self.admin.get("/users/count", NEEDS)
        if before != after:
            self.broken = self.broken or f"users came or went while they were read: {before} before, {after} after"
        elif self.count != after:
            self.broken = self.broken or f"{self.count} of {after} users were listed"

    def _after(self, page: list[Mapping[str, Any]], tail: str) -> list[Mapping[str, Any]]:
        """What comes after the last record of the page before."""
        if not tail:
            return page
        for number, user in enumerate(page):
            if user["id"] == tail:
                return page[number + 1 :]
        self.broken = self.broken or "users were removed while they were listed"
        return page
