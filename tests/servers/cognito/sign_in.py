"""Signing in with a password: the states and checks moto passes over; the rest is moto's."""

from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUser, CognitoIdpUserPoolClient

from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.secret import check_secret
from tests.servers.cognito.service import Operation, Request, Service
from tests.servers.cognito.status import status_of

_PASSWORD_FLOWS: Final = {
    "ADMIN_NO_SRP_AUTH": ("ADMIN_NO_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    "ADMIN_USER_PASSWORD_AUTH": ("ADMIN_NO_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    "USER_PASSWORD_AUTH": ("USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"),
}


def admin_initiate_auth(service: Service, request: Request) -> dict[str, Any]:
    service.pool(request)
    return _sign_in(service, "AdminInitiateAuth", request)


def initiate_auth(service: Service, request: Request) -> dict[str, Any]:
    return _sign_in(service, "InitiateAuth", request)


def _sign_in(service: Service, operation: str, request: Request) -> dict[str, Any]:
    pool, client = service.client_of(request)
    accepted = _PASSWORD_FLOWS.get(request["AuthFlow"])
    if accepted is None:
        return service.pass_on(operation, request)
    if not set(accepted) & set(client.extended_config.get("ExplicitAuthFlows", ())):
        raise Refusal.parameter("Auth flow not enabled for this client")
    parameters = request.get("AuthParameters") or {}
    for name in ("USERNAME", "PASSWORD"):
        if not parameters.get(name):
            raise Refusal.parameter(f"Missing required parameter {name}")
    check_secret(client, parameters["USERNAME"], parameters.get("SECRET_HASH"))
    user = _checked(pool, client, parameters)
    answer = service.pass_on(operation, {**request, "AuthParameters": {**parameters, "USERNAME": user.username}})
    if answer.get("ChallengeName") == "SMS_MFA":
        service.send("sms_mfa", user, "SMS")
    return answer


def _checked(pool: Pool, client: CognitoIdpUserPoolClient, parameters: dict[str, str]) -> CognitoIdpUser:
    """Whose password this is, in a state in which one may sign in. Raises Refusal."""
    wrong = Refusal("NotAuthorizedException", "Incorrect username or password.")
    hidden = client.extended_config.get("PreventUserExistenceErrors") == "ENABLED"
    user = pool.find(parameters["USERNAME"])
    if user is None:
        raise wrong if hidden else Refusal.no_user()
    status = status_of(user)
    if not user.enabled:
        raise Refusal("NotAuthorizedException", "User is disabled.")
    if status == "RESET_REQUIRED":
        raise wrong if hidden else Refusal("PasswordResetRequiredException", "Password reset required for the user")
    if status == "EXTERNAL_PROVIDER" or user.password != parameters["PASSWORD"]:
        raise wrong
    if status == "UNCONFIRMED":
        raise Refusal("UserNotConfirmedException", "User is not confirmed.")
    return user


OPERATIONS: Final[dict[str, Operation]] = {"AdminInitiateAuth": admin_initiate_auth, "InitiateAuth": initiate_auth}
