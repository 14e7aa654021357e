"""A user as the server takes one: made from an operation, or the document it has with an operation's changes."""

from collections.abc import Mapping
from typing import Any, Final

from poolshift.identity.address import parse
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Clear, Code, Edit, Failed, Failure, Operation, Put
from poolshift.provider.schema import lower
from poolshift_providers.keycloak.realm import Realm
from poolshift_providers.keycloak.shared_records import CLIENT
from poolshift_providers.keycloak.user_record import CREDENTIAL, SAME
from poolshift_providers.keycloak.values import ATTRIBUTES, attribute_name, texts, wire

_ACTIONS: Final = "requiredActions"
_CLEARED: Final[Mapping[str, Any]] = {"emailVerified": False, _ACTIONS: []}
_SENT_BACK: Final = frozenset({*SAME, "attributes", _ACTIONS})
"""What of a document an update sends: the rest the server makes up itself, or is written by calls of its own."""


def posted(operation: Operation) -> dict[str, Any]:
    """For POST /users, which gives default roles, groups and actions by itself. Groups and links may ride."""
    document = _with(operation, {"enabled": True})
    _ride(document, operation)
    return document


def imported(operation: Operation, realm: Realm) -> dict[str, Any]:
    """For an import, which gives nothing by itself: what POST /users would give is in it."""
    start: dict[str, Any] = {"enabled": True}
    if realm.default_actions:
        start[_ACTIONS] = list(realm.default_actions)
    document = _with(operation, start)
    document.setdefault("username", document.get("email"))
    if not document["username"]:
        raise Failed(Failure(Code.INVALID, "a value for the user name is missing", "username"))
    document["username"] = lower(document["username"])
    if realm.default_role:
        document["realmRoles"] = [realm.default_role]
    if realm.default_groups:
        document["groups"] = list(realm.default_groups)
    _ride(document, operation)
    return document


def updated(operation: Operation) -> dict[str, Any]:
    """The whole document: with attributes in it, what it leaves out would be cleared."""
    if operation.current is None:
        raise Failed(Failure(Code.STALE, "the user's document was not read before"))
    current: Mapping[str, Any] = operation.current.raw
    document = {name: value for name, value in current.items() if name in _SENT_BACK}
    document["attributes"] = dict(current.get("attributes") or {})
    return _with(operation, document)


def _with(operation: Operation, document: dict[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = dict(document.get("attributes") or {})
    for path, change in operation.changes.items():
        if path == CREDENTIAL:
            continue  # nothing is to be written: the realm's own flow serves everybody
        if path.startswith(ATTRIBUTES):
            _place_attribute(attributes, attribute_name(path), change)
        elif isinstance(change, Clear):
            document[path] = _CLEARED.get(path, "")
        else:
            document[path] = _merged(document.get(path), change)
    if attributes or "attributes" in document:
        document["attributes"] = attributes
    return document


def _place_attribute(attributes: dict[str, Any], name: str, change: Put | Clear | Edit) -> None:
    if isinstance(change, Clear):
        attributes.pop(name, None)
        return
    value = _merged(attributes.get(name), change)
    attributes[name] = texts(value) if isinstance(value, list) else [wire(value)]


def _merged(current: Any, change: Put | Edit) -> Value:
    if isinstance(change, Put):
        return texts(change.value) if isinstance(change.value, (set, frozenset, tuple, list)) else change.value
    return sorted({*(current or ()), *change.add} - change.remove)


def _ride(document: dict[str, Any], operation: Operation) -> None:
    """What belongs to the user and is written with it."""
    for child in operation.children:
        if child.kind == "link":
            document.setdefault("federatedIdentities", []).append(identity(child))
        elif child.kind == "group_member":
            groups = document.setdefault("groups", [])
            if (path := str(child.refs["group"].key)) not in groups:
                groups.append(path)
        else:
            scope, name = _role(child)
            names = _roles_in(document, scope)
            if name not in names:
                names.append(name)


def _roles_in(document: dict[str, Any], scope: str) -> list[str]:
    if not scope:
        found: list[str] = document.setdefault("realmRoles", [])
        return found
    client = scope.removeprefix(CLIENT)
    own: list[str] = document.setdefault("clientRoles", {}).setdefault(client, [])
    return own


def _role(child: Operation) -> tuple[str, str]:
    _, parts = parse(child.refs["role"].address)
    return parts[0], parts[1]


def identity(operation: Operation) -> dict[str, str]:
    """A federated identity. The name it is shown by is not known before the next sign-in."""
    provider, subject = text(operation, "provider"), text(operation, "subject")
    return {"identityProvider": provider, "userId": subject, "userName": subject}


def text(operation: Operation, path: Path) -> str:
    change = operation.changes.get(path)
    if not isinstance(change, Put) or not isinstance(change.value, str):
        raise Failed(Failure(Code.INVALID, f"{path} is required", path))
    return change.value


def puts(operation: Operation) -> dict[str, Any]:
    """The values an operation sets."""
    return {path: change.value for path, change in operation.changes.items() if isinstance(change, Put)}
