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
