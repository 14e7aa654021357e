"""What an import job says of each row: in a log of another service, by line number, and with nobody's name."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from poolshift.provider.operation import Code, Failed, Failure
from poolshift.provider.session import Calls
from poolshift_providers.cognito.pool import Pool

SERVICE: Final = "logs"
QUOTA: Final = "LogEvents"
_LINE: Final = re.compile(r"\[(SUCCEEDED|SKIPPED|FAILED)\] Line Number (\d+) - (.*)", re.DOTALL)
_VERIFIED: Final = "auto verified"
_FIRST: Final = frozenset({0, 1, 2})
"""Whether the header is a line, and the first one zero or one, is not documented."""


def group_of(pool: Pool) -> str:
    return f"/aws/cognito/userpools/{pool.id}/{pool.name}"


class ImportLog:
    """The stream of one job."""

    def __init__(self, calls: Calls, pool: Pool, job: Mapping[str, Any]) -> None:
        self._calls = calls
        self._stream = {"logGroupName": group_of(pool), "logStreamName": f"{job['JobId']}/{job['JobName']}"}

    def lines(self) -> dict[int, tuple[str, str]]:
        """Line number -> (SUCCEEDED, SKIPPED or FAILED, the reason). Empty where there is no such stream yet."""
        found: dict[int, tuple[str, str]] = {}
        token: str | None = None
        while True:
            try:
                page = self._page(token)
            except Failed as error:
                if error.failure.code is not Code.GONE:
                    raise
                return {}
            for event in page.get("events", ()):
                if line := _LINE.fullmatch(str(event.get("message", "")).strip()):
                    found[int(line[2])] = line[1], line[3]
            # The end of a stream answers with the token it was asked with.
            following = page.get("nextForwardToken")
            if following is None or following == token:
                return found
            token = following

    def _page(self, token: str | None) -> Mapping[str, Any]:
        members: dict[str, Any] = {**self._stream, "startFromHead": True}
        if token is not None:
            members["nextToken"] = token
        return self._calls.aws("GetLogEvents", service=SERVICE, quota=QUOTA, writes=False, **members)


def by_row(lines: Mapping[int, tuple[str, str]], rows: int) -> Sequence[Failure | None] | None:
    """A row's failure, or None where it is there, in the order of the rows.

    None altogether where some row has no line: which number the first row has can only be told from all of them.
    """
    first = min(lines, default=-1)
    if len(lines) != rows or first not in _FIRST or max(lines) != first + rows - 1:
        return None
    return [_failure(*lines[first + row]) for row in range(rows)]


def _failure(result: str, reason: str) -> Failure | None:
    """The reason itself is not passed on: nobody promises that it never quotes a value."""
    if result == "SUCCEEDED":
        return None
    if result == "SKIPPED":
        return Failure(Code.EXISTS, "the import job found a user of this name")
    if _VERIFIED in reason.lower():
        return Failure(Code.INVALID, "the import job found no attribute verified that the pool verifies by itself")
    return Failure(Code.INVALID, "the import job refused the row: see its line in the log of the job")
