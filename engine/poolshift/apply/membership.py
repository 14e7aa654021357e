"""Whether an element of a person's sets (a membership, a link) is at the destination."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from poolshift.identity.address import address, parse
from poolshift.identity.kind import PARENT_OF, Kind
from poolshift.identity.record import Record
from poolshift.plan.element_keys import ElementKeys
from poolshift.provider.schema import Key, Schema
from poolshift.provider.session import Complete, Reader, Want


@dataclass(frozen=True, slots=True)
class Asked:
    """An element: its address, and the destination id of its user."""

    address: str
    user: str


class Memberships:
    """Asks by the user where the kind has such a key, else reads the kind below its parents."""

    def __init__(self, reader: Reader, schema: Schema, keys: ElementKeys, id_of: Callable[[str], str | None]) -> None:
        self._reader = reader
        self._schema = schema
        self._keys = keys
        self._id_of = id_of

    def present(self, kind: Kind, asked: Sequence[Asked]) -> Mapping[str, bool]:
        """Address -> is it there. An element that could not be decided is left out."""
        by_place: dict[tuple[str | None, str, str], str] = {
            (one.user, *place): one.address for one in asked for place in self._places(kind, one.address)
        }
        present: dict[str, bool] = {}
        whole = True
        for record in self._records(kind, asked):
            if record is None:
                whole = False
                continue
            for place in self._place_of(kind, record):
                if (found := by_place.get((record.refs["user"].id, *place))) is not None:
                    present[found] = True
        return present | ({one.address: False for one in asked if one.address not in present} if whole else {})

    def _places(self, kind: Kind, of: str) -> Iterator[tuple[str, str]]:
        """How the element's other end may be named: by id, by natural key; a link by provider and fingerprint."""
        parts = parse(of)[1][1:]
        if kind == "link":
            yield parts[0], parts[1]
            return
        yield "key", parts[-1]
        if (id := self._id_of(address(PARENT_OF[kind], *parts))) is not None:
            yield "id", id

    def _place_of(self, kind: Kind, record: Record) -> Iterator[tuple[str, str]]:
        if kind == "link":
            provider, subject = str(record.values["provider"]), str(record.values["subject"])
            place = self._keys.link_parts(provider, subject)
            yield place[0], place[1]
            return
        ref = record.refs[PARENT_OF[kind]]
        if ref.id is not None:
            yield "id", ref.id
        elif ref.key is not None:
            yield "key", ref.key

    def _records(self, kind: Kind, asked: Sequence[Asked]) -> Iterator[Record | None]:
        """None stands for what could not be read."""
        about = self._schema.kinds[kind]
        key = next((key for key in about.keys if _names_user(self._schema, kind, key)), None)
        if key is not None:
            users = list(dict.fromkeys(one.user for one in asked))
            for start in range(0, len(users), key.at_once):
                for found in self._reader.lookup(kind, key.path, users[start : start + key.at_once]):
                    yield from found.records
                    if not found.sure:
                        yield None
        elif about.reading.how in ("list", "per_parent", "job"):
            yield from self._listed(kind, asked)
        else:
            yield None

    def _listed(self, kind: Kind, asked: Sequence[Asked]) -> Iterator[Record | None]:
        want = Want(frozenset({kind}))
        if kind in PARENT_OF:
            names = {address(PARENT_OF[kind], *parse(one.address)[1][1:]) for one in asked}
            ids = frozenset(id for name in names if (id := self._id_of(name)) is not None)
            want = Want(frozenset({kind}), parents={PARENT_OF[kind]: ids})
        for page in self._reader.read(want):
            if page.kind == kind:
                yield from page.records
                if page.end is not None and not isinstance(page.end, Complete):
                    yield None


def _names_user(schema: Schema, kind: Kind, key: Key) -> bool:
    field = schema.kinds[kind].field_at(key.path)
    return field is not None and field.ref == "user"
