"""What a status means before a vendor's own table is asked."""

import pytest

from poolshift.provider.operation import Code
from poolshift.provider.refusal import by_status, document_of


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, Code.DENIED),
        (404, Code.GONE),
        (409, Code.EXISTS),
        (422, Code.INVALID),
        (429, Code.BUSY),
        (500, Code.DOWN),
        (599, Code.DOWN),
        (418, Code.UNMAPPED),
        (302, Code.UNMAPPED),
    ],
)
def test_every_status_has_a_code(status: int, code: Code) -> None:
    """What HTTP does not settle is unmapped; all of 5xx is down."""
    assert by_status(status)[0] is code


@pytest.mark.parametrize("body", [b"", b"<html>", b"[1]", b'"text"', b"\xff\xfe", b'{"a":'])
def test_a_body_that_is_no_object_is_an_empty_document(body: bytes) -> None:
    """A proxy's page, half an answer, a list: none of it is the vendor's word."""
    assert document_of(body) == {}


def test_an_object_is_itself() -> None:
    """The neighbour that does not fire."""
    assert document_of(b'{"field": "email"}') == {"field": "email"}
