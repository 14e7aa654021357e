"""moto, called in process with the wire's own request and answer."""

import json
from typing import Any

from moto.cognitoidp.models import CognitoIdpBackend
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.request import Request

from tests.servers.cognito.refusal import Refusal


class Moto:
    """moto's answers from one backend."""

    def __init__(self, backend: CognitoIdpBackend) -> None:
        self._responses = _responses_of(backend)
        self._region = backend.region_name

    def call(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """Raises Refusal: what moto refuses, and InternalErrorException for what moto does not offer."""
        wire = Request.from_primitives(
            "POST",
            f"https://cognito-idp.{self._region}.amazonaws.com/",
            {
                "Content-Type": "application/x-amz-json-1.1",
                "X-Amz-Target": f"AWSCognitoIdentityProviderService.{operation}",
            },
            json.dumps(request).encode(),
        )
        try:
            status, _headers, body = self._responses().dispatch(wire)
        except NotImplementedError as error:
            raise Refusal("InternalErrorException", f"This server does not offer {operation}.", 500) from error
        answer = json.loads(body) if body else {}
        if int(status) >= 400:
            kind = str(answer.get("__type", "InternalErrorException")).rpartition("#")[2]
            raise Refusal(kind, answer.get("message", ""))
        return dict(answer)


def _responses_of(backend: CognitoIdpBackend) -> type[CognitoIdpResponse]:
    class Responses(CognitoIdpResponse):
        """moto finds a backend by account and region in a table of the whole process; each server has its own."""

        @property
        def backend(self) -> CognitoIdpBackend:
            return backend

        def _get_region_agnostic_backend(self) -> Any:
            return backend

        @classmethod
        def dispatch(cls, *args: Any, **kwargs: Any) -> Any:
            return cls()._dispatch(*args, **kwargs)

    return Responses
