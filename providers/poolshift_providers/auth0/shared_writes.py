"""Writes of what belongs to nobody: roles and organizations."""

from collections.abc import Iterator
from typing import Any

from poolshift.identity.value import Path
from poolshift.provider.operation import Clear, Code, Failed, Failure, Operation, Outcome, Put
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.listing import roles_named
from poolshift_providers.auth0.routes import SEPARATOR


class SharedWrites:
    """Raises Failed and Unknown."""

    def __init__(self, api: ManagementApi) -> None:
        self._api = api

    def role(self, operation: Operation) -> Iterator[Outcome]:
        wanted = _put(operation)
        if operation.verb == "create":
            yield Outcome(operation.address, id=self._create_role(operation, wanted))
            return
        _, _, role = str(operation.id).rpartition(SEPARATOR)
        cleared = {path: "" for path, change in operation.changes.items() if isinstance(change, Clear)}
        self._api("update_role", {"role": role}, json={**wanted, **cleared})
        yield Outcome(operation.address, id=operation.id)

    def _create_role(self, operation: Operation, wanted: dict[str, Any]) -> str:
        """A role within an organization is one of the tenant, which another organization may have made already."""
        scoped = wanted.pop("scope", "")
        organization = operation.refs["organization"].id if scoped else None
        if scoped and organization is None:
            raise Failed(Failure(Code.PARENT_GONE, "the organization of the role is not there", "scope"))
        name = _required(wanted, "name")
        role = self._role_of(name) if scoped else None
        if role is None:
            try:
                role = str(self._api("create_role", json=wanted).json()["id"])
            except Failed as error:
                role = self._role_of(name) if scoped and error.failure.code is Code.EXISTS else None
                if role is None:
                    raise
        return f"{organization}{SEPARATOR}{role}" if scoped else role

    def _role_of(self, name: str) -> str | None:
        return next((str(role["id"]) for role in roles_named(self._api, name)), None)

    def organization(self, operation: Operation) -> Iterator[Outcome]:
        """What Auth0 calls the name is our key."""
        wanted = _put(operation)
        words = {"key": "name", "name": "display_name"}
        body = {words[path]: value for path, value in wanted.items() if path in words}
        if operation.verb == "create":
            _required(wanted, "key")
            id = str(self._api("create_organization", json=body).json()["id"])
        else:
            id = str(operation.id)
            self._api("update_organization", {"organization": id}, json=body)
        yield Outcome(operation.address, id=id)


def _required(wanted: dict[str, Any], path: Path) -> str:
    if not wanted.get(path):
        raise Failed(Failure(Code.INVALID, f"{path} is required", path))
    return str(wanted[path])


def _put(operation: Operation) -> dict[str, Any]:
    return {path: change.value for path, change in operation.changes.items() if isinstance(change, Put)}
