"""The two servers a strictness is shown on: moto alone, and moto behind the layer."""

from collections.abc import Iterator
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.config import Config  # type: ignore[import-untyped]
from moto.server import ThreadedMotoServer

from tests.servers.cognito import CognitoServer


@pytest.fixture(scope="session")
def moto() -> Iterator[Any]:
    """A client of moto's own server, that sends requests as they are."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _host, port = server.get_host_and_port()
    client = boto3.client(
        "cognito-idp",
        region_name="eu-west-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="AKIAINVENTED",
        aws_secret_access_key="invented",
        config=Config(parameter_validation=False, retries={"mode": "standard", "total_max_attempts": 1}),
    )
    yield client
    client.close()
    server.stop()


@pytest.fixture
def server() -> Iterator[CognitoServer]:
    """The layer, with one pool whose usernames are case-sensitive."""
    with CognitoServer() as server:
        yield server


@pytest.fixture
def layer(server: CognitoServer) -> Iterator[Any]:
    """A client of the layer, that sends requests as they are."""
    client = server.client(parameter_validation=False)
    yield client
    client.close()


@pytest.fixture(scope="session")
def shared() -> Iterator[Any]:
    """As layer, of a server that many tests share: each makes a pool of its own."""
    with CognitoServer() as server:
        client = server.client(parameter_validation=False)
        yield client
        client.close()
