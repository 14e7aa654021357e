"""What a page, a create and a token are in the admin API of a realm, for the fault server."""

import re
from typing import Final

from poolshift.testing.faults import Nature, Request, Terms

_LISTS: Final = re.compile(
    r"/admin/realms/[^/]+/(.*/)?(users|groups|children|roles|members|organizations|clients|instances)$"
)
_CREATES: Final = re.compile(r"/admin/realms/[^/]+/(users|partialImport)$")


class KeycloakTerms(Terms):
    """Lists go by offset and come from the server's own database: they have no tokens, and show everybody at once."""

    session = "/protocol/openid-connect/token"
    renews = True
    has_page_tokens = False
    lags = False

    def nature(self, request: Request) -> Nature:
        if request.path.endswith(self.session):
            return "session"
        if request.method == "GET":
            return "page" if _LISTS.search(request.path) else "read"
        return "create" if request.method == "POST" and _CREATES.search(request.path) else "write"
