"""Lists that come in pages: to the very end, each by the way of paging that has no end of its own."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from poolshift.errors import ProviderDown
from poolshift_providers.auth0.api import ManagementApi

PAGE: Final = 100
Items = list[Mapping[str, Any]]


def checkpoints(
    api: ManagementApi, name: str, items: str, query: Mapping[str, str], at: Mapping[str, str] | None = None
) -> Iterator[Items]:
    """Pages by ``from`` and ``take``: only a missing ``next`` is the end. Raises ProviderDown for a circle."""
    begin: str | None = None
    seen: set[str] = set()
    while True:
        asked = {**query, "take": str(PAGE), **({"from": begin} if begin is not None else {})}
        answer = api(name, at, query=asked).json()
        if not isinstance(answer, dict) or items not in answer:
            raise ProviderDown.of("HTTP_ANSWER", f"{name}: an answer without {items}", "Try again.")
        if answer[items]:
            yield answer[items]
        begin = answer.get("next")
        if not begin:
            return
        if begin in seen:
            raise ProviderDown.of("LISTING_CIRCLE", f"{name}: the list begins again before it ends", "Try again.")
        seen.add(begin)


def numbered(
    api: ManagementApi, name: str, items: str, query: Mapping[str, str], at: Mapping[str, str] | None = None
) -> Iterator[Items]:
    """Pages by number, until as many were read as the list says it has. For lists that are known to be short."""
    page = read = 0
    while True:
        asked = {**query, "page": str(page), "per_page": str(PAGE), "include_totals": "true"}
        answer = api(name, at, query=asked).json()
        if not isinstance(answer, dict) or items not in answer:
            raise ProviderDown.of("HTTP_ANSWER", f"{name}: an answer without {items}", "Try again.")
        read += len(answer[items])
        if answer[items]:
            yield answer[items]
        if not answer[items] or read >= int(answer.get("total", 0)):
            return
        page += 1


def roles(api: ManagementApi) -> Iterator[Items]:
    """All roles of the tenant: at most 1,000."""
    return numbered(api, "roles", "roles", {})


def roles_named(api: ManagementApi, name: str) -> Items:
    """Roles of exactly this name; the filter takes part of one."""
    pages = numbered(api, "roles", "roles", {"name_filter": name})
    return [role for page in pages for role in page if role.get("name") == name]


def organizations(api: ManagementApi) -> Iterator[Items]:
    return checkpoints(api, "organizations", "organizations", {})


def members(api: ManagementApi, organization: str) -> Iterator[Items]:
    """Members with the roles they have there."""
    query = {"fields": "user_id,roles", "include_fields": "true"}
    return checkpoints(api, "members", "members", query, {"organization": organization})


def role_members(api: ManagementApi, role: str) -> Iterator[Items]:
    return checkpoints(api, "role_members", "users", {}, {"role": role})
