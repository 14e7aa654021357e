"""The provider for Auth0, against the tenant of tests/servers/auth0."""
