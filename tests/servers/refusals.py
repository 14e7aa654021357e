"""How tests ask what a call was refused with."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from botocore.exceptions import ClientError  # type: ignore[import-untyped]


@contextmanager
def refused(code: str) -> Iterator[None]:
    """The calls inside end with this error of Cognito."""
    with pytest.raises(ClientError) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code
