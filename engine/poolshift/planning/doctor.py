"""Everything that would stop a first plan, looked at beforehand and told at once. Writes nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from poolshift.errors import PoolshiftError
from poolshift.identity.kind import Kind
from poolshift.planning.session import calls_for
from poolshift.provider.discovery import Installed
from poolshift.provider.operation import Failed
from poolshift.provider.quota import SHARE
from poolshift.provider.schema import Schema
from poolshift.provider.session import Reader
from poolshift.spec.model import End, Spec
from poolshift.state import keyring
from poolshift.state.opening import open_store, state_path

FORMAT_VERSION: Final = "1.0"
Where = Literal["spec", "state", "source", "destination"]
Severity = Literal["error", "warning", "ok"]
_DENIED: Final = 9
_DOWN: Final = 10
_SPEC: Final = 65


@dataclass
class Diagnosis:
    """Findings in the order they were made, and the exit codes of the errors among them."""

    findings: list[dict[str, str]] = field(default_factory=list)
    codes: list[int] = field(default_factory=list)
    tenants: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def add(self, where: Where, severity: Severity, code: str, what: str, remedy: str = "", exit_code: int = 0) -> None:
        self.findings.append({"where": where, "severity": severity, "code": code, "what": what, "remedy": remedy})
        if severity == "error":
            self.codes.append(exit_code)

    @contextmanager
    def looking(self, where: Where) -> Iterator[None]:
        """What is raised inside is a finding; the next look goes on."""
        try:
            yield
        except PoolshiftError as error:
            for one in error.diagnostics:
                self.add(where, "error", one.code, one.summary, one.remedy, error.exit_code)
        except Failed as error:
            remedy = "Report it to the author of the provider."
            self.add(where, "error", "PROVIDER_REFUSED", error.failure.message, remedy, _DOWN)


def diagnose(spec: Spec, installed: Installed, environ: Mapping[str, str]) -> Diagnosis:
    """Look at the state and its key, then at both ends: credentials, tenant, scopes, quotas, and what the spec asks."""
    found = Diagnosis()
    for later in spec.not_yet:
        found.add("spec", "error", later.code, later.summary, later.remedy, _SPEC)
    with found.looking("state"):
        _state(spec, environ, found)
    ends: tuple[tuple[Literal["source", "destination"], End], ...] = (
        ("source", spec.source),
        ("destination", spec.destination),
    )
    for where, end in ends:
        with found.looking(where):
            _end(spec, where, end, installed, found)
    return found


def _state(spec: Spec, environ: Mapping[str, str], found: Diagnosis) -> None:
    """An existing state is opened, to read; a new one is not made."""
    folder = Path(spec.folder)
    if not state_path(folder, spec.migration, spec.state.settings).exists():
        if environ.get(keyring.VARIABLE) or keyring.key_file(folder).exists():
            keyring.master_key(folder, environ, generate=False)
        else:
            what = f"{keyring.VARIABLE} is not set: the first plan makes a key file, which has to be kept"
            found.add("state", "warning", "KEY_FILE", what, "Set it where several machines work on this migration.")
        found.add("state", "ok", "STATE_NEW", "there is no state yet; the first plan makes it")
        return
    store = open_store(folder, spec.migration, spec.state.settings, environ, write=False)
    try:
        found.tenants = {name: dict(tenant) for name, tenant in store.tenants().items()}
        found.add("state", "ok", "STATE_OPEN", f"{store.count_people()} people in the state of this migration")
        if windows := len(store.open_windows()):
            what = f"{windows} windows are open: an earlier run ended without an answer"
            found.add("state", "warning", "WINDOWS_OPEN", what, "The next apply settles them first.")
    finally:
        store.close()


def _end(spec: Spec, where: Literal["source", "destination"], end: End, installed: Installed, found: Diagnosis) -> None:
    provider = installed.get(end.provider)
    documented = provider.documented(end.settings)
    with calls_for(spec, end, provider, documented, writes=False) as calls:
        reader = provider.reader(end.settings, calls)
        with found.looking(where):
            _tenant(where, reader.fingerprint(), found)
        schema = documented
        with found.looking(where):
            schema = reader.schema()
        with found.looking(where):
            _scopes(where, reader, schema, found)
        _quotas(where, end, schema, found)
        if where == "destination":
            _capabilities(spec, schema, documented, found)


def _tenant(where: Literal["source", "destination"], tenant: Mapping[str, str], found: Diagnosis) -> None:
    pinned = found.tenants.get(where)
    if pinned is not None and pinned != dict(tenant):
        what = f"the {where} is not the one this migration was applied to before"
        remedy = f"Check {where}.settings. A new {where} needs a new migration name."
        found.add(where, "error", "TENANT_CHANGED", what, remedy, _DENIED)
        return
    told = ", ".join(f"{name} {value}" for name, value in sorted(tenant.items()))
    found.add(where, "ok", "TENANT", f"answers as {told}")


def _scopes(where: Literal["source", "destination"], reader: Reader, schema: Schema, found: Diagnosis) -> None:
    """Granted, missing and unknown permissions, each with what it is for; a source needs only those of reading."""
    purposes = _purposes(schema, reading_only=where == "source")
    access = reader.access()
    for scope in sorted(access.keys() | purposes.keys()):
        granted, purpose = access.get(scope), ", ".join(purposes.get(scope, ()))
        about = f"{scope} ({purpose})" if purpose else scope
        if granted:
            found.add(where, "ok", "SCOPE_GRANTED", about)
        elif granted is None and purpose:
            found.add(where, "warning", "SCOPE_UNKNOWN", f"{about}: not known without trying it")
        elif granted is not None and (purpose or where == "destination"):
            remedy = "Grant it to the credentials that run poolshift."
            found.add(where, "error", "SCOPE_MISSING", f"{about} is missing", remedy, _DENIED)


def _purposes(schema: Schema, *, reading_only: bool) -> dict[str, list[str]]:
    purposes: dict[str, list[str]] = {}
    for kind, about in schema.kinds.items():
        for verb, scopes in about.scopes.items():
            for scope in scopes if verb == "read" or not reading_only else ():
                purposes.setdefault(scope, []).append(f"{verb} {kind}")
    return purposes


def _quotas(where: Literal["source", "destination"], end: End, schema: Schema, found: Diagnosis) -> None:
    for quota in schema.quotas:
        windows = ", ".join(f"{calls:g} in {seconds:g} s" for calls, seconds in quota.windows)
        rate = end.rates.get(quota.name)
        if rate is None:
            share = f"{SHARE:.0%} of it is used: sign-ins share it" if quota.shared else "all of it is used"
            found.add(where, "ok", "QUOTA", f"{quota.name}: {windows}; {share}")
        elif any(rate.calls / rate.seconds > calls / seconds for calls, seconds in quota.windows):
            what = f"{quota.name}: the spec asks for {rate.calls:g} in {rate.seconds:g} s, the quota is {windows}"
            found.add(where, "warning", "QUOTA_RATE", what, f"Lower {where}.rates.{quota.name}.")
        else:
            found.add(where, "ok", "QUOTA", f"{quota.name}: {windows}; {rate.calls:g} in {rate.seconds:g} s are used")


def _capabilities(spec: Spec, schema: Schema, documented: Schema, found: Diagnosis) -> None:
    """What the spec asks of this very tenant, and the tenant lacks."""
    for kind, why in _asked(spec):
        can = schema.kinds[kind].verbs.get("create") if kind in schema.kinds else None
        if can is None or can.level.value not in ("full", "partial"):
            support = can or schema.absent.get(kind)
            reason = f": {support.note}" if support is not None and support.note else ""
            what = f"{why} needs {kind}, which this destination does not take{reason}"
            found.add("destination", "error", "CAPABILITY_MISSING", what, "Change the spec.", _SPEC)
    users = schema.kinds["user"]
    declared = {item.path for item in spec.attributes.items}
    lost = [
        one.path
        for one in spec.users.fields
        if users.field_at(one.path) is None and one.path not in declared and documented.kinds["user"].field_at(one.path)
    ]
    for path in lost:
        what = f"users.fields.{path}: this tenant has no such field"
        found.add("destination", "error", "CAPABILITY_MISSING", what, "Change the spec, or the tenant.", _SPEC)
    if spec.users.passwords == "reset" and not users.with_role("credential"):
        what = "users.passwords: reset, and this destination has nothing to reset"
        found.add("destination", "warning", "CAPABILITY_MISSING", what, "Write passwords: none.")


def _asked(spec: Spec) -> Iterator[tuple[Kind, str]]:
    targets = {rule.target for rule in spec.groups or ()}
    if "group" in targets:
        yield from (("group", "groups"), ("group_member", "groups"))
    if "role" in targets:
        yield from (("role", "groups"), ("role_member", "groups"))
    if spec.organizations is not None or "organization" in targets:
        yield from (("organization", "organizations"), ("organization_member", "organizations"))
    if any(link.mode == "create" for link in spec.links.values()):
        yield "link", "links"
    if spec.attributes.mode == "listed":
        yield "attribute", "attributes"


def document(spec: Spec, found: Diagnosis, exit_code: int) -> dict[str, Any]:
    """As JSON."""
    return {
        "format_version": FORMAT_VERSION,
        "migration": spec.migration,
        "exit_code": exit_code,
        "findings": found.findings,
    }
