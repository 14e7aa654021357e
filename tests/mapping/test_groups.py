"""Group rules: what a source group gives a person at the destination."""

from dataclasses import replace
from typing import Any

import pytest

from poolshift.identity.finding import Finding
from poolshift.mapping.element import Element
from poolshift.mapping.groups import GroupRules
from poolshift.provider.schema import FieldSchema, Key, KindSchema, Reading
from tests.mapping.ends import destination, spec_of

NOBODY: tuple[str, ...] = ()


def group_path(name: str) -> str:
    return name if name.startswith("/") else f"/{name}"


def rules(*groups: dict[str, Any]) -> GroupRules:
    tables = {"teams": {"team-a": {"id": "team-a", "name": "Team A"}}}
    return GroupRules(spec_of({"groups": groups, "tables": tables}), destination())


def role(name: str, scope: str = "", privileged: bool = False) -> Element:
    return Element("role_member", (scope, name), "role", (scope, name), privileged)


def test_the_first_matching_rule_wins() -> None:
    """Rules are ordered; what stands behind a match is not asked."""
    own = rules({"match": "admins", "target": "skip"}, {"match": "*", "target": "group"})
    assert own.elements("admins", NOBODY) == ()
    assert own.elements("users", NOBODY) == (Element("group_member", ("users",), "group", ("users",)),)


@pytest.mark.parametrize(
    ("pattern", "group", "matches"),
    [
        ("team-*", "team-a", True),
        ("team-*", "Team-a", False),
        ("team-?", "team-ab", False),
        ("*:*", "acme:editor", True),
        ("a.c", "abc", False),
        ("*", "a/b c\nd", True),
        ("[ab]", "a", False),
    ],
)
def test_globs_know_star_and_question_mark_only(pattern: str, group: str, matches: bool) -> None:
    """Everything else in a pattern stands for itself, case included."""
    assert bool(rules({"match": pattern, "target": "group"}).elements(group, NOBODY)) is matches


def test_names_are_templates_over_the_group() -> None:
    """Filters, parts and tables make a destination name."""
    own = rules(
        {"match": "team-a", "target": "group", "name": "{{ tables.teams[group].name }}"},
        {"match": "team-*", "target": "group", "name": "/teams/{{ group | removeprefix('team-') }}"},
    )
    assert own.elements("team-a", NOBODY)[0].parts == ("Team A",)
    assert own.elements("team-b", NOBODY)[0].parts == ("/teams/b",)


def test_a_role_of_an_application_has_its_scope() -> None:
    """The scope is the first part of the role's address."""
    own = rules({"match": "*", "target": "role", "scope": "application:crm", "create": False})
    assert own.elements("editor", ("bigco",)) == (
        Element("role_member", ("application:crm", "editor"), "role", ("application:crm", "editor"), False, False),
    )


def test_a_role_in_the_persons_own_organization() -> None:
    """One organization gives one scope."""
    own = rules({"match": "*", "target": "role", "scope": "organization"})
    assert own.elements("editor", ("bigco",)) == (role("editor", "organization:bigco"),)


def test_a_role_in_one_of_several_organizations_is_ambiguous() -> None:
    """Nothing is granted rather than everywhere, and the person is told of."""
    own = rules({"match": "*", "target": "role", "scope": "organization"})
    assert own.elements("editor", ("a", "b")) == ()
    assert own.findings("S1", ["editor"], ("a", "b")) == (
        Finding("ROLE_AMBIGUOUS", 'user["S1"]', message="group editor"),
    )


def test_a_role_without_any_organization_is_not_lost_in_silence() -> None:
    """The person may be left without an organization; the role may not vanish."""
    own = rules({"match": "*", "target": "role", "scope": "organization"})
    assert own.elements("editor", NOBODY) == ()
    assert own.codes("editor", NOBODY) == (("ORGANIZATION_MISSING", "group editor"),)


def test_a_rule_can_name_the_organization() -> None:
    """Then the person's own organizations do not matter."""
    rule = {"match": "*:*", "target": "role", "scope": "organization"}
    parts = {"organization": "{{ (group | split(':'))[0] }}", "name": "{{ (group | split(':'))[1] }}"}
    own = rules({**rule, **parts})
    assert own.elements("acme:editor", ("a", "b")) == (role("editor", "organization:acme"),)


def test_a_group_can_be_an_organization() -> None:
    """A membership whose parent is the organization of that key."""
    own = rules({"match": "*", "target": "organization"})
    assert own.elements("bigco", NOBODY) == (Element("organization_member", ("bigco",), "organization", ("bigco",)),)


def test_a_group_no_rule_takes_is_found() -> None:
    """So is one whose rule yields no name; `skip` is the way to leave one out."""
    own = rules({"match": "team-*", "target": "group", "name": "{{ tables.teams[group].name }}"})
    assert own.codes("admins", NOBODY) == (("GROUP_UNMAPPED", "group admins"),)
    assert own.codes("team-b", NOBODY) == (("GROUP_UNMAPPED", "group team-b: its rule yields no name"),)
    assert own.codes("team-a", NOBODY) == ()


def test_groups_that_are_not_migrated_give_nothing() -> None:
    """A spec without `groups` says nothing about them."""
    own = GroupRules(spec_of({}), destination())
    assert own.elements("admins", NOBODY) == ()
    assert own.codes("admins", NOBODY) == ()


@pytest.mark.parametrize(
    ("group", "privileged"),
    [("admins", True), ("administrators", True), ("Administrators", True), ("writers", False), ("sys-a", True)],
)
def test_a_privileged_name_is_privileged_whatever_rule_yields_it(group: str, privileged: bool) -> None:
    """`*` does not slip an `administrators` past the rule that guards it."""
    own = rules(
        {"match": "admins", "target": "role", "name": "administrators", "privileged": True},
        {"match": "sys-*", "target": "role", "privileged": True},
        {"match": "*", "target": "role"},
    )
    assert own.elements(group, NOBODY)[0].privileged is privileged


def test_a_privileged_name_with_an_expression_guards_its_literal_parts() -> None:
    """`adm-{{ … }}` covers every name that begins so; a name that is one expression covers its own rule only."""
    own = rules(
        {"match": "a:*", "target": "role", "name": "adm-{{ group | removeprefix('a:') }}", "privileged": True},
        {"match": "b:*", "target": "role", "name": "{{ group | removeprefix('b:') }}", "privileged": True},
        {"match": "*", "target": "role"},
    )
    assert own.elements("adm-x", NOBODY)[0].privileged
    assert own.elements("b:x", NOBODY)[0].privileged
    assert not own.elements("x", NOBODY)[0].privileged


def test_a_group_goes_by_the_name_the_destination_gives_it() -> None:
    """One group under two spellings is one address, and a privilege in both."""
    spec = spec_of(
        {
            "groups": [
                {"match": "admins", "target": "group", "privileged": True},
                {"match": "root", "target": "group", "name": "/admins"},
                {"match": "*", "target": "group"},
            ]
        }
    )
    plain = destination()
    names = {"name": FieldSchema("text", canonical=group_path)}
    groups = KindSchema("group", names, Reading("list"), (Key("name"),), {})
    own = GroupRules(spec, replace(plain, kinds={**plain.kinds, "group": groups}))
    first, second = own.elements("admins", NOBODY)[0], own.elements("root", NOBODY)[0]
    assert first == second == Element("group_member", ("/admins",), "group", ("/admins",), True)
    assert own.elements("users", NOBODY) == own.elements("/users", NOBODY)


def test_answers_are_kept() -> None:
    """Ten million memberships of few groups ask few questions: the same object comes back."""
    own = rules({"match": "*", "target": "group"})
    assert own.elements("a", ("x",)) is own.elements("a", ["x"])


def test_a_field_rule_adds_up_names() -> None:
    """Every path of such a rule has a list, an empty one when no group matches."""
    own = rules(
        {"match": "r-*", "target": "field", "field": "attributes.roles", "name": "{{ group | removeprefix('r-') }}"},
        {"match": "*", "target": "skip"},
    )
    assert own.elements("r-a", NOBODY) == ()
    assert own.field_values(["r-b", "x", "r-a"], NOBODY) == {"attributes.roles": ["a", "b"]}
    assert own.field_values([], NOBODY) == {"attributes.roles": []}
