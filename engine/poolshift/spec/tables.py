"""``tables``: CSV files beside the spec, read whole and found by a key."""

import csv
import io
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Final

from poolshift.diagnostics import Place
from poolshift.spec.context import Context
from poolshift.spec.model import Table
from poolshift.spec.problems import did_you_mean
from poolshift.spec.written import WrittenTable

MAX_BYTES: Final = 256 * 1024 * 1024
SHOWN: Final = 20
"""Faulty rows reported one by one; a file of one kind of mistake has thousands."""


class TableFault(Exception):
    """Why a table cannot be used: code, summary, line of the CSV (0 = the file), remedy."""

    def __init__(self, code: str, summary: str, line: int = 0, remedy: str = "") -> None:
        super().__init__(summary)
        self.code = code
        self.summary = summary
        self.line = line
        self.remedy = remedy


def tables(written: Mapping[str, WrittenTable], context: Context) -> Mapping[str, Table]:
    """The tables that are usable. Errors: SPEC_TABLE_FILE, SPEC_TABLE_KEY_DUPLICATE."""
    found: dict[str, Table] = {}
    for name, table in written.items():
        try:
            data = read_beside(context.folder, table.file)
        except (OSError, ValueError) as error:
            why = str(error) if type(error) is ValueError else f"cannot be read ({type(error).__name__})"
            remedy = "Name a file in the spec's folder or below it."
            context.error("SPEC_TABLE_FILE", f"the file {table.file} {why}", ("tables", name, "file"), remedy)
            continue
        faults: list[TableFault] = []
        rows = _rows(data, table.key, faults)
        for fault in faults[:SHOWN]:
            place = Place(str(context.folder / table.file), fault.line) if fault.line else context.place("tables", name)
            context.problems.error(fault.code, f'table "{name}": {fault.summary}', place, fault.remedy)
        if len(faults) > SHOWN:
            more = f'table "{name}": {len(faults) - SHOWN} more rows are faulty'
            context.error(faults[-1].code, more, ("tables", name), "Correct the rows above first.")
        if not faults:
            found[name] = Table(file=table.file, key=table.key, rows=rows, digest=sha256(data).hexdigest())
    return found


def read_beside(folder: Path, name: str) -> bytes:
    """A file of the spec's folder. Raises ValueError where the path leads out of it, OSError where it is not there."""
    path = inside(folder, name)
    if not path.is_file():
        raise ValueError("is not there")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"is larger than {MAX_BYTES} bytes")
    return path.read_bytes()


def inside(folder: Path, name: str) -> Path:
    """The path of ``name`` in the folder. Raises ValueError where it leads out of it, through links too."""
    if "\0" in name:
        raise ValueError("is no file name")
    home = folder.resolve()
    path = (home / name).resolve()
    if not path.is_relative_to(home):
        raise ValueError("leaves the spec's folder")
    return path


def _rows(data: bytes, key: str, faults: list[TableFault]) -> dict[str, dict[str, str]]:
    rows: dict[str, dict[str, str]] = {}
    seen: dict[str, int] = {}
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        columns = _header(reader, key)
        for values in reader:
            if not values:
                continue
            fault = _row_fault(values, columns, key, seen, reader.line_num)
            if fault is not None:
                faults.append(fault)
                continue
            row = dict(zip(columns, values, strict=True))
            rows[row[key]] = row
    except UnicodeDecodeError:
        faults.append(TableFault("SPEC_TABLE_FILE", "the file is not UTF-8", 0, "Save it as UTF-8."))
    except csv.Error as error:
        faults.append(
            TableFault(
                "SPEC_TABLE_FILE",
                f"not a CSV file ({error})",
                reader.line_num,
                "Close every quote; double a quote inside quotes.",
            )
        )
    except TableFault as fault:
        faults.append(fault)
    return rows


def _header(reader: Iterator[list[str]], key: str) -> list[str]:
    columns = next(reader, None)
    if not columns:
        raise TableFault("SPEC_TABLE_FILE", "the file has no header row", 1, "Name the columns in the first row.")
    if len(set(columns)) != len(columns):
        raise TableFault("SPEC_TABLE_FILE", "two columns have one name", 1, "Rename one of them.")
    if key not in columns:
        raise TableFault("SPEC_TABLE_FILE", f'there is no column "{key}"', 1, did_you_mean(key, columns))
    return columns


def _row_fault(values: list[str], columns: list[str], key: str, seen: dict[str, int], line: int) -> TableFault | None:
    if len(values) != len(columns):
        summary = f"a row of {len(values)} values under {len(columns)} columns"
        return TableFault("SPEC_TABLE_FILE", summary, line, "Quote values that hold a comma.")
    value = values[columns.index(key)]
    if not value:
        return TableFault("SPEC_TABLE_FILE", f'a row without "{key}"', line, "Give it one, or remove the row.")
    if value in seen:
        summary = f'the "{key}" of this row stands in line {seen[value]} already'
        return TableFault("SPEC_TABLE_KEY_DUPLICATE", summary, line, "Remove one of the rows.")
    seen[value] = line
    return None
