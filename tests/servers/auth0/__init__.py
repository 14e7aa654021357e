"""An Auth0 tenant on 127.0.0.1, written here: its state, and what it refuses."""

from tests.servers.auth0.faults import HOW
from tests.servers.auth0.server import Auth0Server

__all__ = ["HOW", "Auth0Server"]
