"""The spec as it is written, after short forms became mappings: what pydantic judges and the JSON Schema is made of.

Only types, keys and single values are judged here; whatever needs a second place of the spec, a provider or a table
is checked by the noun it belongs to.
"""

from poolshift.spec.written.base import Written
from poolshift.spec.written.document import WrittenSpec, WrittenTable, WrittenVariable
from poolshift.spec.written.ends import WrittenDestination, WrittenEnd, WrittenRange, WrittenSource
from poolshift.spec.written.phases import WrittenMessages, WrittenPhase, WrittenSelect, WrittenUntil
from poolshift.spec.written.rules import WrittenJustInTime, WrittenLimits, WrittenPolicy, WrittenState
from poolshift.spec.written.sharing import (
    WrittenAttribute,
    WrittenAttributes,
    WrittenGroupRule,
    WrittenLink,
    WrittenOrganization,
    WrittenOrganizations,
)
from poolshift.spec.written.users import WrittenField, WrittenOrigin, WrittenUsers

__all__ = [
    "Written",
    "WrittenAttribute",
    "WrittenAttributes",
    "WrittenDestination",
    "WrittenEnd",
    "WrittenField",
    "WrittenGroupRule",
    "WrittenJustInTime",
    "WrittenLimits",
    "WrittenLink",
    "WrittenMessages",
    "WrittenOrganization",
    "WrittenOrganizations",
    "WrittenOrigin",
    "WrittenPhase",
    "WrittenPolicy",
    "WrittenRange",
    "WrittenSelect",
    "WrittenSource",
    "WrittenSpec",
    "WrittenState",
    "WrittenTable",
    "WrittenUntil",
    "WrittenUsers",
    "WrittenVariable",
]
