"""What is wrong with an export: collected, so that a file's faults are told at once."""

from typing import Final

from poolshift.diagnostics import Diagnostic, Place
from poolshift.errors import InputError

AT_MOST: Final = 20

REMEDIES: Final = {
    "EXPORT_DAMAGED": "Export again: the file was changed, or its writing was interrupted.",
    "EXPORT_NO_ID": (
        "Export whole responses, or keep the id: --query 'Users[*].{sub: Attributes[?Name==`sub`].Value | [0], …}'."
    ),
    "EXPORT_INCOMPLETE": "Export UserStatus and Enabled too, or say in `assume` what they are.",
}


class BadRecord(Exception):
    """One record that cannot be used, and why. ``why`` holds no value of the record."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code
        self.why = why


class Problems:
    """The faults of one file. Raises InputError when there are twenty, or at the end."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[Diagnostic] = []

    def add(self, error: BadRecord, number: int, line: int = 0) -> None:
        """number: of the record in its file, from 1; line: where it stands, if known."""
        place = Place(self._file, line)
        self._found.append(Diagnostic(error.code, f"record {number}: {error.why}", place, REMEDIES[error.code]))
        if len(self._found) == AT_MOST:
            self.settle()

    def settle(self) -> None:
        """Raise what was found, if anything was."""
        if self._found:
            raise InputError(self._found)


def damaged(file: str, why: str, line: int = 0) -> InputError:
    """The error for a file that cannot be read to its end."""
    return InputError([Diagnostic("EXPORT_DAMAGED", why, Place(file, line), REMEDIES["EXPORT_DAMAGED"])])
