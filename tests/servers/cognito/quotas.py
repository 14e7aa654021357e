"""Cognito's rate quotas: calls a second by category, for the account."""

import threading
import time
from typing import Final

from tests.servers.cognito.refusal import Refusal

CATEGORIES: Final[dict[str, tuple[str, ...]]] = {
    "UserAuthentication": ("AdminInitiateAuth", "InitiateAuth"),
    "UserCreation": ("AdminCreateUser", "SignUp", "ConfirmSignUp", "AdminConfirmSignUp"),
    "UserAccountRecovery": ("AdminResetUserPassword", "AdminSetUserPassword", "ForgotPassword", "ChangePassword"),
    "UserRead": ("AdminGetUser", "GetUser", "AdminGetUserAuthFactors"),
    "UserUpdate": (
        "AdminUpdateUserAttributes",
        "AdminDeleteUserAttributes",
        "AdminDisableUser",
        "AdminEnableUser",
        "AdminDeleteUser",
        "AdminLinkProviderForUser",
        "AdminDisableProviderForUser",
        "AdminSetUserMFAPreference",
    ),
    "UserResourceRead": ("AdminListGroupsForUser",),
    "UserResourceUpdate": ("AdminAddUserToGroup", "AdminRemoveUserFromGroup"),
    "UserList": ("ListUsers", "ListUsersInGroup"),
    "UserPoolRead": ("DescribeUserPool", "GetUserPoolMfaConfig"),
    "UserPoolUpdate": ("UpdateUserPool", "AddCustomAttributes", "SetUserPoolMfaConfig"),
    "UserPoolResourceRead": ("ListGroups", "GetGroup", "ListIdentityProviders", "DescribeIdentityProvider"),
    "UserPoolResourceUpdate": ("CreateGroup", "UpdateGroup", "DeleteGroup", "CreateIdentityProvider"),
    "UserPoolClientRead": ("DescribeUserPoolClient", "ListUserPoolClients"),
    "UserPoolClientUpdate": ("CreateUserPoolClient", "UpdateUserPoolClient"),
}
_CATEGORY_OF: Final = {operation: name for name, operations in CATEGORIES.items() for operation in operations}


class Quotas:
    """No category is limited until it is asked for. A category may use at once what it is granted a second."""

    def __init__(self) -> None:
        self._rates: dict[str, float] = {}
        self._filled: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def limit(self, category: str, per_second: float) -> None:
        """Raises KeyError for a category that Cognito does not have."""
        CATEGORIES[category]
        with self._lock:
            self._rates[category] = per_second
            self._filled[category] = (max(per_second, 1.0), time.monotonic())

    def spend(self, operation: str) -> None:
        """Raises Refusal (TooManyRequestsException)."""
        category = _CATEGORY_OF.get(operation, "")
        with self._lock:
            rate = self._rates.get(category)
            if rate is None:
                return
            left, then = self._filled[category]
            now = time.monotonic()
            left = min(max(rate, 1.0), left + (now - then) * rate)
            self._filled[category] = (left - 1 if left >= 1 else left, now)
            if left < 1:
                raise Refusal("TooManyRequestsException", "Rate exceeded")
