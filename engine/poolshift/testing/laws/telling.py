"""Laws 22, 23 and 24: refusals, secrets, hooks."""

from typing import Final

from poolshift.provider.operation import Code, Failure
from poolshift.testing.laws.contract import Contract
from poolshift.testing.trial import Trial

_CANARY: Final = "canary-7f3a@example.com"
_BODIES: Final = (
    b"",
    b"{}",
    b"[]",
    b"null",
    b'"text"',
    b'{"message": "canary-7f3a@example.com is taken", "error": "canary-7f3a@example.com"}',
    b'{"error": {"code": 17, "message": "canary-7f3a@example.com"}, "errors": [{"message": "canary-7f3a@example.com"}]}',
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
