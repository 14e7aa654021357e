"""Requests that botocore's own client would not let through."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from tests.servers.cognito import CognitoServer
from tests.servers.refusals import refused

TARGET = "AWSCognitoIdentityProviderService."


def post(url: str, operation: str, body: bytes) -> tuple[int, str]:
    """Status and error type of a request sent by hand."""
    headers = {"X-Amz-Target": TARGET + operation, "Content-Type": "application/x-amz-json-1.1"}
    headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=AKIAINVENTED/20261121/eu-west-1/cognito-idp/aws4_request"
    try:
        with urlopen(Request(url, body, headers)) as answer:
            return answer.status, ""
    except HTTPError as error:
        with error:
            return error.code, json.loads(error.read())["__type"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"'])
def test_unreadable_bodies(server: CognitoServer, body: bytes) -> None:
    """A body that is no JSON object is refused as such."""
    assert post(server.url, "ListUsers", body) == (400, "SerializationException")


def test_unknown_operations(server: CognitoServer) -> None:
    """An operation that Cognito does not have is refused."""
    assert post(server.url, "ListPeople", b"{}") == (400, "UnknownOperationException")


def test_operations_of_neither(server: CognitoServer) -> None:
    """An operation that neither the layer nor moto offers says so."""
    request = json.dumps({"UserPoolId": server.pool_id}).encode()
    assert post(server.url, "GetSigningCertificate", request) == (500, "InternalErrorException")


def test_unknown_members(server: CognitoServer, layer: Any, moto: Any) -> None:
    """A member the operation does not have is refused (botocore AdminGetUserRequest); moto reads past it."""
    for url, pool_id, answer in (
        (server.url, server.pool_id, (400, "SerializationException")),
        (moto.meta.endpoint_url, moto.create_user_pool(PoolName="people")["UserPool"]["Id"], (200, "")),
    ):
        client = layer if url == server.url else moto
        client.admin_create_user(UserPoolId=pool_id, Username="ann")
        request = {"UserPoolId": pool_id, "Username": "ann", "Nickname": "annie"}
        assert post(url, "AdminGetUser", json.dumps(request).encode()) == answer


def test_member_types(server: CognitoServer, moto: Any) -> None:
    """Text where a flag belongs is refused (botocore AdminCreateUserRequest.ForceAliasCreation); moto takes it."""
    for url, pool_id, answer in (
        (server.url, server.pool_id, (400, "SerializationException")),
        (moto.meta.endpoint_url, moto.create_user_pool(PoolName="people")["UserPool"]["Id"], (200, "")),
    ):
        request = {"UserPoolId": pool_id, "Username": "ann", "ForceAliasCreation": "yes"}
        assert post(url, "AdminCreateUser", json.dumps(request).encode()) == answer


def test_long_values(server: CognitoServer, layer: Any, moto: Any) -> None:
    """A value of 2048 characters is taken, one more is not (vendors/cognito.md 3); moto takes both."""

    def create(client: Any, pool_id: str, username: str, length: int) -> None:
        value = {"Name": "profile", "Value": "x" * length}
        client.admin_create_user(UserPoolId=pool_id, Username=username, UserAttributes=[value])

    create(layer, server.pool_id, "ann", 2048)
    with refused("InvalidParameterException"):
        create(layer, server.pool_id, "bob", 2049)
    create(moto, moto.create_user_pool(PoolName="people")["UserPool"]["Id"], "bob", 2049)


@pytest.mark.parametrize("name", ["les péople", "people; others"])
def test_names_of_pools(server: CognitoServer, layer: Any, name: str) -> None:
    """In a pattern of Java a word has ASCII letters only (UserPoolNameType)."""
    with refused("InvalidParameterException"):
        layer.create_user_pool(PoolName=name)
    assert layer.create_user_pool(PoolName="les people, 2")["UserPool"]["Id"] != server.pool_id


@pytest.mark.parametrize(
    ("username", "valid"),
    [
        ("Ünïcödé-1@x", True),
        ("美咲", True),
        ("a\u00a0b", False),
        ("a\tb", False),
        ("x" * 128, True),
        ("x" * 129, False),
    ],
)
def test_usernames(server: CognitoServer, layer: Any, username: str, valid: bool) -> None:
    """Classes of the model's patterns are Unicode's: letters of any script, no space of any kind (UsernameType)."""
    if valid:
        layer.admin_create_user(UserPoolId=server.pool_id, Username=username)
        assert layer.admin_get_user(UserPoolId=server.pool_id, Username=username)["Username"] == username
    else:
        with refused("InvalidParameterException"):
            layer.admin_create_user(UserPoolId=server.pool_id, Username=username)
