"""Dates of a live pool: the SDK gives them as aware datetimes."""

from datetime import UTC, datetime


def in_utc(moment: datetime) -> str:
    """RFC 3339 text in UTC, with microseconds only where there are some."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
