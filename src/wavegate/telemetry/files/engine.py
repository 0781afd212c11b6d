"""DuckDB, locked down: it reads the files that it is given, and nothing else.

It loads no extension, reaches no network, and takes at most 256 MiB and two threads.
"""

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from wavegate.errors import InputError, ServiceError
from wavegate.telemetry.files.found import ExportedFile
from wavegate.telemetry.sql_words import quote_text
from wavegate.text import one_line

if TYPE_CHECKING:
    import duckdb

MEMORY = "256MiB"
THREADS = 2

_CSV_LINE = re.compile(r"CSV Error on Line: ([0-9]+)")
_JSON_PLACE = re.compile(r",? (?:at byte [0-9]+ )?in line [0-9]+")
_LISTED = re.compile(r"(?m)^(?:LINE [0-9]+:|[ \t]+\w+ = |Possible |\* |CSV Error on Line).*$")


class Engine:
    """A database in memory, for one look at some files. A context manager."""

    def __init__(self, files: Sequence[ExportedFile]) -> None:
        self.files = files
        # what does not fit into memory goes there, and is deleted with it
        self._folder = tempfile.TemporaryDirectory(prefix="wavegate-telemetry-")
        self._connection = _connect(files, self._folder.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._folder.cleanup()

    def rows(self, sql: str) -> list[Any]:
        """The rows of a query. InputError: a file cannot be read. ServiceError: memory or disk do not suffice."""
        import duckdb

        try:
            return self._connection.execute(sql).fetchall()
        except (duckdb.OutOfMemoryException, duckdb.IOException) as error:
            raise self._failed(str(error)) from error
        except (duckdb.ProgrammingError, duckdb.InternalError) as error:
            # SQL that it does not understand is a defect of ours, unless it is about a file
            if not any(str(file.place) in str(error) for file in self.files):
                raise
            raise self._malformed(str(error)) from error
        except duckdb.Error as error:
            raise self._malformed(str(error)) from error

    def _failed(self, message: str) -> InputError | ServiceError:
        """Memory that does not suffice, or a file that cannot be read."""
        if any(str(file.place) in message for file in self.files):
            return self._malformed(message)
        said = one_line(message.partition("\n")[0], 300)
        return ServiceError(f"The exported files could not be summed up: {said}", fix="Run it again; else report it.")

    def _malformed(self, message: str) -> InputError:
        """What is wrong with a file, in the words of DuckDB without its advice to ignore errors."""
        # longest first: a path may begin with another one
        by_length = sorted(self.files, key=lambda file: -len(str(file.place)))
        file = next((each for each in by_length if str(each.place) in message), None)
        line = _CSV_LINE.search(message)
        number = int(line[1]) if line else _malformed_line(file) if file and file.format == "jsonl" else None
        # the line that it names in JSON may be the next one
        said = _JSON_PLACE.sub("", _LISTED.sub("", _without_line(message)))
        for each in by_length if file else ():
            said = said.replace(str(each.place), each.path)
        return InputError(
            f"The exported file cannot be read: {one_line(' '.join(said.split()), 300)}",
            fix="Export it again. Nothing of it was counted.",
            file=one_line(file.path, 300) if file else None,
            line=number if file else None,
        )


def _connect(files: Iterable[ExportedFile], folder: str) -> "duckdb.DuckDBPyConnection":
    import duckdb  # 25 MB: only who reads files loads it

    connection = duckdb.connect(
        config={
            "threads": THREADS,
            "memory_limit": MEMORY,
            "temp_directory": folder,
            "preserve_insertion_order": False,
            "autoload_known_extensions": False,
            "autoinstall_known_extensions": False,
            "allow_persistent_secrets": False,
        }
    )
    listed = ", ".join(quote_text(str(file.place)) for file in files)
    for setting in (
        "TimeZone = 'UTC'",
        "enable_progress_bar = false",
        f"allowed_paths = [{listed}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return connection


def _without_line(message: str) -> str:
    """The message without the line of the file that it quotes: sessions must not be in a log.

    The line may have line breaks, and anything that the message itself could say. What is wrong with it is the last
    thing before the advice.
    """
    before, quoted, after = message.partition("\nOriginal Line: ")
    lines = after.rpartition("\nPossible ")[0].splitlines()
    reason = next((each for each in reversed(lines) if each and not each.startswith(("Possible ", "* "))), "")
    return f"{before}\n{reason}" if quoted else message


def _malformed_line(file: ExportedFile) -> int | None:
    """The first line of JSON Lines that is not an object."""
    with file.place.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                if line.strip() and not isinstance(json.loads(line), dict):
                    return number
            except (ValueError, RecursionError):
                return number
    return None


Rows = Callable[[str], list[Any]]
"""Runs a query."""
