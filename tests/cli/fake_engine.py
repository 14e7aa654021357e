"""An engine without files and providers: answers with given documents, remembers what it was asked."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, cast

from poolshift.cli.engine import Document, Engine, Progress
from poolshift.diagnostics import Diagnostic
from poolshift.spec.model import Spec
from tests.render.golden import document_of


@dataclass
class FakeEngine(Engine):
    """``fails``: method name -> what it raises. ``asked``: (method, arguments) in order."""

    fails: Mapping[str, BaseException] = field(default_factory=dict)
    documents: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[Diagnostic, ...] = ()
    not_yet: tuple[Diagnostic, ...] = ()
    pairs: Sequence[tuple[str, str]] = ()
    rows: Sequence[Mapping[str, Any]] = ()
    asked: list[tuple[Any, ...]] = field(default_factory=list)
    open_sessions: int = 0

    def __post_init__(self) -> None:
        super().__init__()

    def names_asked(self) -> list[str]:
        return [entry[0] for entry in self.asked]

    def _asked(self, method: str, *arguments: Any) -> None:
        self.asked.append((method, *arguments))
        if method in self.fails:
            raise self.fails[method]

    def _document(self, usual: Document, method: str, *arguments: Any) -> Document:
        self._asked(method, *arguments)
        given: Document = self.documents.get(method, usual)
        return given

    def load(self, path: Path, variables: Mapping[str, str], variable_files: Sequence[Path]) -> Spec:
        self._asked("load", path, dict(variables), list(variable_files))
        return cast(Spec, SimpleNamespace(warnings=self.warnings, not_yet=self.not_yet))

    @contextmanager
    def session(self, spec: Spec, *, write: bool) -> Iterator[Any]:
        self._asked("session", write)
        self.open_sessions += 1
        try:
            yield "session"
        finally:
            self.open_sessions -= 1
            if "close" in self.fails:
                raise self.fails["close"]

    @contextmanager
    def plan(
        self, session: Any, out: Path | None, accept: Mapping[str, int], command: str, progress: Progress
    ) -> Iterator[Document]:
        progress("people", 3)
        yield self._document(document_of("plan-no-changes"), "plan", out, dict(accept), command)

    def plan_file(self, path: Path) -> Document:
        return self._document(document_of("plan-first"), "plan_file", path)

    def plan_class(self, path: Path, class_id: str) -> Document:
        return self._document(document_of("plan-class"), "plan_class", path, class_id)

    def explain(self, session: Any, who: str) -> Document:
        return self._document(document_of("explain-update"), "explain", who)

    def verify(self, session: Any, progress: Progress) -> Document:
        return self._document(document_of("verify-clean"), "verify")

    def drift(self, session: Any, progress: Progress) -> Document:
        return self._document(document_of("drift-none"), "drift")

    def resolve(
        self, session: Any, address: str, path: str, keep: Literal["source", "destination"], who: str, why: str
    ) -> Document:
        return self._document({"address": address, "keep": keep}, "resolve", address, path, keep, who, why)

    def apply_file(self, session: Any, path: Path, accept: Mapping[str, int], progress: Progress) -> Document:
        return self._document(document_of("report-done"), "apply_file", path, dict(accept))

    def apply_approved(self, session: Any, token: str, accept: Mapping[str, int], progress: Progress) -> Document:
        return self._document(document_of("report-done"), "apply_approved", token, dict(accept))

    def recover(self, session: Any) -> Document:
        return self._document(document_of("recovery-settled"), "recover")

    def status(self, session: Any) -> Document:
        return self._document(document_of("status-open"), "status")

    def report(self, session: Any, run: str | None) -> Document:
        return self._document(document_of("report-part"), "report", run)

    def export_ids(self, session: Any) -> Iterator[tuple[str, str]]:
        self._asked("export_ids")
        return iter(self.pairs)

    def list_state(self, session: Any, kind: str | None) -> Iterator[Document]:
        self._asked("list_state", kind)
        return iter(self.rows)

    def show_state(self, session: Any, address: str) -> Document:
        return self._document({"address": address, "fields": {"email": "0011"}}, "show_state", address)
