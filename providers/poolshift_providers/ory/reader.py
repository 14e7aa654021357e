"""Reads the identities, and with them their social sign-ins."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Final

from poolshift.errors import AccessDenied, ProviderDown
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failed
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Complete, Found, Page, Partial, Want
from poolshift_providers.ory.identity_record import EXTERNAL_ID, Layout, folded, link_records, record_of
from poolshift_providers.ory.listing import Listing, Repeated
from poolshift_providers.ory.organizations import KEY, Organizations, member_records
from poolshift_providers.ory.requests import Requests
from poolshift_providers.ory.schema import IDS_AT_ONCE, LINKS_READ, schema_of
from poolshift_providers.ory.settings import Settings
from poolshift_providers.ory.traits import Trait, traits_of

_BELONGINGS: Final[Mapping[Kind, Callable[[Mapping[str, Any]], list[Record]]]] = {
    "link": link_records,
    "organization_member": member_records,
}
"""What stands in the answers about people beside them."""


def read_traits(requests: Requests, settings: Settings) -> tuple[Trait, ...]:
    """Of the identity schema as it is now. Raises AccessDenied ORY_SCHEMA_NOT_FOUND, ProviderDown."""
    try:
        document = requests.identity_schema()
    except Failed as error:
        if error.failure.code not in (Code.GONE, Code.UNSUPPORTED):
            raise
        why = f"there is no identity schema {settings.schema_id}: {error.failure.message}"
        remedy = "Check `schema_id`; of a Kratos of your own also `schemas_url`, its public API."
        raise AccessDenied.of("ORY_SCHEMA_NOT_FOUND", why, remedy) from error
    traits = traits_of(document) if isinstance(document, Mapping) else ()
    if not traits:
        why = f"the identity schema {settings.schema_id} names no traits"
        raise AccessDenied.of("ORY_SCHEMA_EMPTY", why, "Write its traits out: what stands behind $ref is not read.")
    return traits


@contextmanager
def _explained() -> Iterator[None]:
    """A read that is refused, for a reason nobody foresaw, ends the command."""
    try:
        yield
    except Failed as error:
        raise ProviderDown.of("ORY_REFUSED", error.failure.message, "Is `url` the admin API?") from error


class IdentityReader:
    """Every method raises AccessDenied or ProviderDown when the identities cannot be read."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._requests = Requests(calls, settings)
        self._organizations = Organizations(calls, settings)

    def fingerprint(self) -> Mapping[str, str]:
        return {"provider": "ory", "url": self._settings.url}

    def schema(self) -> Schema:
        with _explained():
            return schema_of(self._settings, read_traits(self._requests, self._settings))

    def access(self) -> Mapping[str, bool | None]:
        """Reads are tried. A key is of a whole project: it may do everything there or nothing."""
        granted: dict[str, bool | None] = {}
        with _explained():
            for scope, links in (("admin/identities", False), (LINKS_READ, True)):
                granted[scope] = self._may(lambda links=links: self._requests.page(1, None, links=links))
            if self._settings.has_organizations:
                granted["organizations"] = self._may(lambda: list(self._organizations.all()))
            granted["schemas"] = self._may(lambda: read_traits(self._requests, self._settings))
        return granted

    def read(self, want: Want) -> Iterator[Page]:
        """An identity that is listed twice is passed on twice."""
        with _explained():
            began = time.time()
            for kind in sorted(want.kinds - self._held):
                yield Page(kind, (), Partial("Ory does not hold it"))
            if "organization" in want.kinds & self._held:
                found = tuple(self._organizations.all())
                yield Page("organization", found, Complete(len(found), began))
            if of_people := want.kinds & self._held & {"user", *_BELONGINGS}:
                yield from self._read(of_people, began)

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        """One answer a value; an identity found is whole, with the document that an update needs."""
        with _explained():
            if kind == "user" and key == "id":
                for start in range(0, len(values), IDS_AT_ONCE):
                    yield from self._by_ids(values[start : start + IDS_AT_ONCE])
                return
            for value in values:
                yield Found(value, tuple(self._found(kind, key, value)))

    def _read(self, kinds: Set[Kind], began: float) -> Iterator[Page]:
        """People, and what stands in the same answers."""
        listing = Listing(self._requests, links="link" in kinds)
        counts = dict.fromkeys(sorted(kinds), 0)
        end: Complete | Partial | None = None
        try:
            for page in listing.pages():
                if listing.is_first:
                    counts = dict.fromkeys(counts, 0)
                if "user" in kinds:
                    counts["user"] += len(page)
                    yield Page("user", tuple(record_of(identity, self._layout) for identity in page))
                for kind in sorted(kinds - {"user"}):
                    found = tuple(record for identity in page for record in _BELONGINGS[kind](identity))
                    counts[kind] += len(found)
                    yield Page(kind, found)
        except Repeated:
            end = Partial("the list of identities came back to a page it had given before")
        for kind in sorted(kinds):
            yield Page(kind, (), end or Complete(counts[kind], began))

    def _by_ids(self, ids: Sequence[str]) -> Iterator[Found]:
        """What is not there is left out of the answer, and so is an id that is none."""
        if len(ids) == 1:
            one = self._requests.identity(ids[0])
            yield Found(ids[0], () if one is None else (self._whole(one),))
            return
        found = {str(own["id"]): own for own in self._requests.by_ids(ids).json()}
        for id in ids:
            yield Found(id, (self._whole(found[id]),) if id in found else ())

    def _found(self, kind: Kind, key: Path, value: str) -> Iterator[Record]:
        if kind in _BELONGINGS and key == "user":
            identity = self._requests.identity(value, links=kind == "link")
            yield from () if identity is None else _BELONGINGS[kind](identity)
        elif kind == "organization" and key in (KEY, "id"):
            for own in self._organizations.all():
                if value == (own.id if key == "id" else own.values[KEY]):
                    yield own
        elif kind == "user" and key == EXTERNAL_ID:
            identity = self._requests.by_external_id(value)
            yield from () if identity is None else (self._whole(identity),)
        elif kind == "user":
            for own in self._requests.by_identifier(folded(value)).json():
                record = self._whole(own)
                # The identifier may be another trait's.
                if folded(record.values.get(key)) == folded(value):
                    yield record
        else:
            raise ValueError(f"identities are not searched by {key} of {kind}")

    def _whole(self, identity: Mapping[str, Any]) -> Record:
        return record_of(identity, self._layout, raw=True)

    def _may(self, read: Any) -> bool:
        try:
            read()
        except AccessDenied:
            return False
        return True

    @cached_property
    def _held(self) -> Set[Kind]:
        organizations: Set[Kind] = {"organization", "organization_member"}
        return frozenset[Kind](("user", "link")) | (organizations if self._settings.has_organizations else set())

    @cached_property
    def _layout(self) -> Layout:
        """Read once a session: an identity schema is replaced, not changed."""
        return Layout.of(read_traits(self._requests, self._settings))
