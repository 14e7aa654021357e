"""A live Cognito user pool, as a source and as a destination."""

from poolshift_providers.cognito.provider import Cognito

PROVIDER = Cognito()
