"""Queries of business metrics: one that reads, with the needed columns and bounds."""

# ruff: noqa: S608 - no database sees them
import pytest

from wavegate.telemetry.mapping.query_rules import query_problem
from wavegate.telemetry.mapping.values import SourceKind

BOUNDS = "WHERE x >= '{since}' AND x < '{until}'"
GOOD = f"SELECT day, cohort, good, n FROM t {BOUNDS}"


@pytest.mark.parametrize(
    "query",
    [
        GOOD,
        f"{GOOD};",
        f'SELECT CAST("x" AS DATE) AS "day", "c" AS "cohort", 1 AS "good", 2 AS "n" FROM "t" {BOUNDS}',
        f"WITH t AS (SELECT 1) {GOOD}",
        f"SELECT day, cohort, good, n FROM t {BOUNDS} AND note <> 'DELETE; it'",
        f"-- how many\n{GOOD}".replace("-- how many\n", ""),
    ],
)
def test_a_query_that_counts_good_ones_of_all(query: str) -> None:
    assert query_problem(query, SourceKind.DATA_CLOUD) is None


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", "does not start with SELECT"),
        (f"EXPLAIN {GOOD}", "does not start with SELECT"),
        (f"{GOOD}; SELECT 1", "has more than one statement"),
        (f"WITH d AS (DELETE FROM t) {GOOD}", "has `DELETE`, which changes something"),
        (GOOD.replace("SELECT", "SELECT 1 INTO z, "), "has `INTO`, which changes something"),
        (GOOD.replace("cohort, ", ""), "has no column `cohort`"),
        (GOOD.replace("cohort,", "'cohort',"), "has no column `cohort`"),
        (GOOD.replace("{until}", "2026-11-01"), "is not bounded by `{until}`"),
        (f"{GOOD} AND y = {{cohort}}", "has the unknown placeholder {cohort}"),
    ],
)
def test_another_one_is_said(query: str, problem: str) -> None:
    assert query_problem(query, SourceKind.DATA_CLOUD) == problem


def test_soql_has_no_with() -> None:
    assert query_problem(f"WITH t AS (SELECT 1) {GOOD}", SourceKind.SOQL) == "does not start with SELECT"
