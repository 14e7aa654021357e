"""Cognito to a real Keycloak, end to end, by the installed command."""
