"""The operations the provider uses: the quota each counts against, whether it writes, whether it may be repeated."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from poolshift.provider.session import Calls


class Nature(NamedTuple):
    """again: doing it twice is doing it once, also in what the second answer says."""

    quota: str
    writes: bool = True
    again: bool = False


OPERATIONS: Final[Mapping[str, Nature]] = {
    "DescribeUserPool": Nature("UserPoolRead", writes=False),
    "ListUsers": Nature("UserList", writes=False),
    "ListUsersInGroup": Nature("UserList", writes=False),
    "ListGroups": Nature("UserPoolResourceRead", writes=False),
    "GetGroup": Nature("UserPoolResourceRead", writes=False),
    "AdminGetUser": Nature("UserRead", writes=False),
    "AdminListGroupsForUser": Nature("UserResourceRead", writes=False),
    "GetCSVHeader": Nature("UserPoolResourceRead", writes=False),
    "DescribeUserImportJob": Nature("UserPoolResourceRead", writes=False),
    "ListUserImportJobs": Nature("UserPoolResourceRead", writes=False),
    # Not again: two jobs of one name are two jobs.
    "CreateUserImportJob": Nature("UserPoolResourceUpdate"),
    "StartUserImportJob": Nature("UserPoolResourceUpdate"),
    "AddCustomAttributes": Nature("UserPoolUpdate"),
    "CreateGroup": Nature("UserPoolResourceUpdate"),
    "UpdateGroup": Nature("UserPoolResourceUpdate", again=True),
    "AdminCreateUser": Nature("UserCreation"),
    # Not again: a pool that remembers passwords refuses the second of two equal ones.
    "AdminSetUserPassword": Nature("UserAccountRecovery"),
    "AdminUpdateUserAttributes": Nature("UserUpdate", again=True),
    "AdminDeleteUserAttributes": Nature("UserUpdate"),
    "AdminEnableUser": Nature("UserUpdate", again=True),
    "AdminDisableUser": Nature("UserUpdate", again=True),
    "AdminDeleteUser": Nature("UserUpdate"),
    "AdminAddUserToGroup": Nature("UserResourceUpdate", again=True),
    "AdminRemoveUserFromGroup": Nature("UserResourceUpdate", again=True),
    "AdminLinkProviderForUser": Nature("UserUpdate"),
    "AdminDisableProviderForUser": Nature("UserUpdate"),
}


class PoolCalls:
    """Calls on one pool."""

    def __init__(self, calls: Calls, pool_id: str) -> None:
        self._calls = calls
        self._pool_id = pool_id

    def __call__(self, operation: str, **members: Any) -> Mapping[str, Any]:
        """One operation on the pool. Raises what `Calls.aws` raises."""
        nature = OPERATIONS[operation]
        return self._calls.aws(
            operation,
            quota=nature.quota,
            writes=nature.writes,
            again=nature.again,
            UserPoolId=self._pool_id,
            **members,
        )
