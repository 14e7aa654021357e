"""Organizations of a project of the Ory Network, kept by the Ory Console: another API, with a key of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from poolshift.errors import ProviderDown
from poolshift.identity.record import Record, Ref
from poolshift.provider.operation import Code, Failed, Failure, Operation, Outcome, Put
from poolshift.provider.session import Calls
from poolshift_providers.ory.quotas import CONSOLE
from poolshift_providers.ory.settings import Settings

PAGE: Final = 1_000
KEY: Final = "key"
DOMAINS: Final = "domains"


class Organizations:
    """Raises what `Calls.http` raises, and ProviderDown for a list that goes round."""

    def __init__(self, calls: Calls, settings: Settings) -> None:
        self._calls = calls
        self._url = f"{settings.console_url}/projects/{quote(settings.project_id, safe='')}/organizations"
        self._headers = {"Authorization": f"Bearer {settings.workspace_key}"}

    def all(self) -> Iterator[Record]:
        token = ""
        used: set[str] = set()
        while True:
            query = {"page_size": PAGE} | ({"page_token": token} if token else {})
            page = self._calls.http(
                "GET", self._url, quota=CONSOLE, writes=False, query=query, headers=self._headers
            ).json()
            yield from map(_record, page["organizations"])
            if not page["has_next_page"]:
                return
            token = str(page["next_page_token"])
            if token in used:
                raise ProviderDown.of("ORY_ANSWER", "the list of organizations goes round", "Try again later.")
            used.add(token)

    def create(self, operation: Operation) -> Outcome:
        """Nothing keeps a label unique there: it is looked for first."""
        label, domains = _value(operation, KEY), _value(operation, DOMAINS)
        if not isinstance(label, str):
            raise Failed(Failure(Code.INVALID, "an organization needs a key", KEY))
        if any(own.values[KEY] == label for own in self.all()):
            raise Failed(Failure(Code.EXISTS, "there is an organization of this label", KEY))
        body = {"label": label, "domains": sorted(domains or ())}
        made = self._calls.http("POST", self._url, quota=CONSOLE, writes=True, json=body, headers=self._headers).json()
        return Outcome(operation.address, id=str(made["id"]), echo=_record(made))


def _record(organization: Mapping[str, Any]) -> Record:
    values = {KEY: str(organization["label"]), DOMAINS: sorted(organization.get("domains") or ())}
    return Record("organization", str(organization["id"]), values)


def _value(operation: Operation, path: str) -> Any:
    change = operation.changes.get(path)
    return change.value if isinstance(change, Put) else None


def member_records(identity: Mapping[str, Any]) -> list[Record]:
    """The organization an identity is in, if it is in one."""
    organization = identity.get("organization_id")
    if not organization:
        return []
    user = str(identity["id"])
    refs = {"user": Ref("", id=user), "organization": Ref("", id=str(organization))}
    return [Record("organization_member", member_id(user, str(organization)), {}, refs)]


def member_id(user: str, organization: str) -> str:
    return f"{user}\n{organization}"
