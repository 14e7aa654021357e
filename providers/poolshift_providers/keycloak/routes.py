"""The ways to write to a realm and what they cost."""

from collections.abc import Callable
from typing import Final

from poolshift.identity.kind import Kind
from poolshift.provider.operation import Operation, Put
from poolshift.provider.schema import Cost, Route, Shape
from poolshift.provider.verb import Verb
from poolshift_providers.keycloak.realm import Realm
from poolshift_providers.keycloak.values import attribute_name

QUOTA: Final = "admin"
IMPORT: Final = "partial_import"
PROFILE: Final = "user_profile"
BATCH: Final = 50
WORTH: Final = 20
"""Users from which on an import is quicker than a request each."""

NAME_LENGTH: Final = 255
"""Of an attribute's name, where a user's value is kept."""

_CREATE: Final = frozenset[Verb](("create",))
_UPDATE: Final = frozenset[Verb](("update",))
_DELETE: Final = frozenset[Verb](("delete",))
_WRITE: Final = frozenset[Verb](("create", "update"))
_PAIR: Final = frozenset[Verb](("create", "delete"))
_IMPORTED: Final = frozenset[Kind](("link", "role_member", "group_member"))
_POSTED: Final = frozenset[Kind](("link", "group_member"))


def routes(realm: Realm) -> tuple[Route, ...]:
    """``takes`` depends on the realm: which identity providers there are, whether there are organizations."""
    links = _Links(realm.identity_providers)
    organizations = _Organizations(realm.organizations)
    return (
        Route(
            PROFILE,
            "attribute",
            _CREATE,
            _calls(2, each=False),
            takes=_declares,
            items=1000,
            document=("user profile",),
            lane=PROFILE,
            width=1,
            whole=True,
            note="one document: read, added to, written back",
        ),
        Route("api", "organization", _WRITE, _calls(1, update=2), takes=organizations, lane="organization", width=2),
        Route("api", "role", _WRITE, _calls(2), takes=_role, lane="role", width=2),
        Route("api", "group", _WRITE, _calls(2), lane="group", width=1, note="groups above it are made as well"),
        Route(
            IMPORT,
            "user",
            _CREATE,
            lambda shape: Cost({QUOTA: shape.count / BATCH}),
            worth=WORTH,
            takes=links,
            carries=_IMPORTED,
            items=BATCH,
            whole=True,
            lane="import",
            width=2,
            chosen_id=True,
            method="job",
            note="one transaction a batch; keeps ids; the server does not ask its user profile, the plan did",
        ),
        Route("api", "user", _CREATE, _calls(1), takes=_Posted(links), carries=_POSTED, lane="user", width=4),
        Route("api", "user", _UPDATE, _calls(2), lane="user", width=4, needs_current=True, note="the whole document"),
        Route("api", "user", _DELETE, _calls(1), lane="user", width=4),
        Route("api", "organization_member", _PAIR, _calls(1), takes=organizations, lane="user", width=4),
        Route("api", "role_member", _PAIR, _calls(1), lane="user", width=4),
        Route("api", "group_member", _PAIR, _calls(1), lane="user", width=4),
        Route("api", "link", _PAIR, _calls(1), takes=links, lane="user", width=4),
    )


class _Counted:
    def __init__(self, number: float, update: float, each: bool) -> None:
        self._number = number
        self._update = update
        self._each = each

    def __call__(self, shape: Shape) -> Cost:
        number = self._update if shape.verb == "update" else self._number
        return Cost({QUOTA: number * shape.count if self._each else number})


def _calls(number: float, *, update: float | None = None, each: bool = True) -> Callable[[Shape], Cost]:
    """So many calls an operation, or for all of them together; an update reads first and takes another number."""
    return _Counted(number, number if update is None else update, each)


class _Links:
    """A link to an identity provider that is not there is dropped in silence by an import: it is refused here."""

    def __init__(self, known: frozenset[str] | None) -> None:
        self._known = known

    def __call__(self, operation: Operation) -> str | None:
        for own in (operation, *operation.children):
            change = own.changes.get("provider") if own.kind == "link" and own.verb == "create" else None
            if isinstance(change, Put) and self._known is not None and change.value not in self._known:
                return f"the realm has no identity provider {change.value}: create it there first"
        return None


class _Posted:
    """What POST /users cannot do."""

    def __init__(self, links: _Links) -> None:
        self._links = links

    def __call__(self, operation: Operation) -> str | None:
        if "id" in operation.changes:
            return "POST /users makes up its own ids: only `users.method: job` keeps the one that is sent"
        return self._links(operation)


class _Organizations:
    def __init__(self, there: bool) -> None:
        self._there = there

    def __call__(self, _operation: Operation) -> str | None:
        return None if self._there else "organizations are switched off in this realm"


def _declares(operation: Operation) -> str | None:
    """The profile takes a longer name, and then no user has room for it."""
    change = operation.changes.get("name")
    name = attribute_name(str(change.value)) if isinstance(change, Put) else ""
    return f"an attribute has at most {NAME_LENGTH} characters in its name" if len(name) > NAME_LENGTH else None


def _role(operation: Operation) -> str | None:
    change = operation.changes.get("scope")
    scope = change.value if isinstance(change, Put) else ""
    if scope and not str(scope).startswith("application:"):
        return "a role belongs to the realm, or to a client: application:CLIENT_ID"
    return None
