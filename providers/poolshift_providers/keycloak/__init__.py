"""A realm of a Keycloak server, as a destination."""

from poolshift_providers.keycloak.provider import Keycloak

PROVIDER = Keycloak()
