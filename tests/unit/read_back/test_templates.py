"""Whether the org uses the version of a prompt template that git says is active."""

from pathlib import Path

from wavegate.components.component import ComponentId
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.read_back.templates import (
    ReleaseTemplate,
    release_templates,
    template_states,
    wrong_templates,
)

TEMPLATE = ReleaseTemplate(name="T", active="T_2", known=frozenset({"T_1", "T_2"}))


def test_the_version_that_the_org_uses_is_compared_with_gits() -> None:
    cases = {
        "T_2": ([], ""),
        "T_1": (["Prompt template T has version T_1 active, but git says T_2."], None),
        "x": ([], "the org's active version is x, which is not in git: compare it in Prompt Builder"),
        None: ([], "not read back: the org does not show its active version"),
    }
    for live, (wrong, detail) in cases.items():
        shown = {"T": live} if live else {}
        assert wrong_templates([TEMPLATE], shown) == wrong
        (state,) = template_states([TEMPLATE], shown)
        assert (state.name, state.expected, state.live) == ("T", "T_2", live)
        assert detail is None or state.detail == detail


def test_only_shipped_templates_that_name_an_active_version_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "force-app/genAiPromptTemplates"
    folder.mkdir(parents=True)
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    version = (
        "<templateVersions><status>Published</status><versionIdentifier>{}</versionIdentifier></templateVersions>"
    )
    for name, active in {"A": "A_2", "B": ""}.items():
        inner = f"<activeVersionIdentifier>{active}</activeVersionIdentifier>" if active else ""
        inner += "".join(version.format(f"{name}_{number}") for number in (1, 2))
        (folder / f"{name}.genAiPromptTemplate-meta.xml").write_text(
            f'<GenAiPromptTemplate xmlns="http://soap.sforce.com/2006/04/metadata">{inner}</GenAiPromptTemplate>'
        )
    project = read_project(FolderSource(tmp_path))
    members = [ComponentId(type="GenAiPromptTemplate", name=name) for name in "ABC"]
    assert release_templates(members, project) == (
        ReleaseTemplate(name="A", active="A_2", known=frozenset({"A_1", "A_2"})),
    )
