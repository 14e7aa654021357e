"""Reads an export as the engine does."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from poolshift.identity.kind import Kind
from poolshift.identity.record import Record
from poolshift.provider.calls import SessionCalls
from poolshift.provider.session import Complete, Partial, Reader, Want
from poolshift_providers.cognito_export import PROVIDER

HERE = Path(__file__).parent


def reader(folder: Path, **settings: Any) -> Reader:
    return PROVIDER.reader(PROVIDER.settings(**settings), SessionCalls(folder))


def read(source: Reader, kinds: Iterable[Kind]) -> tuple[dict[Kind, list[Record]], dict[Kind, Complete | Partial]]:
    """Records and ends by kind, in the order in which the kinds ended."""
    records: dict[Kind, list[Record]] = {}
    ends: dict[Kind, Complete | Partial] = {}
    for page in source.read(Want(frozenset(kinds))):
        assert page.kind not in ends
        records.setdefault(page.kind, []).extend(page.records)
        if page.end is not None:
            ends[page.kind] = page.end
    return records, ends


def users(folder: Path, **settings: Any) -> list[Record]:
    return read(reader(folder, **settings), ["user"])[0]["user"]
