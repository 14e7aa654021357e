"""Our own Ory Kratos: the admin API on identities, as strict as its description and our vendor facts say.

Sources: "spec" is the vendor's OpenAPI file of release v26.2.0, by path or component; "facts N" is section N of our
collection of vendor facts on Ory. Nothing was run against a real Kratos; Prism judges the answers by the spec.
"""

from tests.servers.ory.identity_schema import CUSTOMER
from tests.servers.ory.server import KratosServer

__all__ = ["CUSTOMER", "KratosServer"]
