"""A migration from one Cognito user pool into another, by the installed command."""
