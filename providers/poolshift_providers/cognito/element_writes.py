"""Writes of what a user has: memberships and linked identities. What is there, or gone, already is `already`."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failed, Failure, Operation, Outcome, Put
from poolshift_providers.cognito.identities import AT_MOST, Identity, identities_of, link_id
from poolshift_providers.cognito.operations import PoolCalls
from poolshift_providers.cognito.user_record import attributes_of

_NATIVE: Final = "Cognito"
_SUBJECT: Final = "Cognito_Subject"


class MemberWrites:
    """Both calls may be repeated: adding twice is adding once."""

    def __init__(self, calls: PoolCalls) -> None:
        self._calls = calls

    def write(self, operation: Operation) -> Iterator[Outcome]:
        adds = operation.verb == "create"
        group = operation.refs["group"].id or operation.refs["group"].key
        try:
            self._calls(
                "AdminAddUserToGroup" if adds else "AdminRemoveUserFromGroup",
                Username=_user(operation),
                GroupName=group,
            )
        except Failed as error:
            if error.failure.code is not Code.GONE:
                raise
            if adds:
                raise Failed(Failure(Code.PARENT_GONE, "the user or the group is not there")) from error
            yield Outcome(operation.address, "already", id=operation.id)
            return
        yield Outcome(operation.address, id=f"{group}\n{_user(operation)}")


class LinkWrites:
    """Neither call may be repeated, and a link made twice is an error: the user is read first."""

    def __init__(self, calls: PoolCalls) -> None:
        self._calls = calls

    def write(self, operation: Operation) -> Iterator[Outcome]:
        user = self._read(operation)
        if user is None:
            yield Outcome(operation.address, "already", id=operation.id)
            return
        linked = _linked(user)
        yield self._link(operation, user, linked) if operation.verb == "create" else self._unlink(operation, linked)

    def _read(self, operation: Operation) -> Mapping[str, Any] | None:
        """The user as it is now; None where it is gone and so are its links."""
        try:
            return self._calls("AdminGetUser", Username=_user(operation))
        except Failed as error:
            if error.failure.code is not Code.GONE:
                raise
            if operation.verb == "create":
                raise Failed(Failure(Code.PARENT_GONE, "the user is not there", "user")) from error
            return None

    def _link(self, operation: Operation, user: Mapping[str, Any], linked: tuple[Identity, ...]) -> Outcome:
        provider, subject = _text(operation, "provider"), _text(operation, "subject")
        there = next((own for own in linked if (own.provider, own.subject) == (provider, subject)), None)
        if there is not None:
            return Outcome(operation.address, "already", id=link_id(_user(operation), there))
        if len(linked) >= AT_MOST:
            raise Failed(Failure(Code.INVALID, f"a user has at most {AT_MOST} linked identities"))
        try:
            self._calls(
                "AdminLinkProviderForUser",
                # Here the pool takes the user name only, not the sub.
                DestinationUser={"ProviderName": _NATIVE, "ProviderAttributeValue": user["Username"]},
                SourceUser=_identity(provider, subject),
            )
        except Failed as error:
            if error.failure.code is not Code.GONE:
                raise
            why = f"the pool has no identity provider {provider}: create it there first"
            raise Failed(Failure(Code.PARENT_GONE, why, "provider")) from error
        return Outcome(operation.address)

    def _unlink(self, operation: Operation, linked: tuple[Identity, ...]) -> Outcome:
        found = [own for own in linked if link_id(_user(operation), own) == operation.id]
        if not found:
            return Outcome(operation.address, "already", id=operation.id)
        if len(found) > 1:
            raise Failed(Failure(Code.INVALID, "two linked identities cannot be told apart: remove it by hand"))
        self._calls("AdminDisableProviderForUser", User=_identity(found[0].provider, found[0].subject))
        return Outcome(operation.address, id=operation.id)


def _identity(provider: str, subject: str) -> dict[str, str]:
    return {
        "ProviderName": provider,
        "ProviderAttributeName": _SUBJECT,
        "ProviderAttributeValue": subject,
    }


def _linked(user: Mapping[str, Any]) -> tuple[Identity, ...]:
    identities = attributes_of(user).get("identities")
    try:
        return identities_of(identities) if identities is not None else ()
    except ValueError as error:
        raise Failed(Failure(Code.INVALID, "the user's identities cannot be read")) from error


def _user(operation: Operation) -> str:
    """The user's sub, which serves as user name."""
    return operation.refs["user"].id or ""


def _text(operation: Operation, path: Path) -> str:
    change = operation.changes.get(path)
    if not isinstance(change, Put) or not isinstance(change.value, str):
        raise Failed(Failure(Code.INVALID, f"{path} is required", path))
    return change.value
