"""Writes of social sign-ins of identities that are there."""

from collections.abc import Iterator, Mapping
from typing import Any

from poolshift.provider.operation import Code, Failed, Failure, Operation, Outcome
from poolshift_providers.ory.document import provider
from poolshift_providers.ory.identity_record import METADATA, link_id, providers_of
from poolshift_providers.ory.requests import Requests


class LinkWrites:
    """The identity is read first. Raises Failed and Unknown."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    def write(self, operation: Operation) -> Iterator[Outcome]:
        user = operation.refs["user"].id or ""
        identity = self._requests.identity(user, links=True)
        yield (
            self._add(operation, user, identity)
            if operation.verb == "create"
            else self._remove(operation, user, identity)
        )

    def _add(self, operation: Operation, user: str, identity: Mapping[str, Any] | None) -> Outcome:
        """A JSON Patch may not touch credentials. A PUT adds to them, and empties what it leaves out."""
        if identity is None:
            raise Failed(Failure(Code.PARENT_GONE, "the identity is not there", "user"))
        wanted = provider(operation)
        id = link_id(user, wanted["provider"], wanted["subject"])
        if tuple(wanted.values()) in set(providers_of(identity)):
            return Outcome(operation.address, "already", id=id)
        try:
            self._requests.put(user, _whole(identity, wanted))
        except Failed as error:
            if error.failure.code is not Code.EXISTS:
                raise
            raise Failed(Failure(Code.TAKEN, "another identity has this social sign-in")) from error
        return Outcome(operation.address, id=id)

    def _remove(self, operation: Operation, user: str, identity: Mapping[str, Any] | None) -> Outcome:
        linked = providers_of(identity) if identity is not None else ()
        found = next((own for own in linked if link_id(user, *own) == operation.id), None)
        if found is None or not self._requests.delete_link(user, *found):
            return Outcome(operation.address, "already", id=operation.id)
        return Outcome(operation.address, id=operation.id)


def _whole(identity: Mapping[str, Any], added: Mapping[str, str]) -> dict[str, Any]:
    """Everything a PUT would otherwise empty, as it was a moment ago, and the new sign-in."""
    kept = ("schema_id", "traits", "state", "external_id", *METADATA)
    body = {name: identity[name] for name in kept if identity.get(name) is not None}
    return body | {"credentials": {"oidc": {"config": {"providers": [dict(added)]}}}}
