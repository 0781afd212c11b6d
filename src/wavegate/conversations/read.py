"""Reads recorded conversations from files. A file's format is detected from its contents."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wavegate.conversations.otlp import Spans, add_document, is_otlp
from wavegate.conversations.otlp_sessions import conversations_of_spans
from wavegate.conversations.problems import duplicate, malformed, unreadable
from wavegate.conversations.records import MAX_RECORD, JsonRecord, read_records
from wavegate.conversations.session_traces import conversations_of
from wavegate.conversations.trace_rows import MAX_ROWS, TraceRow, TraceRows, role_of, rows_of, tables_of, trace_row
from wavegate.conversations.transcripts import conversation_of
from wavegate.conversations.values import Conversation
from wavegate.errors import InputError
from wavegate.evidence.folders import EvidenceFile, find_files
from wavegate.findings.finding import Finding, Location

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv")
"""The files of a folder that are read."""
MAX_TOTAL = 64 * 1024 * 1024
"""Bytes of all files together."""

_FIX = "Pass transcripts of wavegate, an export of session trace objects, or OpenTelemetry traces as JSON."
_LESS = "Pass fewer sessions at once."


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadConversations:
    """What files hold. conversations: those that could be read whole, by the order of the files and in them.

    problems: errors for what could not be read, and warnings about what is unknown; with file and line.
    """

    conversations: tuple[Conversation, ...] = ()
    problems: tuple[Finding, ...] = ()


def read_conversations(paths: Sequence[str], root: Path) -> ReadConversations:
    """The conversations in these files and folders. paths: relative to root, or absolute.

    The tables of a session trace, and the spans of a trace, may be in different files: pass all of them at once.
    InputError: a path does not exist, or cannot be read. Anything wrong inside a file is a problem in the result.
    """
    files = find_files(paths, suffixes=SUFFIXES, root=root)
    reader = _ConversationReader()
    found: list[Conversation | Finding] = []
    for file in files:
        found += reader.read(file)
    found += conversations_of(reader.rows)
    found += conversations_of_spans(reader.spans)
    order = {file.name: index for index, file in enumerate(files)}
    conversations = sorted(
        (each for each in found if isinstance(each, Conversation)),
        key=lambda each: (order[each.place.file], each.place.line),
    )
    unique, repeated = _unique(conversations)
    problems = [each for each in found if isinstance(each, Finding)]
    if not found:
        problems.append(unreadable(Location(files[0].name), "There is no conversation in what was passed.", _FIX))
    return ReadConversations(conversations=tuple(unique), problems=(*problems, *repeated))


def _unique(conversations: Sequence[Conversation]) -> tuple[list[Conversation], list[Finding]]:
    """The conversations whose id is in one place; a finding for each that another one contradicts or repeats."""
    first: dict[str, Conversation] = {}
    unique: list[Conversation] = []
    problems: list[Finding] = []
    for each in conversations:
        earlier = first.setdefault(each.id, each) if each.id else each
        if earlier is each:
            unique.append(each)
        else:
            where = f"{earlier.place.file}, line {earlier.place.line}"
            message = f"The session was already read from {where}; this copy is left out."
            problems.append(duplicate(each.place, message, "Pass each session once."))
    return unique, problems


class _ConversationReader:
    """Reads files, and gathers what belongs together across them."""

    def __init__(self) -> None:
        self.rows = TraceRows()
        self.spans = Spans()
        self._room = MAX_TOTAL

    def read(self, file: EvidenceFile) -> Iterator[Conversation | Finding]:
        """The transcripts of a file, and the problems of any file. InputError if it cannot be read."""
        if file.path.is_dir():
            yield unreadable(Location(file.name), "The folder contains no file of conversations.", _FIX)
            return
        try:
            self._room -= file.path.stat().st_size
            if self._room < 0:
                message = f"The files are larger than {MAX_TOTAL} bytes together; this one was not read."
                self.rows.is_broken = self.spans.is_broken = True
                yield unreadable(Location(file.name), message, _LESS)
                return
            with file.path.open("rb") as stream:
                if file.path.suffix.lower() == ".csv":
                    problems = list(self._csv(stream.read(MAX_RECORD + 1), file))
                    self.rows.is_broken |= any(each.rule != "conversation/duplicate" for each in problems)
                    yield from problems
                    return
                for record in read_records(stream, file.name):
                    if isinstance(record, JsonRecord):
                        yield from self._record(record, file)
                    else:
                        # it may have been a part of any session or trace
                        self.rows.is_broken = self.spans.is_broken = True
                        yield record
        except OSError as error:
            raise InputError(f"The file cannot be read: {error.strerror}.", fix=_FIX, file=file.name) from error

    def _record(self, record: JsonRecord, file: EvidenceFile) -> Iterator[Conversation | Finding]:
        value, place = record.value, record.place
        if isinstance(value, dict) and value.keys() >= {"status", "result"} and isinstance(value["result"], dict):
            # the envelope of `sf … --json`
            value = value["result"]
        match value:
            case {"test": _, "turns": _}:
                yield conversation_of(value, place)
            case dict() if is_otlp(value):
                yield from add_document(value, place, self.spans)
            case dict() if tables := tables_of(value):
                for role, table in tables.items():
                    yield from self._table(role, table, place)
            case dict() | list() if self._role(file) and _is_table(value):
                yield from self._table(self._role(file), value, place)
            case [{"errorCode": _}, *_] | {"errorCode": _}:
                yield unreadable(place, "The file contains an error of Salesforce instead of an export.")
            case _:
                yield unreadable(place, "Unknown format.", _FIX)

    def _role(self, file: EvidenceFile) -> str:
        return role_of(file.path.name.partition(".")[0]) or ""

    def _table(self, role: str, table: object, place: Location) -> Iterator[Finding]:
        self.rows.tables.setdefault(role, {})
        for row in rows_of(table, place):
            if self.rows.is_full:
                yield self._too_many(place)
                return
            if isinstance(row, TraceRow):
                yield from self.rows.add(role, row)
            else:
                self.rows.is_broken = True
                yield row

    def _too_many(self, place: Location) -> Finding:
        self.rows.is_broken = True
        return unreadable(place, f"There are more than {MAX_ROWS:,} rows; the rest was not read.", _LESS)

    def _csv(self, data: bytes, file: EvidenceFile) -> Iterator[Finding]:
        """The rows of a CSV file, whose name is that of the object. RFC 4180, with a header, in UTF-8."""
        place = Location(file.name)
        role = self._role(file)
        if not role:
            yield unreadable(place, "The name of the file is not that of a session trace object.", _FIX)
            return
        if len(data) > MAX_RECORD:
            yield unreadable(place, f"The file is larger than {MAX_RECORD} bytes.", _LESS)
            return
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = data[: error.start].count(b"\n") + 1
            yield unreadable(Location(file.name, line), "The file is not UTF-8.", "Save it as UTF-8.")
            return
        yield from self._csv_rows(text, role, file)

    def _csv_rows(self, text: str, role: str, file: EvidenceFile) -> Iterator[Finding]:
        # one text of a row may be longer than the module's own limit; the whole file has a limit already
        csv.field_size_limit(MAX_RECORD)
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        self.rows.tables.setdefault(role, {})
        header: list[str] = []
        try:
            for cells in reader:
                at = Location(file.name, reader.line_num)
                if self.rows.is_full:
                    yield self._too_many(at)
                    return
                if not header:
                    header = cells
                elif cells and len(cells) != len(header):
                    yield malformed(at, f"The row has {len(cells)} cells; the header has {len(header)}.")
                elif cells:
                    yield from self.rows.add(role, trace_row(dict(zip(header, cells, strict=True)), at))
        except csv.Error as error:
            yield unreadable(Location(file.name, reader.line_num), f"This is not CSV: {error}.")
        if not header:
            yield unreadable(Location(file.name), "The file is empty.", "Check the log of the export.")


def _is_table(value: object) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, dict) and "errorCode" not in each for each in value)
    return isinstance(value, dict) and ("records" in value or value.keys() >= {"metadata", "data"})
