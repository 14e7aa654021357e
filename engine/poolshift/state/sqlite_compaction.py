"""When a state file is written anew: once free and half-empty pages are more than a tenth of it."""

from typing import Final, Protocol

from poolshift.state.sqlite_schema import PAGE_BYTES

_SAMPLE: Final = 1_000
_ROW_OVERHEAD: Final = 8
_SLACK_PAGES: Final = 64
_FILL: Final = 0.9

_CONTENT: Final = (
    "SELECT coalesce(sum(length(address) + length(base) + ?), 0) FROM shared",
    "SELECT coalesce(sum(2 * length(address) + length(message) + length(code) + 48 + ?), 0) FROM failures",
    "SELECT coalesce(sum(length(route) + length(label) + length(counts) + 48 + ?), 0) FROM windows",
    "SELECT coalesce(sum(length(address) + length(body) + ?), 0) FROM intents",
    "SELECT coalesce(sum(length(plan) + length(address) + ?), 0) FROM finished",
    "SELECT coalesce(sum(length(report) + 96 + ?), 0) FROM runs",
)


class Asked(Protocol):
    """A connection to the file."""

    def one(self, sql: str, *values: object) -> tuple[float, ...]: ...


def is_wasteful(connection: Asked) -> bool:
    """Whether the file is much larger than its rows need."""
    (pages,) = connection.one("PRAGMA page_count")
    return pages * PAGE_BYTES * _FILL > _content_bytes(connection) + _SLACK_PAGES * PAGE_BYTES


def _content_bytes(connection: Asked) -> float:
    """What the rows need. People are measured on a sample: their keys are hashes, so the first ones will do."""
    sample = f"SELECT length(id) + length(base) AS bytes FROM people LIMIT {_SAMPLE}"
    (average,) = connection.one(f"SELECT coalesce(avg(bytes), 0) FROM ({sample})")
    (people,) = connection.one("SELECT count(*) FROM people")
    content = people * (average + _ROW_OVERHEAD)
    for sql in _CONTENT:
        content += connection.one(sql, _ROW_OVERHEAD)[0]
    return float(content)
