"""The ways to write to a pool and what they cost."""

import sys
from typing import Final

from poolshift.identity.kind import Kind
from poolshift.provider.operation import Operation, Put
from poolshift.provider.schema import Cost, Route, Shape
from poolshift.provider.verb import Verb
from poolshift_providers.cognito import import_rows
from poolshift_providers.cognito.pool import Pool
from poolshift_providers.cognito.user_record import CREDENTIAL

ATTRIBUTES_AT_ONCE: Final = 25
NAME_LENGTH: Final = 20
WIDTH: Final = 16
IMPORT_ROWS: Final = 500_000
IMPORT_BYTES: Final = 99_000_000
"""A file may have 100 MB, its header included."""

ONLY_ASKED_FOR: Final = sys.maxsize
"""Operations from which on import jobs would be preferred: never, as they leave people in another state than asked."""

_CREATE: Final = frozenset[Verb](("create",))
_UPDATE: Final = frozenset[Verb](("update",))
_DELETE: Final = frozenset[Verb](("delete",))
_PAIR: Final = frozenset[Verb](("create", "delete"))


def routes(pool: Pool, *, imports: bool = False) -> tuple[Route, ...]:
    """What they take depends on the pool. imports: import jobs are set up."""
    return (
        *((_import_job(pool),) if imports else ()),
        Route(
            "api",
            "attribute",
            _CREATE,
            lambda shape: Cost({"UserPoolUpdate": -(-shape.count // ATTRIBUTES_AT_ONCE)}),
            takes=_declares,
            items=ATTRIBUTES_AT_ONCE,
            whole=True,
            lane="pool",
            width=1,
            note="cannot be undone",
        ),
        _api("group", _CREATE, "UserPoolResourceUpdate"),
        # What an update leaves out is sent as it is: it is not documented that it survives.
        Route("api", "group", _UPDATE, _counts("UserPoolResourceUpdate", "UserPoolResourceRead"), needs_current=True),
        Route(
            "api",
            "user",
            _CREATE,
            _user_create,
            takes=lambda operation: _creates(pool, operation),
            width=WIDTH,
            lane="user",
            note="silent; every user counts as active in this month's bill",
        ),
        Route(
            "api",
            "user",
            _UPDATE,
            _user_update,
            takes=lambda operation: _updates(pool, operation),
            width=WIDTH,
            lane="user",
        ),
        Route("api", "user", _DELETE, _counts("UserUpdate"), width=WIDTH, lane="user"),
        _api("group_member", _PAIR, "UserResourceUpdate"),
        Route("api", "link", _PAIR, _counts("UserUpdate", "UserRead", mau=True), note="reads the user first"),
    )


def _import_job(pool: Pool) -> Route:
    return Route(
        "import_job",
        "user",
        _CREATE,
        _import_cost,
        worth=ONLY_ASKED_FOR,
        takes=lambda operation: import_rows.refusal(pool, operation),
        items=IMPORT_ROWS,
        weight=IMPORT_BYTES,
        weigh=import_rows.length,
        lane="import",
        width=1,
        delivery="job",
        forces={"status": "RESET_REQUIRED", CREDENTIAL: "reset"},
        note="silent; nobody counts as active; everybody has to reset their password before they sign in again",
        method="job",
    )


def _import_cost(shape: Shape) -> Cost:
    """A job: its header, its start, a few looks at it, its log."""
    jobs = -(-shape.count // IMPORT_ROWS)
    return Cost({"UserPoolResourceRead": 4.0 * jobs, "UserPoolResourceUpdate": 2.0 * jobs, "LogEvents": 2.0 * jobs})


def _api(kind: Kind, verbs: frozenset[Verb], quota: str) -> Route:
    return Route("api", kind, verbs, _counts(quota), width=WIDTH)


def _counts(*names: str, mau: bool = False) -> "_Counted":
    return _Counted(names, mau)


class _Counted:
    """One call of each of some quotas an operation."""

    def __init__(self, names: tuple[str, ...], mau: bool) -> None:
        self._names = names
        self._mau = mau

    def __call__(self, shape: Shape) -> Cost:
        return Cost(dict.fromkeys(self._names, float(shape.count)), billed={"MAU": 1} if self._mau else {})


def _user_create(shape: Shape) -> Cost:
    """With a password for everybody: a class of creates does not say who gets one, nor who is disabled."""
    return Cost(dict.fromkeys(("UserCreation", "UserAccountRecovery"), float(shape.count)), billed={"MAU": 1})


def _user_update(shape: Shape) -> Cost:
    """One call for attributes, one for the enabled flag, one for the password; clearing attributes is one more."""
    attributes = bool(shape.fields - {"enabled", CREDENTIAL})
    calls = {"UserUpdate": float(shape.count * (attributes + ("enabled" in shape.fields)))}
    if CREDENTIAL in shape.fields:
        calls["UserAccountRecovery"] = float(shape.count)
    return Cost({name: count for name, count in calls.items() if count}, billed={"MAU": 1})


def _declares(operation: Operation) -> str | None:
    change = operation.changes.get("name")
    prefix, _, name = str(change.value).partition(":") if isinstance(change, Put) else ("", "", "")
    if prefix != "custom" or not name:
        return "a custom attribute is called custom:NAME"
    return f"a custom attribute has at most {NAME_LENGTH} characters in its name" if len(name) > NAME_LENGTH else None


def _creates(pool: Pool, operation: Operation) -> str | None:
    names = pool.username_attributes or ("username",)
    if any(isinstance(operation.changes.get(name), Put) for name in names):
        return None
    return f"a user of this pool needs {' or '.join(names)}"


def _updates(pool: Pool, operation: Operation) -> str | None:
    """A change that the pool would first ask the person about, by a message, is refused: it says 200 and waits."""
    for path in sorted(pool.verifies_changes & operation.changes.keys()):
        flag = operation.changes.get(f"{path}_verified")
        if isinstance(operation.changes[path], Put) and not (isinstance(flag, Put) and flag.value is True):
            return f"the pool would send a message to verify {path}: it changes silently only together with its flag"
    return None
