"""Groups, and who is in them."""

from typing import Any

from tests.servers.cognito import CognitoServer
from tests.servers.refusals import refused

ROLE = "arn:aws:iam::000000000000:role/admins"


def test_groups_as_made(server: CognitoServer, layer: Any) -> None:
    """Description, role and precedence are kept; what was not given is not shown (vendors/cognito.md 5)."""
    pool = {"UserPoolId": server.pool_id}
    layer.create_group(**pool, GroupName="admins", Description="may do all", RoleArn=ROLE, Precedence=0)
    layer.create_group(**pool, GroupName="plain")
    with refused("GroupExistsException"):
        layer.create_group(**pool, GroupName="plain")
    shown = {group.pop("GroupName"): group for group in layer.list_groups(**pool)["Groups"]}
    dates = {"CreationDate", "LastModifiedDate"}
    assert {name: {key: group[key] for key in group.keys() - dates} for name, group in shown.items()} == {
        "admins": {**pool, "Description": "may do all", "RoleArn": ROLE, "Precedence": 0},
        "plain": pool,
    }
    layer.update_group(**pool, GroupName="plain", Precedence=7)
    assert layer.get_group(**pool, GroupName="plain")["Group"]["Precedence"] == 7
    layer.delete_group(**pool, GroupName="plain")
    with refused("ResourceNotFoundException"):
        layer.get_group(**pool, GroupName="plain")


def test_members(server: CognitoServer, layer: Any) -> None:
    """Joining and leaving can be repeated; both sides show it; deleting a person takes them out."""
    pool = {"UserPoolId": server.pool_id}
    layer.create_group(**pool, GroupName="admins")
    for name in ("ann", "bob"):
        layer.admin_create_user(**pool, Username=name)
        for _ in range(2):
            layer.admin_add_user_to_group(**pool, GroupName="admins", Username=name)
    assert members(layer, pool) == ["ann", "bob"]
    assert [group["GroupName"] for group in layer.admin_list_groups_for_user(**pool, Username="ann")["Groups"]] == [
        "admins"
    ]
    for _ in range(2):
        layer.admin_remove_user_from_group(**pool, GroupName="admins", Username="bob")
    assert members(layer, pool) == ["ann"]
    layer.admin_delete_user(**pool, Username="ann")
    assert members(layer, pool) == []


def members(client: Any, pool: dict[str, str]) -> list[str]:
    return sorted(user["Username"] for user in client.list_users_in_group(**pool, GroupName="admins")["Users"])


def test_membership_of_nothing(server: CognitoServer, layer: Any) -> None:
    """Neither a missing person nor a missing group is made up."""
    pool = {"UserPoolId": server.pool_id}
    layer.admin_create_user(**pool, Username="ann")
    with refused("ResourceNotFoundException"):
        layer.admin_add_user_to_group(**pool, GroupName="none", Username="ann")
    layer.create_group(**pool, GroupName="admins")
    with refused("UserNotFoundException"):
        layer.admin_add_user_to_group(**pool, GroupName="admins", Username="nobody")


def test_hundred_groups(server: CognitoServer, layer: Any, moto: Any) -> None:
    """A person is in a hundred groups and no more (vendors/cognito.md 3); moto has no end."""
    moto_pool = moto.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for client, pool_id in ((layer, server.pool_id), (moto, moto_pool)):
        pool = {"UserPoolId": pool_id}
        client.admin_create_user(**pool, Username="ann")
        for number in range(101):
            client.create_group(**pool, GroupName=f"g{number}")
        for number in range(100):
            client.admin_add_user_to_group(**pool, GroupName=f"g{number}", Username="ann")
        client.admin_add_user_to_group(**pool, GroupName="g0", Username="ann")
    with refused("InvalidParameterException"):
        layer.admin_add_user_to_group(UserPoolId=server.pool_id, GroupName="g100", Username="ann")
    moto.admin_add_user_to_group(UserPoolId=moto_pool, GroupName="g100", Username="ann")
    pages = layer.get_paginator("admin_list_groups_for_user").paginate(UserPoolId=server.pool_id, Username="ann")
    assert sorted(len(page["Groups"]) for page in pages) == [40, 60]
