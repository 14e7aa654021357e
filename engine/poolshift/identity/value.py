"""Three-valued values: a JSON value, absent, unknown."""

from enum import Enum
from typing import Any, Final

Path = str
"""A destination field's path as the vendor spells it: ``email``, ``attributes.plan``."""

Value = Any
"""A JSON value. None means "explicitly empty" and is a value; absence is the missing key, or ABSENT."""


class Mark(Enum):
    """What a field can be beside a value."""

    ABSENT = "absent"
    UNKNOWN = "unknown"


ABSENT: Final = Mark.ABSENT
UNKNOWN: Final = Mark.UNKNOWN
"""Could not be read or mapped. Yields `hold`, never a write, and is never evidence of absence."""
