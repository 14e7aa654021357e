"""Writes of identities."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from poolshift.provider.operation import Clear, Code, Failed, Failure, Operation, Outcome, Put, Unknown, WholeRejected
from poolshift_providers.ory.document import json_patch, new_identity
from poolshift_providers.ory.failures import judged
from poolshift_providers.ory.identity_record import EXTERNAL_ID, Layout, link_id, record_of
from poolshift_providers.ory.organizations import member_id
from poolshift_providers.ory.requests import Requests

_ROWS_OWN = frozenset({Code.EXISTS, Code.INVALID})


class UserWrites:
    """Raises Failed, Unknown and, of a batch, WholeRejected."""

    def __init__(self, requests: Requests, schema_id: str, layout: Layout) -> None:
        self._requests = requests
        self._schema_id = schema_id
        self._layout = layout

    def create_all(self, operations: Sequence[Operation]) -> Iterator[Outcome]:
        """One call. Kratos names no row where all of them fail, or where one has a form it cannot read."""
        if len(operations) == 1:
            yield from self.create(operations[0])  # here a refusal says which trait it is about
            return
        rows = [{"patch_id": _patch_id(own), "create": self._document(own)} for own in operations]
        try:
            answer = self._requests.create_all(rows)
        except Failed as error:
            if error.failure.code in _ROWS_OWN:
                raise WholeRejected(error.failure, {}) from error
            raise
        answers = answer.get("identities") if isinstance(answer, Mapping) else None
        if not isinstance(answers, list) or len(answers) != len(operations):
            raise Unknown("PATCH /admin/identities: the answer has not one row for each that was sent")
        for operation, row, own in zip(operations, rows, answers, strict=True):
            if own.get("patch_id", row["patch_id"]) != row["patch_id"]:
                raise Unknown("PATCH /admin/identities: the answer is not in the order of what was sent")
            if own.get("action") == "create":
                if not own.get("identity"):
                    raise Unknown("PATCH /admin/identities: the answer does not say who was created")
                yield from _made(operation, str(own["identity"]))
            else:
                yield Outcome(operation.address, "failed", failure=self._refused_row(operation, own.get("error")))

    def create(self, operation: Operation) -> Iterator[Outcome]:
        try:
            made = self._requests.create(self._document(operation))
        except Failed as error:
            raise Failed(self._whose(operation, error.failure)) from error
        yield from _made(operation, str(made["id"]), made, self._layout)

    def update(self, operation: Operation) -> Iterator[Outcome]:
        """One JSON Patch of what differs from the identity as it was a moment ago."""
        current = operation.current
        if current is None or operation.id is None:
            raise Failed(Failure(Code.GONE, "the identity is not there"))
        patch = json_patch(operation, current.raw, self._layout)
        if not patch:
            yield Outcome(operation.address, "already", id=operation.id, echo=current)
            return
        try:
            changed = self._requests.patch(operation.id, patch)
        except Failed as error:
            if error.failure.code is not Code.EXISTS:
                raise
            why = "another identity has this external_id, or signs in with this"
            raise Failed(Failure(Code.TAKEN, why, request_id=error.failure.request_id)) from error
        yield Outcome(operation.address, id=operation.id, echo=record_of(changed, self._layout))

    def delete(self, operation: Operation) -> Iterator[Outcome]:
        if operation.id is None:
            raise Failed(Failure(Code.GONE, "the operation names no identity"))
        there = self._requests.delete(operation.id)
        yield Outcome(operation.address, "done" if there else "already", id=operation.id)

    def _document(self, operation: Operation) -> dict[str, Any]:
        return new_identity(operation, self._schema_id, self._layout)

    def _refused_row(self, operation: Operation, error: Any) -> Failure:
        error = error if isinstance(error, Mapping) else {}
        code = error.get("code")
        return self._whose(operation, judged(code if isinstance(code, int) else 0, error))

    def _whose(self, operation: Operation, failure: Failure) -> Failure:
        """A conflict does not say about what. Only the identity that has our external_id can be the one we made."""
        change = operation.changes.get(EXTERNAL_ID)
        if failure.code is not Code.EXISTS or change is None or isinstance(change, Clear):
            return failure
        if isinstance(change, Put) and self._requests.by_external_id(str(change.value)) is not None:
            return Failure(Code.EXISTS, "an identity has this external_id", EXTERNAL_ID, request_id=failure.request_id)
        why = "another identity signs in with this, by a trait or by a social sign-in"
        return Failure(Code.TAKEN, why, request_id=failure.request_id)


def _made(
    operation: Operation, id: str, identity: Mapping[str, Any] | None = None, layout: Layout | None = None
) -> Iterator[Outcome]:
    echo = record_of(identity, layout) if identity is not None and layout is not None else None
    yield Outcome(operation.address, id=id, echo=echo)
    for child in operation.children:
        if child.kind == "organization_member":
            yield Outcome(child.address, id=member_id(id, child.refs["organization"].id or ""))
            continue
        provider, subject = (_text(child, path) for path in ("provider", "subject"))
        yield Outcome(child.address, id=link_id(id, provider, subject))


def _text(operation: Operation, path: str) -> str:
    change = operation.changes[path]
    return str(change.value) if isinstance(change, Put) else ""


def _patch_id(operation: Operation) -> str:
    return str(uuid5(NAMESPACE_URL, operation.address))
