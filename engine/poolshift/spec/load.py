"""Loads a spec: reads, fills, normalises, judges, and reports everything that is wrong at once."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import TypeAdapter

from poolshift.diagnostics import Place
from poolshift.errors import InputError
from poolshift.spec import document, section
from poolshift.spec.catalogue import Catalogue
from poolshift.spec.digest import digest
from poolshift.spec.model import Spec
from poolshift.spec.nodes import MapNode
from poolshift.spec.normalise import normalise, refuse_nulls
from poolshift.spec.problems import Problems
from poolshift.spec.resolve import resolve
from poolshift.spec.sections import judge
from poolshift.spec.variables import Variables, declare, given
from poolshift.spec.written import WrittenVariable


def load(
    path: Path,
    catalogue: Catalogue,
    *,
    variables: Mapping[str, str] | None = None,
    variable_files: Sequence[Path] = (),
    environ: Mapping[str, str],
) -> Spec:
    """Load a spec file.

    ``variables`` win over ``variable_files``, later files over earlier ones. Raises InputError (exit 65) with every
    diagnostic at once. Warnings, and keys whose execution comes later, are in the Spec.
    """
    problems = Problems()
    root = _read(path, problems)
    known = _variables(root, path, variables or {}, variable_files, environ, problems)
    filled = refuse_nulls(_fill(root, known), problems)
    assert isinstance(filled, MapNode)
    sections, judged = judge(normalise(filled), problems)
    resolved = resolve(sections, judged, path.parent, catalogue, problems)
    problems.raise_errors()
    assert resolved is not None
    return Spec(
        file=str(path),
        folder=str(path.parent),
        digest=digest(judged, resolved.secrets, resolved.tables),
        tables=resolved.tables,
        warnings=problems.warnings,
        not_yet=problems.later,
        **resolved.parts,
    )


def _read(path: Path, problems: Problems) -> MapNode:
    """Raises InputError where there is no document to go on with."""
    try:
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        summary = f"the spec cannot be read ({type(error).__name__})"
        raise InputError.of(
            "SPEC_FILE", summary, "Check the path; `poolshift init` writes one.", Place(str(path))
        ) from None
    root = document.read(data, str(path), problems)
    if root is None:
        problems.raise_errors()
        raise AssertionError("a document that cannot be read has an error")
    return root


def _variables(
    root: MapNode,
    path: Path,
    single: Mapping[str, str],
    files: Sequence[Path],
    environ: Mapping[str, str],
    problems: Problems,
) -> Variables:
    normal = normalise(MapNode({key: entry for key, entry in root.entries.items() if key == "vars"}, root.place))
    found = section.read(normal, "vars", TypeAdapter(dict[str, WrittenVariable]), problems)
    declared = found.value or {}
    places = declare(declared, found.node, problems)
    values = given(single, files, declared, str(path), problems)
    return Variables(declared, values, environ, path.parent, problems, places)


def _fill(root: MapNode, known: Variables) -> MapNode:
    filled = known.fill(MapNode({key: entry for key, entry in root.entries.items() if key != "vars"}, root.place))
    known.check()
    assert isinstance(filled, MapNode)
    return filled
