"""The org double: what it takes and what it refuses, asked by plain HTTP and by the real CLI."""

import io
import json
import os
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.doubles.salesforce import SalesforceDouble, Script, center_case
from tests.doubles.salesforce.package import PackageError, open_package
from tests.doubles.salesforce.sf import install
from tests.support.deploying import release
from tests.support.tools import node_bin, npm_bin

DATA = "/services/data/v66.0"
HEAD = '<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata">'


@pytest.fixture
def org() -> Iterator[SalesforceDouble]:
    with SalesforceDouble() as org:
        org.records.add_bot("Support_Agent", versions=3, active=2)
        yield org


def ask(
    org: SalesforceDouble, method: str, path: str, *, token: str | None = None, **content: Any
) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    headers = {"Authorization": f"Bearer {org.token if token is None else token}"}
    response = requests.request(method, org.url + path, headers=headers, timeout=10, **content)
    return response.status_code, response.json() if response.content else None


def query(org: SalesforceDouble, soql: str) -> tuple[int, Any]:
    return ask(org, "GET", f"{DATA}/query", params={"q": soql})


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{DATA}/query"),
        ("GET", "/services/oauth2/userinfo"),
        ("POST", f"{DATA}/connect/bot-versions/0X9000000000003AAA/activation"),
        ("POST", f"{DATA}/einstein/ai-evaluations/runs"),
        ("POST", f"{DATA}/metadata/deployRequest"),
        ("DELETE", f"{DATA}/composite/sobjects"),
    ],
)
def test_a_wrong_token_gets_nothing_anywhere(org: SalesforceDouble, method: str, path: str) -> None:
    status, body = ask(org, method, path, token="00D!other")
    assert (status, body[0]["errorCode"]) == (401, "INVALID_SESSION_ID")
    assert org.records.bots["Support_Agent"].active == 2


def test_an_unknown_route_breaks_the_contract(org: SalesforceDouble) -> None:
    assert ask(org, "GET", f"{DATA}/nothing")[0] == 404
    assert org.violations
    org.violations.clear()


@pytest.mark.parametrize(
    ("soql", "values"),
    [
        ("SELECT Id, VersionNumber FROM BotVersion WHERE Status = 'Active'", [2]),
        ("SELECT VersionNumber FROM BotVersion ORDER BY VersionNumber DESC LIMIT 2", [3, 2]),
        (
            "SELECT VersionNumber FROM BotVersion WHERE BotDefinition.DeveloperName IN ('x', 'SUPPORT_AGENT')",
            [1, 2, 3],
        ),
        ("SELECT VersionNumber FROM BotVersion WHERE Status != 'Active' AND IsDeleted = false", [1, 3]),
    ],
)
def test_a_query_is_answered_from_the_orgs_state(org: SalesforceDouble, soql: str, values: list[int]) -> None:
    _, body = query(org, soql)
    assert [record["VersionNumber"] for record in body["records"]] == values


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT",
        "SELECT Id FROM Unknown",
        "SELECT Nothing FROM PermissionSet",
        "SELECT Id FROM User WHERE Username = 'it's'",
        "SELECT Id FROM User WHERE Username LIKE 'a%'",
        "SELECT Id, (SELECT Id FROM Nothing) FROM BotDefinition",
    ],
)
def test_a_query_that_an_org_would_refuse_is_refused(org: SalesforceDouble, soql: str) -> None:
    org.records.add_permission_set("Pilot")
    assert query(org, soql)[0] == 400


def test_one_version_of_an_agent_is_active_at_a_time(org: SalesforceDouble) -> None:
    third = org.records.bots["Support_Agent"].versions[2]
    status, body = ask(org, "POST", f"{DATA}/connect/bot-versions/{third.id}/activation", json={"status": "Active"})
    assert (status, body["success"], body["isActivated"]) == (200, True, True)
    assert [each.active for each in org.records.bots["Support_Agent"].versions] == [False, False, True]


def test_a_run_goes_as_scripted_and_eleven_at_once_are_too_many(org: SalesforceDouble) -> None:
    scripts = [Script(statuses=("NEW", "COMPLETED"), results={"status": "COMPLETED"}), Script(statuses=("RETRY",))]
    org.testing.define("summary", *scripts, cases=[center_case(1)])
    start = {"aiEvaluationDefinitionName": "summary"}
    runs = f"{DATA}/einstein/ai-evaluations/runs"
    first = ask(org, "POST", runs, json=start)[1]["runId"]
    assert [ask(org, "GET", f"{runs}/{first}")[1]["status"] for _ in range(3)] == ["NEW", "COMPLETED", "COMPLETED"]
    assert ask(org, "GET", f"{runs}/{first}/results")[1] == {"status": "COMPLETED"}
    assert [ask(org, "POST", runs, json=start)[0] for _ in range(11)] == [200] * 10 + [429]
    assert ask(org, "GET", f"{DATA}/einstein/ai-testing/runs/{first}")[0] == 404


@pytest.mark.parametrize(
    ("listed", "files", "said"),
    [
        ("<types><members>A</members><name>ApexClass</name></types>", {}, "was not found in zip"),
        ("", {"classes/B.cls": "x"}, "not in package.xml"),
        ("<types><members>A</members><name>Cake</name></types>", {"cakes/A": "x"}, "Unknown type name"),
    ],
)
def test_a_package_holds_what_it_lists_and_nothing_else(listed: str, files: Mapping[str, str], said: str) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("package.xml", f"{HEAD}{listed}<version>66.0</version></Package>")
        for name, text in files.items():
            archive.writestr(name, text)
    with pytest.raises(PackageError, match=said):
        open_package(data.getvalue())


def _upload(files: Mapping[str, str], *, package: str = "", destructive: str = "") -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("package.xml", f"{HEAD}{package}<version>66.0</version></Package>")
        if destructive:
            archive.writestr("destructiveChangesPost.xml", f"{HEAD}{destructive}<version>66.0</version></Package>")
        for name, text in files.items():
            archive.writestr(name, text)
    return data.getvalue()


def _types(kind: str, *members: str) -> str:
    return f"<types>{''.join(f'<members>{each}</members>' for each in members)}<name>{kind}</name></types>"


def deploy(org: SalesforceDouble, files: Mapping[str, str], *, package: str = "", destructive: str = "") -> list[str]:
    """Deploy a package, and return the problems of its components."""
    org.deployments.plan(statuses=("Succeeded",))
    job = org.deployments.start(_upload(files, package=package, destructive=destructive), {"rollbackOnError": True})
    return [str(each["problem"]) for each in org.deployments.poll(job)["details"]["componentFailures"]]


@pytest.mark.parametrize(
    ("kind", "name", "said"),
    [
        ("Flow", "Route", "insufficient access rights on cross-reference id"),
        ("FlowDefinition", "Route", "insufficient access rights on cross-reference id"),
        ("AiAuthoringBundle", "Script", "Published bundle versions cannot be deleted"),
        ("Bot", "Script", "setup object in use"),
        ("BotVersion", "Script.v1", "This bot version is referenced elsewhere in Salesforce"),
        ("GenAiPlannerBundle", "Support_Agent_v3", "This generative ai planner definition is referenced elsewhere"),
        (
            "ApexClass",
            "InAction",
            "apex class is referenced elsewhere in Salesforce. Remove the usage",
        ),
        ("ApexClass", "InScript", "Authoring Bundle Version Content Dependency - Script"),
        ("ApexClass", "InEarlierFlow", "Flow Version - Route"),
        ("ApexClass", "InDeletedAction", None),
        ("GenAiFunction", "Other", None),
    ],
)
def test_what_is_in_use_is_not_deleted(org: SalesforceDouble, kind: str, name: str, said: str | None) -> None:
    org.authoring.published["Script", 1] = "text"
    target = "<GenAiFunction><invocationTarget>{}</invocationTarget></GenAiFunction>"
    flow = "<Flow><actionCalls><actionName>{}</actionName></actionCalls><status>Active</status></Flow>"
    files = {
        "genAiFunctions/Used/Used.genAiFunction": target.format("InAction"),
        "genAiFunctions/Other/Other.genAiFunction": target.format("InDeletedAction"),
        "aiAuthoringBundles/Script/Script.agent": 'target: "apex://InScript"',
        "flows/Route.flow": flow.format("InEarlierFlow"),
    }
    functions, bundles = _types("GenAiFunction", "Used", "Other"), _types("AiAuthoringBundle", "Script")
    assert deploy(org, files, package=functions + bundles + _types("Flow", "Route")) == []
    newer = {"flows/Route.flow": flow.format("Another")}
    destructive = _types(kind, name) + (_types("GenAiFunction", "Other") if kind == "ApexClass" else "")
    problems = deploy(org, newer, package=_types("Flow", "Route"), destructive=destructive)
    if said is None:
        assert problems == []
        return
    (problem,) = problems
    assert said in problem


def test_an_org_numbers_flows_by_itself_and_a_definition_overrides_their_status(org: SalesforceDouble) -> None:
    def flow(label: str, status: str = "Active") -> dict[str, str]:
        return {"flows/Route.flow": f"<Flow><label>{label}</label><status>{status}</status></Flow>"}

    def versions() -> tuple[int | None, int | None]:
        found = org.flows.definitions["Route"]
        return found.active, found.latest

    package = _types("Flow", "Route")
    steps: list[tuple[dict[str, str], bool, tuple[int | None, int | None]]] = [
        (flow("one"), True, (1, 1)),
        (flow("two"), False, (1, 2)),
        (flow("two", "Draft"), True, (1, 2)),  # nothing but the status differs from the newest version
        (flow("three", "Draft"), True, (1, 3)),
        (flow("four"), True, (4, 4)),
    ]
    for files, deployed_active, expected in steps:
        org.flows.deployed_active = deployed_active
        assert deploy(org, files, package=package) == []
        assert versions() == expected
    definition = "<FlowDefinition><activeVersionNumber>2</activeVersionNumber></FlowDefinition>"
    files = flow("five") | {"flowDefinitions/Route.flowDefinition": definition}
    assert deploy(org, files, package=package + _types("FlowDefinition", "Route")) == []
    assert versions() == (2, 5)


def test_a_flow_version_is_deleted_unless_it_is_active_or_in_use(org: SalesforceDouble) -> None:
    flow = org.flows.add("Route", versions=2, active=2)
    path, definition = f"{DATA}/tooling/sobjects/Flow", f"{DATA}/tooling/sobjects/FlowDefinition/{flow.id}"
    first, second = (each.id for each in flow.versions)
    assert ask(org, "DELETE", f"{path}/{second}")[0] == 400
    assert ask(org, "DELETE", f"{path}/{first}")[0] == 204
    assert ask(org, "DELETE", f"{path}/{first}")[0] == 404
    assert ask(org, "PATCH", definition, json={"Metadata": {"activeVersionNumber": 7}})[0] == 400
    assert ask(org, "PATCH", definition, json={"Metadata": {"activeVersionNumber": 0}})[0] == 204
    flow.used_by = "Agent Version"
    assert ask(org, "DELETE", f"{path}/{second}")[0] == 400
    flow.used_by = ""
    assert ask(org, "DELETE", f"{path}/{second}")[0] == 204
    soql = {"q": "SELECT Id FROM FlowDefinition WHERE DeveloperName = 'Route'"}
    assert ask(org, "GET", f"{DATA}/tooling/query", params=soql)[1]["records"] == []


class Cli:
    """The real CLI, logged in to the double as a person would be."""

    def __init__(self, org: SalesforceDouble, folder: Path) -> None:
        self.org, self.folder = org, folder
        for name, text in release(pinned=3).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text)
        self.run("org", "login", "access-token", "--instance-url", org.url, "--alias", "double", "--no-prompt")

    def run(self, *arguments: str, **environment: str) -> dict[str, Any]:
        """The result of a command."""
        quiet = ("SF_DISABLE_TELEMETRY", "SF_DISABLE_AUTOUPDATE", "SF_SKIP_NEW_VERSION_CHECK", "SF_DISABLE_LOG_FILE")
        done = subprocess.run(
            [str(npm_bin() / "sf"), *arguments, "--json"],
            cwd=self.folder,
            env={
                "PATH": os.pathsep.join([str(node_bin()), "/usr/bin", "/bin"]),
                "HOME": str(self.folder),
                "SF_USE_GENERIC_UNIX_KEYCHAIN": "true",
                **dict.fromkeys(quiet, "true"),
                **self.org.environment(),
                **environment,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=120,
            check=False,
        )
        result: dict[str, Any] = json.loads(done.stdout)
        assert "result" in result, result
        return dict(result["result"])


def test_the_real_cli_logs_in_deploys_both_ways_and_activates(org: SalesforceDouble, tmp_path: Path) -> None:
    cli = Cli(org, tmp_path)
    template = "GenAiPromptTemplate:Support_Resolution"
    deploy = ("project", "deploy", "start", "--metadata", template, "--target-org", "double", "--wait", "1")
    for rest in ("true", "false"):
        result = cli.run(*deploy, SF_ORG_METADATA_REST_DEPLOY=rest)
        assert (result["status"], result["success"]) == ("Succeeded", True)
    assert set(org.deployments.deployed) == {("GenAiPromptTemplate", "Support_Resolution")}
    paths = {each.template for each in org.routes if each.method == "POST"}
    assert {"/services/Soap/m/{n}", "/services/data/{v}/metadata/deployRequest"} <= paths
    activate = ("agent", "activate", "--api-name", "Support_Agent", "--version", "3", "--target-org", "double")
    assert cli.run(*activate) == {"success": True, "version": 3}
    assert org.records.bots["Support_Agent"].active == 3


@pytest.mark.parametrize("failure", [None, ("UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: An unexpected error occurred")])
def test_the_stand_in_retrieves_as_the_real_cli_does(
    org: SalesforceDouble, tmp_path: Path, failure: tuple[str, str] | None
) -> None:
    template = "<GenAiPromptTemplate xmlns='http://soap.sforce.com/2006/04/metadata'><a>1</a></GenAiPromptTemplate>"
    files = {"genAiPromptTemplates/T.genAiPromptTemplate": template}
    assert deploy(org, files, package=_types("GenAiPromptTemplate", "T")) == []
    listed = _types("GenAiPromptTemplate", "T") + _types("Flow", "Gone") + _types("BotVersion", "Gone.v1")
    cli = Cli(org, tmp_path)
    (tmp_path / "asked.xml").write_text(f"{HEAD}{listed}<version>66.0</version></Package>")
    command = ["project", "retrieve", "start", "--manifest", "asked.xml", "--single-package", "--unzip", "-w", "1"]
    org.deployments.retrievals.failure = failure
    real = cli.run(*command, "--target-metadata-dir", "real", "--target-org", "double")
    environment = {"PATH": f"{install(tmp_path / 'bin')}:/usr/bin:/bin", "SF_TARGET_ORG": org.token}
    org.deployments.retrievals.failure = failure
    done = subprocess.run(
        ["sf", *command, "--target-metadata-dir", "quick"],
        cwd=tmp_path,
        env={**environment, "SF_ORG_INSTANCE_URL": org.url},
        capture_output=True,
        check=True,
    )
    quick = json.loads(done.stdout)["result"]
    assert quick.keys() == real.keys()
    for each in ("status", "success", "done", "errorMessage", "errorStatusCode"):
        assert quick.get(each) == real.get(each)
    assert sorted(map(str, quick["messages"])) == sorted(map(str, real["messages"]))
    assert len(real["messages"]) == (0 if failure else 2)
    assert [each["fullName"] for each in quick["fileProperties"]] == [
        each["fullName"] for each in real["fileProperties"]
    ]
    folders = (tmp_path / "real/unpackaged", tmp_path / "quick/unpackaged")
    first, second = ({path.name: path.read_bytes() for path in each.rglob("*.*")} for each in folders)
    assert first == second
    assert bool(first) == (failure is None)
