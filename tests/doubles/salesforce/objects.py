"""Objects whose records are counted by SOQL with GROUP BY: the query is checked, and runs in DuckDB.

Source of the rules: SOQL and SOSL Reference, "Considerations for GROUP BY" and "Date Functions"; Object Reference.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any

from tests.doubles.salesforce.replies import refusal
from tests.doubles.server import Reply, Request, json_reply

MAX_GROUPS = 2_000
_QUERY = re.compile(
    r"\s*SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<table>\w+)(?:\s+WHERE\s+(?P<where>.+?))?"
    r"(?:\s+GROUP\s+BY\s+(?P<groups>.+?))?(?:\s+ORDER\s+BY\s+(?P<order>.+?))?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_AGGREGATE = re.compile(r"(COUNT|COUNT_DISTINCT|SUM|MIN|MAX|AVG)\(([\w.]+)\)(?:\s+(\w+))?", re.IGNORECASE)
_DAY = re.compile(r"DAY_ONLY\(([\w.]+)\)(?:\s+(\w+))?", re.IGNORECASE)
_PLAIN = re.compile(r"([\w.]+)(?:\s+(\w+))?")
_CONDITION = re.compile(
    r"([\w.]+)\s*(NOT IN|IN|>=|<=|!=|=|>|<)\s*(\([^()]*\)|'(?:[^'\\]|\\.)*'|null|[\w:.+-]+)", re.IGNORECASE
)
_SQL_TYPES = {"datetime": "TIMESTAMP WITH TIME ZONE", "date": "DATE", "int": "BIGINT", "double": "DOUBLE"}
_UNGROUPABLE = {"datetime", "textarea", "double"}


class _RefusedError(Exception):
    """code, message."""


@dataclass(kw_only=True, slots=True)
class CountedObjects:
    """fields: types by object and field. queries: those that were run."""

    fields: dict[str, dict[str, str]] = field(default_factory=dict)
    queries: list[str] = field(default_factory=list)
    _database: Any = None

    def seed(self, table: str, fields: Mapping[str, str], rows: Iterable[Sequence[object]] = ()) -> None:
        """Make an object. fields: types of describe by name."""
        if self._database is None:
            self._database = import_module("duckdb").connect(config={"enable_external_access": False})
            self._database.execute("SET TimeZone = 'UTC'")
        self.fields[table] = dict(fields)
        columns = ", ".join(f'"{name}" {_SQL_TYPES.get(kind, "VARCHAR")}' for name, kind in fields.items())
        self._database.execute(f'CREATE TABLE "{table}" ({columns})')
        values = [list(row) for row in rows]
        if values:
            marks = ", ".join("?" for _ in fields)
            self._database.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)  # noqa: S608

    def has(self, soql: str) -> bool:
        """Whether a query is about one of them."""
        match = re.search(r"\bFROM\s+(\w+)", soql, re.IGNORECASE)
        return bool(match and match[1] in self.fields)

    def query(self, request: Request) -> Reply:
        """GET query."""
        soql = request.query["q"]
        self.queries.append(soql)
        try:
            sql, names = self._translated(soql)
        except _RefusedError as refused:
            return refusal(400, *refused.args)
        found = self._database.execute(sql).fetchall()
        grouped = re.search(r"\bGROUP\s+BY\b", soql, re.IGNORECASE)
        if grouped and len(found) > MAX_GROUPS:
            return refusal(400, "EXCEEDED_ID_LIMIT", "Aggregate query does not support queryMore(), use LIMIT")
        records = [
            {"attributes": {"type": "AggregateResult"}, **dict(zip(names, map(_plain, row), strict=True))}
            for row in found
        ]
        return json_reply(200, {"totalSize": len(records), "done": True, "records": records})

    def describe(self, table: str) -> Reply:
        """GET sobjects/NAME/describe."""
        if table not in self.fields:
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        fields = [
            {"name": name, "type": kind, "groupable": kind not in _UNGROUPABLE, "label": name}
            for name, kind in self.fields[table].items()
        ]
        return json_reply(200, {"name": table, "fields": fields})

    def _translated(self, soql: str) -> tuple[str, list[str]]:
        match = _QUERY.fullmatch(soql)
        if match is None:
            raise _RefusedError("MALFORMED_QUERY", f"unexpected token: {soql[:60]}")
        table = match["table"]
        groups = [self._group(each.strip(), table) for each in _split(match["groups"] or "")]
        selected: list[str] = []
        names: list[str] = []
        plain: list[str] = []
        for text in _split(match["fields"]):
            expression, name, is_plain = self._selected(text.strip(), table, len(names))
            if is_plain and expression in plain:
                raise _RefusedError("MALFORMED_QUERY", f"duplicate field selected: {text}")
            if is_plain and match["groups"] and expression not in groups:
                raise _RefusedError("MALFORMED_QUERY", f"Field must be grouped or aggregated: {text}")
            plain += [expression] if is_plain else []
            selected.append(expression)
            names.append(name)
        where = f" WHERE {self._where(match['where'], table)}" if match["where"] else ""
        by = f" GROUP BY {', '.join(groups)}" if groups else ""
        limit = f" LIMIT {match['limit']}" if match["limit"] else ""
        order = f" ORDER BY {len(names)} DESC" if match["order"] else ""
        return f'SELECT {", ".join(selected)} FROM "{table}"{where}{by}{order}{limit}', names  # noqa: S608

    def _selected(self, text: str, table: str, index: int) -> tuple[str, str, bool]:
        if match := _AGGREGATE.fullmatch(text):
            call = match[1].upper().replace("COUNT_DISTINCT", "COUNT_DISTINCT")
            inner = self._field(match[2], table)
            expression = f"COUNT(DISTINCT {inner})" if call == "COUNT_DISTINCT" else f"{call}({inner})"
            return expression, match[3] or f"expr{index}", False
        if match := _DAY.fullmatch(text):
            return f"CAST({self._field(match[1], table)} AS DATE)", match[2] or f"expr{index}", True
        if match := _PLAIN.fullmatch(text):
            return self._field(match[1], table), match[2] or match[1].rpartition(".")[2], True
        # among them CASE and every other expression of SQL: SOQL has none
        raise _RefusedError("MALFORMED_QUERY", f"unexpected token: {text}")

    def _group(self, text: str, table: str) -> str:
        if match := _DAY.fullmatch(text):
            return f"CAST({self._field(match[1], table)} AS DATE)"
        name = self._field(text, table)
        if self.fields[table][name.strip('"')] in _UNGROUPABLE:
            raise _RefusedError("MALFORMED_QUERY", f"field '{text}' can not be grouped in a query call")
        return name

    def _field(self, text: str, table: str) -> str:
        for name in self.fields[table]:
            if name.lower() == text.lower():
                return f'"{name}"'
        raise _RefusedError("INVALID_FIELD", f"No such column '{text}' on entity '{table}'")

    def _where(self, where: str, table: str) -> str:
        rest, parts = where.strip(), []
        while match := _CONDITION.match(rest):
            kind = self.fields[table][self._field(match[1], table).strip('"')]
            parts.append(f"{self._field(match[1], table)} {_literals(match[2].upper(), match[3], kind)}")
            rest = rest[match.end() :].strip()
            if not rest:
                return " AND ".join(parts)
            if not rest.upper().startswith("AND "):
                break
            rest = rest[4:].strip()
        raise _RefusedError("MALFORMED_QUERY", f"unexpected token: {rest[:60]}")


def _literals(operator: str, text: str, kind: str) -> str:
    if text.lower() == "null":
        return "IS NULL" if operator == "=" else "IS NOT NULL"
    if text.startswith("("):
        values = re.findall(r"'(?:[^'\\]|\\.)*'", text)
        if not values:
            raise _RefusedError("MALFORMED_QUERY", "unexpected token: ')'")
        return f"{operator} ({', '.join(map(_quoted, values))})"
    if kind == "datetime" and not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        raise _RefusedError("INVALID_FIELD", f"value of filter criterion for field must be of type dateTime: {text}")
    if kind == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        raise _RefusedError("INVALID_FIELD", f"value of filter criterion for field must be of type date: {text}")
    return f"{operator} {_quoted(text) if text.startswith(chr(39)) else chr(39) + text + chr(39)}"


def _quoted(text: str) -> str:
    inner = re.sub(r"\\(.)", r"\1", text[1:-1])
    return "'" + inner.replace("'", "''") + "'"


def _split(text: str) -> list[str]:
    """The parts between commas outside parentheses."""
    return [part for part in re.split(r",(?![^()]*\))", text) if part.strip()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    if isinstance(value, date):
        return value.isoformat()
    return int(value) if isinstance(value, Decimal) else value
