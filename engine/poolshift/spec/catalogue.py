"""What the spec asks of the installed providers. `provider/` implements it; `spec/` never imports a provider.

The protocols name the parts of ``poolshift.provider.schema.Schema`` that the language reads, and nothing else. What
the language concludes from them:

- a user field that refers to an organization and is required: every user must have one there;
- a role (or role membership) that refers to an organization: ``in: organization`` is possible, and the only
  possibility where the reference is required; one with a field ``application``: ``in: application:<id>`` is possible;
  one with a field ``scope`` may live anywhere;
- ``facts["sends_messages"]`` is False: the destination cannot send the mails of ``do: [reset_passwords]``.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, Protocol

from pydantic import BaseModel

from poolshift.identity.kind import Kind


class SpecSupport(Protocol):
    """How far a verb is supported; the level's value is "full" or "partial" where it is."""

    @property
    def level(self) -> Enum: ...


class SpecField(Protocol):
    """The part of a FieldSchema the language needs."""

    @property
    def type(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...
    @property
    def read(self) -> str: ...
    @property
    def write(self) -> str: ...
    @property
    def required(self) -> bool: ...
    @property
    def ref(self) -> Kind | None: ...
    @property
    def tier(self) -> str: ...
    @property
    def verified_by(self) -> str | None: ...


class SpecKind(Protocol):
    """The part of a KindSchema the language needs."""

    @property
    def fields(self) -> Mapping[str, SpecField]: ...
    @property
    def verbs(self) -> Mapping[Literal["create", "update", "delete"], SpecSupport]: ...
    def field_at(self, path: str) -> SpecField | None: ...
    def with_role(self, role: str) -> tuple[str, ...]: ...


class SpecRoute(Protocol):
    """One way to write, by the word of the spec's ``method`` that pins it."""

    @property
    def kind(self) -> Kind: ...
    @property
    def method(self) -> str: ...


class SpecQuota(Protocol):
    """Nested windows of (calls, seconds)."""

    @property
    def name(self) -> str: ...
    @property
    def windows(self) -> tuple[tuple[float, float], ...]: ...


class SpecSchema(Protocol):
    """The part of a Schema the language needs."""

    @property
    def kinds(self) -> Mapping[Kind, SpecKind]: ...
    @property
    def routes(self) -> tuple[SpecRoute, ...]: ...
    @property
    def quotas(self) -> tuple[SpecQuota, ...]: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


class SpecHook(Protocol):
    """A first sign-in hook. ``users``: must_exist, must_not_exist or either; ``budget_s`` = longest answer.

    A hook may have ``settings``, a pydantic model of ``just_in_time.settings``; without one they are passed on as
    they are.
    """

    @property
    def users(self) -> str: ...
    @property
    def budget_s(self) -> float: ...
    @property
    def needs_url(self) -> bool: ...


class Catalogue(Protocol):
    """Installed providers by name."""

    def names(self, end: str) -> tuple[str, ...]:
        """Providers that can be this end: "source" or "destination"."""

    def settings(self, provider: str) -> type[BaseModel]: ...

    def schema(self, provider: str, settings: Any) -> SpecSchema:
        """``documented()`` for these settings: a poolshift.provider.schema.Schema."""

    def hooks(self, provider: str) -> Mapping[str, SpecHook]:
        """Hooks by name; empty where there are none."""
