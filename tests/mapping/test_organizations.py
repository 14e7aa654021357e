"""Organizations: what the destination should hold for a key."""

from typing import Any

from poolshift.mapping.organizations import DesiredOrganization, OrganizationRules
from tests.mapping.ends import destination, spec_of

TABLES = {"tenants": {"bigco": {"id": "bigco", "name": "Big Co", "domain": "BIGCO.example.com"}, "x": {"name": ""}}}


def rules(**organizations: Any) -> OrganizationRules:
    fragment = {"organizations": {"source": "custom:tenant", **organizations}, "tables": TABLES}
    return OrganizationRules(spec_of(fragment), destination())


def test_the_key_is_the_name_by_default() -> None:
    """Without `name` nothing but the key is known."""
    assert rules().desired("bigco") == DesiredOrganization("bigco", "bigco")


def test_names_and_domains_come_from_a_table() -> None:
    """Domains are lower case; an empty cell is null, so the expression's other side answers."""
    own = rules(name="{{ tables.tenants[key].name or key }}", domains="{{ [tables.tenants[key].domain] }}")
    assert own.desired("bigco") == DesiredOrganization("bigco", "Big Co", ("bigco.example.com",))
    assert own.desired("x") == DesiredOrganization("x", "x")
    assert own.desired("unheard-of") == DesiredOrganization("unheard-of", "unheard-of")


def test_an_item_overrules_name_domains_and_settings() -> None:
    """Settings merge by key, the item's win."""
    items = {"bigco": {"name": "Big", "domains": ["a.example.com"], "settings": {"b": 2}}}
    own = rules(name="{{ tables.tenants[key].name }}", settings={"a": 1, "b": 1}, items=items, create=False)
    assert own.desired("bigco") == DesiredOrganization("bigco", "Big", ("a.example.com",), {"a": 1, "b": 2}, False)
    assert own.desired("x").settings == {"a": 1, "b": 1}


def test_two_keys_of_one_name_are_found() -> None:
    """Each names the other as its partner; a name of one key alone is nobody's finding."""
    own = rules(items={"a": {"name": "Acme"}, "b": {"name": "Acme"}})
    found = own.twice(["b", "a", "c", "a"])
    assert [(finding.address, finding.partner) for finding in found] == [
        ('organization["a"]', 'organization["b"]'),
        ('organization["b"]', 'organization["a"]'),
    ]
    assert {finding.code for finding in found} == {"ORGANIZATION_NAME_TWICE"}
    assert own.twice(["a", "c"]) == ()


def test_a_spec_without_organizations_has_none() -> None:
    """Nobody has a key, and nothing is created."""
    own = OrganizationRules(spec_of({}), destination())
    assert own.keys("bigco", []) == ()
    assert own.desired("bigco").create is False
