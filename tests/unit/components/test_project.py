"""The index of a Salesforce project: which file belongs to which component, and what hostile files do."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.places import FIXTURES

from wavegate.components.agent_script import read_script
from wavegate.components.component import ComponentId, Contents, own_local_name
from wavegate.components.project import read_project
from wavegate.components.types import classify
from wavegate.files.folder import FILE_LIMIT, FolderSource
from wavegate.findings.finding import Finding

NS = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
FLOW = "force-app/flows/X.flow-meta.xml"


class Files:
    """A source of files that are written down in the test."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        project = {"sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}]}'}
        self.files = {path: _bytes(data) for path, data in {**project, **files}.items()}
        self.requested: list[str] = []

    def paths(self) -> Sequence[str]:
        return sorted(self.files)

    def read(self, paths: Iterable[str]) -> Mapping[str, bytes]:
        wanted = list(paths)
        self.requested += wanted
        return {path: self.files[path] for path in wanted if path in self.files}


def _bytes(data: bytes | str) -> bytes:
    return data if isinstance(data, bytes) else data.encode()


def contents_of(files: Mapping[str, bytes | str], component: str) -> Contents:
    project = read_project(Files(files))
    found = project.find(_id(component))
    assert found
    return project.read([found])[found.id]


def _id(text: str) -> ComponentId:
    type_, _, name = text.partition(":")
    return ComponentId(type=type_, name=name)


def references(contents: Contents) -> list[str]:
    return [str(each.targets[0]) for each in contents.references]


@pytest.mark.parametrize(
    ("path", "component"),
    [
        ("bots/A/A.bot-meta.xml", "Bot:A"),
        ("bots/A/v12.botVersion-meta.xml", "BotVersion:A.v12"),
        ("genAiPlannerBundles/P/P.genAiPlannerBundle", "GenAiPlannerBundle:P"),
        ("genAiPlannerBundles/P/P.genAiPlannerBundle-meta.xml", "GenAiPlannerBundle:P"),
        ("genAiPlannerBundles/P/localActions/T/A/input/schema.json", "GenAiPlannerBundle:P"),
        ("genAiPlannerBundles/P/agentScript/P_definition.agent", "GenAiPlannerBundle:P"),
        ("genAiPlanners/P.genAiPlanner", "GenAiPlanner:P"),
        ("genAiPlanners/P.genAiPlanner-meta.xml", "GenAiPlanner:P"),
        ("genAiPlugins/team/T.genAiPlugin-meta.xml", "GenAiPlugin:T"),
        ("genAiFunctions/F/F.genAiFunction-meta.xml", "GenAiFunction:F"),
        ("genAiFunctions/F/output/schema.json", "GenAiFunction:F"),
        ("genAiFunctions/F.genAiFunction-meta.xml", "GenAiFunction:F"),
        ("genAiPromptTemplates/T.genAiPromptTemplate-meta.xml", "GenAiPromptTemplate:T"),
        ("genAiPromptTemplateActivations/T.genAiPromptTemplateActivation", "GenAiPromptTemplateActv:T"),
        ("aiAuthoringBundles/A_3/A_3.agent", "AiAuthoringBundle:A_3"),
        ("aiAuthoringBundles/A_3/A_3.bundle-meta.xml", "AiAuthoringBundle:A_3"),
        ("aiEvaluationDefinitions/T.aiEvaluationDefinition-meta.xml", "AiEvaluationDefinition:T"),
        ("aiTestingDefinitions/T.aiTestingDefinition-meta.xml", "AiTestingDefinition:T"),
        ("aiAgents/A.aiAgentDefinition", "AiAgentDefinition:A"),
        ("aiAgentDefinitionVersions/A#2/A#2.aiAgentDefinitionVersion-meta.xml", "AiAgentDefinitionVersion:A#2"),
        ("flows/deep/er/X.flow-meta.xml", "Flow:X"),
        ("flowDefinitions/X.flowDefinition-meta.xml", "FlowDefinition:X"),
        ("classes/a/X.cls", "ApexClass:X"),
        ("classes/a/X.cls-meta.xml", "ApexClass:X"),
        ("permissionsets/P.permissionset-meta.xml", "PermissionSet:P"),
        ("permissionsets/team/P.permissionset-meta.xml", "PermissionSet:P"),
        ("permissionsets/P/agentAccesses/A.agentAccess-meta.xml", "PermissionSet:P"),
        ("namedCredentials/N.namedCredential-meta.xml", "NamedCredential:N"),
        ("externalCredentials/N.externalCredential-meta.xml", "ExternalCredential:N"),
        ("externalServiceRegistrations/S/S.yaml", "ExternalServiceRegistration:S"),
        ("externalServiceRegistrations/S.externalServiceRegistration-meta.xml", "ExternalServiceRegistration:S"),
        ("lwc/card/card.js", None),
        ("objects/A__c/A__c.object-meta.xml", None),
        ("classes/.cls", None),
        ("README.md", None),
    ],
)
def test_each_file_belongs_to_its_component(path: str, component: str | None) -> None:
    found = classify(["main", "default", *path.split("/")])
    assert (str(found[0]) if found else None) == component


@pytest.mark.parametrize(
    ("data", "rule", "line", "column", "word"),
    [
        ('<!DOCTYPE a [<!ENTITY b "c">]><Flow/>', "component/broken-file", 1, 13, "DOCTYPE"),
        (f'<!DOCTYPE Flow SYSTEM "file:///etc/passwd"><Flow {NS}/>', "component/broken-file", 1, 43, "DOCTYPE"),
        (f"<Flow {NS}>\n  <subflows>\n</Flow>", "component/broken-file", 3, 3, "mismatched tag"),
        (f"<Flow {NS}>&amp;&nbsp;</Flow>", "component/broken-file", 1, 60, "undefined entity"),
        ("", "component/broken-file", 1, 1, "no element found"),
        ("<Flow/>", "component/broken-file", 1, 1, "namespace"),
        (f"<Flow {NS}/>\n<Flow/>", "component/broken-file", 2, 1, "junk after document element"),
        (f"<ApexClass {NS}/>", "component/broken-file", 1, 1, "its name says Flow"),
        (f"<Flow {NS}>" + "<a>" * 200, "component/broken-file", 1, 352, "deeper than 100"),
        (b'<?xml version="1.0" encoding="klingon"?><Flow/>', "component/broken-file", 1, 1, "encoding"),
        (b"<Flow>\xff\xfe</Flow>", "component/broken-file", 1, 1, "namespace"),
        (f"<Flow {NS}>".encode() + b"\xc3\x28</Flow>", "component/broken-file", 1, 55, "not well-formed"),
        (b"\x00" * 100, "component/broken-file", 1, 1, "not well-formed"),
    ],
)
def test_hostile_xml_is_one_finding(data: bytes | str, rule: str, line: int, column: int, word: str) -> None:
    contents = contents_of({FLOW: data}, "Flow:X")
    (finding,) = contents.findings
    assert (finding.rule, finding.location.file, word in finding.message) == (rule, FLOW, True), finding.message
    assert (finding.location.line, finding.location.column) == (line, column)
    assert contents.references == ()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = (
        f'<?xml version="1.0" encoding="{declared}"?>\n<Flow {NS}><label>Größe</label>'
        "<subflows><flowName>Y</flowName></subflows></Flow>"
    )
    assert references(contents_of({FLOW: text.encode(encoding)}, "Flow:X")) == ["Flow:Y"]


def test_prefixes_comments_and_character_data_are_read_as_xml_means_them() -> None:
    text = (
        '<m:Flow xmlns:m="http://soap.sforce.com/2006/04/metadata">'
        "<!-- <subflows><flowName>No</flowName></subflows> -->"
        "<m:subflows><m:flowName> \n <![CDATA[Y]]>&#x5A; </m:flowName></m:subflows></m:Flow>"
    )
    assert references(contents_of({FLOW: text}, "Flow:X")) == ["Flow:YZ"]


def test_a_large_file_between_its_elements_is_read_in_linear_time() -> None:
    text = f"<Flow {NS}>" + "layout <a/>" * 200_000 + "<subflows><flowName>Y</flowName></subflows></Flow>"
    assert references(contents_of({FLOW: text}, "Flow:X")) == ["Flow:Y"]


def test_a_missing_file_is_a_finding() -> None:
    source = Files({FLOW: "<x/>"})
    project = read_project(source)
    del source.files[FLOW]
    contents = project.read(project.components.values())
    assert [each.rule for each in contents[_id("Flow:X")].findings] == ["component/broken-file"]


SETTINGS: Mapping[str, tuple[bytes | str, list[str], list[str]]] = {
    "several directories": (
        json.dumps({"packageDirectories": [{"path": "a", "default": True}, {"path": "./b/c/"}]}),
        ["Flow:InA", "Flow:InBC"],
        [],
    ),
    "the project itself": ('{"packageDirectories": [{"path": "."}]}', ["Flow:InA", "Flow:InB", "Flow:InBC"], []),
    "backslashes": ('{"packageDirectories": [{"path": "b\\\\c"}]}', ["Flow:InBC"], []),
    "outside": ('{"packageDirectories": [{"path": "../x"}]}', [], ["no path inside the project"]),
    "absolute": ('{"packageDirectories": [{"path": "/etc"}]}', [], ["no path inside the project"]),
    "no path": ('{"packageDirectories": [{}, 7]}', [], ["no path inside the project"] * 2),
    "none": ("{}", [], ["lists no package directory"]),
    "no object": ("[]", [], ["not a JSON object"]),
    "no json": ("{\n  nope", [], ["not valid JSON"]),
    "bad utf-8": (b"\xff", [], ["cannot be read as UTF-8 JSON"]),
    "a number without end": ("9" * 5000, [], ["cannot be read as UTF-8 JSON"]),
    "too deep": ("[" * 100_000, [], ["cannot be read as UTF-8 JSON"]),
}


@pytest.mark.parametrize("case", SETTINGS)
def test_the_project_file(case: str) -> None:
    settings, components, messages = SETTINGS[case]
    flow = f"<Flow {NS}/>"
    files = {
        "a/x/InA.flow-meta.xml": flow,
        "b/InB.flow-meta.xml": flow,
        "b/c/InBC.flow-meta.xml": flow,
        "sfdx-project.json": settings,
    }
    project = read_project(Files(files))
    assert sorted(str(each) for each in project.components) == components
    assert _messages(project.findings, messages) == messages


def _messages(findings: Sequence[Finding], expected: Sequence[str]) -> list[str]:
    return [
        word if word in finding.message else finding.message for finding, word in zip(findings, expected, strict=True)
    ]


@pytest.mark.parametrize(
    ("version", "used"),
    [("66.0", "66.0"), ("61", "61.0"), (64, "64.0"), (64.0, "64.0"), ("", "67.0"), ("x<y>", "67.0"), (None, "67.0")],
)
def test_the_api_version(version: object, used: str) -> None:
    settings = json.dumps({"packageDirectories": [{"path": "a"}], "sourceApiVersion": version})
    assert read_project(Files({"sfdx-project.json": settings})).api_version == used


def test_the_project_nearest_to_the_top_counts() -> None:
    files = Files({"salesforce/a/X.flow-meta.xml": "", "salesforce/b/sfdx-project.json": "{}"})
    del files.files["sfdx-project.json"]
    files.files["salesforce/sfdx-project.json"] = b'{"packageDirectories": [{"path": "a"}]}'
    project = read_project(files)
    assert (project.file, [str(each) for each in project.components]) == ("salesforce/sfdx-project.json", ["Flow:X"])


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "a\u202eb", "a\udcffb", "\x1b[31m"])
def test_a_name_that_nobody_can_see_is_a_finding(name: str) -> None:
    project = read_project(Files({f"force-app/flows/{name}.flow-meta.xml": "", FLOW: ""}))
    assert ([each.rule for each in project.findings], [str(each) for each in project.components]) == (
        ["component/unusable-name"],
        ["Flow:X"],
    )
    assert project.findings[0].location.file.isprintable()


def test_a_component_in_two_directories_is_a_warning_that_names_both() -> None:
    settings = '{"packageDirectories": [{"path": "a"}, {"path": "b"}]}'
    project = read_project(
        Files({"sfdx-project.json": settings, "a/X.flow-meta.xml": "", "b/flows/X.flow-meta.xml": ""})
    )
    (finding,) = project.findings
    assert (finding.rule, finding.location.file) == ("component/duplicate", "b/flows/X.flow-meta.xml")
    assert "a/X.flow-meta.xml" in finding.message


def test_only_what_is_asked_for_is_read_and_once() -> None:
    source = Files({FLOW: f"<Flow {NS}/>", "force-app/flows/Other.flow-meta.xml": f"<Flow {NS}/>"})
    project = read_project(source)
    assert source.requested == ["sfdx-project.json"]
    wanted = [project.components[_id("Flow:X")]]
    project.read(wanted)
    project.read(wanted)
    assert source.requested == ["sfdx-project.json", FLOW]


def test_a_permission_set_without_agents_is_not_parsed() -> None:
    path = "force-app/permissionsets/P.permissionset-meta.xml"
    contents = contents_of({path: "<broken"}, "PermissionSet:P")
    assert contents == Contents()


NAMESPACED = json.dumps({"packageDirectories": [{"path": "force-app"}], "namespace": "acme"})
SCRIPT = "force-app/aiAuthoringBundles/A/A.agent"


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        (SCRIPT, 'topic t:\n  actions:\n    a:\n      target: "apex://acme__Facade"', ("ApexClass:Facade", False)),
        (SCRIPT, 'topic t:\n  actions:\n    a:\n      target: "flow://ACME__Route"', ("Flow:Route", False)),
        (SCRIPT, 'topic t:\n  actions:\n    a:\n      target: "apex://other__X"', ("ApexClass:other__X", True)),
        (SCRIPT, 'topic t:\n  actions:\n    a:\n      target: "apex://acmes__X"', ("ApexClass:acmes__X", True)),
        (
            "force-app/classes/X.cls",
            "req.setEndpoint('callout:acme__Cred/x');",
            ("NamedCredential:Cred", False),
        ),
        (FLOW, f"<Flow {NS}><subflows><flowName>acme__Y</flowName></subflows></Flow>", ("Flow:Y", False)),
    ],
)
def test_a_name_with_the_projects_own_namespace_is_the_projects(
    path: str, text: str, found: tuple[str, bool]
) -> None:
    project = read_project(Files({"sfdx-project.json": NAMESPACED, path: text}))
    assert project.namespace == "acme"
    (contents,) = project.read(project.components.values()).values()
    while contents.inline:
        (contents,) = contents.inline.values()
    assert [(str(each.targets[0]), each.external) for each in contents.references] == [found]


def test_without_a_namespace_a_prefix_belongs_to_a_package() -> None:
    text = f"<Flow {NS}><subflows><flowName>acme__Y</flowName></subflows></Flow>"
    assert [each.external for each in contents_of({FLOW: text}, "Flow:X").references] == [True]
    assert own_local_name("__Y", "") == "__Y"


def test_access_that_is_turned_off_is_no_reference() -> None:
    path = "force-app/permissionsets/P.permissionset-meta.xml"
    text = (
        f"<PermissionSet {NS}><agentAccesses><agentName>Off</agentName><enabled>false</enabled></agentAccesses>"
        "<classAccesses><apexClass>Off</apexClass><enabled>false</enabled></classAccesses>"
        "<classAccesses><apexClass>On</apexClass><enabled>true</enabled></classAccesses></PermissionSet>"
    )
    assert references(contents_of({path: text}, "PermissionSet:P")) == ["ApexClass:On"]


def test_published_prompt_versions_are_told_apart_by_what_they_say() -> None:
    path = "force-app/genAiPromptTemplates/T.genAiPromptTemplate-meta.xml"

    def versions(content: str, status: str = "Published", layout: str = "") -> Mapping[str, str]:
        text = (
            f"<GenAiPromptTemplate {NS}><templateVersions>{layout}<content>{content}</content>"
            f"<status>{status}</status><versionIdentifier>T_1</versionIdentifier></templateVersions></GenAiPromptTemplate>"
        )
        return contents_of({path: text}, "GenAiPromptTemplate:T").prompt_versions

    assert versions("a") == versions("a", layout="\n    ") != versions("b")
    assert versions("a", status="Draft") == {}


def test_the_script_of_an_agent_is_read_by_its_blocks() -> None:
    script = (
        "topic one:\n"
        "    actions:\n"
        "        first:\n"
        "            description: \"target: 'flow://No'\"\n"
        "            inputs:\n"
        "                target: string\n"
        "            target: 'flow://A'   # why\n"
        '        # target: "flow://Comment"\n'
        "        second:\n"
        "            target: apex://B\n"
        "    reasoning:\n"
        "        instructions: ->\n"
        '            | target: "flow://No"\n'
        "subagent two:\n"
        "\tactions:\n"
        "\t\tthird:\n"
        '\t\t\ttarget: "generatePromptResponse://C"\n'
        "target: flow://No\n"
    )
    found = [(each.topic, each.name, each.target, each.line, each.column) for each in read_script(script)]
    assert found == [
        ("one", "first", "flow://A", 7, 21),
        ("one", "second", "apex://B", 10, 21),
        ("two", "third", "generatePromptResponse://C", 17, 12),
    ]


@pytest.mark.parametrize(
    "line", [" " * 200_000 + "x", "a" + " " * 200_000, "a:" * 100_000, "target: " + '"' * 200_000]
)
def test_a_hostile_script_line_takes_no_time(line: str) -> None:
    found = read_script(f"topic a:\n  actions:\n    b:\n      {line}\n")
    assert [each.target for each in found] in ([], [""])


def test_a_folder_shows_no_tools_and_follows_no_link_out(tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("secret")
    root = tmp_path / "root"
    for path in ("a/b.txt", ".git/config", "node_modules/x/y", ".sf/z", "large"):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(path)
    with (root / "large").open("r+b") as stream:
        stream.truncate(FILE_LIMIT + 1)
    (root / "link").symlink_to(outside)
    (root / "loop").symlink_to("loop")
    (root / "folder").symlink_to(root / "a")
    source = FolderSource(root)
    paths = source.paths()
    assert paths == ["a/b.txt", "folder", "large", "link", "loop"]
    assert source.read([*paths, "missing", "../outside.txt", "a\0b"]) == {"a/b.txt": b"a/b.txt"}


def test_a_folder_as_deep_as_the_system_allows_is_walked(tmp_path: Path) -> None:
    (tmp_path / "beside").write_text("x")
    deep = str(tmp_path)
    while deep.count("/") < 1200:
        deep += "/d"
        Path(deep).mkdir()
    (Path(deep) / "file").write_text("x")
    try:
        paths = FolderSource(tmp_path).paths()
    finally:
        # what clears the folder up for pytest would go as deep by recursion
        (Path(deep) / "file").unlink()
        os.removedirs(deep)
    assert [path.rpartition("/")[2] for path in paths] == ["beside", "file"]


SAMPLES = sorted(path for path in (FIXTURES / "project").rglob("*-meta.xml"))


@given(st.sampled_from(SAMPLES), st.integers(0, 4000), st.integers(0, 200), st.binary(max_size=20))
def test_a_damaged_file_never_raises(path: Path, at: int, length: int, inserted: bytes) -> None:
    data = path.read_bytes()
    damaged = data[:at] + inserted + data[at + length :]
    place = f"force-app/{path.parents[1].name}/{path.parent.name}/{path.name}"
    project = read_project(Files({place: damaged}))
    for contents in project.read(project.components.values()).values():
        assert len(contents.findings) <= 1


@given(st.text(alphabet="topic :actions\n\t#\"'|target://flow", max_size=400))
def test_a_damaged_script_never_raises(text: str) -> None:
    for action in read_script(text):
        assert action.line >= 1
