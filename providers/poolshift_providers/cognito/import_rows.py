"""Rows of an import job's CSV: what a person becomes in one, and who cannot stand in one."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from poolshift.identity.value import Path
from poolshift.provider.operation import Code, Failed, Failure, Operation, Put
from poolshift_providers.cognito.pool import Pool
from poolshift_providers.cognito.user_record import CREDENTIAL
from poolshift_providers.cognito.values import wire

USERNAME_COLUMN: Final = "cognito:username"
MFA_COLUMN: Final = "cognito:mfa_enabled"
_CONTACTS: Final = ("email", "phone_number")
_FLAGS: Final = frozenset(f"{name}_verified" for name in _CONTACTS)
_ABSENT: Final = frozenset({"enabled", "birthdate"})
UNSURE: Final = _ABSENT | _FLAGS
"""What a row may leave other than desired, so that a look at the person decides, and an update follows: there is no
column for who may sign in; how a birth date reads afterwards is not told; a flag without its address is refused."""

ROW_LENGTH: Final = 16_000
_GIVEN: Final = frozenset({"sub"})
_NO_COLUMN: Final = _ABSENT | {CREDENTIAL, "username"}
_UNWRITABLE: Final = frozenset("\\\r\n\t\0\u2028\u2029\ufeff")


def refusal(pool: Pool, operation: Operation) -> str | None:
    """Why a person cannot be imported; None = they can."""
    values = _texts(operation)
    if not pool.auto_verified:
        return "the pool verifies neither e-mail addresses nor phone numbers by itself: no import job starts"
    if not any(_flag(values, name) == "true" for name in pool.auto_verified):
        return f"neither is there and verified of: {', '.join(pool.auto_verified)}"
    if _username(pool, operation) is None:
        return f"a user of this pool needs {' or '.join(pool.username_attributes or ('username',))}"
    if pool.mfa == "ON" and "phone_number" not in values:
        return "the pool demands a second factor, and an import job can only set one by phone"
    required = {name for name, own in pool.attributes.items() if own.required} - values.keys() - _GIVEN
    if required:
        return f"a row cannot give {min(required)}, which the pool requires"
    for path, text in values.items():
        if not _is_writable(text):
            return f"a row cannot hold the value of {path} as it is"
    if length(operation) > ROW_LENGTH:
        return f"a row has at most {ROW_LENGTH} characters"
    return None


def length(operation: Operation) -> int:
    """Of the row in bytes, at most: an escaped comma counts twice, every column has its own comma."""
    texts = _texts(operation)
    return sum(len(text.encode()) + text.count(",") for text in texts.values()) + 128 + 64


def table(header: Sequence[str], operations: Iterable[Operation], pool: Pool) -> bytes:
    """The file, read back and compared before anybody sees it. Raises Failed for a value without a column."""
    known = set(header)
    rows = [_row(operation, pool, known) for operation in operations]
    lines = [",".join(header), *(",".join(_escaped(row.get(name, "")) for name in header) for row in rows)]
    content = ("\n".join(lines) + "\n").encode()
    wanted = [{name: row.get(name, "") for name in header} for row in rows]
    if read(content) != wanted:
        raise Failed(Failure(Code.INVALID, "the rows do not read back as they were written"))
    return content


def read(content: bytes) -> list[dict[str, str]]:
    """The rows of such a file by column, as an import job reads them. Raises ValueError for a row of another width."""
    header, *lines = content.decode().removesuffix("\n").split("\n")
    names = header.split(",")
    return [dict(zip(names, map(str.strip, _cells(line)), strict=True)) for line in lines]


def _cells(line: str) -> list[str]:
    cells = [""]
    for part in line.split(","):
        if cells[-1].endswith("\\"):
            cells[-1] = f"{cells[-1][:-1]},{part}"
        else:
            cells.append(part)
    return cells[1:]


def _row(operation: Operation, pool: Pool, known: set[str]) -> Mapping[str, str]:
    values = _texts(operation)
    if missing := values.keys() - known:
        raise Failed(Failure(Code.INVALID, f"import jobs of this pool have no column {min(missing)}", min(missing)))
    flags = {f"{name}_verified": _flag(values, name) for name in _CONTACTS}
    own = {USERNAME_COLUMN: _username(pool, operation) or "", MFA_COLUMN: "true" if pool.mfa == "ON" else "false"}
    return {**values, **flags, **own}


def _flag(values: Mapping[Path, str], name: Path) -> str:
    """Whether a contact counts as verified; never without the contact itself."""
    return values.get(f"{name}_verified", "false") if name in values else "false"


def _texts(operation: Operation) -> dict[Path, str]:
    """Attributes with a column."""
    return {
        path: str(wire(change.value))
        for path, change in operation.changes.items()
        if isinstance(change, Put) and path not in _NO_COLUMN
    }


def _username(pool: Pool, operation: Operation) -> str | None:
    for path in pool.username_attributes or ("username",):
        change = operation.changes.get(path)
        if isinstance(change, Put) and isinstance(change.value, str):
            return change.value
    return None


def _is_writable(text: str) -> bool:
    """Blanks around a value are cut off, and of escapes only that of a comma is known."""
    return text == text.strip() and not _UNWRITABLE.intersection(text)


def _escaped(text: str) -> str:
    return text.replace(",", "\\,")
