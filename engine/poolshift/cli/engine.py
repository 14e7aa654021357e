"""What the commands ask of the layers below. Each method imports what it needs, so that a command pays for itself only.

Tests hand `main` another object with these methods.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pathlib import Path

    from poolshift.planning.session import Session
    from poolshift.provider.discovery import Installed
    from poolshift.spec.model import Spec

Document = Mapping[str, Any]
Progress = Callable[[str, int], None]


class Engine:
    """poolshift without a command line."""

    def __init__(self) -> None:
        self._installed: Installed | None = None

    def installed(self) -> Installed:
        if self._installed is None:
            from poolshift.provider.discovery import Installed

            self._installed = Installed()
        return self._installed

    def load(self, path: Path, variables: Mapping[str, str], variable_files: Sequence[Path]) -> Spec:
        from poolshift.spec.load import load

        return load(path, self.installed(), variables=variables, variable_files=variable_files, environ=os.environ)

    def session(self, spec: Spec, *, write: bool) -> AbstractContextManager[Session]:
        from poolshift.planning.session import open_session

        return open_session(spec, self.installed(), os.environ, write=write)

    def doctor(self, spec: Spec) -> Document:
        from poolshift.cli.exit_codes import first
        from poolshift.planning.doctor import diagnose, document

        found = diagnose(spec, self.installed(), os.environ)
        return document(spec, found, first(found.codes))

    @contextmanager
    def plan(
        self, session: Session, out: Path | None, accept: Mapping[str, int], command: str, progress: Progress
    ) -> Iterator[Document]:
        from poolshift.planning.compute import compute

        with compute(session, out=out, accept=accept, command=command, progress=progress) as planned:
            yield planned.plan.document

    def plan_file(self, path: Path) -> Document:
        """The document of a plan file. Raises UsageError when there is none, PlanUnusable when it is damaged."""
        from poolshift.planning.plan_file import open_plan_file

        with closing(open_plan_file(path)) as plan:
            return plan.document

    def plan_class(self, path: Path, class_id: str) -> Document:
        """The document with the ``changes`` of one class. Raises UsageError when there is no such class."""
        from poolshift.planning.plan_file import open_plan_file

        with closing(open_plan_file(path)) as plan:
            return plan.class_document(class_id)

    def explain(self, session: Session, who: str) -> Document:
        from poolshift.planning.explain import explain

        return explain(session, who)

    def verify(self, session: Session, progress: Progress) -> Document:
        from poolshift.planning.verify import verify

        return verify(session, progress)

    def drift(self, session: Session, progress: Progress) -> Document:
        from poolshift.planning.drift import drift

        return drift(session, progress)

    def resolve(
        self, session: Session, address: str, path: str, keep: Literal["source", "destination"], who: str, why: str
    ) -> Document:
        from poolshift.planning.resolve import resolve

        return resolve(session, address, path, keep, who, why)

    def apply_file(self, session: Session, path: Path, accept: Mapping[str, int], progress: Progress) -> Document:
        from poolshift.apply.migrate import apply_file

        return apply_file(session, path, accept, progress)

    def apply_approved(self, session: Session, token: str, accept: Mapping[str, int], progress: Progress) -> Document:
        from poolshift.apply.migrate import apply_approved

        return apply_approved(session, token, accept, progress)

    def recover(self, session: Session) -> Document:
        from poolshift.apply.recover import recover

        return recover(session)

    def status(self, session: Session) -> Document:
        from poolshift.planning.status import status

        return status(session)

    def report(self, session: Session, run: str | None) -> Document:
        from poolshift.planning.status import report

        return report(session, run)

    def export_ids(self, session: Session) -> Iterator[tuple[str, str]]:
        from poolshift.planning.status import export_ids

        return export_ids(session)

    def list_state(self, session: Session, kind: str | None) -> Iterator[Document]:
        from poolshift.planning.status import list_state

        return list_state(session, kind)

    def show_state(self, session: Session, address: str) -> Document:
        from poolshift.planning.status import show_state

        return show_state(session, address)

    def rebuild_state(self, session: Session, write: bool, progress: Progress) -> Document:
        from poolshift.planning.rebuild import rebuild

        return rebuild(session, write=write, progress=progress)

    def verify_state(self, spec: Spec) -> Document:
        from poolshift.planning.care import verify_state

        return verify_state(spec, os.environ)

    def rekey_state(self, spec: Spec) -> Document:
        from poolshift.planning.care import rekey_state

        return rekey_state(spec, os.environ)

    def export_state(self, spec: Spec, file: Path) -> Document:
        from poolshift.planning.care import export_state

        return export_state(spec, os.environ, file)

    def import_state(self, spec: Spec, file: Path) -> Document:
        from poolshift.planning.care import import_state

        return import_state(spec, os.environ, file)

    def lock_status(self, spec: Spec) -> Document:
        from poolshift.planning.care import lock_status

        return lock_status(spec)

    def lock_break(self, spec: Spec) -> Document:
        from poolshift.planning.care import lock_break

        return lock_break(spec)

    def schema(self, kind: Literal["spec", "plan", "report"]) -> Document:
        """The JSON Schema of the spec (with every installed provider's settings), of plans, or of reports."""
        if kind == "spec":
            from poolshift.spec.json_schema import spec_schema

            installed = self.installed()
            names = sorted({*installed.names("source"), *installed.names("destination")})
            return spec_schema({name: installed.settings(name) for name in names})
        from poolshift.render.schema import plan_schema, report_schema

        return plan_schema() if kind == "plan" else report_schema()
