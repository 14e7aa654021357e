"""Pools and their schemas."""

import re
from typing import Any

import pytest

from tests.servers.cognito import CognitoServer
from tests.servers.refusals import refused


def declared(numbers: range) -> list[dict[str, Any]]:
    return [{"Name": f"a{number}", "AttributeDataType": "String"} for number in numbers]


def test_fifty_custom_attributes(server: CognitoServer, layer: Any, moto: Any) -> None:
    """Fifty custom attributes, and not one more (vendors/cognito.md 3); moto has no end."""
    moto_pool = moto.create_user_pool(PoolName="people")["UserPool"]["Id"]
    for client, pool_id in ((layer, server.pool_id), (moto, moto_pool)):
        for numbers in (range(25), range(25, 50)):
            client.add_custom_attributes(UserPoolId=pool_id, CustomAttributes=declared(numbers))
    with refused("InvalidParameterException"):
        layer.add_custom_attributes(UserPoolId=server.pool_id, CustomAttributes=declared(range(50, 51)))
    moto.add_custom_attributes(UserPoolId=moto_pool, CustomAttributes=declared(range(50, 51)))


def test_pool_ids(server: CognitoServer, moto: Any) -> None:
    """An id is the region and nine letters or digits; moto's is longer (vendors/cognito.md 11)."""
    form = re.compile(r"eu-west-1_[0-9A-Za-z]{9}")
    assert form.fullmatch(server.pool_id)
    assert not form.fullmatch(moto.create_user_pool(PoolName="people")["UserPool"]["Id"])


def test_description() -> None:
    """A description holds the schema with its constraints and what is fixed at creation (vendors/cognito.md 2)."""
    plan = {
        "Name": "plan",
        "AttributeDataType": "String",
        "Mutable": False,
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "40"},
    }
    settings: dict[str, Any] = {
        "AliasAttributes": ["email"],
        "UsernameConfiguration": {"CaseSensitive": False},
        "MfaConfiguration": "OPTIONAL",
        "Schema": [plan],
    }
    with CognitoServer(**settings) as server:
        client = server.client()
        pool = client.describe_user_pool(UserPoolId=server.pool_id)["UserPool"]
        client.close()
    attributes = {attribute["Name"]: attribute for attribute in pool["SchemaAttributes"]}
    assert attributes["custom:plan"] == plan | {
        "Name": "custom:plan",
        "DeveloperOnlyAttribute": False,
        "Required": False,
    }
    assert {"sub", "email", "phone_number_verified", "updated_at", "identities"} <= attributes.keys()
    assert not attributes["sub"]["Mutable"]
    assert [
        pool["AliasAttributes"],
        pool["MfaConfiguration"],
        pool["UserPoolTier"],
        pool["EstimatedNumberOfUsers"],
    ] == [
        ["email"],
        "OPTIONAL",
        "ESSENTIALS",
        0,
    ]
    assert pool["UsernameConfiguration"] == {"CaseSensitive": False}


def test_pools_of_two_servers() -> None:
    """Each server has pools of its own, which the other does not know."""
    with CognitoServer() as first, CognitoServer() as second:
        client = first.client()
        assert client.describe_user_pool(UserPoolId=first.pool_id)["UserPool"]["Id"] == first.pool_id
        with refused("ResourceNotFoundException"):
            client.describe_user_pool(UserPoolId=second.pool_id)
        client.close()


def test_two_pools_of_one_server(server: CognitoServer, layer: Any) -> None:
    """People of one pool are not in the other."""
    other = server.create_pool("others")
    layer.admin_create_user(UserPoolId=other, Username="ann")
    assert layer.list_users(UserPoolId=server.pool_id)["Users"] == []
    assert [user["Username"] for user in layer.list_users(UserPoolId=other)["Users"]] == ["ann"]


@pytest.mark.parametrize("operation", ["list_users", "list_groups", "describe_user_pool"])
def test_unknown_pools(server: CognitoServer, layer: Any, operation: str) -> None:
    """A pool that is not there is an error, never an empty answer."""
    with refused("ResourceNotFoundException"):
        getattr(layer, operation)(UserPoolId="eu-west-1_Unknown01")
