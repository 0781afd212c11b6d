"""An agent's name is the one in its script, whatever its folder is called."""

from collections.abc import Mapping

import pytest
from tests.support.projects import Files
from tests.support.releases import environment

from wavegate.components.agent_versions import agent_names, find_agent
from wavegate.components.closure import release_scope
from wavegate.components.component import ComponentId, Project
from wavegate.components.project import read_project
from wavegate.components.scope import ReleaseScope
from wavegate.deploy.rollout import touched_agents
from wavegate.findings.finding import Finding
from wavegate.release.manifest import Agent, Manifest

NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
BASE = "force-app/main/default"


def bundle(folder: str, script: str, target: str = "") -> Mapping[str, str]:
    path = f"{BASE}/aiAuthoringBundles/{folder}/{folder}"
    inner = f"<target>{target}</target>" if target else ""
    return {
        f"{path}.agent": script,
        f"{path}.bundle-meta.xml": f"<AiAuthoringBundle {NS}>{inner}</AiAuthoringBundle>",
    }


def script(name: str) -> str:
    return (
        f'system:\n    instructions: "Be kind."\nconfig:\n    agent_label: "Service"\n    developer_name: "{name}"\n'
    )


RECIPE = bundle("CustomerServiceAgent", script("CustomerService_Agent"))
AROUND = {
    f"{BASE}/permissionsets/Use.permissionset-meta.xml": f"<PermissionSet {NS}><agentAccesses>"
    "<agentName>CustomerService_Agent</agentName><enabled>true</enabled></agentAccesses></PermissionSet>",
    f"{BASE}/aiEvaluationDefinitions/T.aiEvaluationDefinition-meta.xml": f"<AiEvaluationDefinition {NS}>"
    "<subjectName>CustomerService_Agent</subjectName></AiEvaluationDefinition>",
}


def project(*files: Mapping[str, str]) -> Project:
    return read_project(Files({path: text for each in files for path, text in each.items()}))


def scope(found: Project, agent: Agent) -> ReleaseScope:
    return release_scope(Manifest(release="r", environments=(environment("uat"),), agents=(agent,)), "uat", found)


def names(found: ReleaseScope) -> list[str]:
    return [str(each.id) for each in found.components]


def rules(findings: tuple[Finding, ...]) -> list[str]:
    return [each.rule for each in findings]


def test_an_agent_is_found_by_the_name_in_its_script() -> None:
    found = scope(project(RECIPE, AROUND), Agent(name="CustomerService_Agent"))
    assert names(found) == [
        "AiAuthoringBundle:CustomerServiceAgent",
        "AiEvaluationDefinition:T",
        "PermissionSet:Use",
    ]
    assert {str(each.target) for each in found.edges} == {"AiAuthoringBundle:CustomerServiceAgent"}
    (finding,) = found.findings
    assert (finding.rule, finding.severity) == ("agent/other-folder", "warning")
    place = finding.location
    assert (place.file, place.line, place.column) == (
        f"{BASE}/aiAuthoringBundles/CustomerServiceAgent/CustomerServiceAgent.agent",
        5,
        21,
    )


def test_the_name_of_the_folder_is_not_the_agents() -> None:
    found = scope(project(RECIPE), Agent(name="CustomerServiceAgent"))
    (finding,) = found.findings
    assert (finding.rule, names(found)) == ("agent/unknown", [])
    assert "Did you mean `CustomerService_Agent`?" in finding.fix


@pytest.mark.parametrize("name", ["CustomerServiceAgent", "CustomerService_Agent", "customerservice_agent"])
def test_a_component_is_found_by_its_folder_and_by_its_agent(name: str) -> None:
    component = find_agent(project(RECIPE), ComponentId(type="AiAuthoringBundle", name=name))
    assert component
    assert component.id.name == "CustomerServiceAgent"


def test_a_script_without_a_name_has_that_of_its_folder() -> None:
    found = project(bundle("Plain", "topic a:\n"), bundle("Old_3", "topic a:\n"), RECIPE)
    assert agent_names(found) == ("CustomerService_Agent", "Old", "Plain")
    assert rules(scope(found, Agent(name="Plain")).findings) == []


def test_a_folder_that_ends_in_a_number_is_a_draft_if_the_agent_is_called_so() -> None:
    found = project(bundle("Tier_2", script("Tier_2")), bundle("Tier_2_1", script("Tier_2"), target="Tier_2.v1"))
    assert names(scope(found, Agent(name="Tier_2"))) == ["AiAuthoringBundle:Tier_2"]
    assert names(scope(found, Agent(name="Tier_2", version=1))) == [
        "AiAuthoringBundle:Tier_2",
        "AiAuthoringBundle:Tier_2_1",
    ]


def test_the_bot_of_a_script_in_another_folder_ships_with_it() -> None:
    folder = f"{BASE}/bots/CustomerService_Agent"
    bot = {
        f"{folder}/CustomerService_Agent.bot-meta.xml": f"<Bot {NS}/>",
        f"{folder}/v1.botVersion-meta.xml": f"<BotVersion {NS}/>",
        f"{folder}/v2.botVersion-meta.xml": f"<BotVersion {NS}/>",
    }
    found = scope(project(RECIPE, bot), Agent(name="CustomerService_Agent", version=1))
    assert names(found) == [
        "AiAuthoringBundle:CustomerServiceAgent",
        "Bot:CustomerService_Agent",
        "BotVersion:CustomerService_Agent.v1",
    ]


def test_a_planner_touches_the_agent_of_its_name() -> None:
    planner = ComponentId(type="GenAiPlannerBundle", name="CustomerService_Agent_v2")
    assert touched_agents((), [planner], project(RECIPE)) == ("CustomerService_Agent",)


def test_scripts_are_read_only_when_agents_are_asked_for() -> None:
    files = Files({**RECIPE, f"{BASE}/flows/F.flow-meta.xml": f"<Flow {NS}/>"})
    found = read_project(files)
    found.find(ComponentId(type="Flow", name="F"))
    assert files.requested == ["sfdx-project.json"]
    agent_names(found)
    assert {each.rpartition("/")[2] for each in files.requested[1:]} == {
        "CustomerServiceAgent.agent",
        "CustomerServiceAgent.bundle-meta.xml",
    }


def test_two_scripts_of_one_agent_are_an_error() -> None:
    other = bundle("Zed", script("customerservice_agent"))
    found = scope(project(RECIPE, other), Agent(name="CustomerService_Agent"))
    (finding,) = [each for each in found.findings if each.rule == "agent/duplicate-script"]
    assert (finding.severity, finding.location.file) == ("error", f"{BASE}/aiAuthoringBundles/Zed/Zed.agent")
    assert "AiAuthoringBundle:CustomerServiceAgent" in finding.message
