"""A real Keycloak: one server a run of pytest, a realm a test."""

from tests.servers.keycloak.realm import Realm
from tests.servers.keycloak.server import KeycloakServer
from tests.servers.keycloak.shared import shared_server

__all__ = ["KeycloakServer", "Realm", "shared_server"]
