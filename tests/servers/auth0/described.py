"""The vendor's OpenAPI file, made ready to stand between a client and this server."""

import json
from pathlib import Path
from typing import Any, Final

from tests.servers.foreign import described

_ANYTHING: Final = {"type": "object", "additionalProperties": True}
_TOKEN: Final = {
    "post": {
        "security": [],
        "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": _ANYTHING}}},
        "responses": {
            status: {"description": "", "content": {"application/json": {"schema": _ANYTHING}}}
            for status in ("200", "401", "403")
        },
    }
}


def description(folder: Path) -> Path:
    """A file in ``folder``: paths as they are asked for, and the token endpoint, which is another API's.

    Where an answer is one of several schemas, several may fit: the last page of a list is both a page by number and
    one by checkpoint. An answer without a body has none, whatever is told of it.
    """
    document: dict[str, Any] = json.loads(described("auth0").read_text("utf-8"))
    document["paths"] = {f"/api/v2{path}": item for path, item in document["paths"].items()}
    document["paths"]["/oauth/token"] = _TOKEN
    document["servers"] = [{"url": "/"}]
    _loosen(document["paths"])
    _loosen(document["components"])
    file = folder / "auth0.json"
    file.write_text(json.dumps(document), "utf-8")
    return file


def _loosen(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _loosen(item)
    elif isinstance(node, dict):
        if "oneOf" in node and "anyOf" not in node:
            node["anyOf"] = node.pop("oneOf")
        if isinstance(node.get("204"), dict):
            node["204"].pop("content", None)
        for item in node.values():
            _loosen(item)
