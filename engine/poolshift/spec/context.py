"""What every check of one noun has at hand: the document with its places, the two ends, the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from poolshift.diagnostics import Place
from poolshift.identity.kind import Kind
from poolshift.spec import nodes
from poolshift.spec.catalogue import SpecHook, SpecKind, SpecSchema
from poolshift.spec.model import Table
from poolshift.spec.nodes import MapNode, Node, ScalarNode, Step
from poolshift.spec.problems import Problems


@dataclass
class Context:
    """``source`` and ``destination`` are None where the provider or its settings are not usable.

    table_names: every table the spec names, readable or not.
    """

    document: MapNode
    problems: Problems
    folder: Path
    source: SpecSchema | None = None
    destination: SpecSchema | None = None
    hooks: Mapping[str, SpecHook] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=dict)
    table_names: frozenset[str] = frozenset()

    def at(self, *path: Step) -> Node | None:
        return nodes.at(self.document, path)

    def place(self, *path: Step) -> Place:
        """Of a value, or of what it would be in."""
        return nodes.place_of(self.document, path)

    def key_place(self, *path: Step) -> Place:
        return nodes.place_of(self.document, path, key=True)

    def error(self, code: str, summary: str, path: tuple[Step, ...], remedy: str = "") -> None:
        node = self.at(*path)
        if isinstance(node, ScalarNode) and node.filled and node.value:
            # What came from outside is shown as it is written.
            summary = summary.replace(str(node.value), node.written)
            remedy = remedy.replace(str(node.value), node.written)
        self.problems.error(code, summary, self.place(*path), remedy)

    def error_at_key(self, code: str, summary: str, path: tuple[Step, ...], remedy: str = "") -> None:
        self.problems.error(code, summary, self.key_place(*path), remedy)

    def has(self, *path: Step) -> bool:
        """Whether the spec says so itself, rather than by default."""
        return self.at(*path) is not None

    def destination_kind(self, kind: Kind) -> SpecKind | None:
        return self.destination.kinds.get(kind) if self.destination else None

    def source_kind(self, kind: Kind) -> SpecKind | None:
        return self.source.kinds.get(kind) if self.source else None


def creatable(kind: SpecKind | None) -> bool:
    """Whether records of a kind can be created at that end."""
    support = kind.verbs.get("create") if kind else None
    return support is not None and support.level.value in ("full", "partial")
