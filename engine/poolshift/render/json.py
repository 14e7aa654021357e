"""A document as JSON: keys sorted, two spaces, UTF-8, a newline at the end; equal documents give equal bytes."""

from collections.abc import Mapping
from typing import Any

import orjson


def text(document: Mapping[str, Any]) -> str:
    """The document as it is, nothing added and nothing left out."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(document, option=options).decode()
