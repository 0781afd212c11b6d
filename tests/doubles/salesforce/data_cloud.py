"""Data Cloud of the org double: it runs the SQL that it gets, over tables that a test seeds.

Answers: developer.salesforce.com, "Query Data using Query API" (`ssot/query-sql`), and the example of the Connect API
guide, where the first answer has 2,000 rows.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

from tests.doubles.salesforce.replies import json_body, refusal
from tests.doubles.server import Reply, Request, json_reply

FIRST_ROWS = 2_000
MAX_PAGE = 49_999
"""Rows of one answer; the documentation of the first version of the query API has this limit."""
_TYPES = {"VARCHAR": "Varchar", "TIMESTAMP WITH TIME ZONE": "TimestampTZ", "TIMESTAMP": "Timestamp"}
_FOREIGN = (
    # none of these is in the reference of Data 360 SQL; `::` and FILTER are avoided so that one text fits all engines
    (r"\bQUALIFY\b", "QUALIFY"),
    (r"\bGROUP\s+BY\s+ALL\b", "ALL"),
    (r"::", "::"),
    (r"\bFILTER\s*\(", "FILTER"),
    (r"\bhash\s*\(", "hash"),
    (r"\bSELECT\s+\*\s+EXCLUDE\b", "EXCLUDE"),
    (r"\b(read_csv|read_parquet|read_json)\w*\s*\(", "read"),
    (r"\bTRY_CAST\b", "TRY_CAST"),
)


@dataclass(kw_only=True, slots=True)
class _Query:
    columns: list[dict[str, str]]
    rows: list[list[Any]]
    polls: int = 0


@dataclass(kw_only=True, slots=True)
class DataCloud:
    """Tables and queries. polls: how often a query is still running when asked. failing: the state of the next ones.

    page: rows of one answer. cancelled: ids of the queries that were cancelled. submitted: their SQL, in order.
    """

    polls: int = 0
    failing: str = ""
    page: int = FIRST_ROWS
    finished: str = "Finished"
    cancelled: list[str] = field(default_factory=list)
    submitted: list[str] = field(default_factory=list)
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    _queries: dict[str, _Query] = field(default_factory=dict)
    _database: Any = None

    def seed(self, table: str, columns: Mapping[str, str], rows: Iterable[Sequence[object]] = ()) -> None:
        """Make a table, or add rows to it. columns: DuckDB types by name."""
        if table not in self.columns:
            self.columns[table] = dict(columns)
            listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
            self.database.execute(f'CREATE TABLE "{table}" ({listed})')
        values = [list(row) for row in rows]
        if values:
            marks = ", ".join("?" for _ in columns)
            self.database.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)  # noqa: S608

    @property
    def database(self) -> Any:
        """The DuckDB connection."""
        if self._database is None:
            # heavy, and only these tests need it
            self._database = import_module("duckdb").connect(config={"enable_external_access": False})
            self._database.execute("SET TimeZone = 'UTC'")
        return self._database

    def submit(self, request: Request) -> Reply:
        """POST ssot/query-sql: the first rows, or a query that still runs."""
        sql = json_body(request).get("sql", "")
        self.submitted.append(sql)
        if problem := self._problem(sql):
            return refusal(400, "BAD_REQUEST", problem)
        try:
            found = self.database.execute(sql)
            rows = [[_plain(value) for value in row] for row in found.fetchall()]
        except Exception as error:  # noqa: BLE001 - whatever is wrong with the SQL
            return refusal(400, "BAD_REQUEST", str(error).split("\n", 1)[0])
        columns = [
            {"name": name, "type": _TYPES.get(str(kind), str(kind).capitalize())}
            for name, kind, *_ in found.description
        ]
        key = f"MTAuMQ==_{len(self.submitted):04d}"
        self._queries[key] = query = _Query(columns=columns, rows=rows, polls=self.polls)
        status = self._status(key, query)
        shown = rows[: status["rowCount"]][: self.page]
        return json_reply(200, {"metadata": columns, "data": shown, "status": status, "returnedRows": len(shown)})

    def status(self, key: str) -> Reply:
        """GET ssot/query-sql/ID."""
        query = self._queries.get(key)
        if query is None or key in self.cancelled:
            return refusal(404, "NOT_FOUND", "Query not found or expired")
        query.polls = max(0, query.polls - 1)
        return json_reply(200, self._status(key, query))

    def rows(self, key: str, request: Request) -> Reply:
        """GET ssot/query-sql/ID/rows."""
        query = self._queries.get(key)
        if query is None or key in self.cancelled:
            return refusal(404, "NOT_FOUND", "Query not found or expired")
        offset, limit = int(request.query.get("offset", "0")), int(request.query.get("rowLimit", MAX_PAGE))
        rows = query.rows[offset : offset + min(limit, self.page)]
        return json_reply(200, {"metadata": query.columns, "data": rows, "returnedRows": len(rows)})

    def cancel(self, key: str) -> Reply:
        """DELETE ssot/query-sql/ID."""
        self.cancelled.append(key)
        return Reply(status=204, body=b"")

    def metadata(self) -> Reply:
        """GET ssot/metadata."""
        entities = [
            {
                "name": table,
                "displayName": table,
                "category": "Engagement",
                "fields": [
                    {"name": name, "displayName": name, "type": "STRING" if kind == "VARCHAR" else "DATE_TIME"}
                    for name, kind in columns.items()
                ],
            }
            for table, columns in self.columns.items()
        ]
        return json_reply(200, {"metadata": entities})

    def _status(self, key: str, query: _Query) -> dict[str, Any]:
        """Its state; while it runs, the first half of its rows is there."""
        state = self.failing or ("Running" if query.polls else self.finished)
        count = len(query.rows) // 2 if query.polls else len(query.rows)
        return {"queryId": key, "completionStatus": state, "rowCount": count, "progress": 1.0}

    def _problem(self, sql: str) -> str | None:
        """Why Data Cloud would not understand it."""
        outside = re.sub(r"'(?:[^']|'')*'", "''", sql)
        # Data 360 SQL reads only: its reference has no statement but SELECT
        if not re.match(r"\s*(SELECT|WITH)\b", sql, re.IGNORECASE) or ";" in outside:
            return "Only a single SELECT statement is supported"
        for pattern, word in _FOREIGN:
            if re.search(pattern, outside, re.IGNORECASE):
                return f"syntax error: unexpected {word}"
        # a quoted name is matched as written; unquoted ones are folded
        exact = {*self.columns, *(name for columns in self.columns.values() for name in columns)}
        folded = {each.lower(): each for each in exact}
        for name in re.findall(r'"((?:[^"]|"")+)"', outside):
            if name not in exact and name.lower() in folded and re.search(r"__(dlm|dll|c)$", name):
                return f'unknown name "{name}"'
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="milliseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    json.dumps(value, allow_nan=True)
    return value
