"""Writes of linked identities: only of those that have signed in to the tenant once."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failed, Failure, Operation, Outcome, Put, Unknown
from poolshift_providers.auth0.api import ENDPOINTS, ManagementApi
from poolshift_providers.auth0.connection import Connection, named
from poolshift_providers.auth0.user_record import link_id

_UNNAMED = f"DELETE {ENDPOINTS['unlink'].path}"


class LinkWrites:
    """A provider is named by its connection; which type that is of cannot change and is asked once."""

    def __init__(self, api: ManagementApi) -> None:
        self._api = api
        self._named = lru_cache(maxsize=None)(lambda name: named(api, name))

    def write(self, operation: Operation) -> Iterator[Outcome]:
        yield self._link(operation) if operation.verb == "create" else self._unlink(operation)

    def _link(self, operation: Operation) -> Outcome:
        user, provider, subject = _user(operation), _text(operation, "provider"), _text(operation, "subject")
        connection: Connection | None = self._named(provider)
        if connection is None:
            why = f"the tenant has no connection {provider}: create it there first"
            raise Failed(Failure(Code.PARENT_GONE, why, "provider"))
        body = {"provider": connection.strategy, "connection_id": connection.id, "user_id": subject}
        reply = self._api("link", {"user": user}, json=body, ok={400: "not there", 409: "linked"})
        id = link_id(user, provider, subject)
        if reply.status == 400:
            return self._not_linked(operation, reply.json())
        if reply.status == 409 and not self._has(user, provider, subject):
            raise Failed(Failure(Code.TAKEN, "another user has this identity", "subject"))
        return Outcome(operation.address, "already" if reply.status == 409 else "done", id=id)

    def _not_linked(self, operation: Operation, answer: Mapping[str, Any]) -> Outcome:
        """Whoever never signed in with the identity has none yet that could be linked."""
        if str(answer.get("errorCode") or "").startswith("invalid_"):
            raise Failed(Failure(Code.INVALID, "the tenant does not take the identity"))
        return Outcome(operation.address, "not_yet")

    def _unlink(self, operation: Operation) -> Outcome:
        """The subject stands in no plan: it is read from the user, and told to nobody."""
        user = _user(operation)
        for identity in self._identities(user):
            subject = str(identity.get("user_id", ""))
            provider = str(identity.get("connection") or identity.get("provider"))
            if link_id(user, provider, subject) != operation.id:
                continue
            try:
                self._api("unlink", {"user": user, "provider": str(identity["provider"]), "subject": subject})
            except Failed as error:
                raise Failed(replace(error.failure, message=f"{_UNNAMED}: refused")) from None
            except Unknown:
                raise Unknown(f"{_UNNAMED}: the answer was lost") from None
            return Outcome(operation.address, id=operation.id)
        return Outcome(operation.address, "already", id=operation.id)

    def _has(self, user: str, provider: str, subject: str) -> bool:
        return any(
            (identity.get("connection"), str(identity.get("user_id"))) == (provider, subject)
            for identity in self._identities(user)
        )

    def _identities(self, user: str) -> list[Mapping[str, Any]]:
        reply = self._api("user", {"user": user}, ok={404: "gone"})
        return [] if reply.status == 404 else list(reply.json().get("identities") or ())


def _user(operation: Operation) -> str:
    return operation.refs["user"].id or ""


def _text(operation: Operation, path: Path) -> str:
    change = operation.changes.get(path)
    if not isinstance(change, Put) or not isinstance(change.value, str):
        raise Failed(Failure(Code.INVALID, f"{path} is required", path))
    return change.value
