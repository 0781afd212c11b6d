"""Which files of a commit count, and that none is left out in silence."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from tests.support.rails import LINK, PLANNER, action, desk_of, planner, rails_of, topic
from tests.support.sources import WrittenFiles, xml

from wavegate.files.folder import FolderSource
from wavegate.guardrails.metadata.planned import NO_AGENT
from wavegate.guardrails.model import AgentSource
from wavegate.guardrails.read import read_guardrails

SCRIPT = """config:
    developer_name: "Desk"
start_agent desk:
    reasoning:
        actions:
            waive: @actions.waive
                available when @variables.member_ok == True
    actions:
        waive:
            target: "flow://Waive_Fine"
variables:
    member_ok: mutable boolean = False
"""
BUNDLE = "aiAuthoringBundles/Desk"
PERMISSIONS = "permissionsets/Desk.permissionset-meta.xml"


class Tree:
    """A tree of files without a Salesforce project. unreadable: paths that the source cannot give."""

    def __init__(self, files: Mapping[str, str], unreadable: Iterable[str] = ()) -> None:
        self._files = files
        self._unreadable = frozenset(unreadable)

    def paths(self) -> Sequence[str]:
        return sorted(self._files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        return {
            each: self._files[each].encode() for each in paths if each in self._files and each not in self._unreadable
        }


def test_the_script_counts_where_an_agent_has_a_planner_too_and_the_planner_is_named() -> None:
    files = planner(topic("Fines", action("Waive"), "Waive"), **{f"{BUNDLE}/Desk.agent": SCRIPT})
    rails = rails_of(files)
    model = rails.agents["Desk"].emitted
    assert (model.source, [each.name for each in model.topics]) == (AgentSource.SCRIPT, ["desk"])
    assert f"force-app/{PLANNER}" in {each.file for each in rails.others["Desk"]}


def test_the_planner_of_the_newest_version_counts() -> None:
    newer = PLANNER.replace("_v1", "_v2")
    files = planner(
        topic("Old", ""),
        **{
            newer: xml("GenAiPlannerBundle", topic("New", "")),
            "bots/Desk/v2.botVersion-meta.xml": xml("BotVersion", LINK.replace("_v1", "_v2")),
        },
    )
    rails = rails_of(files)
    assert [each.name for each in rails.agents["Desk"].emitted.topics] == ["New"]
    assert {each.file for each in rails.others["Desk"]} == {
        f"force-app/{PLANNER}",
        "force-app/bots/Desk/v1.botVersion-meta.xml",
    }


def test_a_draft_counts_before_published_versions_and_the_newest_of_those_before_older_ones() -> None:
    def script(start: str) -> str:
        return SCRIPT.replace("start_agent desk", f"start_agent {start}")

    versions = {f"aiAuthoringBundles/Desk_{number}/Desk_{number}.agent": script(f"v{number}") for number in (2, 10)}
    rails = rails_of(versions)
    assert [each.name for each in rails.agents["Desk"].emitted.topics] == ["v10"]
    rails = rails_of({**versions, f"{BUNDLE}/Desk.agent": script("draft")})
    assert [each.name for each in rails.agents["Desk"].emitted.topics] == ["draft"]
    assert len(rails.others["Desk"]) == 2


def test_a_bundle_with_a_target_is_published_and_its_target_says_as_what() -> None:
    def bundle(folder: str, start: str, target: str = "") -> dict[str, str]:
        named = f"<target>{target}</target>" if target else ""
        return {
            f"aiAuthoringBundles/{folder}/{folder}.agent": SCRIPT.replace("start_agent desk", f"start_agent {start}"),
            f"aiAuthoringBundles/{folder}/{folder}.bundle-meta.xml": xml("AiAuthoringBundle", named),
        }

    published = {**bundle("Desk", "second", "Desk.v2"), **bundle("Desk_9", "first", "Desk.v1")}
    assert [each.name for each in rails_of(published).agents["Desk"].emitted.topics] == ["second"]
    with_draft = {**published, **bundle("Desk_Draft", "draft")}
    assert [each.name for each in rails_of(with_draft).agents["Desk"].emitted.topics] == ["draft"]


def test_only_the_agents_asked_for_are_read() -> None:
    files = {
        f"{BUNDLE}/Desk.agent": SCRIPT,
        "aiAuthoringBundles/Clinic/Clinic.agent": SCRIPT.replace("Desk", "Clinic"),
    }
    assert set(rails_of(files).agents) == {"Clinic", "Desk"}
    assert set(rails_of(files, ["desk"]).agents) == {"Desk"}


def test_a_tree_without_a_project_is_read_by_its_files_names() -> None:
    rails = read_guardrails(
        Tree({"docs/desk.agent": SCRIPT, f"other/{PERMISSIONS}": xml("PermissionSet"), "README.md": "x"})
    )
    assert (set(rails.agents), set(rails.permissions), rails.unknown) == ({"Desk"}, {"Desk"}, ())


def test_a_project_is_read_in_its_package_directories_without_what_the_cli_ignores() -> None:
    source = WrittenFiles({f"{BUNDLE}/Desk.agent": SCRIPT, PERMISSIONS: xml("PermissionSet")})
    source.files["elsewhere/permissionsets/Other.permissionset-meta.xml"] = xml("PermissionSet").encode()
    assert set(read_guardrails(source).permissions) == {"Desk"}
    source.files[".forceignore"] = b"**/aiAuthoringBundles/**"
    assert set(read_guardrails(source).agents) == set()


def test_a_broken_project_file_is_unknown_and_the_tree_is_read() -> None:
    rails = read_guardrails(Tree({"sfdx-project.json": "{", "a/desk.agent": SCRIPT}))
    assert [each.location.file for each in rails.unknown] == ["sfdx-project.json"]
    assert set(rails.agents) == {"Desk"}


def test_a_file_that_the_source_cannot_give_is_unknown() -> None:
    files = {"desk.agent": SCRIPT, f"force-app/{PERMISSIONS}": xml("PermissionSet")}
    rails = read_guardrails(Tree(files, unreadable=files))
    assert {each.location.file for each in rails.unknown} == set(files)
    assert all("cannot be read" in each.text for each in rails.unknown)


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><PermissionSet xmlns="http://soap.sforce.com/2006/04/metadata"/>',
        "<PermissionSet>",
        "",
        "\0",
        "<a>" * 200 + "</a>" * 200,
        xml("PermissionSet", "<a>" * 200 + "</a>" * 200),
        "<PermissionSet/>",
        '<?xml version="1.0" encoding="klingon"?><PermissionSet/>',
    ],
    ids=["doctype", "unclosed", "empty", "binary", "foreign", "deep", "no namespace", "encoding"],
)
def test_a_file_that_is_not_metadata_xml_is_one_unknown_with_its_place(text: str) -> None:
    rails = rails_of({PERMISSIONS: text, f"{BUNDLE}/Desk.agent": SCRIPT})
    (found,) = rails.unknown
    assert found.location.file == f"force-app/{PERMISSIONS}"
    assert set(rails.agents) == {"Desk"}


def test_a_change_within_what_is_not_understood_shows() -> None:
    one, other = (rails_of({PERMISSIONS: text}).unknown for text in ("<a>", "<b>"))
    assert one[0].text != other[0].text


def test_a_script_in_another_encoding_is_unknown() -> None:
    rails = rails_of({f"{BUNDLE}/Desk.agent": SCRIPT.encode("utf-16")})
    assert [each.location.file for each in rails.unknown] == [f"force-app/{BUNDLE}/Desk.agent"]


def test_metadata_of_the_newer_generation_is_an_opaque_agent() -> None:
    files = {
        "aiAgents/Desk.aiAgentDefinition-meta.xml": xml("AiAgentDefinition", "<x>1</x>"),
        "aiAgentDefinitionVersions/Desk#1/Desk#1.aiAgentDefinitionVersion-meta.xml": xml("AiAgentDefinitionVersion"),
    }
    model = desk_of(files)
    assert model.source is AgentSource.OPAQUE
    assert {each.location.file for each in model.unknown} == {f"force-app/{path}" for path in files}


def test_what_an_org_compiled_beside_a_planner_is_unknown() -> None:
    graph = base64.b64encode(b'{"agentVersion": {}}').decode()
    path = PLANNER.rpartition("/")[0] + "/agentGraph/Desk_v1_graph.json"
    (found,) = desk_of(planner(topic("Fines", ""), **{path: graph})).unknown
    assert found.location.file == f"force-app/{path}"
    model = desk_of(planner(topic("Fines", ""), **{path: graph, f"{BUNDLE}/Desk.agent": SCRIPT}))
    assert model.unknown == ()


def test_a_bot_without_a_planner_is_opaque() -> None:
    files = planner("")
    del files[PLANNER]
    model = desk_of(files)
    assert model.source is AgentSource.OPAQUE
    assert len(model.unknown) == 2


def test_the_script_that_an_org_keeps_beside_a_planner_counts() -> None:
    folder = PLANNER.rpartition("/")[0]
    kept = {
        f"{folder}/agentScript/Desk_v1_definition.agent": base64.b64encode(SCRIPT.encode()).decode(),
        f"{folder}/agentGraph/Desk_v1_graph.json": "e30=",
    }
    model = desk_of(planner(topic("Fines", ""), **kept))
    assert (model.source, [each.name for each in model.topics]) == (AgentSource.SCRIPT, ["desk"])
    broken = dict.fromkeys(kept, "?")
    model = desk_of(planner(topic("Fines", ""), **broken))
    assert model.source is AgentSource.PLANNER
    assert {each.location.file for each in model.unknown} == {f"force-app/{path}" for path in kept}


def test_topics_and_actions_that_no_planner_uses_are_read_as_an_agent_of_their_own() -> None:
    files = {
        "genAiPlugins/Fines.genAiPlugin-meta.xml": xml(
            "GenAiPlugin",
            "<developerName>Fines</developerName><scope>Never waive.</scope>"
            "<genAiFunctions><functionName>Waive</functionName></genAiFunctions>",
        ),
        **{
            f"genAiFunctions/{name}/{name}.genAiFunction-meta.xml": xml("GenAiFunction")
            for name in ("Waive", "Look_Up")
        },
    }
    model = rails_of(files).agents[NO_AGENT].emitted
    (fines,) = model.topics
    assert ([each.text for each in fines.instructions], [each.name for each in fines.tools]) == (
        ["Never waive."],
        ["Waive"],
    )
    assert [each.name for each in model.everywhere] == ["Look_Up"]
    linked = planner("<genAiPlugins><genAiPluginName>Fines</genAiPluginName></genAiPlugins>", **files)
    assert rails_of(linked).agents[NO_AGENT].emitted.topics == ()
    assert NO_AGENT not in rails_of(linked, ["Desk"]).agents


def test_agent_metadata_that_the_cli_does_not_find_is_unknown() -> None:
    misplaced = {
        "genAiPlannerBundles/Desk.genaiPlannerBundle-meta.xml": xml("GenAiPlannerBundle"),
        "botVersions/Desk_v1.botVersion": xml("BotVersion"),
    }
    assert {each.location.file for each in rails_of(misplaced).unknown} == {f"force-app/{path}" for path in misplaced}


def test_the_activation_of_a_prompt_is_unknown_and_shows_its_change() -> None:
    path = "genAiPromptTemplateActivations/Answer.genAiPromptTemplateActivation-meta.xml"
    one, other = (rails_of({path: xml("GenAiPromptTemplateActv", body)}).unknown for body in ("", "<x>1</x>"))
    assert [each.location.file for each in one] == [f"force-app/{path}"]
    assert one != other


@pytest.mark.parametrize("place", ["force-app/main", "force-app/aiAuthoringBundles/Desk", "force-app"])
def test_a_linked_folder_is_not_read_and_is_named(tmp_path: Path, place: str) -> None:
    root, elsewhere = tmp_path / "checkout", tmp_path / "checkout" / "shared"
    elsewhere.mkdir(parents=True)
    (elsewhere / "Desk.agent").write_text(SCRIPT)
    (root / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    (root / place).parent.mkdir(parents=True, exist_ok=True)
    (root / place).symlink_to(elsewhere)
    rails = read_guardrails(FolderSource(root))
    assert [(each.location.file, "symbolic link" in each.text) for each in rails.unknown] == [(place, True)]
