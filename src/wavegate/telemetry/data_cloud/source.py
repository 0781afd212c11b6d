"""The daily sums of an environment's sessions, computed by Data Cloud."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from wavegate.errors import ServiceError
from wavegate.telemetry.business import BusinessRow, business_query, business_rows, with_business
from wavegate.telemetry.data_cloud.relation import newest_sql, relation, repeated_sessions_sql, two_versions_sql
from wavegate.telemetry.data_cloud.rows import sum_rows, whole
from wavegate.telemetry.data_cloud.statements import DataCloudStatements
from wavegate.telemetry.late import lateness
from wavegate.telemetry.mapping.values import TelemetryMapping
from wavegate.telemetry.session_relation import SessionRelation
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sql import sums_sql, unknown_sql
from wavegate.telemetry.sql_words import quote_name
from wavegate.telemetry.sums import collect, signals, watermarks
from wavegate.telemetry.values import Lane, Reject, TelemetryLook, UnknownWord
from wavegate.text import one_line

T = TypeVar("T")


class DataCloudTelemetry:
    """Sessions in Data Cloud. Implements `TelemetrySource`."""

    def __init__(self, mapping: TelemetryMapping, statements: DataCloudStatements) -> None:
        self.mapping = mapping
        self.statements = statements

    def look(self, request: LookRequest) -> TelemetryLook:
        """Sum up the sessions. InputError: the mapping does not fit the org. ServiceError: no usable answer."""
        sessions = relation(self.mapping, request)
        result = self.statements.run(sums_sql(sessions, self.mapping, request), "the daily sums")
        has_latency = "latency" in sessions.roles
        found = self._usable(
            lambda: collect(
                sum_rows([name for name, _ in result.columns], result.rows), self.mapping, has_latency=has_latency
            ),
            "the daily sums",
        )
        metrics = self._metrics(request)
        marks = self._watermarks(found.newest)
        late = lateness(marks, request.now, self.mapping.lag)
        return TelemetryLook(
            taken=request.now,
            source=f"Data Cloud of {self.statements.org.host}",
            watermarks=marks,
            days=with_business(found.days, metrics),
            rejects=dict(found.rejects) | self._doubtful(request),
            unknown=self._unknown(found.unknown, sessions, request),
            schema=self._schema(),
            problems=(late,) if late else (),
            has=signals(sessions.roles, self.mapping) | metrics.keys(),
        )

    def _watermarks(self, newest: datetime | None) -> dict[Lane, datetime]:
        """The slow lane ends where the last of its tables does: rows that stopped arriving are not healthy ones."""
        marks = watermarks(newest, self.mapping.lag)
        for role, sql in newest_sql(self.mapping).items() if marks else ():
            rows = self.statements.run(sql, f"the newest row of the table `{role}`").rows
            if not rows or rows[0][0] is None:
                marks.pop(Lane.SLOW, None)
            elif Lane.SLOW in marks:
                newest_row = self._usable(partial(_moment, rows[0][0]), f"the newest row of the table `{role}`")
                marks[Lane.SLOW] = min(marks[Lane.SLOW], newest_row)
        return marks

    def _usable(self, read: Callable[[], T], what: str) -> T:
        """What `read` makes of an answer."""
        try:
            return read()
        except (ValueError, TypeError, LookupError, OverflowError) as error:
            message = f"{self.statements.org.host} answered the query for {what} with values that are not usable"
            raise ServiceError(f"{message}: {one_line(str(error), 100)}.", fix="Run the command again.") from error

    def _doubtful(self, request: LookRequest) -> dict[Reject, int]:
        """Sessions that are in no sum because they cannot be attributed."""
        queries = {
            Reject.DUPLICATE_SESSION: repeated_sessions_sql(self.mapping, request),
            Reject.TWO_VERSIONS: two_versions_sql(self.mapping, request),
        }
        counts = {reject: self._number(sql, f"a {reject}") for reject, sql in queries.items() if sql}
        return {reject: count for reject, count in counts.items() if count}

    def _number(self, sql: str, what: str) -> int:
        rows = self.statements.run(sql, what).rows
        return self._usable(lambda: whole(rows[0][0] or 0) if rows else 0, what)

    def _unknown(
        self, places: Mapping[str, int], sessions: SessionRelation, request: LookRequest
    ) -> tuple[UnknownWord, ...]:
        return tuple(
            word
            for place in places
            for word in self._usable(
                partial(
                    _words,
                    place,
                    self.statements.run(
                        unknown_sql(sessions, self.mapping, request, place), f"unknown words of `{place}`"
                    ).rows,
                ),
                f"unknown words of `{place}`",
            )
        )

    def _schema(self) -> str:
        """Digest of the columns that the mapping names, and their types."""
        found: dict[str, Any] = {}
        for role, table in sorted(self.mapping.tables.items()):
            names = sorted(set(table.columns.values()))
            columns = ", ".join(map(quote_name, names))
            sql = f"SELECT {columns} FROM {quote_name(table.name)} LIMIT 1"  # noqa: S608 - names are quoted
            found[table.name] = self.statements.run(sql, f"the columns of the table `{role}`").columns
        return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()

    def _metrics(self, request: LookRequest) -> dict[str, list[BusinessRow]]:
        found: dict[str, list[BusinessRow]] = {}
        for metric in self.mapping.business:
            result = self.statements.run(business_query(metric, request), f"the metric `{metric.name}`")
            found[metric.name] = business_rows(
                metric, [name for name, _ in result.columns], result.rows, self.mapping
            )
        return found


def _words(place: str, rows: Iterable[Sequence[Any]]) -> list[UnknownWord]:
    return [UnknownWord(place=place, word=one_line(str(word), 100), sessions=whole(count)) for word, count in rows]


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace(" UTC", "+00:00"))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
