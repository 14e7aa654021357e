"""The ways to write to a tenant and what they cost."""

from functools import partial
from math import ceil
from typing import Final

from poolshift.identity.kind import Kind
from poolshift.provider.operation import Clear, Operation, Put
from poolshift.provider.schema import Cost, Route, Shape
from poolshift.provider.verb import Verb
from poolshift_providers.auth0.connection import Connection
from poolshift_providers.auth0.patches import UNREMOVABLE, patches
from poolshift_providers.auth0.quotas import (
    MANAGEMENT,
    READ_CONNECTIONS,
    READ_USERS,
    WRITE_MEMBERS,
    WRITE_ORGANIZATIONS,
    WRITE_USERS,
)
from poolshift_providers.auth0.user_document import size_of
from poolshift_providers.auth0.user_record import CREDENTIAL

JOB: Final = "import_job"
JOB_BYTES: Final = 480_000
"""Auth0 takes 512,000 bytes; what is around the file comes on top."""

JOB_ITEMS: Final = 1_000
JOBS_AT_ONCE: Final = 2
WORTH_A_JOB: Final = 50
ROLE_MEMBERS: Final = 50
MEMBERS: Final = 10
WIDTH: Final = 4
SEPARATOR: Final = "/"
"""Between the ids of an organization and of a role, in the id of a role within an organization."""

_CREATE: Final = frozenset[Verb](("create",))
_UPDATE: Final = frozenset[Verb](("update",))
_DELETE: Final = frozenset[Verb](("delete",))
_WRITE: Final = frozenset[Verb](("create", "update"))
_CALLS_A_JOB: Final = 4


def routes(connection: Connection) -> tuple[Route, ...]:
    """An import job for people in numbers; the API for the rest. Both are silent."""
    return (
        Route(
            JOB,
            "user",
            _CREATE,
            lambda shape: Cost({MANAGEMENT: _CALLS_A_JOB * ceil(shape.count / JOB_ITEMS)}),
            worth=WORTH_A_JOB,
            takes=partial(_imports, connection),
            items=JOB_ITEMS,
            weight=JOB_BYTES,
            weigh=size_of,
            lane="import",
            width=JOBS_AT_ONCE,
            delivery="job",
            chosen_id=True,
            note="silent; nobody has a password until they ask for one",
            method="job",
        ),
        _api("user", _CREATE, WRITE_USERS, chosen_id=True, note="silent; with a password that nobody knows"),
        Route("api", "user", _UPDATE, _updates, takes=_changes, width=WIDTH, lane="user"),
        _api("user", _DELETE, WRITE_USERS),
        # One after the other: a role that several organizations have is made once.
        Route("api", "role", _WRITE, _counts(MANAGEMENT), lane="role", width=1),
        _api("organization", _WRITE, WRITE_ORGANIZATIONS),
        Route(
            "api",
            "role_member",
            _CREATE,
            lambda shape: Cost({MANAGEMENT: ceil(shape.count / ROLE_MEMBERS)}),
            takes=_of_tenant,
            items=ROLE_MEMBERS,
            group=lambda operation: operation.refs["role"].id,
            whole=True,
            width=WIDTH,
        ),
        # Within an organization roles are given a member at a time.
        Route("member_api", "role_member", _CREATE, _counts(WRITE_MEMBERS), takes=_of_organization, width=WIDTH),
        Route("api", "role_member", _DELETE, _counts(WRITE_USERS), width=WIDTH),
        Route(
            "api",
            "organization_member",
            frozenset[Verb](("create", "delete")),
            lambda shape: Cost({WRITE_MEMBERS: ceil(shape.count / MEMBERS)}),
            items=MEMBERS,
            group=lambda operation: (operation.verb, operation.refs["organization"].id),
            whole=True,
            width=WIDTH,
        ),
        Route(
            "api",
            "link",
            _CREATE,
            _counts(WRITE_USERS, READ_CONNECTIONS),
            width=WIDTH,
            note="only identities that have signed in there once; their own metadata is lost",
        ),
        Route("api", "link", _DELETE, _counts(WRITE_USERS, READ_USERS), width=WIDTH),
    )


def _api(kind: Kind, verbs: frozenset[Verb], quota: str, *, chosen_id: bool = False, note: str = "") -> Route:
    return Route("api", kind, verbs, _counts(quota), lane=kind, width=WIDTH, chosen_id=chosen_id, note=note)


class _Counted:
    """One call of each of some quotas an operation."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._names = names

    def __call__(self, shape: Shape) -> Cost:
        return Cost(dict.fromkeys(self._names, float(shape.count)))


def _counts(*names: str) -> _Counted:
    return _Counted(names)


def _updates(shape: Shape) -> Cost:
    return Cost({WRITE_USERS: float(shape.count * len(patches(shape.fields - {CREDENTIAL})))})


def _imports(connection: Connection, operation: Operation) -> str | None:
    if not connection.takes_import_jobs:
        return "a custom database takes import jobs only with its import mode on"
    if not isinstance(operation.changes.get("email"), Put):
        return "an import job needs an e-mail address"
    return "the profile is larger than an import job takes" if size_of(operation) > JOB_BYTES else None


def _changes(operation: Operation) -> str | None:
    for path in sorted(UNREMOVABLE & operation.changes.keys()):
        if isinstance(operation.changes[path], Clear):
            return f"Auth0 does not remove {path}, it only replaces it"
    return None


def _of_organization(operation: Operation) -> str | None:
    return None if SEPARATOR in (operation.refs["role"].id or "") else "the role is of the whole tenant"


def _of_tenant(operation: Operation) -> str | None:
    return "the role is of an organization" if SEPARATOR in (operation.refs["role"].id or "") else None
