"""A pool on the server, and both sessions of the provider on it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.provider.calls import SessionCalls
from poolshift.provider.operation import Batch, Clear, Operation, Outcome, Put
from poolshift.provider.schema import Route
from poolshift.provider.session import Complete, Partial, Want
from poolshift.provider.verb import Verb
from poolshift_providers.cognito import PROVIDER
from poolshift_providers.cognito.quotas import LIMITS
from poolshift_providers.cognito.settings import Settings
from tests.providers.sessions import QuickCalls, Sessions
from tests.servers.cognito import CognitoServer

FAST: Final = dict.fromkeys(LIMITS, "5000/s")
"""Quotas that no test has to wait for."""

EMAIL_POOL: Final[Mapping[str, Any]] = {
    "UsernameAttributes": ["email"],
    "UsernameConfiguration": {"CaseSensitive": False},
}


class World(Sessions):
    """One pool. Sessions are made anew for every use: a provider keeps nothing."""

    provider = PROVIDER

    def __init__(self, server: CognitoServer, pool_id: str, folder: Path) -> None:
        self.server = server
        self.pool_id = pool_id
        self.settings = Settings(pool_id=pool_id, endpoint_url=server.url, quotas=FAST)
        self._folder = folder

    @contextmanager
    def calls(self, *, writes: bool) -> Iterator[SessionCalls]:
        quotas = PROVIDER.documented(self.settings).quotas
        connection = PROVIDER.aws(self.settings)
        with QuickCalls(self._folder, writes=writes, quotas=quotas, aws=connection) as calls:
            yield calls

    def read(self, kind: Kind, *fields: str) -> tuple[list[Record], Complete | Partial]:
        """All records of a kind, and how its reading ended."""
        records: list[Record] = []
        ends: list[Complete | Partial] = []
        with self.reader() as reader:
            for page in reader.read(Want(frozenset({kind}), frozenset(fields))):
                if page.kind == kind:
                    records += page.records
                    ends += [page.end] if page.end is not None else []
        assert len(ends) == 1
        return records, ends[0]

    def send(self, operation: Operation) -> list[Outcome]:
        """By the first route that takes the verb; raises what the provider raises."""
        outcomes: list[Outcome] = []
        self.send_into(outcomes, operation)
        return outcomes

    def send_into(self, outcomes: list[Outcome], *operations: Operation) -> None:
        """The same, and keeps the outcomes that came before an error."""
        with self.writer() as writer:
            answer = writer.send(self.route(operations[0].kind, operations[0].verb), Batch(operations))
            assert isinstance(answer, Iterator)
            outcomes.extend(answer)

    def route(self, kind: Kind, verb: Verb) -> Route:
        return next(route for route in self.schema().routes if route.kind == kind and verb in route.verbs)

    def create(self, **values: Any) -> str:
        """Create a user through the provider; its id."""
        (first, *_) = self.send(user_create(**values))
        assert first.id is not None
        return first.id

    def user(self, sub: str) -> dict[str, Any]:
        """A user as AdminGetUser shows it, attributes by name."""
        found = self.server.client().admin_get_user(UserPoolId=self.pool_id, Username=sub)
        found["Attributes"] = {pair["Name"]: pair["Value"] for pair in found.pop("UserAttributes")}
        return dict(found)


def world(server: CognitoServer, folder: Path, **settings: Any) -> World:
    """A further pool; settings as CreateUserPool takes them."""
    return World(server, server.create_pool("further", **settings) if settings else server.pool_id, folder)


def person(number: int, **members: Any) -> dict[str, Any]:
    """An invented user as list-users prints one; ``members`` of UserType win, ``attributes`` are added."""
    attributes = {
        "sub": f"00000000-0000-4000-8000-{number:012d}",
        "email": f"p{number}@example.com",
        "email_verified": "true",
        **members.pop("attributes", {}),
    }
    return {
        "Username": f"p{number}",
        "Attributes": [{"Name": name, "Value": value} for name, value in attributes.items() if value is not None],
        "UserStatus": "CONFIRMED",
        "Enabled": True,
        "UserCreateDate": 1_700_000_000.25 + number,
        "UserLastModifiedDate": 1_710_000_000 + number,
        **members,
    }


def user_create(**values: Any) -> Operation:
    return Operation('user["s"]', "user", "create", puts(values))


def user_update(sub: str, **values: Any) -> Operation:
    return Operation('user["s"]', "user", "update", puts(values), id=sub)


def puts(values: Mapping[str, Any]) -> dict[str, Put | Clear]:
    """``custom_x`` stands for custom:x; None clears."""
    return {
        path.replace("custom_", "custom:", 1): Clear() if value is None else Put(value)
        for path, value in values.items()
    }


def member(verb: Verb, sub: str, group: str) -> Operation:
    refs = {"user": Ref("", sub), "group": Ref("", group, group)}
    return Operation(f'group_member["s","{group}"]', "group_member", verb, id=f"{group}\n{sub}", refs=refs)


def link(verb: Verb, sub: str, provider: str = "Google", subject: str = "100", id: str | None = None) -> Operation:
    changes = puts({"provider": provider, "subject": subject}) if verb == "create" else {}
    return Operation('link["s","Google","0"]', "link", verb, changes, id=id, refs={"user": Ref("", sub)})
