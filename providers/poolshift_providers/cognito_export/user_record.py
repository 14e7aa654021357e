"""One exported user, in either of its shapes, becomes a record. This is the hot path: once for every user."""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.identity.record import Record
from poolshift_providers.cognito_export.dates import in_utc
from poolshift_providers.cognito_export.identities import identities_of
from poolshift_providers.cognito_export.problems import BadRecord
from poolshift_providers.cognito_export.settings import Assume

_TRUE: Final = frozenset({"true", "True", "TRUE", True})
_NAMES: Final = {
    "Username": "username",
    "cognito:username": "username",
    "UserStatus": "status",
    "user_status": "status",
    "cognito:user_status": "status",
    "Enabled": "enabled",
    "UserCreateDate": "created_at",
    "UserLastModifiedDate": "updated_at",
}
_TAKEN: Final = ("groups", "mfa", "naive_dates", "MFAOptions", "cognito:mfa_enabled")
_BOOLEANS: Final = {"true": True, "false": False}


class UserRecords:
    """Makes records; ``assume`` fills in what an export left out."""

    def __init__(self, assume: Assume) -> None:
        self._status = assume.status
        self._enabled = assume.enabled

    def of(self, user: Any) -> Record:
        """The record of a user as list-users or admin-get-user give it, or flattened to one level.

        Raises BadRecord: no sub, no status or enabled and no assumption, a value of the wrong type.
        """
        try:
            values = {pair["Name"]: pair["Value"] for pair in user["Attributes"]}
        except (KeyError, TypeError):
            return self._of_other(user)
        return self._finish(
            values,
            user.get("Username"),
            user.get("UserStatus"),
            user.get("Enabled"),
            user.get("UserCreateDate"),
            user.get("UserLastModifiedDate"),
        )

    def _of_other(self, user: Any) -> Record:
        """What admin-get-user gives, an attribute without its value (it was emptied), or a flattened user."""
        try:
            pairs = user["Attributes"] if "Attributes" in user else user.get("UserAttributes")
            if pairs is None:
                return self._of_flat(user)
            values = {pair["Name"]: pair.get("Value", "") for pair in pairs}
        except (KeyError, TypeError, AttributeError) as error:
            raise BadRecord("EXPORT_DAMAGED", "not a user as list-users gives it") from error
        return self._finish(
            values,
            user.get("Username"),
            user.get("UserStatus"),
            user.get("Enabled"),
            user.get("UserCreateDate"),
            user.get("UserLastModifiedDate"),
        )

    def _of_flat(self, user: Mapping[str, Any]) -> Record:
        """null means that the user has no such attribute: a `--query` writes one for every name it asks for."""
        values = {_NAMES.get(name, name): value for name, value in user.items() if value is not None}
        for name in _TAKEN:
            values.pop(name, None)
        username, status, enabled = (
            values.pop("username", None),
            values.pop("status", None),
            values.pop("enabled", None),
        )
        created, updated = values.pop("created_at", None), values.pop("updated_at", None)
        for name, value in values.items():
            if not isinstance(value, str) and name not in ("email_verified", "phone_number_verified", "identities"):
                values[name] = _text(value)
        if isinstance(enabled, str):
            enabled = _BOOLEANS.get(enabled.lower(), enabled)
        return self._finish(values, username, status, enabled, created, updated)

    def _finish(
        self, values: dict[str, Any], username: Any, status: Any, enabled: Any, created: Any, updated: Any
    ) -> Record:
        sub = values.get("sub")
        if not sub:
            raise BadRecord("EXPORT_NO_ID", "it has no sub")
        if status is None or enabled is None:
            status, enabled = self._assumed(status, enabled)
        if enabled is not True and enabled is not False:
            raise BadRecord("EXPORT_DAMAGED", "enabled is neither true nor false")
        values["status"] = status
        values["enabled"] = enabled
        if username is not None:
            values["username"] = username
        values["email_verified"] = values.get("email_verified") in _TRUE
        values["phone_number_verified"] = values.get("phone_number_verified") in _TRUE
        if "identities" in values:
            values["identities"] = identities_of(values["identities"])
        naive = False
        if created is not None:
            values["created_at"], naive = in_utc(created)
        if updated is not None and updated == created:
            values["updated_at"] = values["created_at"]
        elif updated is not None:
            values["updated_at"], naive_too = in_utc(updated)
            naive = naive or naive_too
        else:
            # The OpenID claim of this name is the application's own: it is not the date of the last change.
            values.pop("updated_at", None)
        if naive:
            values["naive_dates"] = True
        return Record("user", sub, values)

    def _assumed(self, status: Any, enabled: Any) -> tuple[Any, Any]:
        missing = [name for name, value in (("UserStatus", status), ("Enabled", enabled)) if value is None]
        status = self._status if status is None else status
        enabled = self._enabled if enabled is None else enabled
        if status is None or enabled is None:
            raise BadRecord("EXPORT_INCOMPLETE", f"it has no {' and no '.join(missing)}")
        return status, enabled


def _text(value: Any) -> str:
    """A flattened attribute as Cognito would write it: everything is text there."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return str(value)
    raise BadRecord("EXPORT_DAMAGED", "an attribute that is neither text nor a number")
