"""Writes of users. Several calls make one operation: what each has done is told at once, so that a lost half is a
smaller update."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.identity.value import Path
from poolshift.provider.operation import Clear, Code, Edit, Failed, Failure, Operation, Outcome, Put
from poolshift_providers.cognito.operations import PoolCalls
from poolshift_providers.cognito.password import random_password
from poolshift_providers.cognito.pool import Pool
from poolshift_providers.cognito.user_record import CREDENTIAL, attributes_of, record_of
from poolshift_providers.cognito.values import wire

ENABLED: Final = "enabled"
USERNAME: Final = "username"
_NO_ATTRIBUTE: Final = frozenset({ENABLED, CREDENTIAL, USERNAME})


class UserWrites:
    """Raises Failed and Unknown, after the outcomes of what was done before."""

    def __init__(self, calls: PoolCalls, pool: Pool) -> None:
        self._calls = calls
        self._pool = pool

    def write(self, operation: Operation) -> Iterator[Outcome]:
        if operation.verb == "create":
            return self._create(operation)
        if operation.id is None:
            raise Failed(Failure(Code.GONE, "the operation names no user"))
        return self._delete(operation, operation.id) if operation.verb == "delete" else self._update(operation)

    def _create(self, operation: Operation) -> Iterator[Outcome]:
        """Without a message and without taking an alias from anybody; disabled before it has a password."""
        changes = operation.changes
        made = self._calls(
            "AdminCreateUser",
            Username=self._username(changes),
            UserAttributes=_pairs(changes),
            MessageAction="SUPPRESS",
            ForceAliasCreation=False,
        )["User"]
        echo = record_of(made, credential=True) if "sub" in attributes_of(made) else None
        username, sub = str(made["Username"]), echo.id if echo is not None else None
        later = {path for path in (ENABLED, CREDENTIAL) if path in changes}
        if later and _value(changes, ENABLED) is not False:
            later.discard(ENABLED)  # a new user is enabled
        yield Outcome(operation.address, paths=frozenset(changes.keys() - later), id=sub, echo=echo)
        yield from self._state(operation, username, sub, later)

    def _update(self, operation: Operation) -> Iterator[Outcome]:
        """Who may not sign in is disabled first, and who may is enabled last. A sub serves as user name."""
        changes, sub = operation.changes, operation.id
        later = {path for path in (ENABLED, CREDENTIAL) if path in changes}
        if _value(changes, ENABLED) is False:
            yield from self._state(operation, str(sub), sub, {ENABLED})
            later.discard(ENABLED)
        yield from self._attributes(operation, str(sub))
        yield from self._state(operation, str(sub), sub, later)

    def _attributes(self, operation: Operation, username: str) -> Iterator[Outcome]:
        """Only what is named changes; an e-mail address and its flag go in one call."""
        changes = operation.changes
        if pairs := _pairs(changes):
            self._calls("AdminUpdateUserAttributes", Username=username, UserAttributes=pairs)
            done = frozenset(pair["Name"] for pair in pairs)
            yield Outcome(operation.address, paths=done, id=operation.id)
        cleared = [path for path, change in changes.items() if isinstance(change, Clear) and path not in _NO_ATTRIBUTE]
        if cleared:
            self._calls("AdminDeleteUserAttributes", Username=username, UserAttributeNames=sorted(cleared))
            yield Outcome(operation.address, paths=frozenset(cleared), id=operation.id)

    def _state(self, operation: Operation, username: str, sub: str | None, paths: set[Path]) -> Iterator[Outcome]:
        """The enabled flag and the password, each a call of its own."""
        if ENABLED in paths:
            enables = _value(operation.changes, ENABLED) is not False
            self._calls("AdminEnableUser" if enables else "AdminDisableUser", Username=username)
            yield Outcome(operation.address, paths=frozenset({ENABLED}), id=sub)
        if CREDENTIAL in paths:
            password = random_password(self._pool.password_length)
            self._calls("AdminSetUserPassword", Username=username, Password=password, Permanent=True)
            yield Outcome(operation.address, paths=frozenset({CREDENTIAL}), id=sub)

    def _delete(self, operation: Operation, sub: str) -> Iterator[Outcome]:
        self._calls("AdminDeleteUser", Username=sub)
        yield Outcome(operation.address, id=sub)

    def _username(self, changes: Mapping[Path, Put | Clear | Edit]) -> str:
        """In a pool that invents user names, what the person signs in with."""
        for path in self._pool.username_attributes or (USERNAME,):
            if isinstance(value := _value(changes, path), str):
                return value
        raise Failed(Failure(Code.INVALID, "a value for the user name is missing", USERNAME))


def _value(changes: Mapping[Path, Put | Clear | Edit], path: Path) -> Any:
    change = changes.get(path)
    return change.value if isinstance(change, Put) else None


def _pairs(changes: Mapping[Path, Put | Clear | Edit]) -> list[dict[str, str]]:
    """Attributes to set, as the API takes them: names and texts."""
    return [
        {"Name": path, "Value": str(wire(change.value))}
        for path, change in sorted(changes.items())
        if isinstance(change, Put) and path not in _NO_ATTRIBUTE
    ]
