"""``policy``, ``limits``, ``checks`` and ``state``."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from poolshift.identity.codes import FINDING_CODES
from poolshift.spec import nodes
from poolshift.spec.context import Context
from poolshift.spec.model import CheckLevel, Limits, Policy, StateSettings
from poolshift.spec.problems import did_you_mean
from poolshift.spec.settings import check_secrets
from poolshift.spec.written import WrittenLimits, WrittenPolicy, WrittenState

_TAKEOVER: Final = ("LOGIN_", "VERIFIED_")


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class SqliteSettings(_Settings):
    path: str | None = None


class PostgresSettings(_Settings):
    url: str = Field(json_schema_extra={"secret": True})
    table_schema: str | None = Field(default=None, alias="schema")


class S3Settings(_Settings):
    bucket: str
    prefix: str = ""
    region: str | None = None
    profile: str | None = None
    endpoint_url: str | None = None


BACKENDS: Final[Mapping[str, type[BaseModel]]] = {
    "sqlite": SqliteSettings,
    "postgres": PostgresSettings,
    "s3": S3Settings,
}


def policy(written: WrittenPolicy) -> Policy:
    return Policy(**dict(written))


def limits(written: WrittenLimits) -> Limits:
    return Limits(**dict(written))


def checks(written: Mapping[str, CheckLevel], context: Context) -> Mapping[str, CheckLevel]:
    """Errors: SPEC_CHECK_UNKNOWN, SPEC_CHECK_FIXED."""
    for code, level in written.items():
        if code not in FINDING_CODES:
            remedy = did_you_mean(code, FINDING_CODES)
            context.error_at_key("SPEC_CHECK_UNKNOWN", f'there is no check "{code}"', ("checks", code), remedy)
        elif code.startswith(_TAKEOVER) and level not in ("error", "skip"):
            remedy = "It keeps accounts from being taken over; `skip` leaves the records out."
            context.error("SPEC_CHECK_FIXED", f"{code} cannot be lowered", ("checks", code), remedy)
    return dict(written)


def state(written: WrittenState, context: Context) -> StateSettings:
    """Errors: SPEC_STATE, SPEC_SECRET_LITERAL."""
    model = BACKENDS[written.backend]
    node = context.at("state", "settings")
    if node is not None:
        check_secrets(model, node, context)
    for path, summary, remedy in _faults(model, written.settings):
        context.error("SPEC_STATE", summary, ("state", "settings", *path), remedy)
    if written.backend == "s3":
        place = nodes.place_of(context.document, ("state", "backend"))
        context.problems.not_yet("state.backend s3", place, "Use backend: postgres to share a state between machines.")
    return StateSettings(backend=written.backend, settings=written.settings)


def _faults(model: type[BaseModel], settings: Mapping[str, Any]) -> list[tuple[tuple[str, ...], str, str]]:
    keys = {field.alias or name: field for name, field in model.model_fields.items()}
    faults: list[tuple[tuple[str, ...], str, str]] = []
    for name, value in settings.items():
        if name not in keys:
            faults.append(((name,), f'the state has no setting "{name}"', did_you_mean(name, keys)))
        elif not isinstance(value, str):
            faults.append(((name,), f'the setting "{name}" must be a text', "Put it in double quotes."))
    for name, field in keys.items():
        if field.is_required() and name not in settings:
            faults.append(((), f'the setting "{name}" is missing', f"Add {name}: … to state.settings."))
    return faults
