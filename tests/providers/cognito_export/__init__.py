"""Tests of exported Cognito pools as a source."""
