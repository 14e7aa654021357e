"""What an end can hold and how it is written: data, read by plan, validate, doctor and docs.

No engine code asks for a vendor's name; it asks these.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal

from poolshift.identity.finding import Finding
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path, Value
from poolshift.provider.verb import Verb

if TYPE_CHECKING:
    from poolshift.provider.operation import Operation


def same(value: Value) -> Value:
    return value


def lower(value: Value) -> Value:
    """The canonical form of a text the end keeps, or compares, in lower case."""
    return value.lower() if isinstance(value, str) else value


def nothing(_values: Mapping[Path, Value]) -> Iterable[Finding]:
    return ()


def always(_values: Mapping[Path, Value]) -> bool:
    return True


def nothing_more(_values: Mapping[Path, Value]) -> Mapping[Path, Value]:
    return {}


def anything(_operation: "Operation") -> str | None:
    return None


def one(_operation: "Operation") -> int:
    return 1


def any_group(_operation: "Operation") -> Hashable:
    return None


class Level(Enum):
    """How far a vendor supports a thing."""

    FULL = "full"
    PARTIAL = "partial"
    BY_DESIGN_IMPOSSIBLE = "by design impossible"
    NOT_IMPLEMENTED = "not implemented"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Support:
    """A level with its reason; `assumed` evidence makes apply read canary rows back."""

    level: Level
    note: str = ""
    evidence: Literal["live", "documented", "assumed"] = "documented"


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field, or an open map when its path ends in ``.*``.

    roles: neutral meanings: login email phone username enabled source_id owner created organization credential.
        A credential field has the value "reset" where people can set a password of their own by the destination's
        own forgotten-password flow, and none while they cannot; the engine asks for it where the spec says `reset`.
    verified_by: the path of the flag that says this field is verified.
    only_with: of a flag that cannot be true without the value at this path: desired without it, it is false, and as
        unknown as the value is.
    ref: the kind this field names; references ARE the order of kinds and records.
    read: `never` means the actual value is unknown and base decides; `per_record` is looked up where it decides.
    billed: the unit one person's reading of it adds to the end's bill ("MAU"); None = reading it is free.
    companions: paths that are sent along when this one is (email -> email_verified).
    canonical: pure and idempotent, made for this tenant (case folding, default region).
    on_ascii: what `canonical` does to ASCII text, where it is that simple: the engine then does it without a call.
    """

    type: Literal["text", "bool", "number", "time", "json", "set", "ref"]
    roles: frozenset[str] = frozenset()
    verified_by: Path | None = None
    only_with: Path | None = None
    ref: Kind | None = None
    tier: Literal["secret", "pii", "plain"] = "pii"
    required: bool = False
    pattern: str | None = None
    max_length: int | None = None
    write: Literal["always", "create", "never"] = "always"
    clearable: bool = True
    read: Literal["listed", "per_record", "never"] = "listed"
    billed: str | None = None
    companions: frozenset[Path] = frozenset()
    canonical: Callable[[Value], Value] = same
    on_ascii: Literal["same", "lower"] | None = None
    max_keys: int | None = None
    max_bytes: int | None = None
    reserved: frozenset[str] = frozenset()


ID: Final = "id"
"""The key path under which an end is asked for a record by its own id."""


@dataclass(frozen=True, slots=True)
class Key:
    """A path a record can be looked up by, ``at_once`` values a call; lag = seconds an "absent" may be false."""

    path: Path
    at_once: int = 1
    lag: float = 0.0


@dataclass(frozen=True, slots=True)
class Reading:
    how: Literal["list", "per_parent", "per_record", "job", "never"]
    lag: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class KindSchema:
    """One kind at one end.

    keys: best first. Of a shared kind (attribute, organization, role, group) the first one is its natural name,
        the part that stands in addresses.
    unique: (fields, scope word); collisions are found in the plan.
    any_of: at least one field of each set must have a value.
    at_most: (references, number), e.g. ({"user"}, 5) links a user; who would have more is held.
    check: what the rest cannot say; pure, microseconds; returned findings carry an empty address.
    arrives: with_parent = only in the call that creates its person, and gone only with the person: later, it is held.
    adoptable: whether a record that is there may become a person's; one that may not is only ever in the way.
    implied: what a record that has these values reads as besides, though nobody sent it; pure, microseconds.
    """

    title: str
    fields: Mapping[Path, FieldSchema]
    reading: Reading
    keys: tuple[Key, ...]
    verbs: Mapping[Verb, Support]
    arrives: Literal["own_call", "either", "with_parent", "never"] = "own_call"
    unique: tuple[tuple[frozenset[Path], str], ...] = ()
    any_of: tuple[frozenset[Path], ...] = ()
    at_most: tuple[tuple[frozenset[Path], int], ...] = ()
    scopes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    delete_is: Literal["hard", "soft", "disable"] = "hard"
    check: Callable[[Mapping[Path, Value]], Iterable[Finding]] = nothing
    adoptable: Callable[[Mapping[Path, Value]], bool] = always
    implied: Callable[[Mapping[Path, Value]], Mapping[Path, Value]] = nothing_more

    def field_at(self, path: Path) -> FieldSchema | None:
        """The schema of ``path``: its own, else the open map it lies in (``custom.*`` holds custom:x), else None."""
        if (own := self.fields.get(path)) is not None:
            return own
        end = max(path.rfind("."), path.rfind(":"))
        while end > 0:
            if (open_map := self.fields.get(f"{path[:end]}.*")) is not None:
                return open_map
            end = max(path.rfind(".", 0, end), path.rfind(":", 0, end))
        return None

    def reads_back(self, verb: Verb) -> bool:
        """Whether a lookup by id shows what such a write did."""
        return any(key.path == ID for key in self.keys) and (verb != "delete" or self.delete_is == "hard")

    def name_of(self, record: Record) -> tuple[str, ...]:
        """The parts of a shared record's address: its natural name, with its scope in front for a role."""
        own = str(record.values.get(self.keys[0].path, record.id))
        if record.kind == "role":
            return str(record.values.get("scope") or ""), own
        return (own,)

    def with_role(self, role: str) -> tuple[Path, ...]:
        """Paths of the fields that have a neutral meaning, in declared order."""
        return tuple(path for path, schema in self.fields.items() if role in schema.roles)


@dataclass(frozen=True, slots=True)
class Quota:
    """Nested windows ``((calls, seconds), …)``; the engine takes half of one shared with live sign-ins."""

    name: str
    windows: tuple[tuple[float, float], ...]
    per: Literal["account", "tenant", "ip", "record"] = "tenant"
    shared: bool = True
    penalty: float = 0.0


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls by quota name, messages sent to people, billed units such as ``{"MAU": 1}``."""

    calls: Mapping[str, float]
    messages: int = 0
    billed: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shape:
    """A change class, as the estimate sees it."""

    kind: Kind
    verb: Verb
    fields: frozenset[Path]
    children: frozenset[Kind]
    count: int


@dataclass(frozen=True, slots=True)
class Route:
    """ONE way to write: printed in the plan, pinned by the spec's `method`.

    method: which word of the spec's ``users.method`` pins it.
    worth: preferred from this many operations.
    takes: None = yes, else why not.
    carries: child creates folded into this create.
    items, weight, weigh: bounds of a batch; group: only equal keys share one.
    document: refs naming the vendor document these records live in: all its operations go in one batch.
    whole: one bad row fails all (the engine bisects); lane and width: batches of one lane in flight.
    forces: what is read afterwards whatever was sent.
    """

    name: str
    kind: Kind
    verbs: frozenset[Verb]
    cost: Callable[[Shape], Cost]
    worth: int = 1
    takes: "Callable[[Operation], str | None]" = anything
    carries: frozenset[Kind] = frozenset()
    items: int = 1
    weight: int = 0
    weigh: "Callable[[Operation], int]" = one
    group: "Callable[[Operation], Hashable]" = any_group
    document: tuple[Path, ...] = ()
    whole: bool = False
    lane: str = ""
    width: int = 8
    delivery: Literal["now", "job", "person"] = "now"
    needs_current: bool = False
    chosen_id: bool = False
    forces: Mapping[Path, Value] = field(default_factory=dict)
    note: str = ""
    method: Literal["api", "job", "file"] = "api"


@dataclass(frozen=True, slots=True)
class Schema:
    """One class for both ends: ``documented()`` offline, ``schema()`` for this very tenant.

    facts: settings of the tenant, by neutral name; one that is not given is not known, and nothing is found about it.
        case_sensitive: whether sign-in names that differ in case are two names.
        demands_factor: whether nobody signs in without a second factor.
        password_policy: {length: 12, digit: true, lower: true, symbol: false, upper: true, history: 0}.
        resets_passwords: false where its own forgotten-password flow is switched off.
        role_by_precedence: a person acts by the role of their group with the lowest precedence.
        sends_messages: false where the end cannot send mails of its own.
    """

    kinds: Mapping[Kind, KindSchema]
    absent: Mapping[Kind, Support] = field(default_factory=dict)
    routes: tuple[Route, ...] = ()
    quotas: tuple[Quota, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def with_markers(schema: Schema, source_id: Path | None, owner: Path | None) -> Schema:
    """The schema with the roles source_id and owner on the user fields a spec chose for them; None = as it is."""
    users = schema.kinds.get("user")
    if users is None:
        return schema
    fields = dict(users.fields)
    for role, chosen in (("source_id", source_id), ("owner", owner)):
        own = users.field_at(chosen) if chosen is not None else None
        if chosen is None or own is None:
            continue
        fields = {path: replace(other, roles=other.roles - {role}) for path, other in fields.items()}
        own = fields.get(chosen, own)
        fields[chosen] = replace(own, roles=own.roles | {role})
    return replace(schema, kinds={**schema.kinds, "user": replace(users, fields=fields)})
