"""What a release's files say about orgs, and the test definitions that packs name."""

import json
from collections.abc import Mapping, Sequence

import pytest
from tests.support.projects import Files
from tests.support.releases import environment

from wavegate.components.checks.project_check import release_check
from wavegate.components.project import read_project
from wavegate.findings.finding import Finding
from wavegate.release.manifest import Agent, Manifest

NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
BASE = "force-app/main/default"
SCRIPT = f"{BASE}/aiAuthoringBundles/Desk/Desk"
BUNDLE = {
    f"{SCRIPT}.bundle-meta.xml": f"<AiAuthoringBundle {NS}/>",
    f"{SCRIPT}.agent": 'config:\n  developer_name: "Desk"\n',
}


def findings(files: Mapping[str, str], *, environments: Sequence[str] = ("uat", "production")) -> Sequence[Finding]:
    release = Manifest(
        release="r",
        environments=tuple(map(environment, environments)),
        agents=(Agent(name="Desk"),),
        path="release.yml",
    )
    return release_check(release, read_project(Files({**BUNDLE, **files}))).findings


def rules(found: Sequence[Finding]) -> list[str]:
    return [each.rule for each in found]


@pytest.mark.parametrize(
    "line",
    [
        'target: "mcpTool://1XOdM0000004C92WAE"',
        "target: mcpTool://1XOdM0000004C92",
        'rag_feature_config_id: "ARFPC_1JDgK000007MWZtWAO"',
    ],
)
def test_an_id_of_one_org_is_a_warning_if_the_release_ships_to_several(line: str) -> None:
    files = {f"{SCRIPT}.agent": f'config:\n  developer_name: "Desk"\nknowledge:\n    {line}\n'}
    (finding,) = findings(files)
    assert (finding.rule, finding.severity, finding.location.line) == ("agent/org-bound-id", "warning", 4)
    assert finding.location.column == line.index(": ") + 7
    assert findings(files, environments=("uat",)) == ()


@pytest.mark.parametrize(
    "line",
    [
        'target: "flow://UpdateCaseStatu"',
        'target: "flow://UpdateCaseStatusNow"',
        'target: "standardInvocableAction://streamKnowledgeSearch"',
        'rag_feature_config_id: "ARFPC_%%LIBRARY%%"',
        "citations_enabled: True",
    ],
)
def test_a_name_is_no_id(line: str) -> None:
    found = findings({f"{SCRIPT}.agent": f'config:\n  developer_name: "Desk"\nknowledge:\n    {line}\n'})
    assert "agent/org-bound-id" not in rules(found)


@pytest.mark.parametrize(
    ("version", "expected"), [("67.0", ["component/api-version"]), ("68.0", []), (None, ["component/api-version"])]
)
def test_a_type_that_the_api_version_does_not_have_is_a_warning(version: str | None, expected: Sequence[str]) -> None:
    settings: dict[str, object] = {"packageDirectories": [{"path": "force-app"}]}
    text = json.dumps(settings | ({"sourceApiVersion": version} if version else {}), indent=2)
    found = findings(
        {"sfdx-project.json": text, f"{BASE}/aiAgents/Desk.aiAgentDefinition-meta.xml": f"<AiAgentDefinition {NS}/>"}
    )
    assert rules(found) == list(expected)
    for finding in found:
        assert "AiAgentDefinition:Desk needs 68.0" in finding.message
        assert finding.location.file == "sfdx-project.json"
        assert finding.location.line == (7 if version else 1)


@pytest.mark.parametrize(
    ("path", "severity"),
    [
        (f"{BASE}/aiAuthoringBundles/Desk.agent-meta.xml", "notice"),
        ("force-app/agents/Beauty/Beauty.agent-meta.xml", "notice"),
        (f"{BASE}/flows/X.flwo-meta.xml", "notice"),
        (f"{BASE}/objects/Case/Case.objekt-meta.xml", "notice"),
        (f"{BASE}/reports/R.report-meta.xml", None),
        (f"{BASE}/flows/README.txt", None),
    ],
)
def test_a_metadata_file_of_no_known_type_is_a_finding(path: str, severity: str | None) -> None:
    found = findings({path: ""})
    assert [(each.rule, each.severity, each.location.file) for each in found] == (
        [("component/unknown-type", severity, path)] if severity else []
    )


def test_files_of_an_unknown_type_beside_what_ships_are_one_warning_a_suffix() -> None:
    script = {
        f"{SCRIPT}.agent": 'config:\n  developer_name: "Desk"\ntopic t:\n  actions:\n    a:\n      target: "flow://F"\n'
    }
    flows = {f"{BASE}/flows/F.flow-meta.xml": f"<Flow {NS}/>", f"{BASE}/flows/G.flwo-meta.xml": ""}
    found = findings({**script, **flows, f"{BASE}/deep/flows/A.flwo-meta.xml": ""})
    assert [(each.rule, each.severity, each.location.file) for each in found] == [
        ("component/unknown-type", "warning", f"{BASE}/flows/G.flwo-meta.xml")
    ]
    assert "2 files" in found[0].message
