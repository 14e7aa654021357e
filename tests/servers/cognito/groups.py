"""Groups and who is in them."""

from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpGroup

from tests.servers.cognito.dates import seconds
from tests.servers.cognito.listing import paged
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.service import Operation, Request, Service
from tests.servers.cognito.users import user_type

_OF_A_USER: Final = 100
_OF_A_POOL: Final = 10_000


def group_type(group: CognitoIdpGroup) -> dict[str, Any]:
    """Members without a value are left out, as Cognito does."""
    answer = {
        "GroupName": group.group_name,
        "UserPoolId": group.user_pool_id,
        "Description": group.description or None,
        "RoleArn": group.role_arn,
        "Precedence": group.precedence,
        "CreationDate": seconds(group.creation_date),
        "LastModifiedDate": seconds(group.last_modified_date),
    }
    return {name: value for name, value in answer.items() if value is not None}


def create_group(service: Service, request: Request) -> dict[str, Any]:
    if len(service.pool(request).groups) >= _OF_A_POOL:
        raise Refusal("LimitExceededException", f"A pool has at most {_OF_A_POOL} groups.")
    service.pass_on("CreateGroup", request)
    return get_group(service, request)


def update_group(service: Service, request: Request) -> dict[str, Any]:
    service.pass_on("UpdateGroup", request)
    return get_group(service, request)


def get_group(service: Service, request: Request) -> dict[str, Any]:
    return {"Group": group_type(_group(service, request))}


def list_groups(service: Service, request: Request) -> dict[str, Any]:
    groups = service.pool(request).groups
    return paged(service, "ListGroups", request, lambda: list(groups), "Groups", lambda n: _shown(groups.get(n)))


def list_groups_for_user(service: Service, request: Request) -> dict[str, Any]:
    user = service.pool(request).get(request["Username"])
    held = {group.group_name: group for group in user.groups}
    return paged(
        service, "AdminListGroupsForUser", request, lambda: sorted(held), "Groups", lambda n: _shown(held.get(n))
    )


def list_users_in_group(service: Service, request: Request) -> dict[str, Any]:
    pool, group = service.pool(request), _group(service, request)
    return paged(
        service,
        "ListUsersInGroup",
        request,
        lambda: sorted(user.username for user in group.users),
        "Users",
        lambda name: user_type(pool.users[name]) if name in pool.users else None,
    )


def admin_add_user_to_group(service: Service, request: Request) -> dict[str, Any]:
    group = _group(service, request)
    user = service.pool(request).get(request["Username"])
    if group not in user.groups and len(user.groups) >= _OF_A_USER:
        raise Refusal.parameter(f"A user is in at most {_OF_A_USER} groups.")
    user.groups.add(group)
    group.users.add(user)
    return {}


def admin_remove_user_from_group(service: Service, request: Request) -> dict[str, Any]:
    group = _group(service, request)
    user = service.pool(request).get(request["Username"])
    user.groups.discard(group)
    group.users.discard(user)
    return {}


def _group(service: Service, request: Request) -> CognitoIdpGroup:
    group = service.pool(request).groups.get(request["GroupName"])
    if group is None:
        raise Refusal("ResourceNotFoundException", "Group not found.")
    return group


def _shown(group: CognitoIdpGroup | None) -> dict[str, Any] | None:
    return group_type(group) if group else None


OPERATIONS: Final[dict[str, Operation]] = {
    "AdminAddUserToGroup": admin_add_user_to_group,
    "AdminListGroupsForUser": list_groups_for_user,
    "AdminRemoveUserFromGroup": admin_remove_user_from_group,
    "CreateGroup": create_group,
    "GetGroup": get_group,
    "ListGroups": list_groups,
    "ListUsersInGroup": list_users_in_group,
    "UpdateGroup": update_group,
}
