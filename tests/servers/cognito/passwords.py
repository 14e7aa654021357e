"""Passwords, resets and second factors."""

import secrets
import string
from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUser

from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.secret import check_secret
from tests.servers.cognito.service import Operation, Request, Service
from tests.servers.cognito.status import set_status, status_of

_SYMBOLS: Final = frozenset("^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ")
_CLASSES: Final = (
    ("RequireUppercase", frozenset(string.ascii_uppercase)),
    ("RequireLowercase", frozenset(string.ascii_lowercase)),
    ("RequireNumbers", frozenset(string.digits)),
    ("RequireSymbols", _SYMBOLS),
)


def generated() -> str:
    """A password that every policy accepts."""
    return secrets.token_urlsafe(24) + "aA1!"


def check(pool: Pool, password: str) -> None:
    """Raises Refusal (InvalidPasswordException): the pool's policy."""
    policy = pool.extended_config.get("Policies", {}).get("PasswordPolicy", {})
    short = len(password) < policy.get("MinimumLength", 8)
    if short or any(policy.get(rule, False) and not found & set(password) for rule, found in _CLASSES):
        raise Refusal("InvalidPasswordException", "Password did not conform with policy")


def admin_set_user_password(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    user = pool.get(request["Username"])
    check(pool, request["Password"])
    user.password = request["Password"]
    set_status(user, "CONFIRMED" if request.get("Permanent") else "FORCE_CHANGE_PASSWORD")
    return {}


def admin_reset_user_password(service: Service, request: Request) -> dict[str, Any]:
    user = service.pool(request).get(request["Username"])
    _send_reset(service, user)
    set_status(user, "RESET_REQUIRED")
    return {}


def forgot_password(service: Service, request: Request) -> dict[str, Any]:
    pool, client = service.client_of(request)
    check_secret(client, request["Username"], request.get("SecretHash"))
    user = pool.get(request["Username"])
    _send_reset(service, user)
    _code, answer = service.backend.forgot_password(client.id, user.username)
    return answer


def confirm_forgot_password(service: Service, request: Request) -> dict[str, Any]:
    pool, client = service.client_of(request)
    check_secret(client, request["Username"], request.get("SecretHash"))
    user = pool.get(request["Username"])
    check(pool, request["Password"])
    if request["ConfirmationCode"] != user.confirmation_code:
        raise Refusal("CodeMismatchException", "Invalid verification code provided, please try again.")
    user.password = request["Password"]
    user.confirmation_code = None
    set_status(user, "CONFIRMED")
    return {}


def _send_reset(service: Service, user: CognitoIdpUser) -> None:
    """Send a code to a verified address. Raises Refusal where there is none, or no password to forget."""
    if not user.enabled:
        raise Refusal("NotAuthorizedException", "User is disabled")
    if status_of(user) not in ("CONFIRMED", "RESET_REQUIRED"):
        raise Refusal("NotAuthorizedException", "User password cannot be reset in the current state.")
    values = user.attribute_lookup
    medium = next((name for name in ("email", "phone_number") if values.get(f"{name}_verified") == "true"), None)
    if medium is None:
        raise Refusal.parameter(
            "Cannot reset password for the user as there is no registered/verified email or phone_number"
        )
    service.send("reset", user, "EMAIL" if medium == "email" else "SMS")


def admin_set_user_mfa_preference(service: Service, request: Request) -> dict[str, Any]:
    user = service.pool(request).get(request["Username"])
    sms, totp = request.get("SMSMfaSettings"), request.get("SoftwareTokenMfaSettings")
    if request.get("EmailMfaSettings") or request.get("WebAuthnMfaSettings"):
        raise Refusal.parameter("This server offers SMS and software tokens only.")
    if sms and "phone_number" not in user.attribute_lookup:
        raise Refusal.parameter("User does not have a phone_number set to turn on SMS MFA")
    if totp and not user.token_verified:
        raise Refusal.parameter("User does not have delivery config set to turn on SOFTWARE_TOKEN_MFA")
    wanted = [
        name
        for name, settings in (("SMS_MFA", sms), ("SOFTWARE_TOKEN_MFA", totp))
        if settings and settings.get("PreferredMfa")
    ]
    if len(wanted) > 1:
        raise Refusal.parameter("Only one factor can be set as preferred")
    if sms:
        user.sms_mfa_enabled = bool(sms.get("Enabled"))
    if totp:
        user.software_token_mfa_enabled = bool(totp.get("Enabled"))
    named = {name for name, settings in (("SMS_MFA", sms), ("SOFTWARE_TOKEN_MFA", totp)) if settings}
    if wanted:
        user.preferred_mfa_setting = wanted[0]
    elif user.preferred_mfa_setting in named:
        user.preferred_mfa_setting = None
    return {}


OPERATIONS: Final[dict[str, Operation]] = {
    "AdminResetUserPassword": admin_reset_user_password,
    "AdminSetUserMFAPreference": admin_set_user_mfa_preference,
    "AdminSetUserPassword": admin_set_user_password,
    "ConfirmForgotPassword": confirm_forgot_password,
    "ForgotPassword": forgot_password,
}
