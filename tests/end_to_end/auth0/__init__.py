"""A migration from a Cognito user pool into an Auth0 tenant, by the installed command."""
