"""The CSV form: a header that names attributes, ``sub`` among them, and a row for every user."""

import csv
import io
from collections.abc import Iterator
from typing import Any, Final

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import InputError
from poolshift.provider.session import Calls
from poolshift_providers.cognito_export.json_forms import Batch, in_batches
from poolshift_providers.cognito_export.problems import damaged

_JQ: Final = (
    'jq -r \'["sub","username","status","enabled","email","email_verified"], (.Users[] | (.Attributes | from_entries)'
    " as $a | [$a.sub, .Username, .UserStatus, .Enabled, $a.email, $a.email_verified]) | @csv' users.json"
)


class CsvFile:
    """The users of one CSV file; an empty cell means that the user has no such attribute."""

    open_ended = False

    def __init__(self, calls: Calls, name: str) -> None:
        self._calls = calls
        self._name = name

    def users(self) -> Iterator[Batch]:
        """Every user, flattened, with its line. Raises InputError: EXPORT_NO_ID, EXPORT_DAMAGED."""
        with self._calls.file(self._name, "read") as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
            rows = csv.reader(text, strict=True)
            try:
                yield from in_batches(self._rows(rows))
            except (csv.Error, UnicodeDecodeError, OSError) as error:
                raise damaged(self._name, f"not a CSV file in UTF-8: {type(error).__name__}", rows.line_num) from error

    def _rows(self, rows: Any) -> Iterator[tuple[dict[str, Any], int]]:
        header = [name.strip() for name in next(rows, ())]
        if "sub" not in header:
            remedy = f"Export it again with that column: {_JQ}"
            raise InputError([Diagnostic("EXPORT_NO_ID", "the header has no column sub", Place(self._name, 1), remedy)])
        twice = sorted({name for name in header if name and header.count(name) > 1})
        if twice:
            raise damaged(self._name, f"the header names twice: {', '.join(twice)}", 1)
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise damaged(self._name, f"{len(row)} cells under {len(header)} columns", rows.line_num)
            yield {name: cell for name, cell in zip(header, row, strict=True) if cell}, rows.line_num
