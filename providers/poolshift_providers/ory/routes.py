"""The ways to write identities, and what they cost."""

from typing import Final

from poolshift.identity.kind import Kind
from poolshift.provider.schema import Cost, Route, Shape
from poolshift.provider.verb import Verb
from poolshift_providers.ory.quotas import CONSOLE, READS, WRITES
from poolshift_providers.ory.settings import Settings

BATCH: Final = 1_000
WIDTH: Final = 4
"""Calls at once to a Kratos of one's own; a project of the Ory Network takes one at a time."""

RIDES: Final = frozenset[Kind](("link", "organization_member"))
_CREATE: Final = frozenset[Verb](("create",))
_UPDATE: Final = frozenset[Verb](("update",))
_DELETE: Final = frozenset[Verb](("delete",))


def routes(settings: Settings) -> tuple[Route, ...]:
    width = 1 if settings.is_network else WIDTH
    return (
        *(_organizations() if settings.has_organizations else ()),
        Route(
            "batch",
            "user",
            _CREATE,
            lambda shape: Cost({WRITES: float(-(-shape.count // BATCH))}),
            worth=2,
            carries=RIDES,
            items=BATCH,
            lane="identities",
            width=width,
            note="silent; an answer for every row",
        ),
        Route(
            "api", "user", _CREATE, lambda shape: Cost({WRITES: float(shape.count)}), carries=RIDES, lane="identities",
            width=width, note="silent",
        ),
        # A JSON Patch needs to know what is there: a member can only be added to a parent that exists.
        Route("api", "user", _UPDATE, _reads_and_writes, lane="identity", width=width, needs_current=True),
        Route(
            "api", "user", _DELETE, lambda shape: Cost({WRITES: float(shape.count)}), lane="identity", width=width
        ),
        Route(
            "api", "link", _CREATE | _DELETE, _reads_and_writes, lane="identity", width=width,
            note="reads the identity first",
        ),
    )  # fmt: skip


def _organizations() -> tuple[Route, ...]:
    """Of a membership only a look: it came with the identity, or it cannot come any more."""
    return (
        Route("api", "organization", _CREATE, lambda shape: Cost({CONSOLE: 2.0 * shape.count}), width=1),
        Route("api", "organization_member", _CREATE, lambda shape: Cost({READS: float(shape.count)}), width=1),
    )


def _reads_and_writes(shape: Shape) -> Cost:
    return Cost({WRITES: float(shape.count), READS: float(shape.count)})
