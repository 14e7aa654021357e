"""An exported Cognito user pool as a source: list-users output in any of its usual forms, or a CSV."""

from poolshift_providers.cognito_export.provider import CognitoExport

PROVIDER = CognitoExport()
