"""Reads a pool: its attributes, groups, their members, then users and, with them, their links."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from poolshift.errors import AccessDenied, ProviderDown
from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.identity.value import UNKNOWN, Path
from poolshift.provider.operation import Code, Failed
from poolshift.provider.schema import Schema
from poolshift.provider.session import Calls, Complete, Found, Page, Partial, Want
from poolshift_providers.cognito import listing
from poolshift_providers.cognito.operations import PoolCalls
from poolshift_providers.cognito.pool import Attribute, Pool, pool_of
from poolshift_providers.cognito.schema import schema_of
from poolshift_providers.cognito.settings import Settings
from poolshift_providers.cognito.user_record import CREDENTIAL, group_record, link_records, member_record, record_of
from poolshift_providers.cognito.values import VALUE_LENGTH

FILTER_LENGTH: Final = 256
_TYPES: Final = {"String": "string", "Number": "number", "Boolean": "boolean", "DateTime": "date"}
_PROBES: Final = ("ListUsers", "ListGroups")


def describe(calls: PoolCalls, settings: Settings) -> Pool:
    """The pool as it is now. Raises AccessDenied POOL_NOT_FOUND."""
    try:
        return pool_of(calls("DescribeUserPool")["UserPool"])
    except Failed as error:
        if error.failure.code not in (Code.GONE, Code.INVALID):
            raise
        why = f"there is no such user pool in {settings.where} of this account: {error.failure.message}"
        remedy = "Check `pool_id`, `region` and whose credentials these are."
        raise AccessDenied.of("POOL_NOT_FOUND", why, remedy) from error


@contextmanager
def _explained() -> Iterator[None]:
    """A read that the pool refuses, for a reason nobody foresaw, ends the command."""
    try:
        yield
    except Failed as error:
        remedy = "Report this to the author of the provider, with the name of the exception."
        raise ProviderDown.of("AWS_REFUSED", error.failure.message, remedy) from error


class PoolReader:
    """One pool. Every method raises AccessDenied or ProviderDown when the pool cannot be read."""

    def __init__(self, settings: Settings, calls: Calls) -> None:
        self._settings = settings
        self._calls = PoolCalls(calls, settings.pool_id)

    def fingerprint(self) -> Mapping[str, str]:
        return {"provider": "cognito", "pool": self._settings.pool_id, "region": self._settings.where}

    def schema(self) -> Schema:
        return schema_of(self._settings, describe(self._calls, self._settings))

    def access(self) -> Mapping[str, bool | None]:
        """Reads are tried; whether writes are allowed is not known without one."""
        granted: dict[str, bool | None] = {}
        for operation in ("DescribeUserPool", *_PROBES):
            try:
                self._calls(operation, **({"Limit": 1} if operation in _PROBES else {}))
            except AccessDenied as error:
                if any(diagnostic.code != "AWS_DENIED" for diagnostic in error.diagnostics):
                    raise
                granted[f"cognito-idp:{operation}"] = False
            else:
                granted[f"cognito-idp:{operation}"] = True
        kinds = self.schema().kinds if granted["cognito-idp:DescribeUserPool"] else {}
        asked = {scope for kind in kinds.values() for scopes in kind.scopes.values() for scope in scopes}
        return dict.fromkeys(sorted(asked)) | granted

    def read(self, want: Want) -> Iterator[Page]:
        """A user that is listed twice is passed on twice; the count that ends a kind is of distinct records."""
        with _explained():
            yield from self._read(want, time.time())

    def lookup(self, kind: Kind, key: Path, values: Sequence[str]) -> Iterator[Found]:
        """One answer a value; users by the filter of ListUsers, which is free but may lag (see the keys)."""
        with _explained():
            for value in values:
                yield Found(value, tuple(self._found(kind, key, value)))

    def _read(self, want: Want, began: float) -> Iterator[Page]:
        for kind in sorted(want.kinds - {"attribute", "group", "group_member", "user", "link"}):
            yield Page(kind, (), Partial("a pool does not hold it"))
        if "attribute" in want.kinds:
            found = tuple(self._attributes())
            yield Page("attribute", found, Complete(len(found), began))
        if want.kinds & {"group", "group_member"}:
            yield from self._groups(want, began)
        if want.kinds & {"user", "link"}:
            yield from self._users(want, began)

    def _found(self, kind: Kind, key: Path, value: str) -> Iterable[Record]:
        if kind == "user":
            return [record_of(user, credential=True) for user in self._search("sub" if key == "id" else key, value)]
        if kind == "attribute":
            return [record for record in self._attributes() if record.values["name"] == value]
        if kind == "group":
            return self._or_nothing(lambda: [group_record(self._calls("GetGroup", GroupName=value)["Group"])])
        if kind == "group_member" and key == "user":
            return self._or_nothing(lambda: self._groups_of(value))
        if kind == "link" and key == "user":
            return self._or_nothing(lambda: link_records(self._calls("AdminGetUser", Username=value)))
        raise ValueError(f"a pool is not searched by {key} of {kind}")

    def _or_nothing(self, read: Any) -> Iterable[Record]:
        """What is read, or nothing where it is not there."""
        try:
            found: Iterable[Record] = read()
        except Failed as error:
            if error.failure.code is not Code.GONE:
                raise
            return ()
        return found

    def _groups_of(self, sub: str) -> list[Record]:
        pages = listing.groups_of_user(self._calls, sub).pages()
        return [member_record(sub, str(group["GroupName"])) for page in pages for group in page]

    def _search(self, attribute: str, value: str) -> list[Mapping[str, Any]]:
        """Users whose attribute is exactly this value; none where the value is longer than a filter may be."""
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        text = f'{attribute} = "{escaped}"'
        if len(text) > FILTER_LENGTH:
            return []
        return [user for page in listing.users(self._calls, Filter=text).pages() for user in page]

    def _attributes(self) -> Iterator[Record]:
        pool = describe(self._calls, self._settings)
        for attribute in pool.attributes.values():
            if attribute.is_custom:
                yield _attribute_record(attribute)

    def _groups(self, want: Want, began: float) -> Iterator[Page]:
        """The groups, then the members of each; of all groups where no parents are named."""
        names: list[str] = sorted(want.parents.get("group", ()))
        if "group" in want.kinds or not names:
            groups = listing.groups(self._calls)
            listed: list[str] = []
            for page in groups.pages():
                listed += (str(group["GroupName"]) for group in page)
                if "group" in want.kinds:
                    yield Page("group", tuple(map(group_record, page)))
            if "group" in want.kinds:
                yield Page("group", (), Complete(groups.count, began))
            names = names or sorted(set(listed))
        if "group_member" in want.kinds:
            yield from self._members(names, began)

    def _members(self, names: Sequence[str], began: float) -> Iterator[Page]:
        count = 0
        for name in names:
            members = listing.users_in_group(self._calls, name)
            try:
                for page in members.pages():
                    yield Page("group_member", tuple(member_record(_sub(user), name) for user in page))
            except Failed as error:
                if error.failure.code is not Code.GONE:
                    raise
                continue  # the group was removed while its pool was read: it has no members
            count += members.count
        yield Page("group_member", (), Complete(count, began))

    def _users(self, want: Want, began: float) -> Iterator[Page]:
        users = listing.users(self._calls)
        links = 0
        unreadable = False
        for page in users.pages():
            if "user" in want.kinds:
                yield Page("user", tuple(self._record(user, want) for user in page))
            if "link" in want.kinds:
                try:
                    found = tuple(link for user in page for link in link_records(user))
                except ValueError:
                    unreadable = True
                    continue
                links += len(found)
                yield Page("link", found)
        if "user" in want.kinds:
            yield Page("user", (), Complete(users.count, began))
        if "link" in want.kinds:
            end = Partial("the identities of a user cannot be read") if unreadable else Complete(links, began)
            yield Page("link", (), end)

    def _record(self, user: Mapping[str, Any], want: Want) -> Record:
        """``mfa`` costs a call a user, and makes the user an active one of this month's bill: only where asked for."""
        record = record_of(user, credential=CREDENTIAL in want.fields)
        if "mfa" not in want.fields:
            return record
        try:
            factors = self._calls("AdminGetUser", Username=user["Username"]).get("UserMFASettingList") or ()
        except Failed as error:
            if error.failure.code is not Code.GONE:
                raise
            factors = None
        mfa = UNKNOWN if factors is None else sorted(factors)
        return Record("user", record.id, {**record.values, "mfa": mfa})


def _sub(user: Mapping[str, Any]) -> str:
    return next(str(pair["Value"]) for pair in user["Attributes"] if pair["Name"] == "sub")


def _attribute_record(attribute: Attribute) -> Record:
    values: dict[str, Any] = {"name": attribute.name, "type": _TYPES.get(attribute.type, "string")}
    if attribute.type == "String":
        values["max_length"] = attribute.max_length or VALUE_LENGTH
    return Record("attribute", attribute.name, values)
