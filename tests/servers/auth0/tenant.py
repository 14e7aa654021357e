"""The state of one tenant."""

import secrets
import string
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from tests.servers.auth0.refusal import Refusal

_LETTERS: Final = string.ascii_letters + string.digits
User = dict[str, Any]


@dataclass(frozen=True)
class Mail:
    """What would have been sent. to: a user's id, or "administrators"."""

    kind: str
    to: str


@dataclass
class Connection:
    """A connection and what is unique in it. ghosts: addresses that are taken and shown nowhere."""

    id: str
    name: str
    strategy: str = "auth0"
    options: dict[str, Any] = field(default_factory=dict)
    enabled: bool = True
    taken: dict[tuple[str, str], str] = field(default_factory=dict)
    ghosts: dict[str, str] = field(default_factory=dict)

    @property
    def takes_usernames(self) -> bool:
        attributes = self.options.get("attributes") or {}
        return bool(self.options.get("requires_username")) or "username" in attributes

    @property
    def uniques(self) -> tuple[str, ...]:
        identifier = (self.options.get("attributes") or {}).get("phone_number", {}).get("identifier", {})
        return ("email", "username", *(("phone_number",) if identifier.get("active") else ()))


@dataclass
class Organization:
    id: str
    name: str
    display_name: str
    metadata: dict[str, str] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    """Roles by the id of the member."""


@dataclass
class Role:
    id: str
    name: str
    description: str = ""
    members: dict[str, None] = field(default_factory=dict)

    @property
    def shown(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name, "description": self.description}


class Tenant:
    """clock: seconds, monotonic; `later` moves it. search_lag: seconds before searches and exports show a new user.

    mails: what would have been sent. shown_at: by user, when searches and exports begin to show them.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.users: dict[str, User] = {}
        self.shown_at: dict[str, float] = {}
        self.passwords: dict[str, str] = {}
        self.roles: dict[str, Role] = {}
        self.organizations: dict[str, Organization] = {}
        self.connections: dict[str, Connection] = {}
        self.mails: list[Mail] = []
        self.search_lag = 0.0
        self._moved = 0.0

    def clock(self) -> float:
        return time.monotonic() + self._moved

    def later(self, seconds: float) -> None:
        self._moved += seconds

    def date(self) -> str:
        now = datetime.fromtimestamp(time.time() + self._moved, UTC)
        return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"

    def send(self, kind: str, to: str) -> None:
        self.mails.append(Mail(kind, to))

    def connection(self, name: str) -> Connection:
        """By name. Raises Refusal (OpenAPI: POST /users 400, "Connection does not exist.")."""
        found = next((own for own in self.connections.values() if own.name == name), None)
        if found is None:
            raise Refusal(400, "Connection does not exist.", "inexistent_connection")
        return found

    def connection_of(self, user: User) -> Connection:
        return self.connection(user["identities"][0]["connection"])

    def user(self, user_id: str) -> User:
        """Raises Refusal (404)."""
        if user_id not in self.users:
            raise Refusal(404, "The user does not exist.", "inexistent_user")
        return self.users[user_id]

    def role(self, role_id: str) -> Role:
        if role_id not in self.roles:
            raise Refusal(404, "Role not found.", "inexistent_role")
        return self.roles[role_id]

    def shown(self) -> Iterator[User]:
        """Users as searches and exports see them: later than they are there (vendors/auth0.md 2)."""
        now = self.clock()
        for user_id, user in self.users.items():
            if self.shown_at.get(user_id, 0.0) <= now:
                yield user


def new_id(prefix: str, length: int = 16, known: Callable[[str], bool] = lambda _id: False) -> str:
    while True:
        made = prefix + "".join(secrets.choice(_LETTERS) for _ in range(length))
        if not known(made):
            return made
