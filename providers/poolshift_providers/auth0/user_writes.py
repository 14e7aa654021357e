"""Writes of users by the API. Several requests make one update: what each has done is told at once."""

from collections.abc import Iterator

from poolshift.provider.operation import Code, Failed, Failure, Operation, Outcome
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.collision import Collisions
from poolshift_providers.auth0.connection import Connection
from poolshift_providers.auth0.password import random_password
from poolshift_providers.auth0.patches import patches
from poolshift_providers.auth0.user_document import document_of, new_user
from poolshift_providers.auth0.user_record import CREDENTIAL, record_of

_OF_CONNECTION = frozenset({"email", "phone_number", "username"})


class UserWrites:
    """Raises Failed and Unknown, after the outcomes of what was done before."""

    def __init__(self, api: ManagementApi, connection: Connection) -> None:
        self._api = api
        self._connection = connection
        self._collisions = Collisions(api, connection)

    def write(self, operation: Operation) -> Iterator[Outcome]:
        if operation.verb == "create":
            return self._create(operation)
        if operation.id is None:
            raise Failed(Failure(Code.GONE, "the operation names no user"))
        return self._delete(operation, operation.id) if operation.verb == "delete" else self._update(operation)

    def _create(self, operation: Operation) -> Iterator[Outcome]:
        """Without a mail. A database connection takes nobody without a password: one that nobody knows."""
        user = new_user(operation)
        body = {
            **user,
            "connection": self._connection.name,
            "password": random_password(),
            "verify_email": False,
        }
        try:
            reply = self._api("create_user", json=body)
        except Failed as error:
            if error.failure.code is not Code.EXISTS:
                raise
            raise Failed(self._collisions.of(user)) from error
        echo = record_of(reply.json())
        yield Outcome(operation.address, id=echo.id, echo=echo)

    def _update(self, operation: Operation) -> Iterator[Outcome]:
        user = str(operation.id)
        for paths in patches(operation.changes.keys() - {CREDENTIAL}):
            body = document_of(operation, paths)
            if paths & _OF_CONNECTION:
                body["connection"] = self._connection.name
            if "email" in paths:
                body["verify_email"] = False
            if "phone_number" in paths:
                body["verify_phone_number"] = False
            reply = self._api("update_user", {"user": user}, json=body)
            yield Outcome(operation.address, paths=paths, id=user, echo=record_of(reply.json()))
        if CREDENTIAL in operation.changes:
            yield self._credential(operation, user)

    def _credential(self, operation: Operation, user: str) -> Outcome:
        """Whoever has an address may ask for a new password: nothing is written for it."""
        paths = frozenset({CREDENTIAL})
        if CREDENTIAL in record_of(self._api("user", {"user": user}).json()).values:
            return Outcome(operation.address, "already", paths=paths, id=user)
        why = (
            "who has no e-mail address cannot ask for a new password: give them a link (POST /tickets/password-change)"
        )
        return Outcome(operation.address, "failed", paths, user, failure=Failure(Code.UNSUPPORTED, why, CREDENTIAL))

    def _delete(self, operation: Operation, user: str) -> Iterator[Outcome]:
        """The tenant answers the same whether the user was there or not."""
        self._api("delete_user", {"user": user})
        yield Outcome(operation.address, id=user)
