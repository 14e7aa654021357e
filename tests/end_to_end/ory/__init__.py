"""A migration from a Cognito user pool to Ory, by the installed command."""
