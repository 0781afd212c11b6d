"""Business metrics join the daily sums of their day, cohort and agent."""

from datetime import UTC, date, datetime

import pytest

from wavegate.errors import InputError
from wavegate.telemetry.business import BusinessRow, business_query, business_rows, with_business
from wavegate.telemetry.mapping.values import BusinessQuery, SourceKind, TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import BusinessSum, DaySum

MAPPING = TelemetryMapping(source=SourceKind.DATA_CLOUD, agents={"Web": "Desk"}, path="t.yml")
METRIC = BusinessQuery(name="solved", query="SELECT {since} {until}")
DAY = date(2026, 11, 2)
LOOK = LookRequest(agents=frozenset(), since=DAY, now=datetime(2026, 11, 4, 23, 59, tzinfo=UTC))
COLUMNS = ("day", "cohort", "good", "n")


def day_sum(agent: str, sessions: int, cohort: str = "") -> DaySum:
    return DaySum(day=DAY, cohort=cohort, agent=agent, sessions=sessions, good=0, escalated=0)


def row(agent: str = "", *, good: int = 1, n: int = 2, cohort: str = "", day: date = DAY) -> BusinessRow:
    return BusinessRow(day=day, cohort=cohort, agent=agent, good=good, n=n)


def test_days_stand_in_the_query_as_they_are() -> None:
    assert business_query(METRIC, LOOK) == "SELECT 2026-11-02 2026-11-05"


def test_rows_may_be_text_and_name_an_agent_by_its_word() -> None:
    found = business_rows(METRIC, ["DAY", "Cohort", "good", "n", "agent"],
                          [["2026-11-02T00:00:00Z", None, "1", 2.0, "Web"]], MAPPING)  # fmt: skip
    assert found == [row("Desk")]


@pytest.mark.parametrize(
    ("columns", "values", "message"),
    [
        (("day", "cohort", "good"), [], "has no column `n`"),
        (COLUMNS, [["yesterday", "", 1, 2]], "cannot be read"),
        (COLUMNS, [["2026-11-02", "", 0.5, 2]], "cannot be read"),
        (COLUMNS, [["2026-11-02", "", float("nan"), 2]], "cannot be read"),
        (COLUMNS, [["2026-11-02", "", 3, 2]], "3 good ones of 2"),
        (COLUMNS, [["2026-11-02", "", -1, 2]], "-1 good ones of 2"),
    ],
)
def test_a_result_that_cannot_be_is_refused(columns: tuple[str, ...], values: list[object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        business_rows(METRIC, columns, values, MAPPING)  # type: ignore[arg-type]


def test_a_row_without_an_agent_belongs_to_the_agent_that_was_used_most() -> None:
    days = (day_sum("Desk", 5), day_sum("Desk_Pilot", 9), day_sum("Desk", 100, cohort="tier2"))
    found = with_business(days, {"solved": [row(), row()]})
    assert [each.business for each in found] == [{}, {"solved": BusinessSum(good=2, n=4)}, {}]


def test_a_row_with_an_agent_belongs_to_it_and_one_of_another_day_to_nobody() -> None:
    days = (day_sum("Desk", 5), day_sum("Desk_Pilot", 9))
    found = with_business(days, {"solved": [row("Desk"), row(day=date(2026, 11, 3)), row("Else")]})
    assert [each.business for each in found] == [{"solved": BusinessSum(good=1, n=2)}, {}]
