"""The directory's ways to write and what they cost."""

from collections.abc import Mapping
from math import ceil
from typing import Final

from poolshift.identity.kind import ELEMENT_KINDS, SHARED_KINDS
from poolshift.provider.schema import Cost, Quota, Route, Shape
from poolshift.provider.verb import Verb

WRITES: Final = "writes"
BATCH: Final = 100
QUOTAS: Final = (Quota(WRITES, ((2000, 1),), shared=False),)

_SHARED_VERBS: Final = frozenset[Verb](("create", "update"))
_USER_VERBS: Final = frozenset[Verb](("create", "update", "delete"))
_ELEMENT_VERBS: Final = frozenset[Verb](("create", "delete"))


def _one_each(shape: Shape) -> Cost:
    calls: Mapping[str, float] = {WRITES: shape.count}
    return Cost(calls)


def _one_a_batch(shape: Shape) -> Cost:
    return Cost({WRITES: ceil(shape.count / BATCH)})


# A file has one writer: every route shares one lane.
ROUTES: Final = (
    Route(
        "batch",
        "user",
        frozenset[Verb](("create",)),
        _one_a_batch,
        worth=2,
        carries=frozenset(ELEMENT_KINDS),
        items=BATCH,
        whole=True,
        lane="file",
        width=1,
        note="one transaction: a row that is refused takes the others with it and is not named",
    ),
    Route("api", "user", _USER_VERBS, _one_each, lane="file", width=1),
    *(Route("api", kind, _SHARED_VERBS, _one_each, lane="file", width=1) for kind in SHARED_KINDS),
    *(Route("api", kind, _ELEMENT_VERBS, _one_each, lane="file", width=1) for kind in ELEMENT_KINDS),
)
