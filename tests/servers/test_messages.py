"""What would have been sent."""

from typing import Any

from tests.servers.cognito import CognitoServer

EMAIL = [{"Name": "email", "Value": "ann@example.com"}, {"Name": "email_verified", "Value": "true"}]


def kinds(server: CognitoServer) -> list[tuple[str, str]]:
    return [(message.kind, message.medium) for message in server.messages]


def test_invitations(server: CognitoServer, layer: Any) -> None:
    """Creating invites, by SMS unless e-mail is asked for; SUPPRESS does not; RESEND does again."""
    pool = {"UserPoolId": server.pool_id}
    layer.admin_create_user(**pool, Username="ann", UserAttributes=EMAIL, MessageAction="SUPPRESS")
    assert kinds(server) == []
    layer.admin_create_user(**pool, Username="bob")
    assert kinds(server) == [("invitation", "SMS")]
    layer.admin_create_user(**pool, Username="ann", MessageAction="RESEND", DesiredDeliveryMediums=["EMAIL"])
    assert kinds(server) == [("invitation", "SMS"), ("invitation", "EMAIL")]
    sub = layer.admin_get_user(**pool, Username="ann")["UserAttributes"][0]["Value"]
    assert [server.messages[1].sub, server.messages[1].pool_id] == [sub, server.pool_id]


def test_refused_creation_invites_nobody(server: CognitoServer, layer: Any) -> None:
    """Only what was carried out sends anything."""
    pool = {"UserPoolId": server.pool_id}
    layer.admin_create_user(**pool, Username="ann", MessageAction="SUPPRESS")
    try:
        layer.admin_create_user(**pool, Username="ann")
    except layer.exceptions.UsernameExistsException:
        assert kinds(server) == []
    else:
        raise AssertionError("the second creation was not refused")


def test_resets(server: CognitoServer, layer: Any) -> None:
    """A reset by an administrator sends a code at once; there is no silent one (vendors/cognito.md 5)."""
    pool = {"UserPoolId": server.pool_id, "Username": "ann"}
    layer.admin_create_user(**pool, UserAttributes=EMAIL, MessageAction="SUPPRESS")
    layer.admin_set_user_password(**pool, Password="Invented-1", Permanent=True)
    layer.admin_reset_user_password(**pool)
    assert kinds(server) == [("reset", "EMAIL")]


def test_verification_before_update() -> None:
    """An address that waits for its verification is sent a code; one sent as verified is not."""
    settings: dict[str, Any] = {
        "AutoVerifiedAttributes": ["email"],
        "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]},
    }
    with CognitoServer(**settings) as server:
        client = server.client()
        pool = {"UserPoolId": server.pool_id, "Username": "ann"}
        client.admin_create_user(**pool, UserAttributes=EMAIL, MessageAction="SUPPRESS")
        new = [{"Name": "email", "Value": "new@example.com"}]
        client.admin_update_user_attributes(**pool, UserAttributes=new + EMAIL[1:])
        assert kinds(server) == []
        client.admin_update_user_attributes(**pool, UserAttributes=EMAIL[:1])
        assert kinds(server) == [("verification", "EMAIL")]
        client.close()


def test_second_factor_by_sms(server: CognitoServer, layer: Any) -> None:
    """Checking the password of somebody whose second factor is SMS sends them one (vendors/cognito.md 7)."""
    phone = [{"Name": "sub", "Value": "sub-of-ann"}, {"Name": "phone_number", "Value": "+32470000001"}]
    factor = {"UserMFASettingList": ["SMS_MFA"], "PreferredMfaSetting": "SMS_MFA"}
    server.seed([{"Username": "ann", "Attributes": phone, "Password": "Invented-1"} | factor])
    pool = {"UserPoolId": server.pool_id}
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    app = layer.create_user_pool_client(**pool, ClientName="app", ExplicitAuthFlows=flows)["UserPoolClient"]
    answer = layer.admin_initiate_auth(
        **pool,
        ClientId=app["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ann", "PASSWORD": "Invented-1"},
    )
    assert answer["ChallengeName"] == "SMS_MFA"
    assert kinds(server) == [("sms_mfa", "SMS")]
    assert server.messages[0].sub == "sub-of-ann"
