"""Daily sums from the org's own objects, counted by SOQL with its limits."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.support.telemetry_world import (
    COPY,
    LIVE,
    NOW,
    REQUEST,
    SESSIONS,
    SOQL,
    START,
    TracedSession,
    mapping,
    seed_messaging,
)

from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.org import Org, Session
from wavegate.telemetry.connection import OrgConnection
from wavegate.telemetry.soql.source import SoqlTelemetry
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import BusinessSum, Lane, Reject, TelemetryLook

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)
BY_FIELD = "source: soql\ntables: {session: {columns: {agent: Pilot_Arm__c}}}\n"


@pytest.fixture
def org() -> Iterator[SalesforceDouble]:
    with SalesforceDouble() as double:
        yield double


def connection(org: SalesforceDouble, token: str | None = None) -> Org:
    return Org(Session(instance_url=org.url, access_token=token or org.token), pause=lambda _: None)


def look(org: SalesforceDouble, text: str = SOQL, request: LookRequest = REQUEST) -> TelemetryLook:
    return SoqlTelemetry(mapping(text), OrgConnection(connection(org))).look(request)


def test_channels_stand_for_agents(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    found = look(org)
    assert [(each.day, each.agent, each.sessions, each.good, each.escalated) for each in found.days] == [
        # s7 is on the same channel: without a field that names the agent, it counts; AgentType System does not
        (MONDAY, LIVE, 3, 2, 1),
        (TUESDAY, LIVE, 1, 1, 0),
        (TUESDAY, COPY, 1, 1, 0),
    ]
    assert found.has == {"taskSuccess", "escalationRate"}
    assert found.problems == ()
    assert set(found.watermarks) == {Lane.FAST, Lane.SLOW}
    assert all(each.version == "" and not each.latency for each in found.days)


def test_a_field_that_the_routing_flow_sets_names_the_agent(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    assert [(each.agent, each.sessions) for each in look(org, BY_FIELD).days] == [(LIVE, 2), (LIVE, 1), (COPY, 1)]


def test_that_no_person_took_part_is_no_success_unless_the_team_says_so(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    found = look(org, BY_FIELD)
    assert found.has == {"escalationRate"}
    assert {each.good for each in found.days} == {0}


def test_an_agent_without_any_session_is_a_problem_and_never_a_silent_zero(org: SalesforceDouble) -> None:
    seed_messaging(org.objects, [TracedSession(key="s1", start=NOW - timedelta(minutes=30))])
    (problem,) = look(org).problems
    assert problem == (
        "MessagingSession has no session of `Library_Desk_Pilot`; employee agents never leave any there."
    )
    (problem,) = look(org, "source: soql\nagents: {Library_Desk: [Web]}\n").problems
    assert "no word for `Library_Desk_Pilot`" in problem


def test_cohorts_by_column_and_by_user(org: SalesforceDouble) -> None:
    seed_messaging(org.objects, [TracedSession(key="a"), TracedSession(key="b", user="005000000000007")])
    text = "tables: {session: {columns: {user: EndUser__c, cohort: EndUser__c}}}\n"
    by_user = look(org, f"{SOQL}{text}cohort: {{by: user}}\n", replace(REQUEST, users={"005000000000009": "desk"}))
    assert {each.cohort: each.sessions for each in by_user.days} == {"desk": 1, "": 1}
    by_column = look(org, f"{SOQL}{text}cohort: {{by: column, values: {{desk: ['005000000000007']}}}}\n")
    assert {each.cohort: each.sessions for each in by_column.days} == {"desk": 1, "": 1}


def test_words_that_the_file_does_not_know_are_named(org: SalesforceDouble) -> None:
    seed_messaging(org.objects, [TracedSession(key="a", end_type="Robot"), TracedSession(key="b", end_type="")])
    found = {(each.place, each.word): each.sessions for each in look(org).unknown}
    assert found == {("endTypes", "Robot"): 1, ("endTypes", ""): 1}


def test_rejects(org: SalesforceDouble) -> None:
    seed_messaging(org.objects, [TracedSession(key="a", start=NOW + timedelta(hours=1)), *SESSIONS])
    assert look(org).rejects == {Reject.FUTURE: 1}


def test_a_day_with_more_groups_than_a_query_may_have_is_read_in_parts(org: SalesforceDouble) -> None:
    many = [
        TracedSession(key=f"s{n}", user=f"005{n:012d}", start=START.replace(hour=0) + timedelta(seconds=20 * n))
        for n in range(4_100)
    ]
    seed_messaging(org.objects, many)
    text = f"{SOQL}tables: {{session: {{columns: {{user: EndUser__c}}}}}}\ncohort: {{by: user}}\n"
    found = look(org, text, replace(REQUEST, users={"005000000000007": "desk"}))
    assert sum(each.sessions for each in found.days) == 4_100
    assert {each.cohort: each.sessions for each in found.days}["desk"] == 1


def test_sessions_that_stopped_arriving_are_a_problem(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    (problem,) = look(org, request=replace(REQUEST, now=NOW + timedelta(days=2))).problems
    assert problem.startswith("Late data: the newest session is of 2026-11-03 09:05 UTC")


def test_too_many_groups_in_the_shortest_part(org: SalesforceDouble) -> None:
    seed_messaging(org.objects, [TracedSession(key=f"s{n}", user=f"005{n:012d}") for n in range(2_001)])
    text = f"{SOQL}tables: {{session: {{columns: {{user: EndUser__c}}}}}}\ncohort: {{by: user}}\n"
    with pytest.raises(ServiceError, match="More than 2,000 groups"):
        look(org, text)


def test_closed_days_are_not_read(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    assert {each.day for each in look(org, request=replace(REQUEST, closed=TUESDAY)).days} == {TUESDAY}
    assert not any("2026-11-02T" in each for each in org.objects.queries if "GROUP BY" in each)


def test_throttling_and_an_expired_token(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    org.faults.add("GET .*query", status=429, headers={"Retry-After": "1"}, times=2)
    renewed = OrgConnection(connection(org, "expired"), lambda: connection(org))
    assert len(SoqlTelemetry(mapping(SOQL), renewed).look(REQUEST).days) == 3
    with pytest.raises(ServiceError, match="rejected the access token"):
        SoqlTelemetry(mapping(SOQL), OrgConnection(connection(org, "expired"))).look(REQUEST)


def test_a_field_that_the_org_does_not_have(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    with pytest.raises(InputError, match="No such column 'Arm__c'") as refused:
        look(org, "source: soql\ntables: {session: {columns: {agent: Arm__c}}}\n")
    assert "telemetry discover" in refused.value.fix


def test_a_business_metric(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    org.objects.seed(
        "Case",
        {"Id": "id", "ClosedDate": "datetime", "Cohort__c": "picklist", "Not_Reopened__c": "int"},
        [("1", START, "", 1), ("2", START, "", 0), ("3", START - timedelta(days=30), "", 1)],
    )
    query = (
        "SELECT DAY_ONLY(ClosedDate) day, Cohort__c cohort, SUM(Not_Reopened__c) good, COUNT(Id) n FROM Case "
        "WHERE ClosedDate >= {since}T00:00:00Z AND ClosedDate < {until}T00:00:00Z "
        "GROUP BY DAY_ONLY(ClosedDate), Cohort__c"
    )
    found = look(org, f"{SOQL}metrics:\n  notReopened:\n    query: >-\n      {query}\n")
    assert found.days[0].business == {"notReopened": BusinessSum(good=1, n=2)}


GROUP = {**{f"f{number}": "Web" for number in range(9)}, "n": 1, "newest_start": "2026-11-02T09:00:00.000+0000"}


@pytest.mark.parametrize(
    "records",
    [
        [{"n": "many"}],
        [GROUP, GROUP],
        [{**GROUP, "n": -1}],
        [{**GROUP, "n": 1.5}],
        [{**GROUP, "n": None}],
        [{**GROUP, "newest_start": "2026-11-02T09:00:00"}],
    ],
    ids=["no number", "a group twice", "negative", "a fraction", "null", "a time without a zone"],
)
def test_unusable_answers_are_errors_of_the_service(org: SalesforceDouble, records: list[dict[str, object]]) -> None:
    seed_messaging(org.objects)
    org.faults.add("GET .*query", status=200, body={"records": records, "done": True})
    with pytest.raises(ServiceError, match="not usable"):
        look(org)


def test_progress_is_said_on_long_windows(org: SalesforceDouble) -> None:
    seed_messaging(org.objects)
    lines: list[str] = []
    source = SoqlTelemetry(mapping(SOQL), OrgConnection(connection(org)), say=lines.append)
    source.look(replace(REQUEST, since=date(2026, 10, 1)))
    assert lines == ["Read 14 of 34 days from 127.0.0.1.", "Read 28 of 34 days from 127.0.0.1."]
