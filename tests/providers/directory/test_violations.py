"""The file refuses by itself, whatever the planner thought, and the schema says the same beforehand."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from poolshift.identity.kind import Kind
from poolshift.provider.operation import Clear, Code, Edit, Operation, WholeRejected
from poolshift.provider.verb import Verb
from tests.providers.directory.world import World, operation

ANN = {"external_id": "s1", "email": "ann@example.com", "username": "ann"}
NEW = {"external_id": "s2", "email": "bo@example.com"}

USERS: list[tuple[Verb, dict[str, Any], Code, str | None]] = [
    ("create", NEW | {"external_id": "s1"}, Code.EXISTS, "external_id"),
    ("create", ANN, Code.EXISTS, "external_id"),
    ("create", NEW | {"email": "ann@example.com"}, Code.TAKEN, "email"),
    ("create", NEW | {"email": "Ann@Example.COM"}, Code.TAKEN, "email"),
    ("create", NEW | {"email": "ａnn@example.com"}, Code.TAKEN, "email"),
    ("create", NEW | {"username": "ann"}, Code.TAKEN, "username"),
    ("create", {"external_id": "s2"}, Code.INVALID, "email"),
    ("create", NEW | {"email": None}, Code.INVALID, "email"),
    ("create", NEW | {"email": Clear()}, Code.INVALID, "email"),
    ("create", NEW | {"email": ""}, Code.INVALID, "email"),
    ("create", NEW | {"email": "no-at-sign"}, Code.INVALID, "email"),
    ("create", NEW | {"email": "x" * 243 + "@example.com"}, Code.INVALID, "email"),
    ("create", NEW | {"external_id": ""}, Code.INVALID, "external_id"),
    ("create", NEW | {"external_id": "x" * 257}, Code.INVALID, "external_id"),
    ("create", NEW | {"username": ""}, Code.INVALID, "username"),
    ("create", NEW | {"username": "x" * 129}, Code.INVALID, "username"),
    ("create", NEW | {"preferred_username": "x" * 129}, Code.INVALID, "preferred_username"),
    ("create", NEW | {"given_name": "x" * 257}, Code.INVALID, "given_name"),
    ("create", NEW | {"family_name": "x" * 257}, Code.INVALID, "family_name"),
    ("create", NEW | {"middle_name": "x" * 257}, Code.INVALID, "middle_name"),
    ("create", NEW | {"name": "x" * 257}, Code.INVALID, "name"),
    ("create", NEW | {"nickname": "x" * 257}, Code.INVALID, "nickname"),
    ("create", NEW | {"picture": "x" * 2049}, Code.INVALID, "picture"),
    ("create", NEW | {"profile": "x" * 2049}, Code.INVALID, "profile"),
    ("create", NEW | {"website": "x" * 2049}, Code.INVALID, "website"),
    ("create", NEW | {"gender": "x" * 65}, Code.INVALID, "gender"),
    ("create", NEW | {"birthdate": "x" * 11}, Code.INVALID, "birthdate"),
    ("create", NEW | {"zoneinfo": "x" * 65}, Code.INVALID, "zoneinfo"),
    ("create", NEW | {"locale": "x" * 65}, Code.INVALID, "locale"),
    ("create", NEW | {"phone_number": "+" + "1" * 64}, Code.INVALID, "phone_number"),
    ("create", NEW | {"owner": "x" * 129}, Code.INVALID, "owner"),
    ("create", NEW | {"name": 7}, Code.INVALID, "name"),
    ("create", NEW | {"name": True}, Code.INVALID, "name"),
    ("create", NEW | {"name": "\ud800"}, Code.INVALID, "name"),
    ("create", NEW | {"name": Edit(frozenset({"x"}))}, Code.INVALID, "name"),
    ("create", NEW | {"email_verified": "true"}, Code.INVALID, "email_verified"),
    ("create", NEW | {"enabled": 1}, Code.INVALID, "enabled"),
    ("create", NEW | {"enabled": None}, Code.INVALID, "enabled"),
    ("create", NEW | {"address": {1, 2}}, Code.INVALID, "address"),
    ("create", NEW | {"id": "x"}, Code.INVALID, "id"),
    ("create", NEW | {"created_at": "2024-01-01T00:00:00Z"}, Code.INVALID, "created_at"),
    ("create", NEW | {"favourite_colour": "crimson"}, Code.INVALID, "favourite_colour"),
    ("create", NEW | {"attributes.colour": "crimson"}, Code.INVALID, "attributes.colour"),
    ("create", NEW | {"attributes.plan": "123456789"}, Code.INVALID, "attributes.plan"),
    ("create", NEW | {"attributes.plan": 1}, Code.INVALID, "attributes.plan"),
    ("create", NEW | {"attributes.score": "1"}, Code.INVALID, "attributes.score"),
    ("create", NEW | {"attributes.score": True}, Code.INVALID, "attributes.score"),
    ("create", NEW | {"attributes.active": 1}, Code.INVALID, "attributes.active"),
    ("create", NEW | {"attributes.since": "2024-02-30"}, Code.INVALID, "attributes.since"),
    ("create", NEW | {"attributes.plan": "\udfff"}, Code.INVALID, "attributes.plan"),
    ("update", {"email": "cy@example.com"}, Code.TAKEN, "email"),
    ("update", {"external_id": "s9"}, Code.EXISTS, "external_id"),
    ("update", {"email": Clear()}, Code.INVALID, "email"),
    ("update", {"email": ""}, Code.INVALID, "email"),
    ("update", {"enabled": Clear()}, Code.INVALID, "enabled"),
    ("update", {"name": "x" * 257}, Code.INVALID, "name"),
    ("update", {"attributes.colour": "crimson"}, Code.INVALID, "attributes.colour"),
    ("update", {"id": "x"}, Code.INVALID, "id"),
]


@pytest.mark.parametrize(("verb", "values", "code", "path"), USERS)
def test_a_user_that_breaks_a_rule_is_refused(
    world: World, verb: Verb, values: dict[str, Any], code: Code, path: str | None
) -> None:
    """The failure has its code and path, holds no value, and the directory is as it was."""
    ann = world.put("user", ANN)
    world.put("user", {"external_id": "s9", "email": "cy@example.com"})
    before = world.records()
    (outcome,) = world.send(operation("user", verb, values, id=ann if verb == "update" else None))
    assert outcome.status == "failed"
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.path) == (code, path)
    assert not re.search("example|xx|ann|crimson|123", outcome.failure.message)
    assert world.records() == before


@pytest.mark.parametrize(("verb", "values", "code", "path"), [case for case in USERS if case[0] == "create"])
def test_one_bad_row_refuses_the_batch_without_being_named(
    world: World, verb: Verb, values: dict[str, Any], code: Code, path: str | None
) -> None:
    """Wherever the row stands, the world has none of the batch, and the engine has to look for it."""
    world.put("user", ANN)
    before = world.records()
    for place in range(3):
        rows = [operation("user", verb, {"email": f"n{n}@example.com"}) for n in range(2)]
        rows.insert(place, operation("user", verb, values))
        with pytest.raises(WholeRejected) as error:
            world.send(*rows, route="batch")
        assert error.value.rows == {}
        # A row that breaks two rules may be refused for either: within a batch nothing is looked up.
        assert error.value.failure.path in ({path, "email"} if values == ANN else {path})
        assert world.records() == before


def test_what_the_file_refuses_the_schema_says_beforehand(world: World) -> None:
    """Lengths, patterns, requirements, fields that are never written: the planner can find each of them."""
    kind = world.schema.kinds["user"]
    for verb, values, code, path in USERS:
        if code is not Code.INVALID or path is None:
            continue
        field = kind.fields.get(path)
        value = values.get(path)
        said = (
            field is None  # not a field, or an attribute that is not declared
            or field.write == "never"
            or (value in (None, "") and field.required)
            or (isinstance(value, Clear) and not field.clearable)
            or (value is None and not field.clearable)
            or isinstance(value, Edit)
            or (isinstance(value, str) and field.max_length is not None and len(value) > field.max_length)
            or (isinstance(value, str) and field.pattern is not None and not re.search(field.pattern, value))
            or not _is_a(field.type, value)
        )
        assert said, (verb, values, path)


def _is_a(type_: str, value: Any) -> bool:
    match type_:
        case "bool":
            return isinstance(value, bool)
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool)
        case "json":
            return not isinstance(value, set)
        case "time":
            return bool(value != "2024-02-30")
        case _:
            return isinstance(value, str) and value.encode("utf-8", "replace").decode() == value


SHARED: list[tuple[Kind, Verb, Mapping[str, Any], Code, str | None]] = [
    ("attribute", "create", {"name": "plan", "type": "date"}, Code.EXISTS, "name"),
    ("attribute", "create", {"name": "attributes.plan", "type": "string"}, Code.EXISTS, "name"),
    ("attribute", "create", {"name": "x", "type": "text"}, Code.INVALID, "type"),
    ("attribute", "create", {"name": "x", "type": "string", "max_length": 0}, Code.INVALID, "max_length"),
    ("attribute", "create", {"name": "x", "type": "string", "max_length": 1.5}, Code.INVALID, "max_length"),
    ("attribute", "create", {"name": "", "type": "string"}, Code.INVALID, "name"),
    ("attribute", "create", {"name": "x" * 64, "type": "string"}, Code.INVALID, "name"),
    ("attribute", "create", {"type": "string"}, Code.INVALID, "name"),
    ("attribute", "update", {"type": "number"}, Code.INVALID, "type"),
    ("attribute", "update", {"max_length": 7}, Code.INVALID, "max_length"),
    ("organization", "create", {"key": "acme"}, Code.EXISTS, "key"),
    ("organization", "create", {"key": ""}, Code.INVALID, "key"),
    ("organization", "create", {"key": "b", "domains": "b.example.com"}, Code.INVALID, "domains"),
    ("organization", "create", {"key": "b", "domains": [1]}, Code.INVALID, "domains"),
    ("organization", "create", {"key": "b", "name": Edit()}, Code.INVALID, "name"),
    ("organization", "update", {"key": "b"}, Code.INVALID, "key"),
    ("organization", "update", {"colour": "crimson"}, Code.INVALID, "colour"),
    ("role", "create", {"name": "editor"}, Code.EXISTS, "name"),
    ("role", "create", {"name": "x", "scope": "organization:none"}, Code.PARENT_GONE, "scope"),
    ("role", "create", {"name": "x", "scope": "elsewhere"}, Code.INVALID, "scope"),
    ("role", "create", {"name": 1}, Code.INVALID, "name"),
    ("role", "update", {"scope": ""}, Code.INVALID, "scope"),
    ("group", "create", {"name": "staff"}, Code.EXISTS, "name"),
    ("group", "create", {"name": "x" * 257}, Code.INVALID, "name"),
    ("group", "create", {"name": "x", "description": "x" * 2049}, Code.INVALID, "description"),
    ("group", "create", {"name": "x", "precedence": -1}, Code.INVALID, "precedence"),
    ("group", "create", {"name": "x", "precedence": 1 << 63}, Code.INVALID, "precedence"),
    ("group", "create", {"name": "x", "precedence": True}, Code.INVALID, "precedence"),
    ("group", "update", {"name": "x"}, Code.INVALID, "name"),
    ("group", "delete", {}, Code.UNSUPPORTED, None),
]


@pytest.mark.parametrize(("kind", "verb", "values", "code", "path"), SHARED)
def test_a_shared_record_that_breaks_a_rule_is_refused(
    world: World, kind: Kind, verb: Verb, values: Mapping[str, Any], code: Code, path: str | None
) -> None:
    """Names are unique, fixed ones stay, and an attribute never shrinks."""
    there = {
        "attribute": next(
            one.id for one in world.records("attribute")["attribute"] if one.values["name"] == "attributes.plan"
        ),
        "organization": world.put("organization", {"key": "acme"}),
        "role": world.put("role", {"name": "editor"}),
        "group": world.put("group", {"name": "staff"}),
    }
    before = world.records()
    (outcome,) = world.send(operation(kind, verb, values, id=None if verb == "create" else there[kind]))
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.path) == (code, path)
    assert world.records() == before


class Parts:
    """Ids of a small directory: ann is in acme, bo is not."""

    def __init__(self, world: World) -> None:
        self.ann = world.put("user", ANN)
        self.bo = world.put("user", NEW)
        self.acme = world.put("organization", {"key": "acme"})
        self.editor = world.put("role", {"name": "editor", "scope": "organization:acme"})
        self.staff = world.put("group", {"name": "staff"})
        world.put("organization_member", user=self.ann, organization=self.acme)
        world.put("role_member", user=self.ann, role=self.editor)
        world.put("link", {"provider": "Google", "subject": "1"}, user=self.ann)


def element(kind: Kind, verb: Verb, values: Mapping[str, Any], **refs: str) -> Operation:
    return operation(kind, verb, values, refs=refs)


def faulty_elements(parts: Parts) -> dict[str, tuple[Operation, Code, str | None]]:
    """By what is wrong with it."""
    google = {"provider": "Google", "subject": "1"}
    nobody = "0" * 32
    return {
        "no such user": (
            element("group_member", "create", {}, user=nobody, group=parts.staff),
            Code.PARENT_GONE,
            "user",
        ),
        "no such group": (
            element("group_member", "create", {}, user=parts.bo, group=nobody),
            Code.PARENT_GONE,
            "group",
        ),
        "no reference": (element("group_member", "create", {}), Code.PARENT_GONE, "user"),
        "role without membership": (
            element("role_member", "create", {}, user=parts.bo, role=parts.editor),
            Code.INVALID,
            "role",
        ),
        "membership that still carries a role": (
            element("organization_member", "delete", {}, user=parts.ann, organization=parts.acme),
            Code.INVALID,
            "organization",
        ),
        "link of another user": (element("link", "create", google, user=parts.bo), Code.TAKEN, "subject"),
        "link without subject": (
            element("link", "create", {"provider": "Google"}, user=parts.bo),
            Code.INVALID,
            "subject",
        ),
        "link with an empty subject": (
            element("link", "create", {"provider": "Google", "subject": ""}, user=parts.bo),
            Code.INVALID,
            "subject",
        ),
        "link of nobody": (
            element("link", "create", {"provider": "G", "subject": "2"}, user=nobody),
            Code.PARENT_GONE,
            "user",
        ),
        "update of a membership": (
            element("group_member", "update", {}, user=parts.ann, group=parts.staff),
            Code.UNSUPPORTED,
            None,
        ),
    }


@pytest.mark.parametrize(
    "fault",
    [
        "no such user",
        "no such group",
        "no reference",
        "role without membership",
        "membership that still carries a role",
        "link of another user",
        "link without subject",
        "link with an empty subject",
        "link of nobody",
        "update of a membership",
    ],
)
def test_an_element_that_breaks_a_rule_is_refused(world: World, fault: str) -> None:
    """What refers to something that is not there, or breaks a rule between records, leaves nothing."""
    faulty, code, path = faulty_elements(Parts(world))[fault]
    before = world.records()
    (outcome,) = world.send(faulty)
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.path) == (code, path)
    assert world.records() == before


def test_a_sixth_link_is_refused(world: World) -> None:
    """A user has at most five, one by one or all at once."""
    ann = world.put("user", ANN)
    links = [{"provider": f"p{n}", "subject": "1"} for n in range(6)]
    for link in links[:5]:
        world.put("link", link, user=ann)
    (outcome,) = world.send(element("link", "create", links[5], user=ann))
    assert outcome.failure is not None
    assert (outcome.failure.code, outcome.failure.path) == (Code.INVALID, "user")
    children = [element("link", "create", link | {"subject": "2"}) for link in links]
    with pytest.raises(WholeRejected):
        world.send(operation("user", "create", NEW, children=children), route="batch")
    assert len(world.records("user")["user"]) == 1


def test_an_update_of_a_user_that_is_gone_says_so(world: World) -> None:
    """An id that is no longer there is GONE, for users and for shared records."""
    for kind, values in (("user", {"name": "x"}), ("group", {"description": "x"})):
        (outcome,) = world.send(operation(kind, "update", values, id="0" * 32))  # type: ignore[arg-type]
        assert outcome.failure is not None
        assert outcome.failure.code is Code.GONE
