"""Cases as data: a spec's text, and what is said about it.

A case writes the sections it is about; `bases.yaml` adds the others behind them, so that lines count in the case.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from poolshift.diagnostics import Diagnostic
from poolshift.errors import InputError
from poolshift.spec.load import load
from tests.spec.providers import Catalogue

HERE = Path(__file__).parent
CASES = HERE / "cases"
BASES: Mapping[str, Mapping[str, str]] = yaml.safe_load((HERE / "bases.yaml").read_text("utf-8"))
ENVIRON = {"SECRET": "invented"}


@dataclass(frozen=True)
class Case:
    """``expect``: what is said, as "line:column CODE"; an empty list is a spec that loads without a warning."""

    code: str
    name: str
    spec: str
    expect: tuple[str, ...]
    destination: str = "auth0"
    whole: bool = False
    files: Mapping[str, str] | None = None
    variables: Mapping[str, str] | None = None
    variable_file: str | None = None
    missing_variable_file: bool = False
    remedy: str = ""
    later: tuple[str, ...] | None = None

    @property
    def text(self) -> str:
        if self.whole:
            return self.spec
        written = set(re.findall(r"^(\w+):", self.spec, re.MULTILINE))
        sections = {**BASES["common"], **BASES[self.destination]}
        return self.spec + "".join(text for name, text in sections.items() if name not in written)


def cases() -> Sequence[Case]:
    found = []
    for path in sorted(CASES.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text("utf-8")):
            expect = tuple(case.pop("expect"))
            later = tuple(case.pop("later")) if "later" in case else None
            found.append(Case(code=path.stem, expect=expect, later=later, **case))
    return found


@dataclass(frozen=True)
class Verdict:
    """Everything a spec was told: errors and warnings, and what comes later."""

    said: tuple[Diagnostic, ...]
    later: tuple[Diagnostic, ...]
    loaded: bool

    def lines(self, folder: Path) -> tuple[str, ...]:
        return tuple(position(found, folder) for found in self.said)

    def later_lines(self, folder: Path) -> tuple[str, ...]:
        return tuple(position(found, folder) for found in self.later)


def position(found: Diagnostic, folder: Path) -> str:
    place = str(found.place).removeprefix(str(folder)).removeprefix("/").removeprefix("spec.yaml").removeprefix(":")
    return f"{place} {found.code}".strip()


def run(case: Case, folder: Path) -> Verdict:
    """Load a case in a folder of its own."""
    spec = folder / "spec.yaml"
    spec.write_text(case.text, "utf-8")
    for name, content in (case.files or {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    extra: dict[str, Any] = {}
    if case.variable_file is not None:
        (folder / "vars.yaml").write_text(case.variable_file, "utf-8")
    if case.variable_file is not None or case.missing_variable_file:
        extra["variable_files"] = [folder / "vars.yaml"]
    try:
        read = load(spec, Catalogue(), variables=case.variables, environ=ENVIRON, **extra)
    except InputError as error:
        return Verdict(error.diagnostics, (), loaded=False)
    return Verdict(read.warnings, read.not_yet, loaded=True)
