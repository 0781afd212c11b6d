"""Daily sums from Data Cloud: the SQL really runs in the org double, which refuses what Data Cloud would refuse."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.data_cloud import DataCloud
from tests.doubles.server import Reply, Request
from tests.support.telemetry_world import (
    COPY,
    DATA_CLOUD,
    LIVE,
    NOW,
    REQUEST,
    SESSIONS,
    START,
    TEXT,
    TracedSession,
    mapping,
    seed,
)

from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.org import Org, Session
from wavegate.telemetry.connection import OrgConnection
from wavegate.telemetry.data_cloud.source import DataCloudTelemetry
from wavegate.telemetry.data_cloud.statements import DataCloudStatements
from wavegate.telemetry.values import UNKNOWN_LATENCY, BusinessSum, DaySum, Lane, Reject, TelemetryLook, ViolationSum

MONDAY, TUESDAY = date(2026, 11, 2), date(2026, 11, 3)


@pytest.fixture
def org() -> Iterator[SalesforceDouble]:
    with SalesforceDouble() as double:
        double.data_cloud = DataCloud()
        yield double


def cloud(org: SalesforceDouble) -> DataCloud:
    assert org.data_cloud
    return org.data_cloud


def connection(org: SalesforceDouble, token: str | None = None) -> Org:
    session = Session(instance_url=org.url, access_token=token or org.token)
    return Org(session, pause=lambda _: None)


def statements(org: SalesforceDouble, **options: object) -> DataCloudStatements:
    return DataCloudStatements(OrgConnection(connection(org)), pause=lambda _: None, **options)  # type: ignore[arg-type]


def look(org: SalesforceDouble, text: str = DATA_CLOUD, request: object = REQUEST) -> TelemetryLook:
    return DataCloudTelemetry(mapping(text), statements(org)).look(request)  # type: ignore[arg-type]


def days(found: TelemetryLook) -> dict[tuple[date, str, str], DaySum]:
    return {(each.day, each.agent, each.version): each for each in found.days}


def test_sessions_are_summed_by_day_agent_and_version(org: SalesforceDouble) -> None:
    seed(cloud(org))
    found = look(org)
    sums = days(found)
    assert set(sums) == {(MONDAY, LIVE, "v3"), (TUESDAY, LIVE, "v3"), (TUESDAY, COPY, "v1")}
    monday = sums[MONDAY, LIVE, "v3"]
    # s3 started a minute before midnight, and has no end type; s6 is a person who builds the agent
    assert (monday.sessions, monday.good, monday.escalated) == (3, 1, 1)
    # two seconds twice, and the mean of one and five
    assert sorted(monday.latency.values()) == [1, 2]
    assert sums[TUESDAY, LIVE, "v3"].violations == {"high": ViolationSum(unconfirmed=1)}
    assert found.rejects == {}
    assert found.unknown == ()
    assert found.has == {"taskSuccess", "escalationRate", "latencyP95", "violations"}
    assert found.source == "Data Cloud of 127.0.0.1"


def test_the_slow_lane_ends_where_late_rows_do(org: SalesforceDouble) -> None:
    newest = NOW - timedelta(minutes=10)
    seed(cloud(org), [*SESSIONS, TracedSession(key="late", start=newest, turns=(), checks=())])
    found = look(org, f"{DATA_CLOUD}lag: {{fast: 1s, slow: 1s}}\n")
    assert found.watermarks[Lane.FAST] == newest + timedelta(minutes=5, seconds=-1)
    assert found.watermarks[Lane.SLOW] == max(each.start for each in SESSIONS)


def test_sessions_that_stopped_arriving_are_a_problem(org: SalesforceDouble) -> None:
    seed(cloud(org))
    assert look(org).problems == ()
    (problem,) = look(org, request=replace(REQUEST, now=NOW + timedelta(days=2))).problems
    assert problem.startswith("Late data: the newest session is of 2026-11-03 09:05 UTC")


def test_without_any_check_the_slow_lane_is_absent(org: SalesforceDouble) -> None:
    seed(cloud(org), [replace(each, checks=()) for each in SESSIONS])
    assert set(look(org).watermarks) == {Lane.FAST}


def test_without_sessions_nothing_is_known(org: SalesforceDouble) -> None:
    seed(cloud(org), [])
    found = look(org)
    assert (found.days, found.watermarks) == ((), {})


def test_a_session_on_two_versions_is_excluded_and_counted(org: SalesforceDouble) -> None:
    seed(cloud(org), [*SESSIONS, TracedSession(key="both", versions=("v3", "v4"))])
    found = look(org)
    assert found.rejects == {Reject.TWO_VERSIONS: 1}
    assert days(found)[MONDAY, LIVE, "v3"].sessions == 3


def test_a_session_that_occurs_twice_is_excluded_and_counted(org: SalesforceDouble) -> None:
    seed(cloud(org), SESSIONS)
    cloud(org).database.execute(
        'INSERT INTO "ssot__AIAgentSession__dlm" SELECT * FROM "ssot__AIAgentSession__dlm" '
        "WHERE \"ssot__Id__c\" = 's1'"
    )
    found = look(org)
    assert found.rejects == {Reject.DUPLICATE_SESSION: 2}
    assert days(found)[MONDAY, LIVE, "v3"].sessions == 2


def test_times_that_cannot_be_are_rejects(org: SalesforceDouble) -> None:
    impossible = [
        TracedSession(key="future", start=NOW + timedelta(hours=1)),
        TracedSession(key="backwards", turns=(4.0, -1.0)),
    ]
    seed(cloud(org), [*SESSIONS, *impossible])
    assert look(org).rejects == {Reject.FUTURE: 1, Reject.NEGATIVE: 1}


def test_words_that_the_file_does_not_know_are_named(org: SalesforceDouble) -> None:
    seed(cloud(org), [*SESSIONS, TracedSession(key="x", end_type="ESCALATED", checks=("maybe",))])
    found = {(each.place, each.word, each.sessions) for each in look(org).unknown}
    assert found == {("endTypes", "ESCALATED", 1), ("severities", "maybe", 1)}


def test_sentinels_are_no_words(org: SalesforceDouble) -> None:
    seed(cloud(org), [TracedSession(key=f"s{n}", end_type=word) for n, word in enumerate(("NOT_SET", "None", ""))])
    found = look(org)
    assert found.unknown == ()
    assert [(each.sessions, each.good) for each in found.days] == [(3, 0)]


def test_cohorts_by_user_match_ids_of_15_and_18_characters(org: SalesforceDouble) -> None:
    own = [
        TracedSession(key="short", user="005000000000007"),
        TracedSession(key="long", user="005000000000007AAC"),
        TracedSession(key="other"),
    ]
    seed(cloud(org), own)
    request = replace(REQUEST, users={"005000000000007": "front-desk"})
    found = look(org, f"{DATA_CLOUD}cohort: {{by: user}}\n", request)
    assert {each.cohort: each.sessions for each in found.days} == {"front-desk": 2, "": 1}


def test_cohorts_by_channel(org: SalesforceDouble) -> None:
    seed(cloud(org))
    found = look(org, f"{DATA_CLOUD}cohort: {{by: channel, values: {{front-desk: [Pilot]}}}}\n")
    assert {each.cohort for each in found.days if each.agent == COPY} == {"front-desk"}


def test_violations_are_found_through_requests_whose_session_ids_are_quoted(org: SalesforceDouble) -> None:
    seed(cloud(org))
    cloud(org).seed(
        "Category__dlm",
        {"parent__c": TEXT, "kind__c": TEXT, "flag__c": TEXT},
        [("r1", "PROMPT_DEFENSE", "true"), ("r1", "TOXICITY", "true"), ("r2", "TOXICITY", "")],
    )
    cloud(org).seed("Request__dlm", {"id__c": TEXT, "sessionId__c": TEXT}, [("r1", '"s1"'), ("r2", '"s5"')])
    text = f"""{DATA_CLOUD}
tables:
  step: none
  violation: {{name: Category__dlm, columns: {{severity: kind__c, confirmed: flag__c, time: none}}}}
  request: {{name: Request__dlm, columns: {{id: id__c, session: sessionId__c}}}}
severities: {{critical: [PROMPT_DEFENSE], high: [TOXICITY]}}
"""
    sums = days(look(org, text))
    assert sums[MONDAY, LIVE, "v3"].violations == {"critical": ViolationSum(confirmed=1)}
    assert sums[TUESDAY, COPY, "v1"].violations == {"high": ViolationSum(unconfirmed=1)}


@pytest.mark.parametrize(
    ("checks", "found", "unknown"),
    [
        (
            [("PROMPT_DEFENSE", ""), ("TOXICITY", "true"), ("TOXICITY", "")],
            {"critical": ViolationSum(unconfirmed=1), "high": ViolationSum(confirmed=1)},
            0,
        ),
        ([("New_Word", ""), ("PROMPT_DEFENSE", "true")], {"critical": ViolationSum(confirmed=1)}, 1),
        ([("New_Word", "true"), ("TOXICITY", "true")], {"high": ViolationSum(confirmed=1)}, 1),
        ([("PROMPT_DEFENSE", ""), ("TOXICITY", "")], {"critical": ViolationSum(unconfirmed=1)}, 0),
        ([("TOXICITY", ""), ("TOXICITY", "true")], {"high": ViolationSum(confirmed=1)}, 0),
        ([("New_Word", ""), ("TOXICITY", "")], {}, 1),
    ],
    ids=["unreviewed", "unknown word", "confirmed unknown word", "none confirmed", "the same severity", "hidden"],
)
def test_a_violation_that_waits_for_its_review_hides_none_that_is_confirmed(
    org: SalesforceDouble, checks: list[tuple[str, str]], found: dict[str, ViolationSum], unknown: int
) -> None:
    seed(cloud(org))
    columns = {"parent__c": TEXT, "kind__c": TEXT, "flag__c": TEXT}
    cloud(org).seed("Category__dlm", columns, [("r1", *check) for check in checks])
    cloud(org).seed("Request__dlm", {"id__c": TEXT, "sessionId__c": TEXT}, [("r1", "s1")])
    text = f"""{DATA_CLOUD}
tables:
  step: none
  violation: {{name: Category__dlm, columns: {{severity: kind__c, confirmed: flag__c, time: none}}}}
  request: {{name: Request__dlm, columns: {{id: id__c, session: sessionId__c}}}}
severities: {{critical: [PROMPT_DEFENSE], high: [TOXICITY]}}
"""
    answer = look(org, text)
    assert days(answer)[MONDAY, LIVE, "v3"].violations == found
    assert sum(each.sessions for each in answer.unknown) == unknown


def test_the_other_spelling_of_the_objects_and_fields(org: SalesforceDouble) -> None:
    names = {
        "ssot__AIAgentSession__dlm": "ssot__AiAgentSession__dlm",
        "ssot__AiAgentSessionEndType__c": "ssot__AIAgentSessionEndType__c",
    }
    seed(cloud(org), names=names)
    with pytest.raises(InputError, match="Data Cloud rejected the query for the daily sums") as refused:
        look(org)
    assert "telemetry discover" in refused.value.fix
    text = (
        f"{DATA_CLOUD}tables: {{session: {{name: ssot__AiAgentSession__dlm, "
        "columns: {endType: ssot__AIAgentSessionEndType__c}}}\n"
    )
    assert len(look(org, text).days) == 3


def test_tables_that_the_org_does_not_have_are_left_out(org: SalesforceDouble) -> None:
    seed(cloud(org))
    found = look(org, f"{DATA_CLOUD}tables: {{interaction: none, step: none, violation: none}}\n")
    assert found.has == {"taskSuccess", "escalationRate"}
    assert all(not each.latency for each in found.days)


def test_closed_days_are_not_read(org: SalesforceDouble) -> None:
    seed(cloud(org))
    found = look(org, request=replace(REQUEST, closed=TUESDAY))
    assert {each.day for each in found.days} == {TUESDAY}


def test_a_business_metric_joins_the_sums(org: SalesforceDouble) -> None:
    seed(cloud(org))
    cloud(org).seed(
        "Cases__dlm",
        {"closed__c": "DATE", "cohort__c": TEXT, "agent__c": TEXT, "reopened__c": TEXT},
        [(MONDAY, "", LIVE, "no"), (MONDAY, "", LIVE, "yes"), (date(2026, 10, 1), "", LIVE, "no")],
    )
    query = (
        'SELECT "closed__c" AS day, "cohort__c" AS cohort, "agent__c" AS agent, '
        'SUM(CASE WHEN "reopened__c" = \'no\' THEN 1 ELSE 0 END) AS good, COUNT(*) AS n FROM "Cases__dlm" '
        "WHERE \"closed__c\" >= DATE '{since}' AND \"closed__c\" < DATE '{until}' GROUP BY 1, 2, 3"
    )
    found = look(org, f"{DATA_CLOUD}metrics:\n  notReopened:\n    query: >-\n      {query}\n")
    assert days(found)[MONDAY, LIVE, "v3"].business == {"notReopened": BusinessSum(good=1, n=2)}
    assert "notReopened" in found.has


def test_all_pages_are_read(org: SalesforceDouble) -> None:
    cloud(org).page = 2
    seed(cloud(org), [TracedSession(key=f"s{n}", start=START + timedelta(days=n % 2), turns=(1.0 + n,))
                      for n in range(9)])  # fmt: skip
    found = look(org)
    assert sum(each.sessions for each in found.days) == 9
    assert any(each.template.endswith("/rows") for each in org.routes)


def test_a_page_that_comes_twice_is_no_sum(org: SalesforceDouble) -> None:
    class Repeating(DataCloud):
        """Whatever page is asked for, it answers with the first one."""

        def rows(self, key: str, request: Request) -> Reply:
            return super().rows(key, replace(request, query={**request.query, "offset": "0"}))

    org.data_cloud = Repeating(page=1)
    seed(cloud(org))
    with pytest.raises(ServiceError, match="the daily sums with values that are not usable: repeated groups"):
        look(org)


@pytest.mark.parametrize("finished", ["Finished", "RESULTS_PRODUCED"])
def test_a_query_that_runs_is_waited_for(org: SalesforceDouble, finished: str) -> None:
    cloud(org).polls, cloud(org).finished = 2, finished
    seed(cloud(org))
    assert len(look(org).days) == 3


def test_throttled_requests_are_repeated(org: SalesforceDouble) -> None:
    seed(cloud(org))
    org.faults.add("POST .*query-sql", status=429, headers={"Retry-After": "1"}, times=2)
    org.faults.add("POST .*query-sql", status=503, headers={"Retry-After": "1"}, skip=1)
    assert len(look(org).days) == 3


def test_an_expired_token_is_renewed_once(org: SalesforceDouble) -> None:
    seed(cloud(org))
    old = connection(org, "expired")
    renewed = DataCloudStatements(OrgConnection(old, lambda: connection(org)), pause=lambda _: None)
    assert len(DataCloudTelemetry(mapping(), renewed).look(REQUEST).days) == 3
    hopeless = DataCloudStatements(OrgConnection(old, lambda: connection(org, "expired")), pause=lambda _: None)
    with pytest.raises(ServiceError, match="rejected the access token"):
        DataCloudTelemetry(mapping(), hopeless).look(REQUEST)


def test_a_failing_query_is_said_and_cancelled(org: SalesforceDouble) -> None:
    seed(cloud(org))
    cloud(org).failing = "Failed"
    with pytest.raises(ServiceError, match="The query for the daily sums ended as Failed"):
        look(org)
    assert len(cloud(org).cancelled) == 1


def test_a_query_that_takes_too_long_is_cancelled_with_lines_of_progress(org: SalesforceDouble) -> None:
    seed(cloud(org))
    cloud(org).polls = 1_000
    seconds, lines = iter(range(0, 100_000, 40)), list[str]()
    slow = statements(org, clock=lambda: float(next(seconds)), say=lines.append)
    with pytest.raises(ServiceError, match="took longer than 15 minutes and was cancelled"):
        DataCloudTelemetry(mapping(), slow).look(REQUEST)
    assert len(cloud(org).cancelled) == 1
    assert "Data Cloud still computes the daily sums" in lines[0]


def test_a_stopped_look_cancels_its_query_and_the_next_one_is_whole(org: SalesforceDouble) -> None:
    seed(cloud(org))
    cloud(org).polls = 3

    def stop(_: float) -> None:
        raise KeyboardInterrupt

    stopped = DataCloudStatements(OrgConnection(connection(org)), pause=stop)
    with pytest.raises(KeyboardInterrupt):
        DataCloudTelemetry(mapping(), stopped).look(REQUEST)
    assert len(cloud(org).cancelled) == 1
    assert len(look(org).days) == 3


@pytest.mark.parametrize(
    "body",
    [
        [],
        {"data": []},
        {"status": {"queryId": "1", "completionStatus": "Finished"}, "data": []},
        {"status": {"queryId": "1", "completionStatus": "Finished", "rowCount": 3}, "data": [1]},
        {"status": {"queryId": "../x y", "completionStatus": "Running", "rowCount": 3}, "data": []},
        {"status": {"queryId": "1", "completionStatus": "Finished", "rowCount": 10**9}, "data": []},
    ],
)
def test_an_answer_that_cannot_be_used_is_an_error_of_the_service(org: SalesforceDouble, body: object) -> None:
    seed(cloud(org))
    org.faults.add("POST .*query-sql", status=200, body=body)
    with pytest.raises(ServiceError):
        look(org)


def test_an_org_without_data_cloud(org: SalesforceDouble) -> None:
    org.data_cloud = None
    with pytest.raises(InputError, match="no Data Cloud query service"):
        look(org)


def test_a_changed_column_changes_the_schema(org: SalesforceDouble) -> None:
    seed(cloud(org))
    before = look(org).schema
    cloud(org).database.execute(
        'ALTER TABLE "ssot__AIAgentSession__dlm" ALTER "ssot__StartTimestamp__c" TYPE TIMESTAMP'
    )
    after = look(org)
    assert after.schema != before
    assert len(after.days) == 3


def test_names_and_words_are_data_and_never_sql(org: SalesforceDouble) -> None:
    seed(cloud(org), [TracedSession(key="s'1", end_type="it's; DROP TABLE x --", channel='a"b')])
    found = look(org)
    assert [each.word for each in found.unknown] == ["it's; DROP TABLE x --"]
    known = DATA_CLOUD.replace("[resolved]", '["it\'s; DROP TABLE x --"]')
    assert [each.good for each in look(org, known).days] == [1]


def test_sessions_without_turns_have_no_known_latency(org: SalesforceDouble) -> None:
    seed(cloud(org), [replace(SESSIONS[0], turns=())])
    (only,) = look(org).days
    assert only.latency == {UNKNOWN_LATENCY: 1}


def test_times_in_any_zone_belong_to_the_utc_day(org: SalesforceDouble) -> None:
    east = datetime.fromisoformat("2026-11-03T01:30:00+03:00")
    seed(cloud(org), [TracedSession(key="s1", start=east)])
    assert [each.day for each in look(org).days] == [MONDAY]
