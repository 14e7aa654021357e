"""Writes of what belongs to nobody: custom attributes and groups."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.provider.operation import Batch, Clear, Code, Failed, Failure, Operation, Outcome, Put, WholeRejected
from poolshift_providers.cognito.operations import PoolCalls

_TYPES: Final[Mapping[str, str]] = {"string": "String", "number": "Number", "boolean": "Boolean", "date": "DateTime"}
_GROUP: Final[Mapping[str, str]] = {"description": "Description", "precedence": "Precedence", "role_arn": "RoleArn"}


def declare(calls: PoolCalls, batch: Batch) -> Iterator[Outcome]:
    """All attributes of a batch in one call, which takes all or none. Mutable: else no identity could be linked."""
    try:
        calls("AddCustomAttributes", CustomAttributes=[_attribute(operation) for operation in batch.operations])
    except Failed as error:
        raise WholeRejected(
            error.failure, _there(calls, batch) if error.failure.code is Code.INVALID else {}
        ) from error
    for operation in batch.operations:
        yield Outcome(operation.address, id=str(_put(operation)["name"]))


def _there(calls: PoolCalls, batch: Batch) -> dict[str, Failure]:
    """The rows whose attribute is there already: of these the API only says that a value is not valid."""
    known = {attribute["Name"] for attribute in calls("DescribeUserPool")["UserPool"]["SchemaAttributes"]}
    why = Failure(Code.EXISTS, "there is an attribute of this name", "name")
    return {operation.address: why for operation in batch.operations if _put(operation).get("name") in known}


def _attribute(operation: Operation) -> dict[str, Any]:
    """The API takes the name without its prefix, and lengths as texts. Raises Failed."""
    wanted = _put(operation)
    for path, known in (("name", wanted.get("name")), ("type", _TYPES.get(wanted.get("type", "")))):
        if not known:
            raise Failed(Failure(Code.INVALID, f"{path} is missing or not known", path))
    own: dict[str, Any] = {
        "Name": str(wanted["name"]).removeprefix("custom:"),
        "AttributeDataType": _TYPES[wanted["type"]],
        "Mutable": True,
    }
    if own["AttributeDataType"] == "String" and wanted.get("max_length") is not None:
        own["StringAttributeConstraints"] = {"MinLength": "0", "MaxLength": str(wanted["max_length"])}
    return own


def write_group(calls: PoolCalls, operation: Operation) -> Iterator[Outcome]:
    """The name is the id. An update sends what it does not change as it is."""
    wanted = _put(operation)
    if operation.verb == "create":
        name = str(wanted.get("name", ""))
        calls("CreateGroup", GroupName=name, **_members(wanted))
    else:
        name = str(operation.id)
        current = operation.current.values if operation.current is not None else {}
        cleared = {path: "" for path, change in operation.changes.items() if isinstance(change, Clear)}
        calls("UpdateGroup", GroupName=name, **_members({**current, **wanted, **cleared}))
    yield Outcome(operation.address, id=name)


def _members(values: Mapping[str, Any]) -> dict[str, Any]:
    return {member: values[path] for path, member in _GROUP.items() if values.get(path) is not None}


def _put(operation: Operation) -> dict[str, Any]:
    return {path: change.value for path, change in operation.changes.items() if isinstance(change, Put)}
