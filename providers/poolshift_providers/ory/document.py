"""What a person's changes are in Ory's own documents: a new identity, or a JSON Patch of one that is there."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.identity.value import Path
from poolshift.provider.operation import Clear, Code, Edit, Failed, Failure, Operation, Put
from poolshift_providers.ory.identity_record import (
    ACTIVE,
    CREDENTIAL,
    ENABLED,
    EXTERNAL_ID,
    INACTIVE,
    METADATA,
    Layout,
    folded,
)

Change = Put | Clear | Edit
_TREES: Final = ("traits", *METADATA)


def new_identity(operation: Operation, schema_id: str, layout: Layout) -> dict[str, Any]:
    """The body of a create, with the social sign-ins that ride in it. Nothing here makes Kratos send a message."""
    changes = operation.changes
    body: dict[str, Any] = {"schema_id": schema_id, "traits": {}, "state": _state(changes.get(ENABLED))}
    for path, change in changes.items():
        value = _value(change)
        if value is None or path in (ENABLED, CREDENTIAL):
            continue
        if path == EXTERNAL_ID:
            body[EXTERNAL_ID] = value
        elif (steps := _steps(path)) is not None:
            _place(body, steps, value)
    if addresses := list(_verified(changes, layout)):
        body["verifiable_addresses"] = addresses
    for child in operation.children:
        if child.kind == "organization_member":
            body["organization_id"] = child.refs["organization"].id
    links = [child for child in operation.children if child.kind == "link"]
    if links:
        body["credentials"] = {"oidc": {"config": {"providers": [provider(child) for child in links]}}}
    return body


def provider(link: Operation) -> dict[str, str]:
    """A social sign-in as Kratos takes it. Raises Failed where it is not whole."""
    found = {path: _value(link.changes.get(path)) for path in ("provider", "subject")}
    for path, value in found.items():
        if not isinstance(value, str) or not value:
            raise Failed(Failure(Code.INVALID, f"{path} is required", path))
    return {path: str(value) for path, value in found.items()}


def json_patch(operation: Operation, identity: Mapping[str, Any], layout: Layout) -> list[dict[str, Any]]:
    """Only what changes: whatever else the identity holds stays as it is. Empty where nothing is to be written."""
    changes = operation.changes
    patch: list[dict[str, Any]] = []
    made: set[tuple[str, ...]] = set()
    for path, change in changes.items():
        if path == ENABLED:
            patch.append({"op": "replace", "path": "/state", "value": _state(change)})
        elif path == EXTERNAL_ID:
            patch += _put(("external_id",), change, identity, made)
        elif (steps := _steps(path)) is not None:
            patch += _put(steps, change, identity, made)
    return [*patch, *_flags(changes, identity, layout)]


def _put(
    steps: tuple[str, ...], change: Change, identity: Mapping[str, Any], made: set[tuple[str, ...]]
) -> Iterator[dict[str, Any]]:
    """``made``: parents that this patch makes, because they are not there."""
    before: Any = identity
    for depth, step in enumerate(steps[:-1], 1):
        before = before.get(step) if isinstance(before, dict) else None
        if not isinstance(before, dict) and steps[:depth] not in made:
            if isinstance(change, Clear):
                return
            made.add(steps[:depth])
            yield {"op": "add", "path": _pointer(steps[:depth]), "value": {}}
    there = isinstance(before, Mapping) and steps[-1] in before
    value = _edited(before[steps[-1]] if there else None, change)
    if value is not None:
        yield {"op": "add", "path": _pointer(steps), "value": value}
    elif there:
        yield {"op": "remove", "path": _pointer(steps)}


def _flags(changes: Mapping[Path, Change], identity: Mapping[str, Any], layout: Layout) -> Iterator[dict[str, Any]]:
    """An address keeps its place in the list; the `test` sees to it that the list is still the one that was read."""
    addresses = list(identity.get("verifiable_addresses") or ())
    for flag, trait, via in layout.flags:
        if flag not in changes:
            continue
        verified = _value(changes[flag]) is True
        value = folded(_value(changes[trait]) if trait in changes else _at(identity, _steps(trait) or ()))
        places = [n for n, own in enumerate(addresses) if (own["via"], folded(own["value"])) == (via, value)]
        if places:
            at = f"/verifiable_addresses/{places[0]}"
            yield {"op": "test", "path": f"{at}/value", "value": addresses[places[0]]["value"]}
            yield {"op": "replace", "path": f"{at}/verified", "value": verified}
            yield {"op": "replace", "path": f"{at}/status", "value": "completed" if verified else "pending"}
        elif verified and isinstance(value, str) and value:
            if not addresses:
                yield {"op": "add", "path": "/verifiable_addresses", "value": []}
            own = _address(value, via)
            addresses.append(own)
            yield {"op": "add", "path": "/verifiable_addresses/-", "value": own}


def _verified(changes: Mapping[Path, Change], layout: Layout) -> Iterator[dict[str, Any]]:
    """Addresses of a new identity that are verified; Kratos adds the others itself."""
    for flag, trait, via in layout.flags:
        value = folded(_value(changes.get(trait)))
        if isinstance(value, str) and value and _value(changes.get(flag)) is True:
            yield _address(value, via)


def _address(value: str, via: str) -> dict[str, Any]:
    return {"value": value, "via": via, "verified": True, "status": "completed"}


def _state(change: Change | None) -> str:
    return INACTIVE if _value(change) is False else ACTIVE


def _value(change: Change | None) -> Any:
    if isinstance(change, Put):
        return sorted(change.value) if isinstance(change.value, set | frozenset) else change.value
    return sorted(change.add) if isinstance(change, Edit) else None


def _edited(before: Any, change: Change) -> Any:
    """The whole value after a change; of a set that is edited, what others put into it stays."""
    if not isinstance(change, Edit):
        return _value(change)
    kept = [item for item in before if item not in change.remove] if isinstance(before, list) else []
    return kept + sorted(change.add - set(kept))


def _steps(path: Path) -> tuple[str, ...] | None:
    """Where a path lies in an identity; None for a flag, which has a place of another kind."""
    head, dot, rest = path.partition(".")
    return (head, *rest.split(".")) if dot and head in _TREES else None


def _place(body: dict[str, Any], steps: tuple[str, ...], value: Any) -> None:
    for step in steps[:-1]:
        body = body.setdefault(step, {})
    body[steps[-1]] = value


def _at(identity: Mapping[str, Any], steps: tuple[str, ...]) -> Any:
    found: Any = identity
    for step in steps:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _pointer(steps: tuple[str, ...]) -> str:
    """RFC 6901."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
