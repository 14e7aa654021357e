"""A Kratos, as a place to migrate into: everybody in a batch, or one by one."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from tests.end_to_end.ory.expectation import People, moved
from tests.end_to_end.ory.spec import spec
from tests.servers.ory import KratosServer
from tests.servers.ory.identities import Identities
from tests.servers.ory.terms import OryTerms

from faults.exports import from_export

_NETWORK: Final = re.compile(r', api_key: "\$\{env:ORY_API_KEY\}", tier: enterprise')


class Kratos:
    """A context manager around a Kratos of one's own. method: of the spec's people."""

    terms = OryTerms()
    messages: Sequence[object] = ()
    environ: Mapping[str, str] = {}

    def __init__(self, method: str = "auto") -> None:
        self._method = method

    def __enter__(self) -> Self:
        self._server = KratosServer().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.__exit__(kind, error, trace)

    @property
    def url(self) -> str:
        return self._server.url

    def spec(self, source: str | None, destination: str) -> str:
        text = _NETWORK.sub("", from_export(spec("", "", destination)))
        return text.replace("\nusers:\n", f"\nusers:\n  method: {self._method}\n")

    def snapshot(self) -> Identities:
        return self._server.snapshot()

    def put(self, snapshot: Any) -> None:
        self._server.put(snapshot)

    def holders(self) -> Counter[str | None]:
        return Counter(own.get("external_id") for own in self._server.identities)

    def moved(self) -> People:
        return moved(self._server.identities)

    def ids(self) -> Mapping[str, str]:
        return {own["external_id"]: own["id"] for own in self._server.identities}
