"""A proxy that refuses what a vendor's OpenAPI description does not allow, and answers it does not describe."""

from tests.servers.prism.proxy import Prism

__all__ = ["Prism"]
