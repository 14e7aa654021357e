"""Writes of roles' and organizations' members: lists of people at once. Adding twice is adding once."""

from collections.abc import Iterator
from typing import Any, Final

from poolshift.provider.operation import Batch, Code, Failed, Failure, Operation, Outcome, WholeRejected
from poolshift_providers.auth0.api import ManagementApi
from poolshift_providers.auth0.routes import SEPARATOR

_ITS_OWN: Final = frozenset({Code.INVALID, Code.GONE, Code.UNMAPPED, Code.EXISTS})
"""Refusals that one person of a batch may have caused; the rest are about the call."""


class MemberWrites:
    """Raises Failed, Unknown, and WholeRejected where one of several people was refused."""

    def __init__(self, api: ManagementApi) -> None:
        self._api = api

    def organization_members(self, batch: Batch) -> Iterator[Outcome]:
        first = batch.operations[0]
        organization = str(first.refs["organization"].id)
        name = "add_members" if first.verb == "create" else "remove_members"
        people = {"members": [_user(operation) for operation in batch.operations]}
        self._sent(batch, name, {"organization": organization}, people)
        for operation in batch.operations:
            yield Outcome(operation.address, id=f"{organization}\n{_user(operation)}")

    def role_members(self, batch: Batch) -> Iterator[Outcome]:
        """People of one role of the tenant, or one person's role within an organization, or no more."""
        first = batch.operations[0]
        organization, separator, role = str(first.refs["role"].id).rpartition(SEPARATOR)
        user = _user(first)
        if separator:
            name = "add_member_roles" if first.verb == "create" else "remove_member_roles"
            self._sent(batch, name, {"organization": organization, "user": user}, {"roles": [role]})
        elif first.verb == "create":
            people = {"users": [_user(operation) for operation in batch.operations]}
            self._sent(batch, "add_role_members", {"role": role}, people)
        else:
            self._sent(batch, "remove_roles", {"user": user}, {"roles": [role]})
        for operation in batch.operations:
            yield Outcome(operation.address, id=f"{operation.refs['role'].id}\n{_user(operation)}")

    def _sent(self, batch: Batch, name: str, parts: dict[str, str], json: Any) -> None:
        try:
            self._api(name, parts, json=json)
        except Failed as error:
            failure = error.failure
            if failure.code not in _ITS_OWN:
                raise
            if len(batch.operations) > 1:
                raise WholeRejected(failure, {}) from error
            raise Failed(_alone(batch.operations[0], failure)) from error


def _alone(operation: Operation, failure: Failure) -> Failure:
    """Of one person: what is not there is the user, or what they are put into."""
    if failure.code is not Code.GONE:
        return failure
    code = Code.PARENT_GONE if operation.verb == "create" else Code.GONE
    return Failure(code, failure.message, request_id=failure.request_id)


def _user(operation: Operation) -> str:
    return operation.refs["user"].id or ""
