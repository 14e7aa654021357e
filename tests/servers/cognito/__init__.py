"""Cognito user pools on 127.0.0.1: moto's state and answers behind a layer that refuses what Cognito refuses."""

from tests.servers.cognito.faults import HOW
from tests.servers.cognito.messages import Message
from tests.servers.cognito.server import CognitoServer

__all__ = ["HOW", "CognitoServer", "Message"]
