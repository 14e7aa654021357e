"""Auth0, as a destination: one database connection of a tenant."""

from poolshift_providers.auth0.provider import Auth0

PROVIDER = Auth0()
