"""Directories with one deliberate fault each, law by law: what the kit has to see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from poolshift.provider.operation import Failure
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Reader, Writer
from poolshift_providers.directory.provider import Directory
from tests.testing.broken_readers import (
    BrokenReader,
    FindsNobody,
    HiddenInLists,
    LagsBehind,
    Miscounts,
    PagesByPosition,
)
from tests.testing.broken_schemas import (
    a_false_rule,
    carries_too_much,
    dear,
    forces_nothing,
    members_with_people,
    not_clearable,
    not_idempotent,
    only_assumed,
    undocumented,
    unsteady,
    with_a_job_for_nobody,
    with_choosy_people,
    with_job,
    with_people,
    with_rows,
)
from tests.testing.broken_writers import (
    ByJob,
    EchoesAnother,
    Erases,
    ForgetsTheFlag,
    GivesUpAfterARow,
    Hooked,
    HookedBadly,
    HookedInPython,
    InRows,
    KeepsTheDeleted,
    Logs,
    LosesMembers,
    MishearsChildren,
    NeverEmpties,
    NeverLost,
    RefusesASecondDelete,
    Remembers,
    SpendsElsewhere,
    Swallows,
    TakesNobodyDisabled,
    TellsTwice,
    WithPeople,
    WritesAPart,
    quoting,
)


class BrokenSchema(BrokenReader):
    """A reader whose schema is another."""

    def __init__(self, inner: Reader, change: Callable[[Schema], Schema]) -> None:
        super().__init__(inner)
        self.change = change

    def schema(self) -> Schema:
        return self.change(self.inner.schema())


@dataclass
class Broken(Directory):
    """The directory with a fault. schema: of the tenant, and documented too unless ``hidden``."""

    reads: Callable[[Reader], Reader] | None = None
    writes: Callable[[Writer, Calls], Writer] | None = None
    schema: Callable[[Schema], Schema] | None = None
    hidden: bool = False
    refuses: Callable[[int, bytes, Mapping[str, str]], Failure] | None = None

    def documented(self, settings: Any) -> Schema:
        own = super().documented(settings)
        return self.schema(own) if self.schema is not None and not self.hidden else own

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
        return (self.refuses or super().failure)(status, body, headers)

    def reader(self, settings: Any, calls: Calls) -> Reader:
        own = super().reader(settings, calls)
        own = BrokenSchema(own, self.schema) if self.schema is not None else own
        return self.reads(own) if self.reads is not None else own

    def writer(self, settings: Any, calls: Calls, schema: Schema) -> Writer:
        own = super().writer(settings, calls, schema)
        return self.writes(own, calls) if self.writes is not None else own


FAULTS: Mapping[int, Broken] = {
    1: Broken(reads=HiddenInLists),
    2: Broken(writes=Erases),
    3: Broken(writes=RefusesASecondDelete),
    4: Broken(writes=Remembers),
    5: Broken(writes=Swallows),
    6: Broken(writes=TellsTwice),
    7: Broken(writes=WritesAPart),
    8: Broken(writes=GivesUpAfterARow, schema=with_rows),
    9: Broken(schema=a_false_rule),
    10: Broken(schema=not_idempotent),
    11: Broken(reads=Miscounts),
    12: Broken(reads=FindsNobody),
    13: Broken(schema=dear),
    14: Broken(writes=SpendsElsewhere),
    15: Broken(schema=unsteady),
    16: Broken(writes=NeverLost, schema=with_job),
    17: Broken(schema=carries_too_much),
    18: Broken(schema=forces_nothing),
    19: Broken(writes=EchoesAnother),
    20: Broken(writes=ForgetsTheFlag),
    21: Broken(writes=KeepsTheDeleted),
    22: Broken(refuses=quoting),
    23: Broken(writes=Logs),
    24: Broken(writes=Hooked),
    25: Broken(schema=undocumented, hidden=True),
}
LATE: Mapping[str, tuple[Broken, Broken]] = {
    "cleared": (Broken(writes=NeverEmpties), Broken(writes=NeverEmpties, schema=not_clearable)),
    "refused by a route": (
        Broken(writes=TakesNobodyDisabled, schema=with_people),
        Broken(writes=TakesNobodyDisabled, schema=with_choosy_people),
    ),
}
"""Law 9, what only an apply shows: a rule nobody states, and the same where the schema states it."""
WHOLE: Mapping[int, Broken] = {
    8: Broken(writes=InRows, schema=with_rows),
    16: Broken(writes=ByJob, schema=with_job),
}
"""The same without the fault, for laws that do not apply to the directory as it is."""

SEEN: Mapping[str, tuple[int, Broken]] = {
    "pages by position": (11, Broken(reads=PagesByPosition)),
    "an index that is behind": (12, Broken(reads=LagsBehind)),
    "a child that is misheard": (17, Broken(writes=MishearsChildren)),
    "a hook of broken JSON": (24, Broken(writes=HookedBadly)),
    "a hook of broken Python": (24, Broken(writes=HookedInPython)),
}
"""Second faults of a law, with its number."""

UNTRIED = Broken(schema=only_assumed)
"""Law 25, of what is assumed and cannot be tried."""

FOR_NOBODY = Broken(writes=ByJob, schema=with_a_job_for_nobody)
WITH_PEOPLE = Broken(writes=WithPeople, schema=members_with_people)
LOSES_MEMBERS = Broken(writes=LosesMembers, schema=members_with_people)
