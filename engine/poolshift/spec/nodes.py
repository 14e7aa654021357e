"""A document as nodes that remember their place, and paths through them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from poolshift.diagnostics import Place

ScalarValue = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """``written`` is the text of the file, without what was filled in; ``filled`` names where that came from."""

    value: ScalarValue
    written: str
    place: Place
    quoted: bool = False
    filled: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ListNode:
    items: tuple["Node", ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A value with the place of its key."""

    key_place: Place
    node: "Node"


@dataclass(frozen=True, slots=True)
class MapNode:
    entries: dict[str, Entry]
    place: Place

    def get(self, key: str) -> "Node | None":
        entry = self.entries.get(key)
        return entry.node if entry else None

    def put(self, key: str, node: "Node") -> "MapNode":
        """A copy with another value under an existing key."""
        return replace(self, entries={**self.entries, key: replace(self.entries[key], node=node)})


Node = ScalarNode | ListNode | MapNode
Step = str | int


def plain(node: Node) -> Any:
    """The JSON value of a node."""
    if isinstance(node, MapNode):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    return node.value


def child(node: Node | None, step: Step) -> Node | None:
    if isinstance(node, MapNode) and isinstance(step, str):
        return node.get(step)
    if isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
        return node.items[step]
    return None


def at(node: Node | None, path: Sequence[Step]) -> Node | None:
    """The node a path leads to, None where it leads nowhere."""
    for step in path:
        node = child(node, step)
    return node


def place_of(node: Node, path: Sequence[Step], *, key: bool = False) -> Place:
    """The place a path leads to, as far as it leads; ``key``: of the last key rather than of its value."""
    place = node.place
    for step in path:
        if key and isinstance(node, MapNode) and isinstance(step, str) and step in node.entries:
            place = node.entries[step].key_place
        following = child(node, step)
        if following is None:
            return place
        node = following
        if not key or isinstance(step, int):
            place = node.place
    return place


def without(node: Node, path: Sequence[Step]) -> Node:
    """A copy without the node a path leads to."""
    step, rest = path[0], path[1:]
    if isinstance(node, MapNode) and isinstance(step, str) and step in node.entries:
        if rest:
            return node.put(step, without(node.entries[step].node, rest))
        return replace(node, entries={key: entry for key, entry in node.entries.items() if key != step})
    if isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
        middle = (without(node.items[step], rest),) if rest else ()
        return replace(node, items=(*node.items[:step], *middle, *node.items[step + 1 :]))
    return node
