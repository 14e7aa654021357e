"""One request and its answer, as bytes on a wire: what faults are made of."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Self

OWN_LENGTH = "content-length"


@dataclass(frozen=True, slots=True)
class Request:
    """target: path and query. headers: names in lower case; of a name that comes twice the last value."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def document(self) -> Any:
        """The body as JSON; None where it is none."""
        return parsed(self.body)

    def with_document(self, document: Any) -> Self:
        return replace(self, body=json.dumps(document).encode())


@dataclass(frozen=True, slots=True)
class Answer:
    """headers: names in lower case, without those of the connection and of the length."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def document(self) -> Any:
        """The body as JSON; None where it is none."""
        return parsed(self.body)

    def with_document(self, document: Any) -> Self:
        return replace(self, body=json.dumps(document).encode())

    def with_headers(self, **more: str) -> Self:
        """``retry_after`` stands for retry-after."""
        return replace(
            self, headers={**self.headers, **{name.replace("_", "-"): value for name, value in more.items()}}
        )


def json_answer(status: int, document: Any, **headers: str) -> Answer:
    return Answer(status, json.dumps(document).encode(), {"content-type": "application/json"}).with_headers(**headers)


def parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
