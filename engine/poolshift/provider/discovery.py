"""Installed providers, found by entry point ``poolshift.providers``; one is imported only when it is asked for."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from functools import cached_property
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final, cast

from pydantic import BaseModel

from poolshift.errors import InputError, PoolshiftError
from poolshift.provider.schema import Schema
from poolshift.provider.session import Provider

GROUP: Final = "poolshift.providers"
CONTRACT: Final = 1


class Installed:
    """The catalogue of what is installed. ``points``: instead of this environment's entry points."""

    def __init__(self, points: Iterable[EntryPoint] | None = None) -> None:
        self._given = points
        self._loaded: dict[str, Provider] = {}

    @cached_property
    def _points(self) -> Mapping[str, tuple[EntryPoint, ...]]:
        """Entry points by name; the same target listed twice (an editable install) counts once."""
        found: dict[str, dict[str, EntryPoint]] = {}
        for point in self._given if self._given is not None else entry_points(group=GROUP):
            found.setdefault(point.name, {}).setdefault(point.value, point)
        return {name: tuple(found[name].values()) for name in sorted(found)}

    def names(self, end: str) -> tuple[str, ...]:
        """Providers that can be this end, "source" or "destination"; one that cannot be loaded is not among them."""
        usable = []
        for name in self._points:
            try:
                provider = self.get(name)
            except PoolshiftError:
                continue  # `get` tells why to whoever asks for that one
            if end in provider.ends:
                usable.append(name)
        return tuple(usable)

    def get(self, name: str) -> Provider:
        """The provider. Raises InputError: unknown, not importable, offered twice, or of another contract."""
        if name not in self._loaded:
            self._loaded[name] = self._load(name)
        return self._loaded[name]

    def settings(self, name: str) -> type[BaseModel]:
        """The model of the provider's settings. Raises InputError as `get` does."""
        return self.get(name).settings

    def schema(self, name: str, settings: Any) -> Schema:
        """What the provider documents for these settings, without a call."""
        return self.get(name).documented(settings)

    def hooks(self, name: str) -> Mapping[str, Any]:
        """Hooks by name: none yet, no installed contract offers them."""
        self.get(name)
        return {}

    def _load(self, name: str) -> Provider:
        points = self._points.get(name, ())
        if not points:
            near = get_close_matches(name, self._points, 1)
            hint = f"Did you mean {near[0]}? " if near else ""
            remedy = f"{hint}Installed: {', '.join(self._points) or 'none'}."
            raise InputError.of("PROVIDER_UNKNOWN", f"no provider is called {name}", remedy)
        if len(points) > 1:
            targets = " and ".join(_origin(point) for point in points)
            raise InputError.of("PROVIDER_TWICE", f"provider {name} is offered by {targets}", "Uninstall one of them.")
        return _checked(name, points[0])


def _checked(name: str, point: EntryPoint) -> Provider:
    try:
        provider = point.load()
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        raise InputError.of(
            "PROVIDER_BROKEN",
            f"provider {name} cannot be loaded from {_origin(point)}: {why}",
            "Install what it needs, or reinstall the package.",
        ) from error
    contract = getattr(provider, "contract", None)
    if contract != CONTRACT:
        raise InputError.of(
            "PROVIDER_CONTRACT",
            f"provider {name} ({_origin(point)}) speaks contract {contract}, this poolshift speaks {CONTRACT}",
            "Install versions of both that belong together.",
        )
    return cast(Provider, provider)


def _origin(point: EntryPoint) -> str:
    package = f" of {point.dist.name} {point.dist.version}" if point.dist else ""
    return f"{point.value}{package}"
