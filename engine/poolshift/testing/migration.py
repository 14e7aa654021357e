"""One migration of invented people to the world, by the engine itself: spec, plan, apply, in this process."""

import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path as FilePath
from typing import Any, Final

import yaml
from pydantic.fields import FieldInfo

from poolshift.apply.approval import Everything
from poolshift.apply.interrupt import StopSignal
from poolshift.apply.recovery import settle_open_windows
from poolshift.apply.retry import Patience
from poolshift.apply.run import apply
from poolshift.identity.kind import Kind
from poolshift.identity.value import Path
from poolshift.plan.change import WRITES
from poolshift.planning.compute import compute
from poolshift.planning.observation import Observation
from poolshift.planning.plan_file import PlanRow
from poolshift.planning.session import Session, open_session
from poolshift.provider.discovery import Installed
from poolshift.provider.schema import FieldSchema, Schema
from poolshift.provider.session import Provider
from poolshift.spec.load import load
from poolshift.testing.observed import Observed
from poolshift.testing.samples import writable
from poolshift.testing.source import NAME, Person, Source
from poolshift.testing.world import World

_KEY: Final = {"POOLSHIFT_KEY": b64encode(b"an invented master key, 32 bytes").decode()}
_LIMITS: Final = dict.fromkeys(("delete", "disable", "update", "adopt", "remove_membership", "login_change"), 1_000_000)
_PATIENCE: Final = Patience(attempts=6, first=0.001, longest=0.01, spent=0.01, pauses=6, late=0.0)
_FIXED: Final = {"email": "email", "phone": "phone_number", "username": "username"}
_PARTITIONS: Final = 2
LINKED: Final = "Invented"


class Shelf(Installed):
    """The two providers of a migration, and nothing else."""

    def __init__(self, *providers: Provider) -> None:
        super().__init__(())
        self._loaded = {provider.name: provider for provider in providers}

    def names(self, end: str) -> tuple[str, ...]:
        return tuple(sorted(name for name, provider in self._loaded.items() if end in provider.ends))


class Clock:
    """Monotonic seconds in which what was to be waited for has passed, however short the world's wait was."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ahead = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self._ahead

    def sleep(self, seconds: float) -> None:
        began = time.monotonic()
        self._world.wait(seconds)
        self._ahead += max(0.0, seconds - (time.monotonic() - began))


class Names:
    """Which field of the source fills which user field of the destination."""

    def __init__(self, world: World, schema: Schema) -> None:
        users = schema.kinds["user"]
        self.source_id = world.source_id or next(
            path for path in users.with_role("source_id") if users.fields[path].write != "never"
        )
        self.of: dict[Path, str] = {}
        flags = {own.verified_by: path for path, own in users.fields.items() if own.verified_by is not None}
        for path, own in users.fields.items():
            if not _mapped(path, own) or path in world.left_out or path == self.source_id:
                continue
            role = next((role for role in _FIXED if role in own.roles), None)
            flagged = users.fields[flags[path]].roles if path in flags else frozenset()
            verified = next((role for role in _FIXED if role in flagged), None)
            if verified is not None:
                self.of[path] = f"{_FIXED[verified]}_verified"
            elif role is not None and _FIXED[role] not in self.of.values():
                self.of[path] = _FIXED[role]
            else:
                self.of[path] = f"f{len(self.of)}"
        own_names = {*_FIXED.values(), *(f"{name}_verified" for name in _FIXED.values())}
        self.fields = {
            name: FieldSchema(users.fields[path].type) for path, name in self.of.items() if name not in own_names
        }


def _mapped(path: Path, own: FieldSchema) -> bool:
    fixed = own.roles & {"source_id", "owner", "created", "enabled", "credential"}
    return writable(own) and not path.endswith("*") and not fixed


class Migration:
    """``name`` names its state. People may be changed between two plans.

    unmapped, method: what the spec says of lost values (`policy.unmapped`), and which way is pinned (`users.method`).
    """

    def __init__(
        self, world: World, observed: Observed, schema: Schema, name: str, people: Sequence[Person],
        paths: frozenset[Path] | None = None, *, unmapped: str = "release", method: str = "auto",
    ) -> None:  # fmt: skip
        self._world = world
        self._name = name
        self._schema = schema
        self.names = Names(world, schema)
        self._paths = paths
        self._unmapped = unmapped
        self._method = method
        self._installed = Shelf(Source(people, self.names.fields), observed)
        self._file = FilePath(world.folder) / f"{name}.yaml"
        self._secrets: dict[str, str] = {}
        self._file.write_text(yaml.safe_dump(self._document(), sort_keys=False, allow_unicode=True), "utf-8")
        self._spec = load(self._file, self._installed, environ=self._secrets)

    @property
    def state(self) -> FilePath:
        """Where its state lies."""
        return self._file.parent / ".poolshift" / self._name / "state.db"

    def plan(self) -> list[PlanRow]:
        """What would be written now."""
        with self._session() as session, compute(session, partitions=_PARTITIONS) as computed:
            return [row for row in computed.plan.rows() if row.action in WRITES]

    def findings(self) -> set[str]:
        """Codes of what a plan has to say."""
        with self._session() as session, compute(session, partitions=_PARTITIONS) as computed:
            return {str(finding["code"]) for finding in computed.plan.document["findings"]}

    def apply(self) -> Mapping[str, Any]:
        """Settle what an earlier run left open, plan, carry everything out; the report. Raises what apply raises."""
        with self._session() as session:
            self._settle(session)
            with compute(session, command="apply", partitions=_PARTITIONS) as computed:
                tenants = {"source": dict(session.source.tenant), "destination": dict(session.destination.tenant)}
                session.store.pin_tenants(tenants)
                clock = Clock(self._world)
                with session.writer() as writer:
                    report = apply(
                        computed,
                        Everything(computed.plan),
                        session.store,
                        writer,
                        migration=self._spec.migration,
                        method=self._spec.users.method,
                        stop=StopSignal(),
                        progress=lambda _step: None,
                        clock=clock,
                        sleep=clock.sleep,
                        patience=_PATIENCE,
                    )
                return report.document()

    def _settle(self, session: Session) -> None:
        schema = session.destination.schema
        seen = Observation(schema, session.store.keys.fingerprints)
        settle_open_windows(
            session.store, schema, session.destination.reader, seen, migration=self._spec.migration,
            now=time.time, sleep=self._world.wait, patience=_PATIENCE,
        )  # fmt: skip

    @contextmanager
    def _session(self) -> Iterator[Session]:
        self._world.wait(self._world.unlisted)
        with open_session(self._spec, self._installed, _KEY, write=True) as session:
            yield session

    def _settings(self) -> dict[str, Any]:
        """The world's settings as a spec says them: what is secret comes from outside."""
        told = dict(self._world.settings)
        for name, field in self._world.provider.settings.model_fields.items():
            word = field.alias or name
            if word in told and _is_secret(field):
                self._secrets[f"KIT_{word.upper()}"] = str(told[word])
                told[word] = f"${{env:KIT_{word.upper()}}}"
        return told

    def _document(self) -> dict[str, Any]:
        kinds = self._schema.kinds
        users = kinds["user"]
        login = [
            word
            for role, word in (("email", "email"), ("username", "username"), ("phone", "phone_number"))
            if any("login" in users.fields[path].roles and path in self.names.of for path in users.with_role(role))
        ]
        paths = {path: name for path, name in self.names.of.items() if self._paths is None or path in self._paths}
        document: dict[str, Any] = {
            "version": 1,
            "migration": self._name,
            "source": {"provider": NAME, "settings": {}},
            "destination": {"provider": self._world.provider.name, "settings": self._settings()},
            "users": {
                "login": login[:1],
                "source_id": self.names.source_id,
                "fields": paths,
                "passwords": "reset" if users.with_role("credential") else "none",
            },
            "policy": {"existing_value": "source", "both_changed": "source", "destination_gone": "recreate"},
            "limits": _LIMITS,
        }
        document["policy"]["unmapped"] = self._unmapped
        document["users"]["method"] = self._method
        if not users.with_role("enabled"):
            document["users"]["disabled"] = "skip"
        rules = []
        if creates(self._schema, "role_member", "role"):
            needs = any(own.ref == "organization" and own.required for own in kinds["role"].fields.values())
            rules.append({"match": "role-*", "as": "role", "in": "organization" if needs else "global"})
        if creates(self._schema, "group_member", "group"):
            rules.append({"match": "*", "as": "group"})
        if rules:
            document["groups"] = rules
        if creates(self._schema, "organization_member", "organization"):
            document["organizations"] = {"from": "organization", "missing": "skip"}
        if self._world.identity_provider is not None and creates(self._schema, "link"):
            document["links"] = {LINKED: self._world.identity_provider}
        return document


def _is_secret(field: FieldInfo) -> bool:
    extra = field.json_schema_extra
    return isinstance(extra, dict) and bool(extra.get("secret"))


def creates(schema: Schema, *kinds: Kind) -> bool:
    """Whether there is a route that creates each of these kinds."""
    made = {route.kind for route in schema.routes if "create" in route.verbs and route.delivery != "person"}
    return all(kind in schema.kinds and kind in made for kind in kinds)
