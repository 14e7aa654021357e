"""RFC 6902 on a document, with what an identity does not let be patched (facts 11)."""

from copy import deepcopy
from typing import Any, Final

from tests.servers.ory.refusal import malformed

DENIED: Final = ("/id", "/stateChangedAt", "/credentials")
_FAILED: Final = "An error occurred when applying the JSON patch"


def patched(document: Any, operations: Any) -> Any:
    """A changed copy. Raises Refusal 400."""
    if not isinstance(operations, list):
        raise malformed("a JSON Patch is a list")
    document = deepcopy(document)
    for one in operations:
        if not isinstance(one, dict) or "op" not in one or not isinstance(one.get("path"), str):
            raise malformed("an operation has op and path")  # spec jsonPatch
        if any(one["path"] == denied or one["path"].startswith(f"{denied}/") for denied in DENIED):
            raise malformed(f"patch includes denied path: {one['path']}")
        _apply(document, one)
    return document


def _apply(document: Any, one: dict[str, Any]) -> None:
    *steps, last = [step.replace("~1", "/").replace("~0", "~") for step in one["path"].split("/")[1:]]
    parent = document
    for step in steps:
        parent = parent[_place(parent, step)]
    if one["op"] == "add" and isinstance(parent, list):
        parent.insert(len(parent) if last == "-" else _place(parent, last), one["value"])
    elif one["op"] == "add" and isinstance(parent, dict):
        parent[last] = one["value"]
    elif one["op"] == "replace":
        parent[_place(parent, last)] = one["value"]
    elif one["op"] == "remove":
        del parent[_place(parent, last)]
    elif one["op"] == "test":
        if parent[_place(parent, last)] != one["value"]:
            raise malformed(f"{_FAILED}: testing value {one['path']} failed")
    else:
        raise malformed(f"{_FAILED}: {one['op']} is not possible here")


def _place(parent: Any, step: str) -> Any:
    if isinstance(parent, dict) and step in parent:
        return step
    if isinstance(parent, list) and step.isdecimal() and int(step) < len(parent):
        return int(step)
    raise malformed(f"{_FAILED}: there is no such path")
