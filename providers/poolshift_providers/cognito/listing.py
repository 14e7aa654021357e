"""Lists that come in pages: to the very end, and from the start again when a page token expires."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from poolshift.errors import ProviderDown
from poolshift.provider.operation import Code, Failed
from poolshift_providers.cognito.operations import PoolCalls

PAGE: Final = 60
RESTARTS: Final = 3


@dataclass
class Listing:
    """One list. ``count`` is of the chain of pages that reached the end: of every record once, whatever came before.

    operation, items, token: how it is called, and under which keys its records and its page token stand.
    """

    calls: PoolCalls
    operation: str
    items: str
    token: str
    members: Mapping[str, Any]
    count: int = 0

    def pages(self) -> Iterator[list[Mapping[str, Any]]]:
        """Pages, empty ones left out: only a missing token is the end, and several empty pages may come in a row.

        A token that is not valid any more starts the list again; what came before is given once more.
        Raises ProviderDown when that happens again and again.
        """
        for _ in range(RESTARTS + 1):
            self.count = 0
            try:
                yield from self._chain()
            except Failed as error:
                if error.failure.code is not Code.STALE:
                    raise
            else:
                return
        raise ProviderDown.of(
            "LISTING_EXPIRED",
            f"{self.operation}: the page token expired {RESTARTS + 1} times before the list ended",
            "Raise `rates` for UserList, or run where the connection is faster.",
        )

    def _chain(self) -> Iterator[list[Mapping[str, Any]]]:
        token: dict[str, str] = {}
        while True:
            answer = self.calls(self.operation, Limit=PAGE, **self.members, **token)
            if self.items not in answer:
                raise ProviderDown.of("AWS_ANSWER", f"{self.operation}: an answer without {self.items}", "Try again.")
            if found := answer[self.items]:
                self.count += len(found)
                yield found
            if not answer.get(self.token):
                return
            token = {self.token: answer[self.token]}


def users(calls: PoolCalls, **members: Any) -> Listing:
    """All attributes of every user: AttributesToGet fails as soon as one user lacks one of them."""
    return Listing(calls, "ListUsers", "Users", "PaginationToken", members)


def groups(calls: PoolCalls) -> Listing:
    return Listing(calls, "ListGroups", "Groups", "NextToken", {})


def users_in_group(calls: PoolCalls, group: str) -> Listing:
    return Listing(calls, "ListUsersInGroup", "Users", "NextToken", {"GroupName": group})


def groups_of_user(calls: PoolCalls, user: str) -> Listing:
    return Listing(calls, "AdminListGroupsForUser", "Groups", "NextToken", {"Username": user})
