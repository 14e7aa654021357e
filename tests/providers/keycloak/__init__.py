"""The provider against a real Keycloak, a realm a test."""
