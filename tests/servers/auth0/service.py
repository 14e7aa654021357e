"""One tenant behind its endpoints: who may ask, how often, and what is carried out."""

from collections.abc import Mapping
from typing import Any

from tests.servers.auth0.endpoints import Handler, endpoints
from tests.servers.auth0.faults import Fault
from tests.servers.auth0.jobs import Jobs
from tests.servers.auth0.limits import Limits
from tests.servers.auth0.log import Log
from tests.servers.auth0.refusal import Refusal
from tests.servers.auth0.request import Answer, Request
from tests.servers.auth0.tenant import Tenant
from tests.servers.auth0.tokens import Tokens
from tests.servers.programme import Faults


class Service:
    """address: where its exports are fetched."""

    def __init__(self, audience: str, address: str) -> None:
        self.tenant = Tenant()
        self.tokens = Tokens(self.tenant, audience)
        self.jobs = Jobs(self.tenant, address)
        self.limits = Limits()
        self.faults = Faults[Fault]()
        self.log = Log()
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints(self.jobs)}

    def endpoint(self, method: str, path: str) -> tuple[str, Mapping[str, str], Handler]:
        """(name, what stands in the path, who answers); an unknown one is refused by whoever answers."""
        for endpoint in self._endpoints.values():
            if (at := endpoint.matches(method, path)) is not None:
                return endpoint.name, at, endpoint.handler
        return f"{method} {path}", {}, _not_offered

    def admit(self, name: str, authorization: str | None) -> dict[str, str]:
        """Headers of the rate limit. Raises Refusal (401, 403, 429)."""
        endpoint = self._endpoints.get(name)
        if endpoint is None:
            return {}
        with self.tenant.lock:
            self.tokens.check(authorization, endpoint.scopes)
        return self.limits.spend(endpoint.group)

    def execute(
        self, method: str, path: str, query: Mapping[str, str], body: Any, at: Mapping[str, str], handler: Handler
    ) -> Answer:
        """Raises Refusal."""
        with self.tenant.lock:
            self.jobs.tick()
            return handler(self.tenant, Request(method, path, query, body, at))


def _not_offered(_tenant: Tenant, request: Request) -> Answer:
    raise Refusal(404, f"This server does not offer {request.method} {request.path}.")
