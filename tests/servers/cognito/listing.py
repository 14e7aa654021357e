"""Listings: a page at a time over the pool's own tables, whose cost does not grow with the page's number."""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from moto.cognitoidp.models import CognitoIdpUser

from tests.servers.cognito.chains import LARGEST
from tests.servers.cognito.pool import Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.service import Operation, Request, Service
from tests.servers.cognito.status import status_of
from tests.servers.cognito.users import user_type

_FILTER: Final = re.compile(r'\s*"?([\w:]+)"?\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*')
_ESCAPE: Final = re.compile(r"\\(.)")
_ATTRIBUTES: Final = ("sub", "email", "phone_number", "name", "given_name", "family_name", "preferred_username")
_INHERENT: Final[dict[str, Callable[[CognitoIdpUser], str]]] = {
    "username": lambda user: user.username,
    "cognito:user_status": status_of,
    "status": lambda user: "Enabled" if user.enabled else "Disabled",
}
_EXACT: Final = ("sub", "email", "phone_number", "preferred_username")


def paged(
    service: Service,
    operation: str,
    request: Request,
    rows: Callable[[], Sequence[str]],
    member: str,
    show: Callable[[str], dict[str, Any] | None],
    token_name: str = "NextToken",
) -> dict[str, Any]:
    """One page. rows: the keys of all records, asked for at the start of a chain; show: None for one that has gone."""
    parameters = {name: value for name, value in request.items() if name != token_name}
    parameters["operation"] = operation
    token = request.get(token_name)
    place = service.chains.resume(token, parameters) if token else service.chains.begin(parameters, rows())
    keys, following = service.chains.page(place, request.get("Limit") or LARGEST)
    answer: dict[str, Any] = {member: [shown for key in keys if (shown := show(key)) is not None]}
    if following:
        answer[token_name] = following
    return answer


def list_users(service: Service, request: Request) -> dict[str, Any]:
    pool = service.pool(request)
    wanted = request.get("AttributesToGet")

    def show(username: str) -> dict[str, Any] | None:
        user = pool.users.get(username)
        return None if user is None else _only(user_type(user), wanted)

    return paged(service, "ListUsers", request, lambda: _rows(service, pool, request), "Users", show, "PaginationToken")


def _only(user: dict[str, Any], wanted: Sequence[str] | None) -> dict[str, Any]:
    if not wanted:
        return user
    found = [attribute for attribute in user["Attributes"] if attribute["Name"] in wanted]
    if len(found) < len(set(wanted)):
        raise Refusal.parameter("Not all users have set a value for the attributes to get.")
    return user | {"Attributes": found}


def _rows(service: Service, pool: Pool, request: Request) -> Sequence[str]:
    text = request.get("Filter")
    names = list(pool.users) if not text else [user.username for user in _matching(pool, text)]
    if service.list_lag:
        newest = time.monotonic() - service.list_lag
        names = [name for name in names if pool.born.get(name, 0.0) <= newest]
    return names


def _matching(pool: Pool, text: str) -> list[CognitoIdpUser]:
    parsed = _FILTER.fullmatch(text)
    if parsed is None:
        raise Refusal.parameter("Error while parsing filter.")
    name, operator, value = parsed[1], parsed[2], _ESCAPE.sub(r"\1", parsed[3])
    if name not in _INHERENT and name not in _ATTRIBUTES:
        raise Refusal.parameter(f"Invalid search attribute: {name}")
    if operator == "=" and name in _EXACT:
        return [user for user in pool.having(name, value) if user.attribute_lookup[name] == value]
    if operator == "=" and name == "username":
        return [pool.users[value]] if value in pool.users else []
    of = _INHERENT.get(name) or (lambda user: user.attribute_lookup.get(name, ""))
    fits = str.__eq__ if operator == "=" else str.startswith
    return [user for user in pool.users.values() if fits(of(user), value)]


OPERATIONS: Final[dict[str, Operation]] = {"ListUsers": list_users}
