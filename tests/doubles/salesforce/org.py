"""One Salesforce org on loopback, where wavegate and the real CLI log in, run tests, deploy and activate."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import unquote

from tests.doubles.double import Double
from tests.doubles.salesforce import deploy_routes
from tests.doubles.salesforce.authoring import Authoring
from tests.doubles.salesforce.data_cloud import DataCloud
from tests.doubles.salesforce.deploys import Deployments
from tests.doubles.salesforce.flows import Flows
from tests.doubles.salesforce.login import Login
from tests.doubles.salesforce.objects import CountedObjects
from tests.doubles.salesforce.replies import json_body, refusal
from tests.doubles.salesforce.soql import SoqlError, run
from tests.doubles.salesforce.state import ORG_ID, USER_ID, USERNAME, Records, Row, named_user_jwt
from tests.doubles.salesforce.testing import Testing
from tests.doubles.server import Reply, Request, json_reply

API_VERSIONS = ("60.0", "64.0", "65.0", "66.0", "67.0")
TOKEN = f"{ORG_ID}!AQ.the_access_token_of_the_double"

Operation = Callable[["SalesforceDouble", Request, str], Reply]


class SalesforceDouble(Double):
    """One org.

    records: agents, users, permission sets. flows: with their versions. testing: test definitions and runs.
    deployments: jobs, and what they changed in the org. authoring: its Agent Scripts. token: the one it accepts.
    login: the credentials that it exchanges for that token. sessions: the number of traced sessions, None if the org
    has no Data 360. data_cloud: its tables, for tests that query them; None for those that only count sessions.
    traces: by session, when it started and its OTLP document; None if no data space is chosen for them.
    objects: those whose records are counted in groups, such as MessagingSession.
    """

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.records = Records()
        self.testing = Testing(self.records)
        self.flows = Flows(self.records)
        self.deployments = Deployments(self.records, self.flows)
        self.authoring = Authoring(self.records, lambda key: key in self.deployments.deployed)
        self.deployments.published = self.authoring.published
        self.token = TOKEN
        self.login = Login()
        self.sessions: int | None = None
        self.data_cloud: DataCloud | None = None
        self.traces: dict[str, tuple[datetime, dict[str, Any]]] | None = None
        self.objects = CountedObjects()
        self._one_at_a_time = Lock()

    def environment(self) -> dict[str, str]:
        """The environment variables for reaching the org. The CLI requires a login URL of Salesforce."""
        return {
            "SF_ACCESS_TOKEN": self.token,
            "SF_ORG_INSTANCE_URL": self.url,
            "FORCE_SFDC_LOGIN_URL": "https://login.salesforce.com",
        }

    def tooling_rows(self, table: str) -> Iterable[Row] | None:
        """The rows of an object of the Tooling API, which has the org's other objects as well."""
        if table.lower() == "deployrequest":
            return self.deployments.rows()
        return self.flows.rows(table) or self.records.rows(table)

    def name(self, request: Request) -> str:
        """The path template of a request's route."""
        route, _ = self._route(request)
        return route.template if route else request.path

    def answer(self, request: Request) -> Reply:
        """Carry out a request and return the reply."""
        route, record_id = self._route(request)
        if route is None:
            self.violations.append(f"{request.method} {request.path}: no such route")
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        if not route.is_open and not self._is_authorized(request):
            return refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
        with self._one_at_a_time:
            try:
                return route.operation(self, request, record_id)
            except json.JSONDecodeError as error:
                self.violations.append(f"{request.method} {request.path}: the body is not JSON")
                return refusal(400, "JSON_PARSER_ERROR", str(error))

    def _route(self, request: Request) -> tuple["Route | None", str]:
        for route in ROUTES:
            match = route.pattern.fullmatch(request.path)
            if match and route.method == request.method:
                return route, match.groupdict().get("id", "")
        return None, ""

    def _is_authorized(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return given in (f"Bearer {self.token}", f"OAuth {self.token}", f"Bearer {named_user_jwt()}")


def _userinfo(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return json_reply(200, {"user_id": USER_ID, "organization_id": ORG_ID, "preferred_username": USERNAME})


def _token(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return double.login.exchange(request, token=double.token, instance_url=double.url)


def _user(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    names = {user_id: name for name, user_id in double.records.users.items()}
    if record_id not in names:
        return refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return json_reply(200, {"Id": record_id, "Username": names[record_id]})


def _versions(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return json_reply(
        200, [{"label": each, "url": f"/services/data/v{each}", "version": each} for each in API_VERSIONS]
    )


def _query(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    if double.objects.has(request.query.get("q", "")):
        return double.objects.query(request)
    return _queried(request, double.records.rows)


def _queried(request: Request, rows_of: Callable[[str], Iterable[Row] | None]) -> Reply:
    try:
        records = run(request.query.get("q", ""), rows_of)
    except SoqlError as error:
        return refusal(400, "MALFORMED_QUERY", str(error))
    return json_reply(200, {"totalSize": len(records), "done": True, "records": records})


def _tooling_query(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return _queried(request, double.tooling_rows)


def _no_source_tracking(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return refusal(404, "NOT_FOUND", "The requested resource does not exist")


def _assign(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return json_reply(200, [_assigned(double, record) for record in json_body(request)["records"]])


def _assigned(double: SalesforceDouble, record: dict[str, Any]) -> dict[str, Any]:
    if record.get("attributes") != {"type": "PermissionSetAssignment"} or len(record) != 3:
        double.violations.append(f"created a record of {record}")
    pair = (record["AssigneeId"], record["PermissionSetId"])
    if pair in double.records.assignments.values():
        return {"success": False, "errors": [{"statusCode": "DUPLICATE_VALUE", "message": "duplicate", "fields": []}]}
    if problem := double.records.refuses(*pair):
        return {"success": False, "errors": [{"statusCode": problem[0], "message": problem[1], "fields": []}]}
    new_id = double.records.new_id("0Pa")
    double.records.assignments[new_id] = pair
    return {"id": new_id, "success": True, "errors": []}


def _unassign(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    replies: list[dict[str, Any]] = []
    for each in request.query["ids"].split(","):
        if double.records.assignments.pop(each, None):
            replies.append({"id": each, "success": True, "errors": []})
        else:
            error = {"statusCode": "ENTITY_IS_DELETED", "message": "entity is deleted", "fields": []}
            replies.append({"id": each, "success": False, "errors": [error]})
    return json_reply(200, replies)


def _activate(double: SalesforceDouble, request: Request, record_id: str) -> Reply:
    found = double.records.version(record_id)
    body = json_body(request)
    if found is None:
        return refusal(404, "NOT_FOUND", "The requested resource does not exist")
    if body not in ({"status": "Active"}, {"status": "Inactive"}):
        double.violations.append(f"activation with {body}")
        return refusal(400, "INVALID_INPUT", "status must be Active or Inactive")
    bot, version = found
    if body["status"] == "Active":
        bot.activate(version.number)
    else:
        version.active = False
    return json_reply(200, {"success": True, "isActivated": version.active, "messages": []})


def _named_user(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    if request.headers.get("cookie") != f"sid={double.token}":
        return refusal(401, "INVALID_SESSION_ID", "Session expired or invalid")
    return json_reply(200, {"access_token": named_user_jwt()})


def _sessions(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    if double.data_cloud is not None:
        return double.data_cloud.submit(request)
    if double.sessions is None:
        return refusal(404, "NOT_FOUND", "The requested resource does not exist")
    rows = [[f"session-{number}"] for number in range(double.sessions)]
    status = {"queryId": "1", "completionStatus": "Finished", "rowCount": len(rows)}
    metadata = [{"name": "ssot__Id__c", "type": "Varchar"}]
    return json_reply(200, {"metadata": metadata, "data": rows, "status": status, "returnedRows": len(rows)})


def _traced(double: SalesforceDouble, request: Request, session: str) -> Reply:  # noqa: ARG001
    """GET einstein/audit/otel/ID, as its beta answers: only sessions that started within 72 hours."""
    if double.traces is None:
        return refusal(400, "BAD_REQUEST", "No selected dataspace for Einstein Audit")
    started, document = double.traces.get(unquote(session), (None, {}))
    if started is None or datetime.now(UTC) - started > timedelta(hours=72):
        return refusal(404, "NOT_FOUND", "The requested resource does not exist")
    return json_reply(200, document)


def _described(double: SalesforceDouble, request: Request, name: str) -> Reply:  # noqa: ARG001
    return double.objects.describe(name)


def _of_data_cloud(operation: Callable[[DataCloud, Request, str], Reply]) -> Operation:
    def answer(double: SalesforceDouble, request: Request, query_id: str) -> Reply:
        if double.data_cloud is None:
            return refusal(404, "NOT_FOUND", "The requested resource does not exist")
        return operation(double.data_cloud, request, unquote(query_id))

    return answer


def _start_center(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return double.testing.start(request, "testing-center", "aiEvaluationDefinitionName")


def _start_studio(double: SalesforceDouble, request: Request, record_id: str) -> Reply:  # noqa: ARG001
    return double.testing.start(request, "agentforce-studio", "testDefinitionName")


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """A row of the table. is_open: needs no token."""

    method: str
    template: str
    pattern: re.Pattern[str]
    operation: Operation
    is_open: bool


def _route(method: str, template: str, operation: Operation, *, is_open: bool = False) -> Route:
    """A route. In the template, `{v}` stands for the API version and `{id}` for a record's id."""
    pattern = (
        re.escape(template)
        .replace(r"\{v\}", r"v\d+\.0")
        .replace(r"\{id\}", r"(?P<id>\w+)")
        .replace(r"\{n\}", r"\d+\.0")
        .replace(r"\{query\}", r"(?P<id>[^/]+)")
    )
    return Route(method=method, template=template, pattern=re.compile(pattern), operation=operation, is_open=is_open)


DATA = "/services/data/{v}"
AUTHORING = "/einstein/ai-agent/v1.1/authoring"
ROUTES = (
    _route("POST", "/services/oauth2/token", _token, is_open=True),
    _route("GET", "/services/oauth2/userinfo", _userinfo),
    _route("GET", "/services/data", _versions, is_open=True),
    _route("GET", f"{DATA}/sobjects/User/{{id}}", _user),
    _route("GET", DATA, lambda *_: json_reply(200, {}), is_open=True),
    _route("GET", f"{DATA}/query", _query),
    _route("GET", f"{DATA}/sobjects/{{id}}/describe", _described),
    _route("GET", f"{DATA}/tooling/query", _tooling_query),
    _route("GET", f"{DATA}/tooling/sobjects/SourceMember/describe", _no_source_tracking),
    _route("PATCH", f"{DATA}/tooling/sobjects/FlowDefinition/{{id}}",
           lambda double, request, flow_id: double.flows.activate(request, flow_id)),
    _route("DELETE", f"{DATA}/tooling/sobjects/Flow/{{id}}",
           lambda double, _, version_id: double.flows.delete(version_id)),
    _route("POST", f"{DATA}/composite/sobjects", _assign),
    _route("DELETE", f"{DATA}/composite/sobjects", _unassign),
    _route("POST", f"{DATA}/metadata/deployRequest",
           lambda double, request, _: deploy_routes.start(double.deployments, request)),
    _route("GET", f"{DATA}/metadata/deployRequest/{{id}}",
           lambda double, _, job_id: deploy_routes.poll(double.deployments, job_id)),
    _route("POST", "/services/Soap/m/{n}",
           lambda double, request, _: deploy_routes.soap(double.deployments, request, double.token), is_open=True),
    _route("POST", f"{DATA}/connect/bot-versions/{{id}}/activation", _activate),
    _route("GET", "/agentforce/bootstrap/nameduser", _named_user, is_open=True),
    _route("POST", f"{AUTHORING}/scripts",
           lambda double, request, _: double.authoring.compile(request), is_open=True),
    _route("POST", f"{AUTHORING}/agents",
           lambda double, request, _: double.authoring.publish(request, "", double.url), is_open=True),
    _route("POST", f"{AUTHORING}/agents/{{id}}/versions",
           lambda double, request, bot_id: double.authoring.publish(request, bot_id, double.url), is_open=True),
    _route("POST", f"{DATA}/einstein/ai-evaluations/runs", _start_center),
    _route("GET", f"{DATA}/einstein/ai-evaluations/runs/{{id}}",
           lambda double, _, run_id: double.testing.status(run_id, "testing-center")),
    _route("GET", f"{DATA}/einstein/ai-evaluations/runs/{{id}}/results",
           lambda double, _, run_id: double.testing.results(run_id, "testing-center")),
    _route("POST", f"{DATA}/einstein/ai-testing/runs", _start_studio),
    _route("POST", f"{DATA}/ssot/query-sql", _sessions),
    _route("GET", f"{DATA}/ssot/query-sql/{{query}}/rows",
           _of_data_cloud(lambda cloud, request, key: cloud.rows(key, request))),
    _route("GET", f"{DATA}/ssot/query-sql/{{query}}", _of_data_cloud(lambda cloud, _, key: cloud.status(key))),
    _route("DELETE", f"{DATA}/ssot/query-sql/{{query}}", _of_data_cloud(lambda cloud, _, key: cloud.cancel(key))),
    _route("GET", f"{DATA}/einstein/audit/otel/{{query}}", _traced),
    _route("GET", f"{DATA}/ssot/metadata", _of_data_cloud(lambda cloud, *_: cloud.metadata())),
    _route("GET", f"{DATA}/einstein/ai-testing/runs/{{id}}",
           lambda double, _, run_id: double.testing.status(run_id, "agentforce-studio")),
    _route("GET", f"{DATA}/einstein/ai-testing/runs/{{id}}/results",
           lambda double, _, run_id: double.testing.results(run_id, "agentforce-studio")),
)  # fmt: skip
