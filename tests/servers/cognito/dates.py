"""Dates as exports write them: epoch seconds, text with or without an offset, datetimes."""

from datetime import UTC, datetime


def parsed(value: float | str | datetime) -> datetime:
    """Aware; a date without an offset is UTC."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    date = datetime.fromisoformat(value) if isinstance(value, str) else value
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def seconds(date: datetime) -> float:
    """Epoch seconds; moto's own dates carry no zone and mean UTC."""
    return parsed(date).timestamp()
