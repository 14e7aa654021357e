"""A tenant to start and stop."""

import threading
from copy import deepcopy
from types import TracebackType
from typing import Any, Final, Self

from tests.servers.auth0 import identities, people
from tests.servers.auth0.faults import Fault, How
from tests.servers.auth0.limits import Limits
from tests.servers.auth0.log import Log
from tests.servers.auth0.service import Service
from tests.servers.auth0.tenant import Connection, Mail, Tenant, User, new_id
from tests.servers.auth0.wire import Listener

DOMAIN: Final = "acme.eu.auth0.com"
CONNECTION: Final = "acme-users"
_PEOPLE: Final = ("users", "shown_at", "passwords", "roles", "organizations")


class Auth0Server:
    """A context manager around one tenant on a free port, with a database connection and Google's.

    domain: what its tokens are for. options: of the database connection. port: 0 for a free one.
    """

    def __init__(self, *, domain: str = DOMAIN, port: int = 0, **options: Any) -> None:
        self._listener = Listener(port)
        number = self._listener.server_address[1]
        self.url = f"http://127.0.0.1:{number}"
        # Exports are fetched from another host.
        self._service = Service(f"https://{domain}/api/v2/", f"http://localhost:{number}")
        self._listener.service = self._service
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,), daemon=True)
        self.domain = domain
        self.database = self.connect(CONNECTION, "auth0", **options)
        self.google = self.connect("google-oauth2", "google-oauth2")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.end()
        self._thread.join()

    @property
    def tenant(self) -> Tenant:
        """The state itself, with all jobs carried out that are due."""
        with self._service.tenant.lock:
            self._service.jobs.tick()
        return self._service.tenant

    @property
    def service(self) -> Service:
        """Tokens, jobs and their times."""
        return self._service

    @property
    def mails(self) -> list[Mail]:
        """All that would have been sent, in order."""
        return self.tenant.mails

    @property
    def log(self) -> Log:
        return self._service.log

    @property
    def limits(self) -> Limits:
        return self._service.limits

    def snapshot(self) -> Any:
        """People and memberships as they are now, for `put`."""
        tenant = self.tenant
        with tenant.lock:
            taken = {id: (own.taken, own.ghosts) for id, own in tenant.connections.items()}
            return deepcopy(({name: getattr(tenant, name) for name in _PEOPLE}, taken))

    def put_back(self, snapshot: Any) -> None:
        """They are as they were then; no mail was sent, and there are no jobs."""
        tenant = self.tenant
        with tenant.lock:
            held, taken = deepcopy(snapshot)
            for name, value in held.items():
                setattr(tenant, name, value)
            for id, own in tenant.connections.items():
                own.taken, own.ghosts = taken[id]
            tenant.mails.clear()
            self._service.jobs.all.clear()

    def connect(self, name: str, strategy: str, **options: Any) -> Connection:
        """A further connection."""
        connection = Connection(new_id("con_"), name, strategy, options)
        self._service.tenant.connections[connection.id] = connection
        return connection

    def put(self, **document: Any) -> User:
        """A user of the database connection, as somebody else made them: shown by searches at once."""
        with self._service.tenant.lock:
            return people.make(self._service.tenant, self.database, document, 0.0)

    def sign_in(self, subject: str, email: str = "") -> User:
        """Somebody signs in with Google for the first time."""
        with self._service.tenant.lock:
            return identities.sign_in(self._service.tenant, self.google, subject, email)

    def haunt(self, email: str, chosen: str = "") -> None:
        """A ghost: it holds an address and an id, and nothing shows it."""
        self.database.ghosts[email.lower()] = f"{people.PREFIX}{chosen}"

    def fail(
        self, endpoint: str, nth: int = 1, how: How = "error_500", *, times: int = 1, seconds: float = 1.0
    ) -> None:
        """From now on the nth call of an endpoint (`*`: of any) meets a fault, and the times - 1 calls after it.

        endpoint: "POST /users", "GET /jobs/{job}". times: 0 for all that follow. seconds: how late a slow answer is.
        """
        self._service.faults.add(Fault(endpoint, nth - 1, times, how, seconds))

    def heal(self) -> None:
        """Take back the faults that were not met."""
        self._service.faults.clear()
