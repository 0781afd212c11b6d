"""Runs SQL statements in Data Cloud: submits them, waits, reads all pages, and cancels what is not waited for.

Source: developer.salesforce.com, "Query Data using Query API" (`ssot/query-sql`). A statement reads only, so that
submitting it again does no harm.
"""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from wavegate.errors import InputError, RefusedError, ServiceError, WavegateError
from wavegate.salesforce.org import Org
from wavegate.telemetry.connection import OrgConnection
from wavegate.text import one_line

PATH = "/ssot/query-sql"
PAGE_ROWS = 20_000
"""Rows of one page; an answer has at most 20 MB."""
MAX_ROWS = 500_000
MAX_STATEMENT = 400_000
"""Characters of a statement. Hyper takes longer ones; a cohort of thousands of users stays below it."""
DEADLINE = 900.0
"""Seconds that a statement may run."""
_POLL = 2.0
_PROGRESS = 30.0
"""Seconds between two lines about a statement that still runs."""
_READY = {"finished", "resultsproduced"}
_RUNNING = {"running", "runningorunspecified", "unspecified", "queued", "submitted"}
_QUERY_ID = re.compile(r"[\w.~:+=/-]{1,500}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class StatementResult:
    """Columns with their types, and rows."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(slots=True)
class _Collected:
    columns: tuple[tuple[str, str], ...]
    rows: list[tuple[Any, ...]]


class DataCloudStatements:
    """Runs statements in one org. say: shows a progress line."""

    def __init__(
        self,
        connection: OrgConnection,
        *,
        say: Callable[[str], None] | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.connection = connection
        self._say = say or (lambda _: None)
        self._pause = pause
        self._clock = clock

    @property
    def org(self) -> Org:
        """The org that is queried."""
        return self.connection.org

    def run(self, sql: str, what: str) -> StatementResult:
        """All rows of a statement. what: it is about, for progress lines and errors.

        InputError: the org rejected it. ServiceError: it failed, took too long, or its answer is unusable.
        """
        if len(sql) > MAX_STATEMENT:
            message = f"The query for {what} has {len(sql):,} characters; the limit is {MAX_STATEMENT:,}."
            raise InputError(message, fix="Find cohorts by a column or a channel in place of thousands of users.")
        try:
            return self.connection.call(lambda _: self._run(sql, what))
        except RefusedError as refused:
            raise self._explained(refused, what) from refused

    def _run(self, sql: str, what: str) -> StatementResult:
        began = self._clock()
        answer = self.org.post(PATH, {"sql": sql}, repeatable=True)
        status = self._status(answer, what)
        found = _Collected(columns=self._columns(answer, what), rows=self._rows(answer, what))
        query = str(status.get("queryId", ""))
        try:
            status = self._wait(query, status, what, began)
            self._read_pages(query, status, found, what, began)
        except BaseException:
            # also a stopped process: the org would go on computing for nobody
            self._cancel(query)
            raise
        return StatementResult(columns=found.columns, rows=tuple(found.rows))

    def _wait(self, query: str, status: dict[str, Any], what: str, began: float) -> dict[str, Any]:
        said = began
        while (state := _folded(status)) not in _READY:
            if state not in _RUNNING:
                message = f"The query for {what} ended as {one_line(str(status.get('completionStatus')), 60)}."
                raise ServiceError(
                    message, fix="Run the command again; see Query Editor in Data Cloud for the reason."
                )
            self._check_time(began, what)
            if self._clock() - said >= _PROGRESS:
                said = self._clock()
                self._say(f"Data Cloud still computes {what}, {said - began:.0f} s.")
            self._pause(_POLL)
            status = self._polled(self.org.get(self._path(query, what)), what)
        return status

    def _read_pages(self, query: str, status: dict[str, Any], found: _Collected, what: str, began: float) -> None:
        total = _count(status.get("rowCount"))
        if total is None:
            raise self._unusable("without a number of rows", what)
        if total > MAX_ROWS:
            message = f"The query for {what} has {total:,} rows; the limit is {MAX_ROWS:,}."
            raise ServiceError(message, fix="Use a shorter window.")
        while len(found.rows) < total:
            self._check_time(began, what)
            params = {"offset": str(len(found.rows)), "rowLimit": str(PAGE_ROWS)}
            page = self.org.get(f"{self._path(query, what)}/rows", params)
            rows = self._rows(page, what)
            if not rows:
                raise self._unusable(f"with {len(found.rows):,} of {total:,} rows", what)
            found.rows += rows
            found.columns = found.columns or self._columns(page, what)
        if len(found.rows) > total:
            raise self._unusable(f"with {len(found.rows):,} rows, which were to be {total:,}", what)

    def _check_time(self, began: float, what: str) -> None:
        if self._clock() - began > DEADLINE:
            message = f"The query for {what} took longer than {DEADLINE / 60:.0f} minutes and was cancelled."
            raise ServiceError(
                message, fix="Run the command again when the org is less busy, or use a shorter window."
            )

    def _cancel(self, query: str) -> None:
        if _QUERY_ID.fullmatch(query):
            with suppress(WavegateError):
                self.org.delete(f"{PATH}/{quote(query, safe='')}")

    def _path(self, query: str, what: str) -> str:
        if not _QUERY_ID.fullmatch(query):
            raise self._unusable("without its id", what)
        return f"{PATH}/{quote(query, safe='')}"

    def _status(self, answer: Any, what: str) -> dict[str, Any]:
        status = answer.get("status") if isinstance(answer, dict) else None
        if not isinstance(status, dict):
            raise self._unusable("without a status", what)
        return status

    def _polled(self, answer: Any, what: str) -> dict[str, Any]:
        """The status by itself, as the reply to a poll has it, or within an answer."""
        nested = isinstance(answer, dict) and "status" in answer
        return self._status(answer if nested else {"status": answer}, what)

    def _columns(self, answer: Any, what: str) -> tuple[tuple[str, str], ...]:
        metadata = answer.get("metadata") or []
        if not isinstance(metadata, list) or not all(isinstance(each, dict) for each in metadata):
            raise self._unusable("with columns that are not a list", what)
        return tuple((str(each.get("name", "")), str(each.get("type", ""))) for each in metadata)

    def _rows(self, answer: Any, what: str) -> list[tuple[Any, ...]]:
        rows = answer.get("data", []) if isinstance(answer, dict) else None
        if not isinstance(rows, list) or not all(isinstance(each, list) for each in rows):
            raise self._unusable("without rows", what)
        return [tuple(each) for each in rows]

    def _unusable(self, how: str, what: str) -> ServiceError:
        return ServiceError(f"{self.org.host} answered the query for {what} {how}.", fix="Run the command again.")

    def _explained(self, refused: RefusedError, what: str) -> WavegateError:
        if refused.status == 404 and not refused.detail.lower().startswith("table"):
            message = f"{self.org.host} has no Data Cloud query service: {refused.message}"
            return InputError(message, fix="Set up Data Cloud and session tracing, or use another source.")
        if refused.status != 400:
            return refused
        detail = refused.detail or refused.code or "HTTP 400"
        return InputError(
            f"Data Cloud rejected the query for {what}: {detail}.",
            fix="Compare the tables and columns of the telemetry file with `wavegate telemetry discover ENV`.",
        )


def _folded(status: dict[str, Any]) -> str:
    """The state without the case and underscores by which versions of the API differ."""
    return str(status.get("completionStatus", "")).replace("_", "").lower()


def _count(value: Any) -> int | None:
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() else None
