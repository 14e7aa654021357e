"""Who is in the way? A refusal does not say: the tenant is asked by id and by address, which see every write."""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.provider.operation import Code, Failure
from poolshift.provider.schema import lower
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.connection import DATABASE, Connection
from poolshift_providers.auth0.values import whole_id

GHOST: Final = (
    "the connection holds a half-made record that no read shows, left by a sign-up or migration that was cut off: "
    "remove it with DELETE /users/{id} and DELETE /connections/{id}/users?email=, then plan again"
)


class Collisions:
    """Decides, for a create that was refused, whether it was carried out before, meets somebody, or meets a ghost."""

    def __init__(self, api: ManagementApi, connection: Connection) -> None:
        self._api = api
        self._connection = connection

    def of(self, user: Mapping[str, Any]) -> Failure:
        """``user`` as it was sent. EXISTS: its id is there. TAKEN: a sign-in name is another's, or a ghost's."""
        if name := user.get("user_id"):
            reply = self._api("user", {"user": whole_id(str(name))}, ok={404: "gone"})
            if reply.status != 404:
                return Failure(Code.EXISTS, "there is a user of this id", "user_id")
        if email := user.get("email"):
            found = self._api("users_by_email", query={"email": lower(email)}).json()
            if any(self._is_here(other) for other in found):
                return Failure(Code.TAKEN, "another user of the connection has this e-mail address", "email")
        for path in ("username", "phone_number"):
            if path in user:
                why = f"another user of the connection has this {path}, or a half-made record has"
                return Failure(Code.TAKEN, why, path)
        return Failure(Code.TAKEN, GHOST, "email")

    def _is_here(self, user: Mapping[str, Any]) -> bool:
        return any(
            identity.get("provider") == DATABASE and identity.get("connection") == self._connection.name
            for identity in user.get("identities") or ()
        )
