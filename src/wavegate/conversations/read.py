"""Reads recorded conversations from files. A file's format is detected from its contents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from wavegate.conversations.problems import unreadable
from wavegate.conversations.records import JsonRecord, read_records
from wavegate.conversations.transcripts import conversation_of
from wavegate.conversations.values import Conversation
from wavegate.errors import InputError
from wavegate.evidence.folders import EvidenceFile, find_files
from wavegate.findings.finding import Finding, Location

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv")
"""The files of a folder that are read."""

_FIX = "Pass transcripts of wavegate, an export of session trace objects, or OpenTelemetry traces as JSON."


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadConversations:
    """What files hold. conversations: those that could be read whole, by the order of the files and in them.

    problems: errors for what could not be read, and warnings about what is unknown; with file and line.
    """

    conversations: tuple[Conversation, ...] = ()
    problems: tuple[Finding, ...] = ()


def read_conversations(paths: Sequence[str], root: Path) -> ReadConversations:
    """The conversations in these files and folders. paths: relative to root, or absolute.

    InputError: a path does not exist, or cannot be read. Anything wrong inside a file is a problem in the result.
    """
    found = [each for file in find_files(paths, suffixes=SUFFIXES, root=root) for each in _read(file)]
    return ReadConversations(
        conversations=tuple(each for each in found if isinstance(each, Conversation)),
        problems=tuple(each for each in found if isinstance(each, Finding)),
    )


def _read(file: EvidenceFile) -> Iterator[Conversation | Finding]:
    if file.path.is_dir():
        yield unreadable(Location(file.name), "The folder contains no file of conversations.", _FIX)
        return
    try:
        with file.path.open("rb") as stream:
            for record in read_records(stream, file.name):
                yield _conversation(record) if isinstance(record, JsonRecord) else record
    except OSError as error:
        raise InputError(f"The file cannot be read: {error.strerror}.", fix=_FIX, file=file.name) from error


def _conversation(record: JsonRecord) -> Conversation | Finding:
    match record.value:
        case {"test": _, "turns": _}:
            return conversation_of(record.value, record.place)
    return unreadable(record.place, "Unknown format.", _FIX)
