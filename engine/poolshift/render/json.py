"""Documents as JSON: two spaces, UTF-8, a newline at the end."""

from collections.abc import Mapping
from typing import Any

import orjson


def text(document: Mapping[str, Any]) -> str:
    """The document as it is, keys sorted: equal documents give equal bytes."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options).decode()


def in_order(schema: Mapping[str, Any]) -> str:
    """A JSON Schema, keys in the order they were written: ``$schema`` first, fields as the spec's reader meets them."""
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
