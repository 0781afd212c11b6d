"""The SOQL that wavegate and the CLI use: one object, one level of children, AND, =, !=, IN, >=, ORDER BY, LIMIT."""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

Row = dict[str, Any]

_QUERY = re.compile(
    r"SELECT\s+(?P<fields>.+?)\s+FROM\s+(?P<table>\w+)(?:\s+WHERE\s+(?P<where>.+?))?"
    r"(?:\s+ORDER\s+BY\s+(?P<order>[\w.]+)(?P<down>\s+DESC|\s+ASC)?)?(?:\s+LIMIT\s+(?P<limit>\d+))?\s*",
    re.IGNORECASE | re.DOTALL,
)
_CHILDREN = re.compile(r"\(\s*(SELECT[^()]+)\)", re.IGNORECASE)
_LITERAL = r"'(?:[^'\\]|\\.)*'|[\w.:+-]+"
_CONDITION = re.compile(rf"([\w.]+)\s*(=|!=|>=|IN)\s*(\((?:\s*(?:{_LITERAL})\s*,?)+\)|{_LITERAL})", re.IGNORECASE)


class SoqlError(Exception):
    """The query is malformed, or asks for something that the org does not have."""


def run(text: str, rows_of: Callable[[str], Iterable[Row] | None]) -> list[Row]:
    """The records of a query, as the REST API returns them. rows_of: returns an object's rows by its name."""
    children = _CHILDREN.search(text)
    nested = children.group(1) if children else None
    query = _QUERY.fullmatch(text.replace(children.group(0), "_children_", 1) if children else text)
    if query is None:
        raise SoqlError(f"unexpected token: {text[:80]}")
    table = query["table"]
    rows = rows_of(table)
    if rows is None:
        raise SoqlError(f"sObject type '{table}' is not supported.")
    fields = [each.strip() for each in query["fields"].split(",")]
    chosen = _choose(list(rows), query)
    return [_record(table, row, fields, nested) for row in chosen]


def _choose(rows: list[Row], query: re.Match[str]) -> list[Row]:
    if query["where"]:
        rows = [row for row in rows if all(check(row) for check in _conditions(query["where"]))]
    if query["order"]:
        rows.sort(
            key=lambda row: _value(row, query["order"]), reverse=(query["down"] or "").strip().upper() == "DESC"
        )
    return rows[: int(query["limit"])] if query["limit"] else rows


def _conditions(where: str) -> list[Callable[[Row], bool]]:
    checks, rest = [], where.strip()
    while True:
        match = _CONDITION.match(rest)
        if match is None:
            raise SoqlError(f"unexpected token: {rest[:80]}")
        checks.append(_check(match))
        rest = rest[match.end() :].strip()
        if not rest:
            return checks
        if not rest.upper().startswith("AND "):
            raise SoqlError(f"unexpected token: {rest[:80]}")
        rest = rest[4:].strip()


def _check(match: re.Match[str]) -> Callable[[Row], bool]:
    name, operator, literal = match.group(1), match.group(2).upper(), match.group(3)
    if operator == ">=":
        since = datetime.fromisoformat(literal)
        return lambda row: datetime.fromisoformat(_value(row, name)) >= since
    values = {_folded(_literal(each)) for each in re.findall(_LITERAL, literal)}
    return lambda row: (_folded(_value(row, name)) in values) == (operator != "!=")


def _literal(text: str) -> object:
    if text.startswith("'"):
        return re.sub(r"\\(.)", r"\1", text[1:-1])
    return {"true": True, "false": False, "null": None}.get(text.lower(), int(text) if text.isdigit() else text)


def _folded(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _value(row: Row, name: str) -> Any:
    for key, value in row.items():
        if key.lower() == name.lower():
            return value
    raise SoqlError(f"No such column '{name}' on entity")


def _record(table: str, row: Row, fields: Sequence[str], nested: str | None) -> Row:
    record: Row = {"attributes": {"type": table}}
    for name in fields:
        if name == "_children_":
            record.update(_children(row, nested or ""))
        elif "." in name:
            parent, _, rest = name.partition(".")
            if parent in row and row[parent] is None:
                record[parent] = None
                continue
            record.setdefault(parent, {"attributes": {"type": parent}})[rest] = _value(row, name)
        else:
            record[name] = row.get(name) if table.lower() in _OPEN else _value(row, name)
    return record


# the CLI queries many more of their fields than the tests need
_OPEN = {"botdefinition", "botversion", "botversions", "organization", "user"}


def _children(row: Row, nested: str) -> Row:
    relation = re.search(r"FROM\s+(\w+)", nested, re.IGNORECASE)
    if relation is None or not isinstance(row.get(relation.group(1)), list):
        raise SoqlError(f"Didn't understand relationship in: {nested[:80]}")
    records = run(nested, lambda _: row[relation.group(1)])
    return {relation.group(1): {"totalSize": len(records), "done": True, "records": records} if records else None}
