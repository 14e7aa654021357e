"""The secret of an app client, and the hash that proves a caller knows it."""

import base64
import hashlib
import hmac

from moto.cognitoidp.models import CognitoIdpUserPoolClient

from tests.servers.cognito.refusal import Refusal


def secret_hash(client_id: str, secret: str, username: str) -> str:
    """What a client with a secret sends beside a username."""
    digest = hmac.new(secret.encode(), (username + client_id).encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def check_secret(client: CognitoIdpUserPoolClient, username: str, sent: str | None) -> None:
    """Raises Refusal (NotAuthorizedException): the client has a secret, and no or another hash was sent."""
    if not client.generate_secret:
        return
    if sent is None:
        raise Refusal("NotAuthorizedException", "Client is configured with secret but SECRET_HASH was not received")
    if not hmac.compare_digest(sent, secret_hash(client.id, client.secret, username)):
        raise Refusal("NotAuthorizedException", "SecretHash does not match for the client")
