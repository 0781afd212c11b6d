"""Exported files as one relation of sessions, and whether they have the same columns."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wavegate.errors import InputError
from wavegate.telemetry.files.engine import Rows
from wavegate.telemetry.files.found import ExportedFile
from wavegate.telemetry.files.layouts import REQUIRED, Layout, layout_of, select
from wavegate.telemetry.session_relation import SessionRelation
from wavegate.telemetry.sql_words import quote_name
from wavegate.text import one_line

_RARE = frozenset({"severity", "confirmed", "end", "cohort"})
"""Columns that objects of JSON Lines leave out where they have no value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ExportedSessions:
    """The sessions of all files.

    files: by the number that the relation's column `file` has. schema: digest of their columns. problems: files that
    differ, one sentence each.
    """

    relation: SessionRelation
    files: tuple[ExportedFile, ...]
    schema: str
    problems: tuple[str, ...]


def exported_sessions(
    files: Sequence[ExportedFile], columns: Mapping[str, str], rows: Rows
) -> ExportedSessions | None:
    """The relation; None if every file is empty. columns: by role. rows: runs a query. InputError: as `layout_of`."""
    groups: dict[Layout, list[ExportedFile]] = {}
    problems: list[str] = []
    layouts: dict[tuple[object, ...], Layout] = {}
    for file in files:
        layout = layout_of(file, columns, rows)
        if layout is None:
            problems.append(f"The file {one_line(file.path, 200)} is empty.")
            continue
        same = layouts.setdefault((layout.reader, layout.options, layout.types), layout)
        groups.setdefault(same, []).append(file)
    if not groups:
        return None
    roles = [role for role in columns if any(role in layout.columns for layout in groups)]
    _check_absent(columns, roles)
    order: list[ExportedFile] = []
    queries = []
    for layout, group in groups.items():
        queries.append(select(layout, group, roles, first=len(order)))
        order += group
    problems += _differences(groups, roles, columns)
    problems += _absent_keys(groups, columns, rows)
    return ExportedSessions(
        relation=SessionRelation(source=f"({' UNION ALL '.join(queries)})", roles=frozenset(roles)),
        files=tuple(order),
        schema=_digest(groups, columns),
        problems=tuple(problems),
    )


def _check_absent(columns: Mapping[str, str], roles: Iterable[str]) -> None:
    for role in columns.keys() - set(roles):
        message = f"No exported file has the column `{one_line(columns[role], 100)}`, which is to hold the {role}."
        fix = f"Correct `tables.session.columns.{role}` in the telemetry file, or set it to `none`."
        raise InputError(message, fix=fix)


def _differences(
    groups: Mapping[Layout, Sequence[ExportedFile]], roles: Iterable[str], columns: Mapping[str, str]
) -> Iterable[str]:
    """Columns that some files lack, or have with another type than other files of their format."""
    for role in roles:
        shown = one_line(columns[role], 100)
        have = [layout for layout in groups if role in layout.columns]
        for layout in groups:
            if layout not in have:
                yield (
                    f"Changed schema: {one_line(layout.path, 200)} has no column `{shown}`, "
                    f"as {one_line(have[0].path, 200)} does."
                )
        types: dict[str, Layout] = {}
        for layout in have:
            # text formats have no types, so that only Parquet files can differ
            if layout.reader == "read_parquet":
                types.setdefault(dict(layout.types)[role], layout)
        if len(types) > 1:
            (one, first), (other, second), *_ = types.items()
            yield (
                f"Changed schema: the column `{shown}` is {one} in {one_line(first.path, 200)}, "
                f"and {other} in {one_line(second.path, 200)}."
            )


def _absent_keys(
    groups: Mapping[Layout, Sequence[ExportedFile]], columns: Mapping[str, str], rows: Rows
) -> Iterable[str]:
    """Columns without any value in a file of JSON Lines, whose objects may leave some keys out.

    InputError: no object of a file has a key that is needed.
    """
    for layout, files in groups.items():
        if layout.reader != "read_json":
            continue
        roles = [role for role in columns if role not in _RARE]
        counts = ", ".join(f"COUNT({quote_name(role)})" for role in roles)
        source = select(layout, files, roles)
        found = rows(f'SELECT "file", {counts} FROM ({source}) AS "sessions" GROUP BY "file"')  # noqa: S608 - quoted
        filled = {role for _, *numbers in found for role, number in zip(roles, numbers, strict=True) if number}
        for index, *numbers in sorted(found):
            path = one_line(files[index].path, 200)
            absent = [role for role, number in zip(roles, numbers, strict=True) if not number]
            if needed := [role for role in REQUIRED if role in absent]:
                message = f"No object has a usable value of `{one_line(columns[needed[0]], 100)}`, which is needed."
                fix = f"Correct `tables.session.columns.{needed[0]}` in the telemetry file, or export it again."
                raise InputError(message, fix=fix, file=path)
            for role in absent:
                if role in filled:
                    shown = one_line(columns[role], 100)
                    yield f"Changed schema: no object of {path} has a usable value of `{shown}`."


def _digest(groups: Mapping[Layout, object], columns: Mapping[str, str]) -> str:
    """The same whatever the number and names of the files, and for text formats whatever the format."""
    found = {(role, columns[role], type_) for layout in groups for role, type_ in layout.types}
    return hashlib.sha256(json.dumps(sorted(found)).encode()).hexdigest()
