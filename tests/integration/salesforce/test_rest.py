"""Requests to an org: what is tried again, what never is, and what becomes of every answer."""

from collections.abc import Iterator

import pytest
from tests.doubles.salesforce import SalesforceDouble

from wavegate.errors import InputError, RefusedError, ServiceError, UncertainError
from wavegate.http.transport import ATTEMPTS
from wavegate.salesforce.org import Org, Session, literal

RUNS = "/einstein/ai-evaluations/runs"
START = {"aiEvaluationDefinitionName": "summary"}


@pytest.fixture
def double() -> Iterator[SalesforceDouble]:
    with SalesforceDouble() as double:
        double.testing.define("summary")
        yield double


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def org(double: SalesforceDouble, pauses: list[float]) -> Org:
    return Org(Session(instance_url=double.url, access_token=double.token), pause=pauses.append)


@pytest.mark.parametrize(
    "fault", [{"drop": True}, {"status": 500}, {"status": 503}, {"status": 429}, {"malformed": True}]
)
def test_reading_goes_on_over_failures_that_pass(double: SalesforceDouble, org: Org, fault: dict[str, bool]) -> None:
    double.faults.add("GET", times=ATTEMPTS - 1, **fault)
    assert org.identity().username == "release@acme.example"
    double.faults.add("GET", times=ATTEMPTS, **fault)
    with pytest.raises(ServiceError):
        org.identity()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(
    "fault", [{"drop": True}, *({"status": status} for status in (408, 500, 501, 503, 520, 999))]
)
def test_a_start_whose_answer_is_lost_is_not_made_again(
    double: SalesforceDouble, org: Org, fault: dict[str, bool], when: str
) -> None:
    double.faults.add("POST", when=when, **fault)
    with pytest.raises(UncertainError):
        org.post(RUNS, START)
    assert len(double.routes) == 1


def test_a_start_whose_answer_is_broken_may_have_been_carried_out(double: SalesforceDouble, org: Org) -> None:
    double.faults.add("POST", malformed=True)
    with pytest.raises(UncertainError):
        org.post(RUNS, START)
    assert len(double.testing.runs) == 1


def test_a_start_that_the_org_turned_away_is_made_again(double: SalesforceDouble, org: Org) -> None:
    double.faults.add("POST", status=429)
    limit = [{"errorCode": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}]
    double.faults.add("POST", status=403, body=limit)
    assert org.post(RUNS, START)["status"] == "NEW"
    assert len(double.testing.runs) == 1


def test_a_start_that_never_left_is_no_uncertain_one(double: SalesforceDouble, org: Org) -> None:
    double.stop()
    with pytest.raises(ServiceError) as caught:
        org.post(RUNS, START)
    assert not isinstance(caught.value, UncertainError)


@pytest.mark.parametrize(
    ("header", "pause"),
    [("7", 7.0), ("0", 1.0), ("soon", 0.5), ("Wed, 21 Oct 2015 07:28:00 GMT", 1.0)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_it_waits_as_long_as_it_is_asked_to(
    double: SalesforceDouble, org: Org, pauses: list[float], status: int, header: str, pause: float
) -> None:
    double.faults.add("GET", status=status, headers={"Retry-After": header})
    org.identity()
    assert pauses == [pause]


def test_a_longer_wait_than_it_has_patience_for_is_left_to_the_user(
    double: SalesforceDouble, org: Org, pauses: list[float]
) -> None:
    double.faults.add("GET", times=0, status=429, headers={"Retry-After": "50"})
    with pytest.raises(ServiceError) as caught:
        org.identity()
    assert pauses == [50.0]
    assert "in 100 seconds" in caught.value.fix


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (401, [{"errorCode": "INVALID_SESSION_ID", "message": "expired"}], "rejected the access token"),
        (403, [{"errorCode": "INSUFFICIENT_ACCESS", "message": "no"}], "INSUFFICIENT_ACCESS no"),
        (404, b"<html>not here</html>", "HTTP 404"),
        (302, b"", "another address"),
        (400, {"error": "invalid", "error_description": "bad\n::error::x"}, "bad\\n::error::x"),
    ],
)
def test_a_refusal_is_told_once_in_one_line(
    double: SalesforceDouble, org: Org, status: int, body: object, said: str
) -> None:
    double.faults.add("GET", status=status, body=body, headers={"Location": "http://127.0.0.1:9/"})
    with pytest.raises(RefusedError) as caught:
        org.identity()
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.status == status
    assert len(double.routes) == 1


def test_no_error_and_no_printed_form_holds_the_token(double: SalesforceDouble, org: Org) -> None:
    double.faults.add("GET", status=400, body=[{"errorCode": "X", "message": f"bad token {double.token}"}])
    with pytest.raises(RefusedError) as caught:
        org.identity()
    assert double.token not in caught.value.message + repr(org.session)


def test_every_page_of_a_query_is_read(double: SalesforceDouble, org: Org) -> None:
    more = {"records": [{"Id": "1"}], "done": False, "nextRecordsUrl": "/services/data/v66.0/query"}
    double.faults.add("GET", status=200, body=more)
    double.faults.add("GET", status=200, body={"records": [{"Id": "2"}], "done": True})
    assert org.select(["Id"], "FROM User") == [("1",), ("2",)]


@pytest.mark.parametrize("body", [[], {"records": {}}, {"records": [{"Other": 1}]}, "text", None])
def test_an_answer_of_another_shape_is_an_error(double: SalesforceDouble, org: Org, body: object) -> None:
    double.faults.add("GET", status=200, body=b"null" if body is None else body, times=0)
    with pytest.raises(ServiceError):
        org.select(["Id"], "FROM User")
    for read in (org.identity, org.newest_api_version):
        with pytest.raises(ServiceError):
            read()


@pytest.mark.parametrize(
    "url", ["http://acme.my.salesforce.com", "acme.my.salesforce.com", "ftp://x", "", "https://"]
)
def test_a_token_is_sent_to_https_addresses_only(url: str) -> None:
    with pytest.raises(InputError):
        Session(instance_url=url, access_token="x")


@pytest.mark.parametrize(
    ("text", "quoted"), [("a", "'a'"), ("it's", r"'it\'s'"), ("a\\", r"'a\\'"), ("' OR Id != '", r"'\' OR Id != \''")]
)
def test_a_soql_string_ends_where_it_should(text: str, quoted: str) -> None:
    assert literal(text) == quoted
