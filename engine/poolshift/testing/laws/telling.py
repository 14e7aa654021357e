"""Laws 22, 23 and 24: refusals, secrets, hooks."""

import ast
import json
import logging
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeGuard

import pytest
from pydantic import BaseModel

from poolshift.errors import PoolshiftError
from poolshift.provider.operation import Code, Failure, Put
from poolshift.testing.breakage import Breakage
from poolshift.testing.laws.contract import Contract, does_not_apply
from poolshift.testing.migration import Migration
from poolshift.testing.people import Sketch, people_of
from poolshift.testing.trial import Trial

_WIRE: Final = frozenset({"botocore", "boto3", "urllib3", "httpx", "httpcore", "hypothesis", "asyncio"})
"""Libraries whose debug output is not ours; nobody switches it on but by hand."""

_CANARY: Final = "canary-7f3a@example.com"
_BODIES: Final = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b'"text"',
    b'{"message": "canary-7f3a@example.com is taken", "error": "canary-7f3a@example.com"}',
    b'{"error": {"code": 17, "message": "canary-7f3a@example.com"}, "errors": [{"message": "canary-7f3a@example.com"}]}',  # noqa: E501
    b'{"errorMessage": "canary-7f3a@example.com", "params": ["canary-7f3a@example.com"], "code": null}',
    b'{"__type": "SomethingNewException", "message": "canary-7f3a@example.com"}',
    b'{"message": "canary-7f3a@exam',
    b"<!DOCTYPE html><html><body>canary-7f3a@example.com</body></html>",
    b"\xff\xfe\x00canary",
)


class TellingLaws(Contract):
    """What a provider says."""

    def test_22_the_failure_table_is_total(self, trial: Trial) -> None:
        """Law 22. Any status and body gives a code, and no message holds a value of a record."""
        for status in range(400, 600):
            for body in (*_BODIES, *trial.world.refusals):
                failure = trial.observed.failure(status, body, {"Content-Type": "application/json"})
                assert isinstance(failure, Failure), f"status {status}: {type(failure).__name__}"
                assert isinstance(failure.code, Code), f"status {status}: no code"
                assert failure.message, f"status {status}: no message"
                assert _CANARY not in failure.message, f"status {status}: the message holds a value"
                assert _CANARY not in str(failure.path), f"status {status}: the path holds a value"
        if (header := trial.world.request_id) is not None:
            failure = trial.observed.failure(500, b"{}", {header: "request-1"})
            assert failure.request_id == "request-1", "the request id is lost"

    def test_23_secrets(self, trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
        """Law 23. Secrets and values of people appear in no log, repr, exception, journal, handle or file."""
        caplog.set_level(logging.DEBUG)
        secrets = set(_secrets(trial.settings))
        told = [repr(trial.reader()), *([repr(trial.settings)] if secrets else [])]
        values = _read(trial)
        files: list[bytes] = []
        if "destination" in trial.world.provider.ends:
            told.append(repr(trial.new_writer().inner))
            people = people_of(trial, [Sketch(), Sketch()])
            values |= {str(value) for one in people for value in one.values.values() if is_personal(value)}
            migration = trial.migration("law-23", people)
            told += _migrated(trial, migration)
            told += [str(failure) for failure in _refusals(trial, sorted(values)[:4])]
            files = [path.read_bytes() for path in migration.state.parent.rglob("*") if path.is_file()]
        told += [record.getMessage() for record in caplog.records if record.name.partition(".")[0] not in _WIRE]
        for canary in secrets | values:
            assert not [one for one in told if canary in one], "a value is told"
            assert not [one for one in files if canary.encode() in one], "a value lies in a file of ours"

    def test_24_hooks(self, trial: Trial) -> None:
        """Law 24. Hooks are reproducible, and their files can be read by those they are written for."""
        session: Any = trial.writer.inner if "destination" in trial.world.provider.ends else trial.reader()
        if not hasattr(session, "hooks"):
            does_not_apply("the provider offers no hooks")
        settings = {"url": "https://bridge.example.com", "secret": "invented"}
        for hook in session.hooks():
            files = hook.artefacts(settings)
            assert files == hook.artefacts(settings), f"{hook.name}: not the same twice"
            for name, text in files.items():
                assert (why := unreadable(name, text)) is None, f"{hook.name}: {name} is broken: {why}"


def unreadable(name: str, text: bytes) -> str | None:
    """What is wrong with a file of JSON, Python or JavaScript; None = nothing, or nobody here can tell.

    JavaScript is read by node, where it is installed.
    """
    ending = name.rpartition(".")[2]
    try:
        if ending == "json":
            json.loads(text)
        elif ending == "py":
            ast.parse(text)
    except (ValueError, SyntaxError) as error:
        return f"line {getattr(error, 'lineno', '?')}"
    node = shutil.which("node") if ending in ("js", "mjs", "cjs") else None
    if node is None:
        return None
    with TemporaryDirectory() as folder:
        file = Path(folder) / f"artefact.{ending}"
        file.write_bytes(text)
        checked = subprocess.run([node, "--check", str(file)], capture_output=True, timeout=30, check=False)
    return None if checked.returncode == 0 else "node --check refuses it"


def is_personal(value: object) -> TypeGuard[str]:
    """A text long enough that finding it anywhere is no accident."""
    return isinstance(value, str) and ("@" in value or value.startswith("+3247"))


def _read(trial: Trial) -> set[str]:
    """Personal values of some of those who are there."""
    found = trial.read("user")["user"].records[:20]
    return {value for record in found for value in record.values.values() if is_personal(value)}


def _migrated(trial: Trial, migration: Migration) -> Iterator[str]:
    """What is told of a migration whose second call is broken, and of the next."""
    with trial.watch.broken(1, Breakage.LOST, writer=True):
        try:
            yield repr(migration.apply())
        except PoolshiftError as error:
            yield str(error)
    yield repr(migration.apply())


def _secrets(settings: BaseModel) -> Iterator[str]:
    for name, field in type(settings).model_fields.items():
        extra = field.json_schema_extra
        value = getattr(settings, name)
        marked = isinstance(extra, dict) and bool(extra.get("secret"))
        assert marked or not hasattr(value, "get_secret_value"), f"{name} is a secret, and is not marked as one"
        if marked and value:
            yield str(value.get_secret_value() if hasattr(value, "get_secret_value") else value)


def _refusals(trial: Trial, values: list[str]) -> Iterator[Failure]:
    """What the destination says about creates it must refuse."""
    for route, _ in trial.ways("create"):
        if route.kind == "user" and route.delivery == "now":
            for value in values:
                operation = trial.create("user")
                fields = trial.schema.kinds["user"].fields
                texts = [path for path in operation.changes if fields[path].type in ("bool", "number", "time")]
                wrong = {path: Put(value) for path in texts}
                yield from trial.send(route, (replace(operation, changes={**operation.changes, **wrong}),)).failures
