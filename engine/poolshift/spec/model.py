"""The normalised spec: what the rest of the engine sees after short forms, variables and tables are resolved.

Every amount, duration, rate and time is parsed; ``${…}`` is filled; expressions are still text and are compiled by
``mapping``. All models are frozen.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from poolshift.diagnostics import Diagnostic, Place

Mode = Literal["authority", "enforce", "seed", "observe", "write_once", "write_only", "merge_set"]
Status = str
CheckLevel = Literal["error", "warn", "ignore", "skip"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Amount(_Model):
    """A number, or a percentage of existing records (percent = 1.0 means 1 %)."""

    number: int | None = None
    percent: float | None = None


class Range(_Model):
    min: Amount | None = None
    max: Amount | None = None


class Rate(_Model):
    """`calls` per `seconds`: 25/s = (25, 1), 500/h = (500, 3600)."""

    calls: float
    seconds: float


class End(_Model):
    """`settings` is the provider's own model, validated."""

    provider: str
    settings: Any
    rates: Mapping[str, Rate] = {}
    expect: Mapping[str, Range] = {}


class Table(_Model):
    """A CSV, read whole: rows by key. ``digest`` = sha256 of the file; it goes into the plan."""

    file: str
    key: str
    rows: Mapping[str, Mapping[str, str]]
    digest: str


class Field(_Model):
    """One destination field. Exactly one of `source` (a source attribute's raw name) and `value`.

    value: a constant, or a text with ``{{ }}`` (is_template). `condition` is a bare expression.
    """

    path: str
    source: str | None = None
    value: Any = None
    is_template: bool = False
    condition: str | None = None
    default: Any = None
    has_default: bool = False
    values: Mapping[str, Any] | None = None
    format: Literal["email", "e164", "lower", "upper", "trim", "bool", "number", "date", "list", "json"] | None = None
    region: str | None = None
    mode: Mode = "authority"
    place: Place


class Users(_Model):
    """`fields` holds `copy`, `login` and `fields` merged, in the order copy, fields; source_id is not in it."""

    condition: str | None = None
    login: tuple[str, ...] = ("email",)
    source_id: str | None = None  # None = `none`
    match: tuple[str, ...] = ("source_id", "verified_email")
    fields: tuple[Field, ...] = ()
    statuses: Mapping[Status, Literal["import", "reset", "skip", "fail"]] = {}
    disabled: Literal["keep", "skip", "fail"] = "keep"
    duplicates: Literal["fail", "skip", "merge"] = "fail"
    passwords: Literal["just_in_time", "reset", "temporary", "none"] = "reset"
    factors: Mapping[str, Literal["copy", "re_enroll", "skip"]] = {"*": "re_enroll"}
    create: Literal["auto", "now", "at_sign_in"] = "auto"
    method: Literal["auto", "api", "job", "file"] = "auto"


class Attribute(_Model):
    path: str
    type: Literal["string", "number", "boolean", "date"] = "string"
    max_length: int | None = None


class Attributes(_Model):
    """auto: declare whatever `users.fields` needs; none: declare nothing; listed: `items` too, whatever `mode`."""

    mode: Literal["auto", "none", "listed"] = "auto"
    items: tuple[Attribute, ...] = ()


class OrganizationItem(_Model):
    name: str | None = None
    domains: tuple[str, ...] = ()
    settings: Mapping[str, Any] = {}


class Organizations(_Model):
    """`source` (attribute) or `value` (constant or template), split by `split`; `missing`: fail, skip or a key."""

    source: str | None = None
    value: Any = None
    is_template: bool = False
    split: str | None = None
    name: str | None = None
    domains: str | None = None
    create: bool = True
    missing: str = "fail"
    settings: Mapping[str, Any] = {}
    items: Mapping[str, OrganizationItem] = {}
    place: Place


class GroupRule(_Model):
    """First match wins. `scope`: global, organization, or application:<id>."""

    match: str
    target: Literal["group", "role", "organization", "field", "skip"]
    name: str | None = None
    scope: str = "global"
    organization: str | None = None
    field: str | None = None
    privileged: bool = False
    create: bool = True
    place: Place


class Link(_Model):
    provider: str
    to: str
    mode: Literal["create", "rebind", "skip"] = "create"
    trust_email: bool = False
    place: Place


class Policy(_Model):
    approval_slack: float = 1.05
    max_read_age: float = 6 * 3600.0
    existing_value: Literal["conflict", "source", "destination"] = "conflict"
    both_changed: Literal["conflict", "source", "destination"] = "conflict"
    source_gone: Literal["retain", "disable", "delete"] = "retain"
    destination_gone: Literal["hold", "recreate"] = "hold"
    late_change: Literal["hold", "follow"] = "hold"
    unmapped: Literal["release", "clear"] = "release"


class Limits(_Model):
    delete: Amount = Amount(number=0)
    disable: Amount = Amount(percent=1)
    update: Amount = Amount(percent=30)
    adopt: Amount = Amount(number=0)
    remove_membership: Amount = Amount(percent=1)
    login_change: Amount = Amount(number=0)
    privilege_grants: Amount = Amount(number=0)
    messages: Amount = Amount(number=0)
    percent_from: int = 10


class StateSettings(_Model):
    backend: Literal["sqlite", "postgres", "s3"] = "sqlite"
    settings: Mapping[str, Any] = {}


class Spec(_Model):
    """`not_yet`: keys that are valid and whose execution comes later; plan and apply refuse them (exit 65).

    digest: sha256 over the resolved document without secrets' values, so that the same spec has it everywhere.
    """

    file: str
    folder: str
    digest: str
    migration: str
    source: End
    destination: End
    tables: Mapping[str, Table] = {}
    users: Users
    attributes: Attributes = Attributes()
    organizations: Organizations | None = None
    groups: tuple[GroupRule, ...] | None = None  # None = not migrated
    links: Mapping[str, Link] = {}
    just_in_time: Mapping[str, Any] | None = None
    policy: Policy = Policy()
    limits: Limits = Limits()
    checks: Mapping[str, CheckLevel] = {}
    state: StateSettings = StateSettings()
    phases: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[Diagnostic, ...] = ()
    not_yet: tuple[Diagnostic, ...] = ()
