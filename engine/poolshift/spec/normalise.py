"""Short forms become mappings, so that every mistake is reported once and at its own place."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from poolshift.spec.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from poolshift.spec.problems import Problems

_OPEN: Final = frozenset({"value", "default", "values", "settings", "vars"})
"""Keys below which null is a value like any other."""


def normalise(document: MapNode) -> MapNode:
    """The document with every short form written out."""
    for path, long_form in (
        (("users", "fields"), _each(_origin)),
        (("users", "factors"), _factors),
        (("organizations", "from"), _origin),
        (("links",), _each(_link)),
        (("attributes",), _attributes),
        (("vars",), _each(_variable)),
    ):
        document = _change(document, path, long_form)
    return document


def refuse_nulls(node: Node, problems: Problems, name: str = "") -> Node:
    """A copy without keys that have no value; reports each. Only constants and settings may be null."""
    if isinstance(node, ListNode):
        return replace(node, items=tuple(refuse_nulls(item, problems, name) for item in node.items))
    if not isinstance(node, MapNode):
        return node
    entries: dict[str, Entry] = {}
    for key, entry in node.entries.items():
        if key in _OPEN:
            entries[key] = entry
        elif isinstance(entry.node, ScalarNode) and entry.node.value is None:
            problems.error("SPEC_TYPE", f'"{key}" has no value', entry.key_place, "Write one, or leave the key out.")
        else:
            entries[key] = replace(entry, node=refuse_nulls(entry.node, problems, key))
    return replace(node, entries=entries)


def _change(node: MapNode, path: tuple[str, ...], long_form: Callable[[Node], Node]) -> MapNode:
    below = node.get(path[0])
    if below is None:
        return node
    if len(path) == 1:
        return node.put(path[0], long_form(below))
    return node.put(path[0], _change(below, path[1:], long_form)) if isinstance(below, MapNode) else node


def _each(long_form: Callable[[Node], Node]) -> Callable[[Node], Node]:
    def change(node: Node) -> Node:
        if not isinstance(node, MapNode):
            return node
        entries = {key: replace(entry, node=long_form(entry.node)) for key, entry in node.entries.items()}
        return replace(node, entries=entries)

    return change


def _wrap(key: str, node: Node) -> MapNode:
    return MapNode({key: Entry(node.place, node)}, node.place)


def _origin(node: Node) -> Node:
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return _wrap("value" if "{{" in node.value else "from", node)
    return node


def _link(node: Node) -> Node:
    return _wrap("to", node) if isinstance(node, ScalarNode) and isinstance(node.value, str) else node


def _factors(node: Node) -> Node:
    return _wrap("*", node) if isinstance(node, ScalarNode) and isinstance(node.value, str) else node


def _attributes(node: Node) -> Node:
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return _wrap("mode", node)
    if isinstance(node, MapNode):
        mode = ScalarNode("listed", "listed", node.place)
        return MapNode({"mode": Entry(node.place, mode), "items": Entry(node.place, node)}, node.place)
    return node


def _variable(node: Node) -> Node:
    return MapNode({}, node.place) if isinstance(node, ScalarNode) and node.value is None else node
