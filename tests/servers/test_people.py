"""What happens to people: states, switches, passwords, looking up."""

from typing import Any
from uuid import UUID

import pytest

from tests.servers.cognito import CognitoServer
from tests.servers.cognito.secret import secret_hash
from tests.servers.refusals import refused

EMAIL = [{"Name": "email", "Value": "ann@example.com"}, {"Name": "email_verified", "Value": "true"}]
PASSWORD = "Invented-1"


def status(client: Any, pool_id: str, username: str = "ann") -> str:
    return str(client.admin_get_user(UserPoolId=pool_id, Username=username)["UserStatus"])


def test_found_by_sub(server: CognitoServer, layer: Any, moto: Any) -> None:
    """A sub names its person wherever a username does (vendors/cognito.md 2); moto knows the username only."""

    def sub(client: Any, pool_id: str) -> str:
        [attribute] = client.admin_create_user(UserPoolId=pool_id, Username="ann")["User"]["Attributes"]
        return str(attribute["Value"])

    known = layer.admin_get_user(UserPoolId=server.pool_id, Username=sub(layer, server.pool_id))
    assert known["Username"] == "ann"
    pool_id = moto.create_user_pool(PoolName="people")["UserPool"]["Id"]
    with refused("UserNotFoundException"):
        moto.admin_get_user(UserPoolId=pool_id, Username=sub(moto, pool_id))


def test_statuses_of_passwords(server: CognitoServer, layer: Any) -> None:
    """A permanent password confirms, a temporary one must be changed (vendors/cognito.md 5)."""
    pool = {"UserPoolId": server.pool_id, "Username": "ann"}
    layer.admin_create_user(**pool, UserAttributes=EMAIL)
    assert status(layer, server.pool_id) == "FORCE_CHANGE_PASSWORD"
    layer.admin_set_user_password(**pool, Password=PASSWORD, Permanent=True)
    assert status(layer, server.pool_id) == "CONFIRMED"
    layer.admin_reset_user_password(**pool)
    assert status(layer, server.pool_id) == "RESET_REQUIRED"
    layer.admin_set_user_password(**pool, Password=PASSWORD, Permanent=False)
    assert status(layer, server.pool_id) == "FORCE_CHANGE_PASSWORD"


def test_federated_record_given_a_password(server: CognitoServer, layer: Any) -> None:
    """A permanent password makes a federated record a native one (vendors/cognito.md 5)."""
    server.seed([{"Username": "Google_1", "UserStatus": "EXTERNAL_PROVIDER", "Attributes": []}])
    layer.admin_set_user_password(UserPoolId=server.pool_id, Username="Google_1", Password=PASSWORD, Permanent=True)
    assert status(layer, server.pool_id, "Google_1") == "CONFIRMED"


def test_switching_off_twice(server: CognitoServer, layer: Any) -> None:
    """Switching off and on can be repeated, and the person stays listed (vendors/cognito.md 5)."""
    pool = {"UserPoolId": server.pool_id}
    layer.admin_create_user(**pool, Username="ann")
    for _ in range(2):
        layer.admin_disable_user(**pool, Username="ann")
        assert [user["Enabled"] for user in layer.list_users(**pool)["Users"]] == [False]
    for _ in range(2):
        layer.admin_enable_user(**pool, Username="ann")
        assert [user["Enabled"] for user in layer.list_users(**pool)["Users"]] == [True]


@pytest.mark.parametrize("operation", ["admin_disable_user", "admin_delete_user", "admin_get_user"])
def test_nobody(server: CognitoServer, layer: Any, operation: str) -> None:
    """What is asked of somebody who is not there is refused."""
    with refused("UserNotFoundException"):
        getattr(layer, operation)(UserPoolId=server.pool_id, Username="nobody")


def test_deleted_and_created_again(server: CognitoServer, layer: Any) -> None:
    """Somebody created again under the same name is somebody new (vendors/cognito.md 4)."""
    pool = {"UserPoolId": server.pool_id}
    first = layer.admin_create_user(**pool, Username="ann", UserAttributes=EMAIL)["User"]["Attributes"]
    layer.admin_delete_user(**pool, Username="ann")
    assert layer.list_users(**pool, Filter='email = "ann@example.com"')["Users"] == []
    second = layer.admin_create_user(**pool, Username="ann")["User"]["Attributes"]
    assert first[0]["Name"] == second[0]["Name"] == "sub"
    assert first[0]["Value"] != second[0]["Value"]


def test_people_named_by_address() -> None:
    """Where people sign in by e-mail, the stored username is the sub, and both names find them."""
    with CognitoServer(UsernameAttributes=["email"]) as server:
        client = server.client()
        pool = {"UserPoolId": server.pool_id}
        user = client.admin_create_user(**pool, Username="ann@example.com")["User"]
        values = {attribute["Name"]: attribute["Value"] for attribute in user["Attributes"]}
        assert user["Username"] == values["sub"] == str(UUID(values["sub"]))
        assert values["email"] == "ann@example.com"
        for name in ("ann@example.com", values["sub"]):
            assert client.admin_get_user(**pool, Username=name)["Username"] == values["sub"]
        with refused("InvalidParameterException"):
            client.admin_create_user(**pool, Username="bob")
        client.admin_create_user(**pool, Username="bob@example.com")
        with refused("AliasExistsException"):
            client.admin_update_user_attributes(**pool, Username="bob@example.com", UserAttributes=EMAIL)
        client.close()


def test_unverified_alias_names_nobody() -> None:
    """An alias works from its verification on (vendors/cognito.md 4)."""
    with CognitoServer(AliasAttributes=["email"]) as server:
        client = server.client()
        pool = {"UserPoolId": server.pool_id}
        client.admin_create_user(**pool, Username="ann", UserAttributes=EMAIL[:1])
        with refused("UserNotFoundException"):
            client.admin_get_user(**pool, Username="ann@example.com")
        client.admin_update_user_attributes(**pool, Username="ann", UserAttributes=EMAIL[1:])
        assert client.admin_get_user(**pool, Username="ann@example.com")["Username"] == "ann"
        client.close()


def test_address_kept_verified(server: CognitoServer, layer: Any) -> None:
    """Sending the same address again, or the flag beside a new one, leaves it verified."""
    pool = {"UserPoolId": server.pool_id, "Username": "ann"}
    layer.admin_create_user(**pool, UserAttributes=EMAIL)
    for address in ("ann@example.com", "new@example.com"):
        sent = [{"Name": "email", "Value": address}]
        layer.admin_update_user_attributes(
            **pool, UserAttributes=sent if address == "ann@example.com" else sent + EMAIL[1:]
        )
        values = {one["Name"]: one["Value"] for one in layer.admin_get_user(**pool)["UserAttributes"]}
        assert (values["email"], values["email_verified"]) == (address, "true")


def test_sign_in_with_the_right_secret(server: CognitoServer, layer: Any) -> None:
    """The right hash, password and state get tokens; a wrong hash does not (vendors/cognito.md 7)."""
    pool = {"UserPoolId": server.pool_id}
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    app = layer.create_user_pool_client(**pool, ClientName="app", GenerateSecret=True, ExplicitAuthFlows=flows)
    app = app["UserPoolClient"]
    layer.admin_create_user(**pool, Username="ann")
    layer.admin_set_user_password(**pool, Username="ann", Password=PASSWORD, Permanent=True)

    def sign_in(proof: str, password: str) -> Any:
        parameters = {"USERNAME": "ann", "PASSWORD": password, "SECRET_HASH": proof}
        flow = "ADMIN_USER_PASSWORD_AUTH"
        return layer.admin_initiate_auth(**pool, ClientId=app["ClientId"], AuthFlow=flow, AuthParameters=parameters)

    right = secret_hash(app["ClientId"], app["ClientSecret"], "ann")
    assert sign_in(right, PASSWORD)["AuthenticationResult"]["AccessToken"]
    for proof, password in ((secret_hash(app["ClientId"], "another", "ann"), PASSWORD), (right, "Invented-2")):
        with refused("NotAuthorizedException"):
            sign_in(proof, password)


def application(client: Any, pool_id: str) -> str:
    """A client that signs in by password."""
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    answer = client.create_user_pool_client(UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows)
    return str(answer["UserPoolClient"]["ClientId"])


def test_federated_record_has_no_password(server: CognitoServer, layer: Any) -> None:
    """Nobody signs in to a federated record by password (vendors/cognito.md 4)."""
    server.seed([{"Username": "Google_1", "UserStatus": "EXTERNAL_PROVIDER", "Password": PASSWORD}])
    with refused("NotAuthorizedException"):
        layer.admin_initiate_auth(
            UserPoolId=server.pool_id,
            ClientId=application(layer, server.pool_id),
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "Google_1", "PASSWORD": PASSWORD},
        )


def test_switching_off_revokes(server: CognitoServer, layer: Any) -> None:
    """Tokens from before somebody was switched off stay worthless afterwards (vendors/cognito.md 5)."""
    pool = {"UserPoolId": server.pool_id}
    layer.admin_create_user(**pool, Username="ann")
    layer.admin_set_user_password(**pool, Username="ann", Password=PASSWORD, Permanent=True)
    app = {**pool, "ClientId": application(layer, server.pool_id)}
    parameters = {"USERNAME": "ann", "PASSWORD": PASSWORD}
    answer = layer.admin_initiate_auth(**app, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters)
    token = {"REFRESH_TOKEN": answer["AuthenticationResult"]["RefreshToken"]}
    assert layer.admin_initiate_auth(**app, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=token)["AuthenticationResult"]
    layer.admin_disable_user(**pool, Username="ann")
    layer.admin_enable_user(**pool, Username="ann")
    with refused("NotAuthorizedException"):
        layer.admin_initiate_auth(**app, AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters=token)


@pytest.mark.parametrize("password", ["aB1!", "abcdefg1!", "ABCDEFG1!", "abcdEFGH!", "abcdEFGH1"])
def test_passwords_outside_the_policy(server: CognitoServer, layer: Any, password: str) -> None:
    """Too short, or without one of the classes the policy asks for (vendors/cognito.md 5)."""
    pool = {"UserPoolId": server.pool_id, "Username": "ann"}
    layer.admin_create_user(**pool)
    with refused("InvalidPasswordException"):
        layer.admin_set_user_password(**pool, Password=password, Permanent=True)
    assert status(layer, server.pool_id) == "FORCE_CHANGE_PASSWORD"


def test_forgotten_password(server: CognitoServer, layer: Any) -> None:
    """A permanent random password lets its person choose their own by the forgotten-password flow at once."""
    pool = {"UserPoolId": server.pool_id}
    app = application(layer, server.pool_id)
    layer.admin_create_user(**pool, Username="ann", UserAttributes=EMAIL, MessageAction="SUPPRESS")
    layer.admin_set_user_password(**pool, Username="ann", Password="aB1!" * 16, Permanent=True)
    layer.forgot_password(ClientId=app, Username="ann")
    assert [message.kind for message in server.messages] == ["reset"]
    with refused("CodeMismatchException"):
        layer.confirm_forgot_password(ClientId=app, Username="ann", Password=PASSWORD, ConfirmationCode="000000")
    code = server.pool().get("ann").confirmation_code
    layer.confirm_forgot_password(ClientId=app, Username="ann", Password=PASSWORD, ConfirmationCode=code)
    answer = layer.admin_initiate_auth(
        **pool,
        ClientId=app,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD},
    )
    assert answer["AuthenticationResult"]["AccessToken"]


def test_second_factors(server: CognitoServer, layer: Any) -> None:
    """Factors are listed with the one that is preferred, on their own and beside the password."""
    phone = [{"Name": "phone_number", "Value": "+32470000001"}]
    server.seed(
        [
            {
                "Username": "ann",
                "Attributes": phone,
                "UserMFASettingList": ["SOFTWARE_TOKEN_MFA"],
                "Password": PASSWORD,
            },
            {"Username": "bob", "Attributes": phone},
        ]
    )
    pool = {"UserPoolId": server.pool_id}
    layer.admin_set_user_mfa_preference(
        **pool, Username="ann", SoftwareTokenMfaSettings={"Enabled": True, "PreferredMfa": True}
    )
    layer.admin_set_user_mfa_preference(**pool, Username="bob", SMSMfaSettings={"Enabled": True, "PreferredMfa": True})
    shown = {name: layer.admin_get_user(**pool, Username=name) for name in ("ann", "bob")}
    assert [shown["ann"]["UserMFASettingList"], shown["ann"]["PreferredMfaSetting"]] == [
        ["SOFTWARE_TOKEN_MFA"],
        "SOFTWARE_TOKEN_MFA",
    ]
    assert [shown["bob"]["UserMFASettingList"], shown["bob"]["PreferredMfaSetting"]] == [["SMS_MFA"], "SMS_MFA"]
    factors = layer.admin_get_user_auth_factors(**pool, Username="ann")
    assert factors["ConfiguredUserAuthFactors"] == ["PASSWORD", "SOFTWARE_TOKEN_MFA"]
