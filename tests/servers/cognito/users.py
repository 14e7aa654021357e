"""People: created, read, changed, switched off and on, deleted."""

from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUser

from tests.servers.cognito import attributes, passwords
from tests.servers.cognito.dates import seconds
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.secret import check_secret
from tests.servers.cognito.service import Operation, Request, Service
from tests.servers.cognito.status import set_status, status_of


def user_type(user: CognitoIdpUser) -> dict[str, Any]:
    """A person as listings show one."""
    return {
        "Username": user.username,
        "Attributes": user.attributes,
        "UserCreateDate": seconds(user.create_date),
        "UserLastModifiedDate": seconds(user.last_modified_date),
        "Enabled": user.enabled,
        "UserStatus": status_of(user),
    }


def admin_create_user(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    if request.get("MessageAction") == "RESEND":
        return _resend(service, pool, request)
    values = attributes.sent(request.get("UserAttributes", ()))
    username = _username(pool, request["Username"], values)
    change = attributes.change_for_new(pool, values)
    _check_mediums(request, change.values)
    _settle(pool, change.values, force=request.get("ForceAliasCreation", False))
    password = request.get("TemporaryPassword") or passwords.generated()
    passwords.check(pool, password)
    user = _born(pool, username, password, "FORCE_CHANGE_PASSWORD", change.values)
    if request.get("MessageAction") != "SUPPRESS":
        _invite(service, user, request)
    return {"User": user_type(user)}


def sign_up(service: Service, request: Request) -> dict[str, Any]:
    """A person who comes by themselves: unconfirmed, and sent a code if the pool verifies an address of theirs."""
    pool, client = service.client_of(request)
    check_secret(client, request["Username"], request.get("SecretHash"))
    values = attributes.sent(request.get("UserAttributes", ()))
    username = _username(pool, request["Username"], values)
    change = attributes.change_for_new(pool, values)
    _settle(pool, change.values, force=False)
    passwords.check(pool, request["Password"])
    user = _born(pool, username, request["Password"], "UNCONFIRMED", change.values)
    verified = pool.extended_config.get("AutoVerifiedAttributes", ())
    for name, medium in (("email", "EMAIL"), ("phone_number", "SMS")):
        if name in verified and name in change.values:
            service.send("verification", user, medium)
    return {"UserConfirmed": False, "UserSub": user.id}


def _born(pool: Pool, username: str | None, password: str, status: str, values: dict[str, str]) -> CognitoIdpUser:
    user = CognitoIdpUser(pool.id, username, password, status, [])
    set_status(user, status)
    user.update_attributes([{"Name": name, "Value": value} for name, value in values.items()])
    pool.add(user)
    return user


def _settle(pool: Pool, values: dict[str, str], force: bool) -> None:
    try:
        attributes.settle_aliases(pool, None, values, force)
    except Refusal as refusal:
        if pool.username_attributes:
            raise _exists() from refusal
        raise


def _username(pool: Pool, wanted: str, values: dict[str, str]) -> str | None:
    """The username to store, None for a generated one, which the sign-in attributes ask for."""
    forms = {"email": attributes.EMAIL, "phone_number": attributes.PHONE}
    if pool.username_attributes:
        kind = next((name for name in pool.username_attributes if forms[name].fullmatch(wanted)), None)
        if kind is None:
            raise Refusal.parameter(f"Username should be an {' or '.join(pool.username_attributes)}.")
        values[kind] = wanted
        return None
    for alias in pool.aliases:
        if alias in forms and forms[alias].fullmatch(wanted):
            raise Refusal.parameter(
                f"Username cannot be of {alias} format, since user pool is configured for {alias} alias."
            )
    if pool.fold(wanted) in pool.users:
        raise _exists()
    return pool.fold(wanted)


def _exists() -> Refusal:
    return Refusal("UsernameExistsException", "User account already exists.")


def _check_mediums(request: Request, values: dict[str, str]) -> None:
    wanted = request.get("DesiredDeliveryMediums", ())
    if "EMAIL" in wanted and "email" not in values:
        raise Refusal.parameter("No email provided but desired delivery medium was Email")
    if "SMS" in wanted and "phone_number" not in values:
        raise Refusal.parameter("No phone number provided but desired delivery medium was SMS")


def _resend(service: Service, pool: Pool, request: Request) -> dict[str, Any]:
    user = pool.get(request["Username"])
    if status_of(user) != "FORCE_CHANGE_PASSWORD":
        raise Refusal("UnsupportedUserStateException", "Resend not possible. User status is not FORCE_CHANGE_PASSWORD")
    _check_mediums(request, user.attribute_lookup)
    user.password = request.get("TemporaryPassword") or passwords.generated()
    _invite(service, user, request)
    return {"User": user_type(user)}


def _invite(service: Service, user: CognitoIdpUser, request: Request) -> None:
    for medium in request.get("DesiredDeliveryMediums") or ("SMS",):
        service.send("invitation", user, medium)


def admin_get_user(service: Service, request: Request) -> dict[str, Any]:
    user = service.pool(request).get(request["Username"])
    answer = user_type(user)
    answer["UserAttributes"] = answer.pop("Attributes")
    settings = _mfa_settings(user)
    if settings:
        answer["UserMFASettingList"] = settings
    if user.preferred_mfa_setting:
        answer["PreferredMfaSetting"] = user.preferred_mfa_setting
    return answer


def _mfa_settings(user: CognitoIdpUser) -> list[str]:
    held = (("SMS_MFA", user.sms_mfa_enabled), ("SOFTWARE_TOKEN_MFA", user.software_token_mfa_enabled))
    return [name for name, enabled in held if enabled]


def admin_get_user_auth_factors(service: Service, request: Request) -> dict[str, Any]:
    user = service.pool(request).get(request["Username"])
    settings = _mfa_settings(user)
    factors = (["PASSWORD"] if user.password else []) + [name for name in ("SOFTWARE_TOKEN_MFA",) if name in settings]
    answer: dict[str, Any] = {"Username": user.username, "ConfiguredUserAuthFactors": factors}
    if settings:
        answer["UserMFASettingList"] = settings
    if user.preferred_mfa_setting:
        answer["PreferredMfaSetting"] = user.preferred_mfa_setting
    return answer


def admin_update_user_attributes(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    user = pool.get(request["Username"])
    change = attributes.change_for(pool, user, attributes.sent(request["UserAttributes"]))
    attributes.settle_aliases(pool, user, user.attribute_lookup | change.values)
    pool.change(user, change.values, change.without)
    for name in change.unsent:
        service.send("verification", user, "EMAIL" if name == "email" else "SMS")
    return {}


def admin_delete_user_attributes(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    user = pool.get(request["Username"])
    change = attributes.change_without(pool, request["UserAttributeNames"])
    pool.change(user, change.values, change.without)
    return {}


def admin_enable_user(service: Service, request: Request) -> dict[str, Any]:
    service.pool(request).get(request["Username"]).enabled = True
    return {}


def admin_disable_user(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    user = pool.get(request["Username"])
    user.enabled = False
    pool.sign_out(user.username)
    return {}


def admin_delete_user(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    pool.remove(pool.get(request["Username"]))
    return {}


OPERATIONS: Final[dict[str, Operation]] = {
    "AdminCreateUser": admin_create_user,
    "AdminDeleteUser": admin_delete_user,
    "AdminDeleteUserAttributes": admin_delete_user_attributes,
    "AdminDisableUser": admin_disable_user,
    "AdminEnableUser": admin_enable_user,
    "AdminGetUser": admin_get_user,
    "AdminGetUserAuthFactors": admin_get_user_auth_factors,
    "AdminUpdateUserAttributes": admin_update_user_attributes,
    "SignUp": sign_up,
}
