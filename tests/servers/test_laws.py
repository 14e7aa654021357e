"""Laws of the layer that hold whatever is asked of it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from botocore.model import Shape  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers.cognito import CognitoServer
from tests.servers.cognito.pool import VERIFIABLE, Pool
from tests.servers.cognito.refusal import Refusal
from tests.servers.cognito.server import OPERATIONS
from tests.servers.cognito.shapes import operation_of

NAMES = ("ann", "Ann", "bob", "cee")
ADDRESSES = ("x@example.com", "X@example.com", "y@example.com", "")
ALIASES = ("email", "preferred_username")
SETTINGS: tuple[dict[str, Any], ...] = (
    {},
    {"AliasAttributes": list(ALIASES)},
    {"AliasAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}},
    {"UsernameAttributes": ["email"], "UsernameConfiguration": {"CaseSensitive": False}},
)

attributes = st.dictionaries(
    st.sampled_from(("email", "email_verified", "preferred_username", "given_name")), st.sampled_from((0, 1, 2, 3))
).map(
    lambda chosen: [
        {"Name": name, "Value": ("true", "false")[number % 2] if name == "email_verified" else ADDRESSES[number]}
        for name, number in chosen.items()
    ]
)
people = st.sampled_from(NAMES + ADDRESSES[:3])
steps = st.one_of(
    st.tuples(st.just("AdminCreateUser"), st.fixed_dictionaries({"Username": people, "UserAttributes": attributes})),
    st.tuples(
        st.just("AdminCreateUser"),
        st.fixed_dictionaries({"Username": people, "UserAttributes": attributes, "ForceAliasCreation": st.just(True)}),
    ),
    st.tuples(
        st.just("AdminUpdateUserAttributes"), st.fixed_dictionaries({"Username": people, "UserAttributes": attributes})
    ),
    st.tuples(
        st.just("AdminDeleteUserAttributes"),
        st.fixed_dictionaries({"Username": people, "UserAttributeNames": st.just(["email"])}),
    ),
    st.tuples(st.just("AdminDeleteUser"), st.fixed_dictionaries({"Username": people})),
)


@pytest.fixture(scope="module")
def one() -> Iterator[CognitoServer]:
    """A server that is asked in process."""
    with CognitoServer() as server:
        yield server


@pytest.fixture(scope="module")
def pools(one: CognitoServer) -> list[str]:
    """A pool of each setting; making one takes moto a tenth of a second, so they are used again."""
    return [one.create_pool(**chosen) for chosen in SETTINGS]


@settings(max_examples=150, deadline=None)
@given(number=st.integers(0, len(SETTINGS) - 1), walk=st.lists(steps, max_size=12))
def test_aliases_stay_unique(
    one: CognitoServer, pools: list[str], number: int, walk: list[tuple[str, dict[str, Any]]]
) -> None:
    """After any calls, no alias names two people, and looking up finds whom a search of everybody finds."""
    pool = one.pool(pools[number])
    for user in tuple(pool.users.values()):
        pool.remove(user)
    for operation, request in walk:
        ask(one, operation, request | {"UserPoolId": pool.id})
    for name in ("email", "preferred_username"):
        for address in ADDRESSES[:3]:
            holders = everybody(pool, name, address)
            assert sorted(user.username for user in pool.having(name, address)) == holders
            if name in pool.username_attributes:
                assert len(holders) <= 1
            if name in pool.aliases:
                assert len([holder for holder in holders if is_active(pool, holder, name)]) <= 1


def ask(server: CognitoServer, operation: str, request: object) -> None:
    """Refusals are answers; anything else is raised."""
    with suppress(Refusal):
        server.ask(operation, request)


def everybody(pool: Pool, name: str, value: str) -> list[str]:
    wanted = pool.fold(value)
    return sorted(
        user.username for user in pool.users.values() if pool.fold(user.attribute_lookup.get(name, "")) == wanted
    )


def is_active(pool: Pool, username: str, name: str) -> bool:
    return name not in VERIFIABLE or pool.users[username].attribute_lookup.get(f"{name}_verified") == "true"


def value_of(shape: Shape, depth: int = 0) -> st.SearchStrategy[Any]:
    """Values that mostly fit a shape, and now and then do not."""
    texts = st.sampled_from(("", "ann", "x@example.com", "custom:plan", "Google", "Cognito", "a b", "x" * 300))
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "string": st.one_of(texts, st.sampled_from(shape.metadata.get("enum") or ("ann",))),
        "integer": st.integers(-1, 100),
        "boolean": st.booleans(),
    }
    if shape.type_name == "structure" and depth < 3:
        members = {name: value_of(member, depth + 1) for name, member in shape.members.items()}
        fits: st.SearchStrategy[Any] = st.fixed_dictionaries({}, optional=members)
    elif shape.type_name == "list" and depth < 4:
        fits = st.lists(value_of(shape.member, depth + 1), max_size=2)
    else:
        fits = kinds.get(shape.type_name, st.just({}))
    return fits if depth == 0 else st.one_of(fits, st.none()) if depth > 1 else fits


REQUESTS = {
    name: value_of(model.input_shape) for name in sorted(OPERATIONS) if (model := operation_of(name)) is not None
}


@settings(max_examples=250, deadline=None)
@given(data=st.data(), operation=st.sampled_from(sorted(REQUESTS)))
def test_every_request_is_answered_or_refused(one: CognitoServer, data: st.DataObject, operation: str) -> None:
    """Whatever is sent, the answer is one of the operation's own errors or a success: the layer never breaks."""
    request = data.draw(REQUESTS[operation])
    ask(one, operation, request | ({"UserPoolId": one.pool_id} if data.draw(st.booleans()) else {}))


def test_one_of_many_wins(server: CognitoServer) -> None:
    """Of many calls at once that want the same username, one gets it."""
    client = server.client(max_pool_connections=16)

    def create(_number: int) -> bool:
        try:
            client.admin_create_user(UserPoolId=server.pool_id, Username="ann")
        except client.exceptions.UsernameExistsException:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        assert sum(threads.map(create, range(64))) == 1
    client.close()
