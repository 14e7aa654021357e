"""The whole document, and its parts ``vars`` and ``tables``."""

import re
from typing import Annotated, Any, Final, Literal

from pydantic import Field, WithJsonSchema

from poolshift.spec.model import CheckLevel
from poolshift.spec.written.base import ShortForm, Text, Written, judged
from poolshift.spec.written.ends import WrittenDestination, WrittenSource
from poolshift.spec.written.phases import WrittenPhase
from poolshift.spec.written.rules import WrittenJustInTime, WrittenLimits, WrittenPolicy, WrittenState
from poolshift.spec.written.sharing import WrittenAttributes, WrittenGroupRule, WrittenLink, WrittenOrganizations
from poolshift.spec.written.users import WrittenUsers

_NAME: Final = re.compile("[a-z][a-z0-9-]{0,62}")


def _migration(value: Any) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("a migration's name is made of a-z, 0-9 and -, begins with a letter, and has 63 at most")
    return value


Migration = Annotated[
    str, judged(_migration, "SPEC_NAME"), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
]


class WrittenVariable(Written):
    """``vars.<name>``."""

    default: str | None = None
    allowed: list[str] | None = None
    pattern: str | None = None


class WrittenTable(Written):
    """``tables.<name>``: a CSV beside the spec, and the column its rows are found by."""

    file: Text
    key: Text


class WrittenSpec(Written):
    """A spec, version 1."""

    version: Literal[1]
    migration: Migration = Field(description="The migration's name, which is also its owner marker in the destination.")
    vars: dict[str, WrittenVariable] = Field(default={})
    source: WrittenSource
    destination: WrittenDestination
    tables: dict[str, WrittenTable] = Field(default={})
    users: WrittenUsers
    attributes: WrittenAttributes = WrittenAttributes()
    organizations: WrittenOrganizations | None = None
    groups: list[WrittenGroupRule] | None = Field(default=None, description="Ordered; the first match wins.")
    links: dict[str, Annotated[WrittenLink, ShortForm({"type": "string", "minLength": 1})]] = Field(default={})
    just_in_time: WrittenJustInTime | None = None
    policy: WrittenPolicy = WrittenPolicy()
    limits: WrittenLimits = WrittenLimits()
    checks: dict[str, CheckLevel] = Field(default={})
    state: WrittenState = WrittenState()
    phases: list[WrittenPhase] = Field(default=[])
