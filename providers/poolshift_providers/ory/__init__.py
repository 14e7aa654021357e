"""Ory Kratos, run by oneself or as the Ory Network, as a destination."""

from poolshift_providers.ory.provider import Ory

PROVIDER = Ory()
