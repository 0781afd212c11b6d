"""The daily sums of an environment's sessions, from the org's own objects."""

import hashlib
import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.salesforce.org import Org
from wavegate.telemetry.business import BusinessRow, business_query, business_rows, with_business
from wavegate.telemetry.connection import OrgConnection
from wavegate.telemetry.late import lateness
from wavegate.telemetry.mapping.query_rules import COLUMNS
from wavegate.telemetry.mapping.values import TelemetryMapping
from wavegate.telemetry.soql.groups import GroupTotals, SessionGroup, day_sums, total, unknown_words
from wavegate.telemetry.soql.queries import (
    MAX_GROUPS,
    ROLES,
    count_query,
    future_query,
    grouped_fields,
    without_time_query,
)
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sums import signals, watermarks
from wavegate.telemetry.values import Reject, TelemetryLook
from wavegate.text import join_names

_SHORTEST = timedelta(minutes=15)
"""A part of a day with more groups than a query may have is asked for in halves, down to this."""
_PROGRESS_DAYS = 14


class SoqlTelemetry:
    """Sessions in MessagingSession, or another object of the org. Implements `TelemetrySource`."""

    def __init__(
        self, mapping: TelemetryMapping, connection: OrgConnection, *, say: Callable[[str], None] | None = None
    ) -> None:
        self.mapping = mapping
        self.connection = connection
        self._say = say or (lambda _: None)

    def look(self, request: LookRequest) -> TelemetryLook:
        """Sum up the sessions. InputError: the mapping does not fit the org. ServiceError: no usable answer."""
        totals = total(self._groups(request), self.mapping, request)
        metrics = self._metrics(request)
        columns = self.mapping.tables["session"].columns
        marks = watermarks(totals.newest, self.mapping.lag)
        late = lateness(marks, request.now, self.mapping.lag)
        return TelemetryLook(
            taken=request.now,
            source=f"{self.mapping.tables['session'].name} of {self.connection.org.host}",
            watermarks=marks,
            days=with_business(day_sums(totals), metrics),
            rejects=self._rejects(request),
            unknown=unknown_words(totals),
            schema=self._schema(),
            problems=(*([late] if late else []), *self._problems(request, totals)),
            has=signals(set(columns) - {"latency"}, self.mapping) | metrics.keys(),
        )

    def _groups(self, request: LookRequest) -> Iterator[SessionGroup]:
        days = (request.now.date() - request.first).days + 1
        for index in range(days):
            if index and index % _PROGRESS_DAYS == 0:
                self._say(f"Read {index} of {days} days from {self.connection.org.host}.")
            start = datetime.combine(request.first + timedelta(days=index), datetime.min.time(), tzinfo=UTC)
            end = min(start + timedelta(days=1), request.now + timedelta(seconds=1))
            yield from self._part(request, start, end)

    def _part(self, request: LookRequest, start: datetime, end: datetime) -> Iterator[SessionGroup]:
        """The groups of a part of a day; of its halves if there are more than a query may have."""
        records = self._query(count_query(self.mapping, request, start, end), "sessions", may_exceed=True)
        if records is not None and len(records) < MAX_GROUPS:
            groups = [self._group(record, start.date()) for record in records]
            if len({tuple(group.words.items()) for group in groups}) != len(groups):
                raise self._unusable()
            yield from groups
            return
        if end - start <= _SHORTEST:
            message = f"More than {MAX_GROUPS:,} groups of sessions start in {_SHORTEST}."
            raise ServiceError(message, fix="Group by fewer columns: set `channel` or `user` to `none`.")
        middle = (start + (end - start) / 2).replace(microsecond=0)
        yield from self._part(request, start, middle)
        yield from self._part(request, middle, end)

    def _group(self, record: dict[str, Any], day: date) -> SessionGroup:
        fields = grouped_fields(self.mapping)
        columns = self.mapping.tables["session"].columns
        try:
            values = {field: str(record[f"f{index}"] or "") for index, field in enumerate(fields)}
            times = [_moment(record[name]) for name in ("newest_start", "newest_end") if record.get(name)]
            return SessionGroup(
                day=day,
                words={role: values[columns[role]] for role in ROLES if columns.get(role) in values},
                sessions=_whole(record["n"]),
                newest=max(times, default=None),
            )
        except (KeyError, TypeError, ValueError):
            raise self._unusable() from None

    def _unusable(self) -> ServiceError:
        message = f"{self.connection.org.host} answered a count of sessions with fields that are not usable."
        return ServiceError(message, fix="Run the command again.")

    def _rejects(self, request: LookRequest) -> dict[Reject, int]:
        queries = {
            Reject.FUTURE: future_query(self.mapping, request),
            Reject.NO_TIME: without_time_query(self.mapping, request),
        }
        counts = {reject: self._number(soql, f"a {reject}") for reject, soql in queries.items()}
        return {reject: count for reject, count in counts.items() if count}

    def _number(self, soql: str, what: str) -> int:
        try:
            return _whole((self._query(soql, what) or [{}])[0].get("n") or 0)
        except (ValueError, TypeError):
            raise self._unusable() from None

    def _problems(self, request: LookRequest, totals: GroupTotals) -> Iterator[str]:
        known = set(self.mapping.agents.values())
        if unmapped := sorted(request.agents - known) if known else []:
            yield f"`agents` of the telemetry file has no word for {join_names(unmapped)}: no session of it is seen."
        if request.closed is not None:
            # the days before are known: an agent may be quiet on the few that are left
            return
        seen = {agent for _, _, agent, _ in totals.counts}
        if absent := sorted(request.agents - seen - set(unmapped)):
            name = self.mapping.tables["session"].name
            yield f"{name} has no session of {join_names(absent)}; employee agents never leave any there."

    def _metrics(self, request: LookRequest) -> dict[str, list[BusinessRow]]:
        found: dict[str, list[BusinessRow]] = {}
        for metric in self.mapping.business:
            records = self._query(business_query(metric, request), f"the metric `{metric.name}`")
            names = {name.lower(): name for name in (records[0] if records else COLUMNS)}
            rows = [[record.get(name) for name in names.values()] for record in records or []]
            found[metric.name] = business_rows(metric, list(names), rows, self.mapping)
        return found

    def _schema(self) -> str:
        """Digest of the fields that the mapping names, and their types."""
        table = self.mapping.tables["session"]
        answer = self.connection.call(lambda org: org.get(f"/sobjects/{table.name}/describe"))
        fields = answer.get("fields") if isinstance(answer, dict) else None
        if not isinstance(fields, list):
            message = f"{self.connection.org.host} did not describe {table.name}."
            raise ServiceError(message, fix="Run the command again.")
        types = {str(each.get("name")): str(each.get("type")) for each in fields if isinstance(each, dict)}
        used = {name: types.get(name, "") for name in sorted(set(table.columns.values()))}
        return hashlib.sha256(json.dumps(used).encode()).hexdigest()

    def _query(self, soql: str, what: str, *, may_exceed: bool = False) -> list[dict[str, Any]] | None:
        """The records of a query; None if it has more groups than a query may have."""

        def read(org: Org) -> list[dict[str, Any]]:
            return org.query(soql)

        try:
            return self.connection.call(read)
        except RefusedError as refused:
            if may_exceed and refused.code == "EXCEEDED_ID_LIMIT":
                return None
            if refused.status != 400:
                raise
            raise InputError(
                f"The org rejected the query for {what}: {refused.detail or refused.code}.",
                fix="Compare the telemetry file with `wavegate telemetry discover ENV`.",
            ) from refused


def _moment(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value).replace("+0000", "+00:00"))
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment


def _whole(value: Any) -> int:
    """A number of sessions. ValueError, TypeError: it is none."""
    number = int(value)
    if number < 0 or number != float(value):
        raise ValueError(value)
    return number
