"""One Cognito: pools, what was sent, and the operations of this layer in front of moto's."""

import threading
from collections.abc import Mapping
from typing import Any, Final, Protocol

from moto.cognitoidp.models import CognitoIdpBackend, CognitoIdpUser, CognitoIdpUserPoolClient

from tests.servers.cognito import shapes
from tests.servers.cognito.chains import Chains
from tests.servers.cognito.messages import Message, MessageKind
from tests.servers.cognito.moto import Moto
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import COMMON, Refusal

Request = Mapping[str, Any]

_DOCUMENTED: Final = {"AdminCreateUser": {"AliasExistsException"}}
"""Errors that the model names in a member's documentation, not among the operation's errors."""
_CLOSED: Final = frozenset({"UpdateUserAttributes", "DeleteUserAttributes", "DeleteUser"})
"""What signed-in people do to themselves: moto would change them behind the pool's indexes."""


class Operation(Protocol):
    """Carries out one operation on a request that keeps to the model. Raises Refusal."""

    def __call__(self, service: "Service", request: Request, /) -> dict[str, Any]: ...


class Service:
    """messages: all that would have been sent. list_lag: seconds before listings show a new person.

    url: where it listens. logs: operations of CloudWatch Logs, which answers here as well.
    """

    def __init__(
        self,
        region: str,
        account: str,
        operations: Mapping[str, Operation],
        logs: Mapping[str, Operation],
        imports: Any,
    ) -> None:
        self.backend = CognitoIdpBackend(region, account)
        self.messages: list[Message] = []
        self.chains = Chains()
        self.list_lag = 0.0
        self.lock = threading.RLock()
        self._moto = Moto(self.backend)
        self.imports = imports
        self.url = ""
        self._operations = operations
        self._logs = logs

    def execute(self, name: str, request: object, page: str | None = None) -> dict[str, Any]:
        """Answer one request; page: a fault of the listing, see Chains. Raises Refusal."""
        model = shapes.operation_of(name, "logs" if name in self._logs else "cognito-idp")
        if model is None:
            raise Refusal("UnknownOperationException", f"Cognito has no operation {name}.")
        wanted = shapes.checked(model, request)
        with self.lock, self.chains.disturbed(page):
            try:
                return self._carry_out(name, wanted)
            except Refusal as refusal:
                declared = {shape.name for shape in model.error_shapes}
                if refusal.type not in declared | COMMON | _DOCUMENTED.get(name, set()):
                    raise LookupError(f"{name} cannot answer {refusal.type}: the model does not list it") from refusal
                raise

    def _carry_out(self, name: str, request: dict[str, Any]) -> dict[str, Any]:
        operation = self._operations.get(name) or self._logs.get(name)
        if operation:
            return operation(self, request)
        if name in _CLOSED:
            raise Refusal("InternalErrorException", f"This server does not offer {name}.", 500)
        if "Username" in request and "UserPoolId" in request:
            user = self.pool(request).get(request["Username"])
            request = request | {"Username": user.username}
        return self._moto.call(name, request)

    def pass_on(self, name: str, request: Request) -> dict[str, Any]:
        """What moto answers."""
        return self._moto.call(name, dict(request))

    def pool(self, request: Request) -> Pool:
        """The pool a request names. Raises Refusal (ResourceNotFoundException)."""
        found = self.backend.user_pools.get(request["UserPoolId"])
        if not isinstance(found, Pool):
            raise Refusal("ResourceNotFoundException", f"User pool {request['UserPoolId']} does not exist.")
        return found

    def client_of(self, request: Request) -> tuple[Pool, CognitoIdpUserPoolClient]:
        """The client a request names, and its pool. Raises Refusal (ResourceNotFoundException)."""
        for pool in self.backend.user_pools.values():
            client = pool.clients.get(request["ClientId"])
            if client and isinstance(pool, Pool) and request.get("UserPoolId", pool.id) == pool.id:
                return pool, client
        raise Refusal("ResourceNotFoundException", f"User pool client {request['ClientId']} does not exist.")

    def send(self, kind: MessageKind, user: CognitoIdpUser, medium: str) -> None:
        self.messages.append(Message(kind, user.user_pool_id, user.id, medium))
