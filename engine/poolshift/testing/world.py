"""What somebody who wrote a provider gives the laws: an end to try it on, and two ways around the provider."""

import itertools
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as FilePath
from typing import Any, ClassVar

from poolshift.identity.kind import Kind
from poolshift.identity.value import Path, Value
from poolshift.provider.schema import FieldSchema
from poolshift.provider.session import Provider
from poolshift.testing.samples import sample


class World(ABC):
    """One end: a strict fake or a real server, with one empty tenant on it.

    Records pile up in it from law to law, each under a number of its own, so one world may serve all laws: make it
    in a fixture of the module, ``scope="module"``, where it is slow to make. Nothing has to be broken by the world: the
    kit breaks calls between the provider and the wire, for HTTP, AWS and SQLite alike.

    provider: what is tried.
    settings: the spec's `settings`, as YAML would say them.
    folder: an empty folder; paths in the settings are relative to it, specs and state of the laws lie in it.
    """

    provider: Provider
    settings: Mapping[str, Any]
    folder: FilePath

    source_id: ClassVar[Path | None] = None
    """The user field that keeps the source's id; None = the first with that role that can be written."""
    identity_provider: ClassVar[str | None] = None
    """An identity provider that is set up at this end: links go to it. None = no links are made."""
    left_out: ClassVar[frozenset[Path]] = frozenset()
    """User fields the laws never write, such as one that excludes another."""
    unlisted: ClassVar[float] = 0.0
    """Seconds this world needs until reading shows what was written; 0 = at once, whatever lag is declared."""
    examples: ClassVar[int] = 10
    """Examples of a law that invents its records (1, 10); each is a plan, an apply and a plan."""
    points: ClassVar[int] = 40
    """Places at which law 5 breaks a call, spread evenly over all calls and faults; each is a migration."""
    page: ClassVar[int] = 0
    """Records a page of a listing holds, where a law may put in one more than that; 0 = no law does."""
    refusals: ClassVar[Sequence[bytes]] = ()
    """Bodies of refusals this vendor really sends, for the failure table."""
    request_id: ClassVar[str | None] = None
    """The header in which this vendor sends the id of a request."""

    @abstractmethod
    def put(self, kind: Kind, values: Mapping[Path, Value], refs: Mapping[Path, str]) -> str:
        """Make a record without the provider, and give its id as the provider's reader would.

        values: by the schema's paths; refs: ids of the records it refers to. Only kinds that can be created are asked
        for. Raises NotImplementedError for a kind this world cannot make by itself: laws then do without.
        """

    @abstractmethod
    def get(self, kind: Kind, id: str) -> Any:
        """All the end holds of a record, in any form that can be compared; None where it is not there.

        Read without the provider. Times the end sets by itself at every write are left out.
        """

    def there(self) -> Mapping[Kind, set[str]]:
        """Ids of the records this world began with, by kind: a source's laws are tried on these."""
        return {}

    def scribble(self, user: str) -> None:
        """Leave something on a user that the provider's schema does not name, which `get` then shows under a key
        "scribble": an attribute of somebody else's, a member of a vendor's document."""
        raise NotImplementedError

    def messages(self) -> int | None:
        """Messages this end has sent to people so far; None = it cannot tell."""
        return None

    def value(self, kind: Kind, path: Path, field: FieldSchema, number: int) -> Value:
        """A value this field takes, another for each number. Override it where the schema does not say enough."""
        return sample(kind, path, field, number)

    def wait(self, seconds: float) -> None:
        """How the laws wait. Override it with `time.sleep` for a server that needs the time it asks for."""
        time.sleep(min(seconds, 0.001) if self.unlisted == 0 else min(seconds, self.unlisted))

    def close(self) -> None:  # noqa: B027 - most worlds start nothing
        """End what the world started; called by `poolshift providers test`, and by your own fixture."""

    def number(self) -> int:
        """The next number; no two records of a world share one."""
        numbers: Iterator[int] = self.__dict__.setdefault("_numbers", itertools.count(1))
        return next(numbers)
