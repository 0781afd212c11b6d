"""What a release ships by its Salesforce project, and which of its actions somebody should own."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from tests.support.definitions import definition, definition_path
from tests.support.places import FIXTURES

from wavegate.__main__ import main
from wavegate.check.checks import Checked, check_release
from wavegate.findings.finding import Severity

DEMO = Path(__file__).resolve().parents[3] / "src/wavegate/demo/release"
DESK = FIXTURES / "guardrails/property-violated/valid-confirm"

STATED, KNOWN = "readiness/impact-not-stated", "readiness/impact-not-known"


def check(root: Path) -> Checked:
    return check_release(root, (), today=date(2026, 11, 27))


def messages(checked: Checked, rule: str) -> list[str]:
    return [each.message for each in checked.findings if each.rule == rule]


def test_the_impact_of_an_action_is_proposed_by_the_code_that_it_runs(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path, dirs_exist_ok=True)
    (message,) = messages(check(tmp_path), "readiness/impact-not-stated")
    assert "`update_case_status (writes)` and `get_shipment_status (calls out)`" in message
    manifest = tmp_path / "agentforce/release.yml"
    actions = "{update_case_status: {impact: high, owner: '@a'}, get_shipment_status: {impact: normal}}"
    manifest.write_text(f"components: {{actions: {actions}}}\n{manifest.read_text()}")
    assert not messages(check(tmp_path), "readiness/impact-not-stated")


FUNCTION = """<?xml version="1.0" encoding="UTF-8"?>
<GenAiFunction xmlns="http://soap.sforce.com/2006/04/metadata">
    <invocationTarget>{target}</invocationTarget>
    <invocationTargetType>{kind}</invocationTargetType>
    <masterLabel>Look</masterLabel>
</GenAiFunction>
"""


@pytest.mark.parametrize(
    ("kind", "target", "changes", "unknown"),
    [
        ("flow", "Get_Nothing", "", "the project has no code of flow://Get_Nothing"),
        ("apex", "ns__Reads", "", "the project has no code of apex://ns__Reads"),
        ("standardInvocableAction", "createCase", "writes", ""),
        ("standardInvocableAction", "queryRecords", "", ""),
        ("standardInvocableAction", "getAnything", "", "the project has no code of"),
        ("externalService", "Shop.pay", "calls out", ""),
        ("generatePromptResponse", "Support_Resolution", "", ""),
        ("generatePromptResponse", "Elsewhere", "", "the project has no code of"),
        ("apex", "Named_Later", "", "its code calls what is only named when it runs"),
        ("", "", "", "its metadata names nothing that it calls"),
    ],
)
def test_an_action_whose_code_cannot_be_read_is_named_with_the_reason(
    tmp_path: Path, kind: str, target: str, changes: str, unknown: str
) -> None:
    """What its name says, here that it looks something up, never makes it harmless."""
    shutil.copytree(DEMO, tmp_path, dirs_exist_ok=True)
    package = tmp_path / "force-app/main/default"
    (package / "genAiFunctions/Get_Look").mkdir(parents=True)
    (package / "genAiFunctions/Get_Look/Get_Look.genAiFunction-meta.xml").write_text(
        FUNCTION.format(kind=kind, target=target)
    )
    (package / "classes").mkdir(exist_ok=True)
    (package / "classes/Named_Later.cls").write_text(
        "public class Named_Later { @InvocableMethod public static void run(List<String> names) {"
        " Flow.Interview.createInterview(names[0], new Map<String, Object>()).start(); } }"
    )
    manifest = tmp_path / "agentforce/release.yml"
    manifest.write_text(
        manifest.read_text().replace("- update_case_status", "- get_look\n      - update_case_status")
    )
    found = {rule: " ".join(messages(check(tmp_path), rule)) for rule in (STATED, KNOWN)}
    assert (f"`get_look ({changes})`" in found[STATED]) == bool(changes)
    assert (f"`get_look ({unknown}" in found[KNOWN]) == bool(unknown)
    assert ("get_look" in found[STATED] + found[KNOWN]) == bool(changes or unknown)
    manifest.write_text(f"components: {{actions: {{get_look: {{impact: normal}}}}}}\n{manifest.read_text()}")
    assert not messages(check(tmp_path), KNOWN)


def test_without_a_project_nothing_is_known_of_what_an_action_changes(tmp_path: Path) -> None:
    shutil.copytree(DEMO / "agentforce", tmp_path / "agentforce")
    (message,) = messages(check(tmp_path), KNOWN)
    assert "`update_case_status (there is no Salesforce project)`" in message


def test_the_topics_and_actions_of_an_agent_need_criteria_too(tmp_path: Path) -> None:
    shutil.copytree(DESK / "force-app", tmp_path / "force-app")
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    (tmp_path / "agentforce").mkdir()
    (agent,) = {path.name.split(".")[0] for path in (tmp_path / "force-app").rglob("*.agent")}
    text = f"release: desk\nagents: [{{name: {agent}}}]\nenvironments: [{{name: uat}}]\n"
    (tmp_path / "agentforce/release.yml").write_text(text)
    (message,) = messages(check(tmp_path), "readiness/no-acceptance-criteria")
    assert f"`{agent}`" in message
    (card,) = check(tmp_path).cards
    (criteria,) = [each for each in card.areas if each.area == "acceptance criteria"]
    assert "waive_fine" in criteria.missing
    # details of an action that only the agent lists are used
    detail = "components: {actions: {waive_fine: {impact: normal, acceptance: {act: After the member agreed.}}}}\n"
    (tmp_path / "agentforce/release.yml").write_text(text + detail)
    checked = check(tmp_path)
    assert [each for each in checked.findings if each.rule == "component/unused"] == []
    typo = detail.replace("waive_fine", "waive_fines").replace(
        "actions: {", "topics: {Nothing: {acceptance: {ask: x}}}, actions: {", 1
    )
    (tmp_path / "agentforce/release.yml").write_text(text + typo)
    assert messages(check(tmp_path), "component/unused") == [
        "The release ships no topic `Nothing`.",
        "The release ships no action `waive_fines`.",
    ]
    (card,) = checked.cards
    assert "waive_fine" not in next(each for each in card.areas if each.area == "acceptance criteria").missing
    # listed in another spelling, it is one action, not two
    listed = text.replace("{name: uat}", "{name: uat, actions: [Waive-Fine]}")
    (tmp_path / "agentforce/release.yml").write_text(listed)
    (card,) = check(tmp_path).cards
    missing = next(each for each in card.areas if each.area == "acceptance criteria").missing
    assert "Waive-Fine" in missing
    assert "waive_fine" not in missing


@pytest.mark.parametrize("place", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
def test_owners_are_looked_for_where_github_looks(tmp_path: Path, place: str) -> None:
    shutil.copytree(DEMO, tmp_path, dirs_exist_ok=True)
    manifest = tmp_path / "agentforce/release.yml"
    manifest.write_text(f"owners: {{release: '@acme/agents'}}\n{manifest.read_text()}")
    assert not messages(check(tmp_path), "readiness/not-in-code-owners")
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_bytes(b"* @somebody\xff\n")
    found = [each for each in check(tmp_path).findings if each.rule == "readiness/not-in-code-owners"]
    assert [each.severity for each in found] == [Severity.NOTICE]


def test_the_score_card_is_in_every_report_for_readers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(DEMO, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert main(["validate"]) == 0
    assert "\nReadiness 2 of 21: rollback 0/5, owners 0/4, impact 0/2, " in capsys.readouterr().out
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    assert main(["validate", "--format", "json"]) == 0
    (card,) = json.loads(capsys.readouterr().out)["readiness"]
    assert (card["manifest"], card["met"]) == ("agentforce/release.yml", 2)
    assert {"area": "smoke tests", "met": 2, "total": 2, "missing": []} in card["areas"]
    assert "| rollback | 0/5 | <code>prompts</code>, " in (tmp_path / "summary").read_text("utf-8")


def test_packs_that_cannot_be_read_are_not_judged(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path, dirs_exist_ok=True)
    (tmp_path / "agentforce/packs/production-readiness.json").write_text("{")
    checked = check(tmp_path)
    assert checked.cards == ()
    assert {each.rule for each in checked.findings if each.rule.startswith("readiness/")} == {
        "readiness/no-rollback-procedure"
    }


def test_with_several_agents_a_test_counts_for_the_agent_of_its_definition(tmp_path: Path) -> None:
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    place = tmp_path / "force-app" / definition_path("answers")
    place.parent.mkdir(parents=True)
    place.write_text(definition(1))
    (tmp_path / "agentforce/packs").mkdir(parents=True)
    (tmp_path / "agentforce/release.yml").write_text(
        "release: desk\nagents: [{name: Support_Agent}, {name: Desk}]\nenvironments: [{name: uat}]\n"
    )
    pack = {"suite": "smoke", "tests": ["answers"], "passCriteria": {"minimumSuccessRate": 0.9}}
    (tmp_path / "agentforce/packs/smoke.json").write_text(json.dumps(pack))
    (card,) = check(tmp_path).cards
    (score,) = [each for each in card.areas if each.area == "smoke tests"]
    assert (score.met, "Support_Agent: answer-quality" in score.missing) == (1, False)
