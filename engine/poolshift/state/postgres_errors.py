"""What an error of PostgreSQL means to a user. Messages of the server are not repeated: they may hold values."""

from typing import Final

from psycopg import Error, OperationalError, errors

from poolshift.diagnostics import Place
from poolshift.errors import PoolshiftError, StateUnusable

_DENIED: Final = (errors.InvalidPassword, errors.InvalidAuthorizationSpecification, errors.InvalidCatalogName)
_UNWRITABLE: Final = (errors.InsufficientPrivilege, errors.ReadOnlySqlTransaction)
_FULL: Final = (errors.DiskFull, errors.OutOfMemory)


def meaning(error: Error, place: str) -> PoolshiftError:
    """StateUnusable: 11 with a STATE_ code."""
    name = f"{type(error).__name__} {error.sqlstate}" if error.sqlstate else type(error).__name__
    where = Place(place)
    if isinstance(error, _DENIED) or _is_refused_login(error):
        summary = f"the database or the user of state.settings.url is refused ({name})"
        return StateUnusable.of("STATE_DENIED", summary, "Check the variable that the url comes from.", where)
    if isinstance(error, _UNWRITABLE):
        summary = f"cannot be written ({name})"
        remedy = "The user needs CREATE on the database, or a schema of its own; the server must be the primary."
        return StateUnusable.of("STATE_UNWRITABLE", summary, remedy, where)
    if isinstance(error, _FULL):
        summary = f"the server has no room; nothing was half written ({name})"
        return StateUnusable.of("STATE_FULL", summary, "Give it room and run again.", where)
    if isinstance(error, OperationalError):
        summary = f"the PostgreSQL server does not answer ({name})"
        remedy = "Run the same command again once it does: what was under way is settled first."
        return StateUnusable.of("STATE_DOWN", summary, remedy, where)
    summary = f"cannot be read as a state of poolshift ({name})"
    return StateUnusable.of("STATE_DAMAGED", summary, "Restore it from a backup.", where)


def _is_refused_login(error: Error) -> bool:
    """While connecting, libpq gives words instead of a code; the words are the server's own and looked at only."""
    words = str(error) if isinstance(error, OperationalError) and error.sqlstate is None else ""
    return any(part in words for part in ("authentication failed", "no pg_hba.conf entry", "does not exist"))
