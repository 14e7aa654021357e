"""The spec's digest: equal for equal meaning, whatever the comments, the order of keys or the folder."""

from collections.abc import Collection, Mapping
from typing import Final

from poolshift import canonical
from poolshift.spec.model import Table
from poolshift.spec.nodes import ListNode, MapNode, Node, ScalarNode, Step, plain

SECRET: Final = "<secret>"
_LEFT_OUT: Final = frozenset({"vars", "tables"})
"""Variables count by the values they fill, tables by what they hold."""


def digest(document: MapNode, secrets: Collection[tuple[Step, ...]], tables: Mapping[str, Table]) -> str:
    """Hex sha256 over the normalised, filled document. ``secrets``: paths whose values do not count."""
    hidden: Node = document
    for path in secrets:
        hidden = _hide(hidden, path)
    content = {key: value for key, value in plain(hidden).items() if key not in _LEFT_OUT}
    content["tables"] = {name: {"key": table.key, "digest": table.digest} for name, table in tables.items()}
    return canonical.digest(content)


def _hide(node: Node, path: tuple[Step, ...]) -> Node:
    if not path:
        return _marked(node)
    step = path[0]
    if isinstance(node, MapNode) and isinstance(step, str) and step in node.entries:
        return node.put(step, _hide(node.entries[step].node, path[1:]))
    return node


def _marked(node: Node) -> Node:
    if isinstance(node, ScalarNode):
        return ScalarNode(SECRET, SECRET, node.place) if node.value is not None else node
    if isinstance(node, ListNode):
        return ListNode(tuple(_marked(item) for item in node.items), node.place)
    marked = node
    for key, entry in node.entries.items():
        marked = marked.put(key, _marked(entry.node))
    return marked
