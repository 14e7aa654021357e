"""A source in memory: the people a law invents."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record, Ref
from poolshift.identity.value import Path, Value
from poolshift.provider.operation import Code, Failed, Failure
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Level, Reading, Schema, Support
from poolshift.provider.session import Calls, Complete, Found, Page, Reader, Want, Writer

NAME: Final = "kit_source"
_AS_OF: Final = 4_000_000_000.0
_NO: Final = Support(Level.BY_DESIGN_IMPOSSIBLE, "invented records are not written")
_VERBS: Final[Mapping[Literal["create", "update", "delete"], Support]] = {"create": _NO, "update": _NO, "delete": _NO}
_OWN: Final = {
    "sub": FieldSchema("text", roles=frozenset({"source_id"}), tier="plain", required=True),
    "username": FieldSchema("text", roles=frozenset({"username", "login"})),
    "email": FieldSchema("text", roles=frozenset({"email", "login"}), verified_by="email_verified"),
    "email_verified": FieldSchema("bool", tier="plain"),
    "phone_number": FieldSchema("text", roles=frozenset({"phone", "login"}), verified_by="phone_number_verified"),
    "phone_number_verified": FieldSchema("bool", tier="plain"),
    "status": FieldSchema("text", tier="plain"),
    "enabled": FieldSchema("bool", roles=frozenset({"enabled"}), tier="plain"),
    "created_at": FieldSchema("time", roles=frozenset({"created"}), tier="plain"),
    "updated_at": FieldSchema("time", tier="plain"),
    "organization": FieldSchema("text", tier="plain"),
    "groups": FieldSchema("set", tier="plain"),
    "identities": FieldSchema("json"),
}


@dataclass
class Person:
    """A person at the source. values: by the source's names."""

    id: str
    values: dict[str, Value]
    groups: set[str] = field(default_factory=set)
    links: set[tuple[str, str]] = field(default_factory=set)
    organization: str | None = None
    enabled: bool = True

    def record(self) -> Record:
        own = {
            **self.values,
            "sub": self.id,
            "status": "CONFIRMED",
            "enabled": self.enabled,
            "created_at": "2024-01-01T00:00:00Z",
            "updated_at": "2024-01-01T00:00:00Z",
            "groups": sorted(self.groups),
            "identities": [{"provider": name, "subject": subject} for name, subject in sorted(self.links)],
            "organization": self.organization,
        }
        return Record("user", self.id, {path: value for path, value in own.items() if value is not None})


class Settings(BaseModel):
    """None: the people are the law's."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Source:
    """Implements `Provider`. fields: what the people have beside what every source has, by the source's names."""

    name = NAME
    version = "1"
    contract = 1
    ends: frozenset[Literal["source", "destination"]] = frozenset({"source"})
    settings: type[BaseModel] = Settings

    def __init__(self, people: Sequence[Person], fields: Mapping[str, FieldSchema]) -> None:
        self.people = people
        self._fields = fields

    def documented(self, settings: Any) -> Schema:
        """Users, groups and memberships, all listed."""
        name = FieldSchema("text", tier="plain", required=True)
        member = {"user": FieldSchema("ref", ref="user"), "group": FieldSchema("ref", ref="group")}
        listed = Reading("list")
        return Schema({
            "user": KindSchema("user", {**_OWN, **self._fields}, listed, (Key("sub"),), _VERBS),
            "group": KindSchema("group", {"name": name}, listed, (Key("name"),), _VERBS),
            "group_member": KindSchema("group membership", member, listed, (), _VERBS),
        })  # fmt: skip

    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> Failure:
        return Failure(Code.UNMAPPED, f"memory has no answer with status {status}")

    def reader(self, settings: Any, calls: Calls) -> Reader:
        return _Memory(self)

    def writer(self, settings: Any, calls: Calls, schema: Schema) -> Writer:
        raise Failed(Failure(Code.UNSUPPORTED, "invented records are not written"))


class _Memory:
    def __init__(self, source: Source) -> None:
        self._source = source

    def fingerprint(self) -> Mapping[str, str]:
        return {"provider": NAME}

    def schema(self) -> Schema:
        return self._source.documented(None)

    def access(self) -> Mapping[str, bool | None]:
        return {}

    def read(self, want: Want) -> Iterator[Page]:
        people = self._source.people
        names = sorted({group for person in people for group in person.groups})
        records: dict[Kind, list[Record]] = {
            "group": [Record("group", name, {"name": name}) for name in names],
            "user": [person.record() for person in people],
            "group_member": [_member(person.id, group) for person in people for group in sorted(person.groups)],
        }
        for kind, own in records.items():
            if kind in want.kinds:
                yield Page(kind, tuple(own), Complete(len(own), _AS_OF))

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        for value in values:
            yield Found(value, tuple(own.record() for own in self._source.people if own.id == value))


def _member(user: str, group: str) -> Record:
    return Record("group_member", f"{user}/{group}", {}, {"user": Ref("", user), "group": Ref("", group, group)})
