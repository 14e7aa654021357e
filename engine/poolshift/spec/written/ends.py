"""``source`` and ``destination``. Their settings are judged by the provider's own model."""

from typing import Any

from pydantic import Field

from poolshift.spec.written.base import Amount, Rate, Text, Written


class WrittenRange(Written):
    """``{min, max}`` of amounts."""

    min: Amount | None = None
    max: Amount | None = None


class WrittenEnd(Written):
    """What both ends have."""

    provider: Text = Field(description="The name of an installed provider.")
    settings: dict[str, Any] = Field(description="The provider's own settings.")
    rates: dict[str, Rate] = Field(default={}, description="Calls by quota; half of a shared quota where absent.")


class WrittenSource(WrittenEnd):
    expect: dict[str, WrittenRange] = Field(
        default={}, description="How many records a complete reading has, by kind; outside nothing destructive is done."
    )


class WrittenDestination(WrittenEnd):
    pass
