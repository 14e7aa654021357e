"""Pack the batch of a job: which row is whose, and which fields were in it. Pure; no values."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any, Final

import orjson

from poolshift.identity.address import parse
from poolshift.identity.value import UNKNOWN
from poolshift.provider.operation import JobHandle, Operation, Put

_WITHHELD: Final = Put(UNKNOWN)


def without_values(operation: Operation) -> Operation:
    """The same operation with nothing in it but its address, verb, id, the names of its fields, and its children."""
    return replace(
        operation,
        changes=dict.fromkeys(operation.changes, _WITHHELD),
        refs={},
        current=None,
        children=tuple(map(without_values, operation.children)),
    )


def pack(operations: Sequence[Operation]) -> bytes:
    """Rows of [shape, address, id, children]; shapes (verb and fields) are few, and written once."""
    shapes: dict[tuple[str, ...], int] = {}
    rows = [_row(operation, shapes) for operation in operations]
    return orjson.dumps({"shapes": list(shapes), "rows": rows})


def unpack(data: bytes) -> tuple[Operation, ...]:
    document = orjson.loads(data)
    shapes = [(verb, dict.fromkeys(paths, _WITHHELD)) for verb, *paths in document["shapes"]]
    return tuple(_operations(document["rows"], shapes))


def pack_handle(handle: JobHandle) -> str:
    return orjson.dumps({"id": handle.id, "keep": dict(handle.keep), "deadline": handle.deadline}).decode()


def unpack_handle(label: str, text: str) -> JobHandle:
    document = orjson.loads(text)
    return JobHandle(document["id"], label, document["keep"], document["deadline"])


def _row(operation: Operation, shapes: dict[tuple[str, ...], int]) -> list[Any]:
    shape = shapes.setdefault((operation.verb, *sorted(operation.changes)), len(shapes))
    return [shape, operation.address, operation.id, [_row(child, shapes) for child in operation.children]]


def _operations(rows: Iterable[list[Any]], shapes: list[tuple[Any, dict[str, Put]]]) -> Iterable[Operation]:
    for shape, address, id, children in rows:
        verb, changes = shapes[shape]
        inside = tuple(_operations(children, shapes))
        yield Operation(address, parse(address)[0], verb, changes, id, children=inside)
