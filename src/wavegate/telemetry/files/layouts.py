"""How each exported file holds its sessions: which columns, of which types, and how they become those of a relation.

Text of a time without a zone is UTC; with one, it is converted. A number is never taken for a time.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from wavegate.errors import InputError
from wavegate.findings.suggestions import suggestion
from wavegate.telemetry.files.engine import Rows
from wavegate.telemetry.files.found import ExportedFile
from wavegate.telemetry.sql_words import quote_name, quote_text
from wavegate.text import join_names, one_line

REQUIRED = ("id", "start", "agent")
TIMES = ("start", "end")
FILE_COLUMN = "file_index"
"""DuckDB's own column: the number of a file in the list, from 0."""
HEADER_LIMIT = 1024 * 1024
"""Bytes of a CSV file's first line."""

_TEXT = "VARCHAR"
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "UHUGEINT", "FLOAT", "DOUBLE", "DECIMAL")  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """What files with the same columns have in common.

    reader: the function that reads them. options: SQL of its further arguments. columns: SQL of each role's column
    there. types: by role, as DuckDB names them. path: of one of the files.
    """

    reader: str
    options: str
    columns: Mapping[str, str] = field(hash=False)
    types: tuple[tuple[str, str], ...]
    path: str


def layout_of(file: ExportedFile, columns: Mapping[str, str], rows: Rows) -> Layout | None:
    """A file's layout; None for one that is empty. columns: by role. rows: runs a query.

    InputError: a column that is needed is absent, or has a type that cannot be what its role says.
    """
    match file.format:
        case "csv":
            return _csv_layout(file, columns)
        case "jsonl":
            return _json_layout(file, columns)
        case _:
            return _parquet_layout(file, columns, rows)


def select(layout: Layout, files: Iterable[ExportedFile], roles: Iterable[str], *, first: int = 0) -> str:
    """The query of the sessions of files with one layout: the roles' columns, and `file`, counted from `first`."""
    listed = ", ".join(quote_text(str(file.place)) for file in files)
    columns = [f"{_converted(layout, role)} AS {quote_name(role)}" for role in roles]
    source = f"{layout.reader}([{listed}], {layout.options})"
    number = f"CAST({FILE_COLUMN} + {first} AS INTEGER)"
    return f'SELECT {", ".join(columns)}, {number} AS "file" FROM {source}'  # noqa: S608 - quoted


def _converted(layout: Layout, role: str) -> str:
    """A role's column as a timestamp in UTC, a number, or text."""
    type_, column = dict(layout.types).get(role), layout.columns.get(role, "NULL")
    if role in TIMES:
        return _as_time(column, type_)
    if role == "latency":
        return _as_number(column, type_)
    return column if type_ == _TEXT else f"CAST({column} AS VARCHAR)"


def _as_time(column: str, type_: str | None) -> str:
    if type_ == _TEXT:
        # only ISO dates: DuckDB also knows words such as `epoch`. A cast to TIMESTAMP would ignore the zone.
        zoned = f"TRY_CAST({column} AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE 'UTC'"
        return f"CASE WHEN {column} LIKE '____-__-__%' THEN {zoned} END"
    if type_ and "TIME ZONE" in type_:
        return f"{column} AT TIME ZONE 'UTC'"
    return column if type_ == "TIMESTAMP" else f"CAST({column} AS TIMESTAMP)"


def _as_number(column: str, type_: str | None) -> str:
    if type_ == _TEXT:
        number = f"COALESCE(TRY_CAST({column} AS DOUBLE), CAST('NaN' AS DOUBLE))"
        return f"CASE WHEN {column} IS NULL OR TRIM({column}) = '' THEN NULL ELSE {number} END"
    return column if type_ == "DOUBLE" else f"CAST({column} AS DOUBLE)"


def _csv_layout(file: ExportedFile, columns: Mapping[str, str]) -> Layout | None:
    with file.place.open("rb") as stream:
        line = stream.readline(HEADER_LIMIT)
    if not line.strip():
        return None
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise _problem(file, "The first line is not UTF-8.", "Export the file as UTF-8.", line=1) from None
    headers = {mark: _split(text, mark) for mark in ",;\t|"}
    if not any(headers.values()):
        message = "The first line is not a list of column names."
        raise _problem(file, message, "Export the file with line feeds as line ends.", line=1)
    delimiter = max(headers, key=lambda mark: len(set(columns.values()).intersection(headers[mark])))
    names = headers[delimiter]
    positions = _positions(file, names, columns)
    listed = ", ".join(f"'c{index}': '{_TEXT}'" for index in range(len(names)))
    return Layout(
        # the types are declared, and nothing is guessed from the first rows
        reader="read_csv",
        options=f"columns = {{{listed}}}, header = true, delim = {quote_text(delimiter)}, "
        f"quote = '\"', escape = '\"', auto_detect = false, strict_mode = true, null_padding = false",
        columns={role: f'"c{position}"' for role, position in positions.items()},
        types=tuple((role, _TEXT) for role in positions),
        path=file.path,
    )


def _split(line: str, delimiter: str) -> list[str]:
    """The fields of a CSV file's line; none if this delimiter does not separate them."""
    try:
        return next(csv.reader(io.StringIO(line), delimiter=delimiter), [])
    except csv.Error:
        return []


def _json_layout(file: ExportedFile, columns: Mapping[str, str]) -> Layout | None:
    """Every object may leave keys out, so all columns are there."""
    if not file.size:
        return None
    names = sorted(set(columns.values()))
    if double := _alike([*names, FILE_COLUMN]):
        raise _problem(file, f"Columns differ by case alone: {double}.", "Rename one of them in the export.")
    listed = ", ".join(f"{quote_text(name)}: '{_TEXT}'" for name in names)
    return Layout(
        reader="read_json",
        options=f"columns = {{{listed}}}, format = 'newline_delimited', ignore_errors = false, "
        "maximum_object_size = 1048576",
        columns={role: quote_name(name) for role, name in columns.items()},
        types=tuple((role, _TEXT) for role in columns),
        path=file.path,
    )


def _parquet_layout(file: ExportedFile, columns: Mapping[str, str], rows: Rows) -> Layout:
    described = rows(f"DESCRIBE SELECT * FROM read_parquet([{quote_text(str(file.place))}])")  # noqa: S608 - quoted
    types = {str(name): str(type_) for name, type_, *_ in described}
    if FILE_COLUMN in {name.casefold() for name in types}:
        raise _problem(file, f"A column is called `{FILE_COLUMN}`, as DuckDB's own one.", "Rename it in the export.")
    positions = _positions(file, list(types), columns)
    found = {role: types[columns[role]] for role in positions}
    for role, type_ in found.items():
        _check_type(file, role, columns[role], type_)
    return Layout(
        reader="read_parquet",
        options="hive_partitioning = false",
        columns={role: quote_name(columns[role]) for role in positions},
        types=tuple(found.items()),
        path=file.path,
    )


def _positions(file: ExportedFile, names: Sequence[str], columns: Mapping[str, str]) -> dict[str, int]:
    """Where each role's column is among a file's columns, without those that the file does not have."""
    used = {name.casefold() for name in columns.values()}
    if double := _alike([name for name in names if name.casefold() in used]):
        raise _problem(file, f"Columns have the same name, or differ by case alone: {double}.", "Rename one.", line=1)
    for role in REQUIRED:
        if columns.get(role) not in names:
            wanted = one_line(columns.get(role, ""), 100)
            message = f"There is no column `{wanted}`, which is to hold the {role} of a session."
            shown = [one_line(name, 100) for name in names]
            fix = f"Correct `tables.session.columns.{role}` in the telemetry file.{suggestion(wanted, shown)}"
            raise _problem(file, message, fix, line=1)
    return {role: names.index(name) for role, name in columns.items() if name in names}


def _alike(names: Iterable[str]) -> str:
    """Names that DuckDB cannot tell apart, in words; '' if there are none."""
    seen: dict[str, str] = {}
    for name in names:
        if other := seen.get(name.casefold()):
            return join_names([one_line(other, 100), one_line(name, 100)])
        seen[name.casefold()] = name
    return ""


def _check_type(file: ExportedFile, role: str, column: str, type_: str) -> None:
    """InputError for a type of which no time, number or word can be made without guessing."""
    plain = type_.partition("(")[0]
    nested = type_.endswith("]") or plain in ("STRUCT", "MAP", "UNION", "BLOB")
    time = plain.startswith(("TIMESTAMP", "DATE")) or plain == _TEXT
    number = plain in (*_NUMBERS, _TEXT)
    if nested or (role in TIMES and not time) or (role == "latency" and not number):
        kind = "a time" if role in TIMES else "a number" if role == "latency" else "text"
        message = f"The column `{one_line(column, 100)}` has the type {one_line(type_, 60)}, not {kind}."
        fix = (
            "Export times as timestamps or ISO text: whether a number counts seconds or milliseconds is not guessed."
        )
        raise _problem(file, message, fix if role in TIMES else f"Export it as {kind}.")


def _problem(file: ExportedFile, message: str, fix: str, *, line: int | None = None) -> InputError:
    line = line if file.format != "parquet" else None
    return InputError(message, fix=fix, file=one_line(file.path, 300), line=line)
