"""Groups and their members: groups.json of list-groups, members/*.json of list-users-in-group plus GroupName."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import InputError
from poolshift.identity.record import Record, Ref
from poolshift.provider.session import Calls
from poolshift_providers.cognito_export.json_forms import Batch, JsonFile
from poolshift_providers.cognito_export.json_stream import JsonStream
from poolshift_providers.cognito_export.problems import BadRecord, Problems, damaged

_NAMED: Final = "Add it with jq '. + {GroupName: \"…\"}' to what list-users-in-group wrote."


class Groups:
    """The groups folder, its group list read at once: there are at most 10,000 groups.

    Raises InputError: EXPORT_DAMAGED, EXPORT_CUT, EXPORT_GROUP_UNREAD, EXPORT_GROUP_UNKNOWN, EXPORT_INCOMPLETE.
    """

    def __init__(self, calls: Calls, folder: str) -> None:
        self._calls = calls
        self._list = f"{folder.rstrip('/')}/groups.json"
        self._members = f"{folder.rstrip('/')}/members"
        self.groups = self._read_list()

    @property
    def pool(self) -> str | None:
        """The pool the groups are of, where they say so."""
        return next((str(group["UserPoolId"]) for group in self.groups.values() if group.get("UserPoolId")), None)

    def files(self) -> tuple[str, ...]:
        return (self._list, *self._calls.files(self._members)) if self.groups else (self._list,)

    def records(self) -> Iterator[Record]:
        """One record a group; what a group does not have is absent."""
        for name, group in self.groups.items():
            values: dict[str, Any] = {"name": name}
            for path, key in (("description", "Description"), ("precedence", "Precedence"), ("role_arn", "RoleArn")):
                if group.get(key) is not None:
                    values[path] = group[key]
            yield Record("group", name, values)

    def members(self) -> Iterator[list[Record]]:
        """One record a membership, some at a time, whether or not its user is in the export. What is wrong with the
        files themselves is told at once, behind the last of them.
        """
        last_of_group: dict[str, tuple[str, bool]] = {}
        wrong: list[Diagnostic] = []
        for file in self._calls.files(self._members) if self.groups else ():
            if not file.endswith(".json"):
                wrong.append(Diagnostic("EXPORT_FORM", "not a .json file", Place(file), "Move it out of the folder."))
                continue
            members = JsonFile(self._calls, file)
            users = _behind_header(members)
            group = members.header.get("GroupName")
            if group is None:
                wrong.append(Diagnostic("EXPORT_INCOMPLETE", "the file has no GroupName", Place(file), _NAMED))
            elif group not in self.groups:
                remedy = "Export the groups again, or correct the name."
                wrong.append(Diagnostic("EXPORT_GROUP_UNKNOWN", "its group is not in groups.json", Place(file), remedy))
            else:
                yield from _members(file, group, users)
                last_of_group[group] = file, members.open_ended
        wrong += self._unread(last_of_group)
        if wrong:
            raise InputError(wrong)

    def _read_list(self) -> Mapping[str, Mapping[str, Any]]:
        with self._calls.file(self._list, "read") as stream:
            documents = JsonStream(stream, self._list)
            found: list[Any] = []
            token = None
            while documents.peek():
                document = documents.value()
                if isinstance(document, dict):
                    token = document.get("NextToken")
                    document = document.get("Groups", [document])
                found += document if isinstance(document, list) else [document]
        try:
            groups = {str(group["GroupName"]): group for group in found}
        except (KeyError, TypeError) as error:
            raise damaged(self._list, "not what list-groups writes: a group without GroupName") from error
        if token:
            raise _cut(self._list, f"{len(groups)} groups")
        return groups

    def _unread(self, last_of_group: Mapping[str, tuple[str, bool]]) -> Iterator[Diagnostic]:
        for group in self.groups:
            if group not in last_of_group:
                remedy = "Export its members with list-users-in-group; an empty group has a file with no users."
                yield Diagnostic("EXPORT_GROUP_UNREAD", f"no member file for group {group}", Place(self._list), remedy)
            elif last_of_group[group][1]:
                yield from _cut(last_of_group[group][0], f"group {group}").diagnostics


def _behind_header(members: JsonFile) -> Iterator[Batch]:
    """The users of a member file, its GroupName known. It may stand behind them: then a large file is read twice."""
    users = members.users()
    first = next(users, None)
    if first is None or "GroupName" in members.header:
        return users if first is None else chain((first,), users)
    for _ in users:
        continue
    return members.users()


def _members(file: str, group: str, batches: Iterator[Batch]) -> Iterator[list[Record]]:
    problems = Problems(file)
    nothing: dict[str, Any] = {}
    group_ref = Ref("", group, group)
    start = f"{group}\n"
    count = 0
    for users, lines in batches:
        records = []
        for number, user in enumerate(users):
            try:
                sub = _sub_of(user)
            except BadRecord as error:
                problems.add(error, count + number + 1, lines[number])
                continue
            records.append(Record("group_member", start + sub, nothing, {"user": Ref("", sub), "group": group_ref}))
        count += len(users)
        yield records
    problems.settle()


def _sub_of(user: Any) -> str:
    """The first attribute nearly always is the sub. Raises BadRecord."""
    try:
        first = user["Attributes"][0]
        if first["Name"] == "sub" and (own := first["Value"]):
            return str(own)
    except (KeyError, TypeError, IndexError):
        pass  # another form, or another order: looked at below
    if isinstance(user, dict):
        pairs = user.get("Attributes")
        sub = user.get("sub") if pairs is None else None
        for pair in pairs or ():
            if pair.get("Name") == "sub":
                sub = pair.get("Value")
                break
        if sub:
            return str(sub)
    raise BadRecord("EXPORT_NO_ID", "a member without sub")


def _cut(file: str, what: str) -> InputError:
    remedy = "Go on with --starting-token and the NextToken of this page, and put the answer into the same folder."
    return InputError([Diagnostic("EXPORT_CUT", f"{what}: the last page names a next one", Place(file), remedy)])
