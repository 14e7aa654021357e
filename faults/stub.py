"""A stub of a user pool that refuses nobody: it makes a person twice when it is asked twice, and so nothing is hidden.

Answers the operations that a migration uses, out of plain dictionaries; strict rules are the emulator's matter.
"""

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Self
from uuid import uuid4

from tests.end_to_end.cognito.pools import People
from tests.servers.cognito.terms import CognitoTerms

from faults.aws_json import Document, Listener, NotThere
from faults.emulated import pool_spec

POOL: Final = "eu-west-1_Stub00001"
_STANDARD: Final = ("sub", "email", "phone_number", "name", "given_name", "family_name", "preferred_username")
_FLAGS: Final = ("email_verified", "phone_number_verified")
_OWN: Final = ("sub", "identities", "custom:legacy_sub")
_FILTER: Final = re.compile(r'(\S+) = "(.*)"', re.DOTALL)


@dataclass
class _Held:
    """Everything the pool holds."""

    attributes: list[Document] = field(default_factory=list)
    users: dict[str, Document] = field(default_factory=dict)
    groups: dict[str, Document] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=dict)


class Stub:
    """A context manager around a server on a free port. messages: creates that did not ask for silence. held: all."""

    terms = CognitoTerms()
    environ: Mapping[str, str] = {}

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.held = _Held()
        self._lock = threading.Lock()
        self._listener = Listener(self.answer)
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.01,))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown()
        self._listener.server_close()
        self._thread.join()

    def spec(self, source: str | None, destination: str) -> str:
        return pool_spec(POOL, POOL, source, destination)

    # -- what is there
    def snapshot(self) -> Any:
        return deepcopy(self.held)

    def put(self, snapshot: Any) -> None:
        self.held = deepcopy(snapshot)
        self.messages.clear()

    def holders(self) -> Counter[str | None]:
        """How many records hold each source id."""
        return Counter(_values(user).get("custom:legacy_sub") for user in self.held.users.values())

    def moved(self) -> People:
        """Who is there, by source id. Nobody may be there twice."""
        return {_values(user)["custom:legacy_sub"]: self._seen(user) for user in self.held.users.values()}

    def ids(self) -> Mapping[str, str]:
        return {_values(user)["custom:legacy_sub"]: sub for sub, user in self.held.users.items()}

    def _seen(self, user: Document) -> Document:
        values = _values(user)
        return {
            "attributes": {name: value for name, value in values.items() if name not in _OWN},
            "groups": {name for name, inside in self.held.members.items() if values["sub"] in inside},
            "links": {(own["providerName"], own["userId"]) for own in json.loads(values.get("identities", "[]"))},
            "status": user["UserStatus"],
            "enabled": user["Enabled"],
        }

    # -- operations
    def answer(self, operation: str, request: Document) -> Document:
        """Raises NotThere; AttributeError for an operation it does not have."""
        with self._lock:
            found: Document = getattr(self, f"_{operation}")(request)
        return found

    def _DescribeUserPool(self, _: Document) -> Document:
        schema = [{"Name": name, "AttributeDataType": "String", "Mutable": True} for name in _STANDARD]
        schema += [{"Name": name, "AttributeDataType": "Boolean", "Mutable": True} for name in _FLAGS]
        described = {"Id": POOL, "SchemaAttributes": [*schema, *self.held.attributes], "UsernameAttributes": ["email"]}
        return {"UserPool": described | {"UsernameConfiguration": {"CaseSensitive": False}}}

    def _AddCustomAttributes(self, request: Document) -> Document:
        for own in request["CustomAttributes"]:
            self.held.attributes.append(own | {"Name": f"custom:{own['Name']}"})
        return {}

    def _ListUsers(self, request: Document) -> Document:
        users: Iterable[Document] = self.held.users.values()
        if match := _FILTER.fullmatch(request.get("Filter", "")):
            users = [user for user in users if _values(user).get(match[1]) == match[2]]
        return _page("Users", "PaginationToken", list(users), request)

    def _ListGroups(self, request: Document) -> Document:
        return _page("Groups", "NextToken", list(self.held.groups.values()), request)

    def _ListUsersInGroup(self, request: Document) -> Document:
        inside = [self.held.users[sub] for sub in self.held.members[self._group(request)["GroupName"]]]
        return _page("Users", "NextToken", inside, request)

    def _AdminListGroupsForUser(self, request: Document) -> Document:
        sub = _values(self._user(request))["sub"]
        own = [self.held.groups[name] for name, inside in self.held.members.items() if sub in inside]
        return _page("Groups", "NextToken", own, request)

    def _GetGroup(self, request: Document) -> Document:
        return {"Group": self._group(request)}

    def _CreateGroup(self, request: Document) -> Document:
        name = request["GroupName"]
        self.held.groups[name] = {key: value for key, value in request.items() if key != "UserPoolId"}
        self.held.members[name] = []
        return {"Group": self.held.groups[name]}

    def _AdminGetUser(self, request: Document) -> Document:
        user = dict(self._user(request))
        return user | {"UserAttributes": user.pop("Attributes")}

    def _AdminCreateUser(self, request: Document) -> Document:
        if request.get("MessageAction") != "SUPPRESS":
            self.messages.append("invitation")
        sub, now = str(uuid4()), time.time()
        user = self.held.users[sub] = {
            "Username": sub,
            "Attributes": [{"Name": "sub", "Value": sub}, *request.get("UserAttributes", ())],
            "UserCreateDate": now,
            "UserLastModifiedDate": now,
            "Enabled": True,
            "UserStatus": "FORCE_CHANGE_PASSWORD",
        }
        return {"User": user}

    def _AdminSetUserPassword(self, request: Document) -> Document:
        self._user(request)["UserStatus"] = "CONFIRMED"
        return {}

    def _AdminUpdateUserAttributes(self, request: Document) -> Document:
        sent = {own["Name"]: own["Value"] for own in request["UserAttributes"]}
        return self._set(self._user(request), sent)

    def _AdminDeleteUserAttributes(self, request: Document) -> Document:
        return self._set(self._user(request), {}, request["UserAttributeNames"])

    def _AdminEnableUser(self, request: Document) -> Document:
        self._user(request)["Enabled"] = True
        return {}

    def _AdminDisableUser(self, request: Document) -> Document:
        self._user(request)["Enabled"] = False
        return {}

    def _AdminAddUserToGroup(self, request: Document) -> Document:
        sub, inside = _values(self._user(request))["sub"], self.held.members[self._group(request)["GroupName"]]
        inside += [sub] if sub not in inside else []
        return {}

    def _AdminLinkProviderForUser(self, request: Document) -> Document:
        user = self._user({"Username": request["DestinationUser"]["ProviderAttributeValue"]})
        source = request["SourceUser"]
        own = {"userId": source["ProviderAttributeValue"], "providerName": source["ProviderName"]}
        held = json.loads(_values(user).get("identities", "[]"))
        return self._set(user, {"identities": json.dumps([*held, own | {"providerType": source["ProviderName"]}])})

    def _set(self, user: Document, sent: Mapping[str, str], without: Iterable[str] = ()) -> Document:
        values = {name: value for name, value in {**_values(user), **sent}.items() if name not in without}
        user["Attributes"] = [{"Name": name, "Value": value} for name, value in values.items()]
        user["UserLastModifiedDate"] = time.time()
        return {}

    def _user(self, request: Document) -> Document:
        user = self.held.users.get(request["Username"])
        if user is None:
            raise NotThere("UserNotFoundException")
        return user

    def _group(self, request: Document) -> Document:
        if request["GroupName"] not in self.held.groups:
            raise NotThere("ResourceNotFoundException")
        group: Document = self.held.groups[request["GroupName"]]
        return group


def _values(user: Document) -> dict[str, str]:
    return {own["Name"]: own["Value"] for own in user["Attributes"]}


def _page(key: str, token: str, records: list[Document], request: Document) -> Document:
    start = int(request.get(token, "0"))
    end = start + request.get("Limit", 60)
    return {key: records[start:end]} | ({token: str(end)} if end < len(records) else {})
