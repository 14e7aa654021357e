"""One line of a plan.

Nobody changes a line. The classes are not frozen because a frozen one takes three times as long to make.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.verb import Verb
from poolshift.state.base import ABSENT_FP, Base, Pair

Action = Literal[
    "create",
    "adopt",
    "update",
    "add",
    "remove",
    "enable",
    "disable",
    "delete",
    "await",
    "hold",
    "conflict",
    "noop",
    "retain",
    "release",
    "forget",
    "message",
]

WRITES: Final[frozenset[Action]] = frozenset(
    {"create", "adopt", "update", "add", "remove", "enable", "disable", "delete", "message"}
)
"""Actions that are changes. hold, await, retain are no changes; neither is a noop, with or without `records`."""

VERB_OF: Final[Mapping[str, Verb]] = {
    "create": "create",
    "add": "create",
    "message": "create",
    "update": "update",
    "enable": "update",
    "disable": "update",
    "adopt": "update",
    "remove": "delete",
    "delete": "delete",
}
"""What a provider is asked for, by action."""

FieldVerdict = Literal["set", "clear", "keep", "rebase", "release", "conflict", "hold", "report"]


@dataclass(slots=True)
class FieldDecision:
    """One field: the rule of tables F and M that decided it, and the keyed fingerprints it was decided on.

    verdict: set and clear are writes; rebase records (desired, actual) as the new pair; release drops the pair.
    """

    path: Path
    rule: str
    mode: str
    verdict: FieldVerdict
    desired: bytes = ABSENT_FP
    actual: bytes = ABSENT_FP
    code: str = ""


@dataclass(slots=True)
class Effect:
    """What applying a change needs and no artefact may hold: values, references, the base row afterwards.

    values: path -> value to send (None = clear). refs: name -> address of the record referred to.
    ref_ids: name -> destination id where it is already known.
    base: the person's base row once every written path has landed (pairs of unwritten paths decided already);
        None for shared kinds and elements. drop: forget the base row.
    shown: path -> (actual, desired) values, for masked samples and `explain`.
    """

    values: Mapping[Path, Value] = field(default_factory=dict)
    refs: Mapping[Path, str] = field(default_factory=dict)
    ref_ids: Mapping[Path, str] = field(default_factory=dict)
    base: Base | None = None
    drop: bool = False
    shown: Mapping[Path, tuple[Value, Value]] = field(default_factory=dict)


@dataclass(slots=True)
class Change:
    """An address, what is to happen, and the rule that says so.

    records: a noop, forget or release that only writes state with the next apply.
    desired, actual: record fingerprints: the precondition `apply` compares with a fresh plan.
    code: a finding's code where the verdict comes from one; partner: the other address it is about.
    dangers: limits it counts against, e.g. {"login_change"}. person: source id, "" for shared kinds.
    candidates: destination ids of the records a person has to choose between.
    """

    address: str
    kind: Kind
    action: Action
    rule: str
    person: str = ""
    destination_id: str | None = None
    fields: tuple[FieldDecision, ...] = ()
    desired: bytes = ABSENT_FP
    actual: bytes = ABSENT_FP
    records: bool = False
    code: str = ""
    partner: str = ""
    candidates: tuple[str, ...] = ()
    dangers: frozenset[str] = frozenset()
    effect: Effect = field(default_factory=Effect)


__all__ = ["VERB_OF", "WRITES", "Action", "Change", "Effect", "FieldDecision", "FieldVerdict", "Pair"]
