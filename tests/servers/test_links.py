"""Identities at other providers."""

import json
from typing import Any

from tests.servers.cognito import CognitoServer
from tests.servers.refusals import refused

GOOGLE = {"ProviderName": "Google", "ProviderAttributeName": "Cognito_Subject"}
ANN = {"ProviderName": "Cognito", "ProviderAttributeValue": "ann"}


def google(client: Any, pool_id: str) -> None:
    client.create_identity_provider(
        UserPoolId=pool_id,
        ProviderName="Google",
        ProviderType="Google",
        ProviderDetails={"client_id": "invented", "client_secret": "invented", "authorize_scopes": "openid"},
    )


def link(client: Any, pool_id: str, subject: str) -> None:
    source = GOOGLE | {"ProviderAttributeValue": subject}
    client.admin_link_provider_for_user(UserPoolId=pool_id, DestinationUser=ANN, SourceUser=source)


def identities(client: Any, pool_id: str) -> list[dict[str, Any]]:
    [user] = client.list_users(UserPoolId=pool_id, Filter='username = "ann"')["Users"]
    texts = [one["Value"] for one in user["Attributes"] if one["Name"] == "identities"]
    return list(json.loads(texts[0])) if texts else []


def test_linking(server: CognitoServer, layer: Any, moto: Any) -> None:
    """Links show in the attribute identities until they are taken away; moto has none (vendors/cognito.md 4)."""
    layer.admin_create_user(UserPoolId=server.pool_id, Username="ann")
    with refused("ResourceNotFoundException"):
        link(layer, server.pool_id, "100")
    google(layer, server.pool_id)
    link(layer, server.pool_id, "100")
    [identity] = identities(layer, server.pool_id)
    assert identity.pop("dateCreated") > 0
    assert identity == {
        "userId": "100",
        "providerName": "Google",
        "providerType": "Google",
        "issuer": None,
        "primary": False,
    }
    with refused("InvalidParameterException"):
        link(layer, server.pool_id, "100")
    with refused("UserNotFoundException"):
        layer.admin_disable_provider_for_user(
            UserPoolId=server.pool_id, User=GOOGLE | {"ProviderAttributeValue": "200"}
        )
    layer.admin_disable_provider_for_user(UserPoolId=server.pool_id, User=GOOGLE | {"ProviderAttributeValue": "100"})
    assert identities(layer, server.pool_id) == []
    with refused("500"):
        link(moto, moto.create_user_pool(PoolName="people")["UserPool"]["Id"], "100")


def test_five_links(server: CognitoServer, layer: Any) -> None:
    """A person has five links and no more (vendors/cognito.md 3)."""
    layer.admin_create_user(UserPoolId=server.pool_id, Username="ann")
    google(layer, server.pool_id)
    for number in range(5):
        link(layer, server.pool_id, str(number))
    with refused("LimitExceededException"):
        link(layer, server.pool_id, "5")
    assert [identity["userId"] for identity in identities(layer, server.pool_id)] == ["0", "1", "2", "3", "4"]


def test_merging(server: CognitoServer, layer: Any) -> None:
    """An identity with a record of its own cannot be linked to another one (vendors/cognito.md 5)."""
    text = json.dumps([{"userId": "100", "providerName": "Google", "providerType": "Google", "primary": True}])
    federated = {"UserStatus": "EXTERNAL_PROVIDER"}
    with_identity = {"Username": "Google_100", "Attributes": [{"Name": "identities", "Value": text}]}
    server.seed([federated | with_identity, federated | {"Username": "Google_101"}])
    layer.admin_create_user(UserPoolId=server.pool_id, Username="ann")
    for subject in ("100", "101"):
        with refused("InvalidParameterException"):
            link(layer, server.pool_id, subject)
    link(layer, server.pool_id, "102")
    assert [identity["userId"] for identity in identities(layer, server.pool_id)] == ["102"]


def test_immutable_attributes(server: CognitoServer, layer: Any) -> None:
    """Nobody who holds an immutable custom attribute can be linked (vendors/cognito.md 4)."""
    fixed = {"Name": "fixed", "AttributeDataType": "String", "Mutable": False}
    layer.add_custom_attributes(UserPoolId=server.pool_id, CustomAttributes=[fixed])
    layer.admin_create_user(
        UserPoolId=server.pool_id, Username="ann", UserAttributes=[{"Name": "custom:fixed", "Value": "x"}]
    )
    google(layer, server.pool_id)
    with refused("InvalidParameterException"):
        link(layer, server.pool_id, "100")


def test_subject_of_social_providers(server: CognitoServer, layer: Any) -> None:
    """A social provider's people are named by their subject there (vendors/cognito.md 5)."""
    layer.admin_create_user(UserPoolId=server.pool_id, Username="ann")
    google(layer, server.pool_id)
    source = {"ProviderName": "Google", "ProviderAttributeName": "email", "ProviderAttributeValue": "a@example.com"}
    with refused("InvalidParameterException"):
        layer.admin_link_provider_for_user(UserPoolId=server.pool_id, DestinationUser=ANN, SourceUser=source)
