"""What is in a staged folder, and what cannot be staged."""

import hashlib
import json
import stat
from pathlib import Path

import pytest
from tests.support.staging import Files, agent, component, contents, metadata, names, settings, stage

from wavegate.components.project import read_project
from wavegate.errors import InputError
from wavegate.staging import contents as limits
from wavegate.staging.stage import stage_release

FLOW = "force-app/main/flows/F.flow-meta.xml"


def pointer(data: bytes) -> bytes:
    digest = hashlib.sha256(data).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(data)}\n".encode()


def test_of_an_agent_only_the_shipped_version_is_staged(tmp_path: Path) -> None:
    files = {"sfdx-project.json": settings(), **agent("A", (1, 2, 3)), "README.md": "x"}
    members = ("Bot:A", "BotVersion:A.v3", "GenAiPlannerBundle:A_v3")
    staged = stage(files, members, tmp_path / "stage", manifests={"destructiveChangesPost.xml": "<Package/>"})
    assert sorted(contents(staged.root)) == [
        ".forceignore",
        "destructiveChangesPost.xml",
        "force-app/main/bots/A/A.bot-meta.xml",
        "force-app/main/bots/A/v3.botVersion-meta.xml",
        "force-app/main/genAiPlannerBundles/A_v3/A_v3.genAiPlannerBundle",
        "package.xml",
        "sfdx-project.json",
    ]
    assert {str(each) for each in staged.members} == set(members)
    assert staged.files["force-app/main/bots/A/v3.botVersion-meta.xml"] == (
        hashlib.sha256(files["force-app/main/bots/A/v3.botVersion-meta.xml"].encode()).hexdigest()
    )
    assert (staged.folder / ".forceignore").read_bytes() == b""
    assert "<members>A.v3</members>" in staged.package.read_text()


def test_only_this_user_can_read_a_stage(tmp_path: Path) -> None:
    staged = stage({"sfdx-project.json": settings(), FLOW: metadata("Flow")}, ("Flow:F",), tmp_path / "new" / "stage")
    assert stat.S_IMODE(staged.root.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in staged.root.rglob("*.*ml")} == {0o600}


def test_a_stage_replaces_an_earlier_one_and_a_failed_one_changes_nothing(tmp_path: Path) -> None:
    files = {"sfdx-project.json": settings(), FLOW: metadata("Flow"), FLOW.replace("F.", "G."): metadata("Flow")}
    first = stage(files, ("Flow:F",), tmp_path / "stage")
    second = stage(files, ("Flow:G",), tmp_path / "stage")
    assert first.digest != second.digest
    assert not (second.folder / FLOW).exists()
    before = contents(second.root)
    with pytest.raises(InputError, match="cannot be sent"):
        stage(files, (component("Flow:H", "force-app/main/flows/H.flow-meta.xml"),), tmp_path / "stage")
    assert contents(second.root) == before
    assert names(tmp_path) == ["stage"]


def test_what_a_killed_run_left_behind_does_no_harm(tmp_path: Path) -> None:
    files = {"sfdx-project.json": settings(), FLOW: metadata("Flow")}
    for name in ("stage.new", "stage.old"):
        (tmp_path / name / "force-app").mkdir(parents=True)
    stage(files, ("Flow:F",), tmp_path / "stage")
    stage(files, ("Flow:F",), tmp_path / "stage")
    assert names(tmp_path) == ["stage"]


def test_a_link_in_place_of_the_stage_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "stage").symlink_to(tmp_path / "elsewhere")
    staged = stage({"sfdx-project.json": settings(), FLOW: metadata("Flow")}, ("Flow:F",), tmp_path / "stage")
    assert names(tmp_path / "elsewhere") == []
    assert not staged.root.is_symlink()


def test_the_digest_is_of_the_content_alone(tmp_path: Path) -> None:
    files = {"sfdx-project.json": settings(), FLOW: metadata("Flow")}
    here, there = (stage(files, ("Flow:F",), tmp_path / name / "stage") for name in ("here", ".there"))
    changed = stage({**files, FLOW: metadata("Flow", "<label>x</label>")}, ("Flow:F",), tmp_path / "stage")
    assert here.digest == there.digest != changed.digest


@pytest.mark.parametrize(
    ("directories", "used", "expected"),
    [
        (("force-app", "other"), ("other",), {"other": True}),
        (("force-app/", "./other"), ("force-app", "other"), {"force-app": True, "other": False}),
        (("force-app", "force-app/a"), ("force-app/a",), {"force-app": True, "force-app/a": False}),
        ((".",), ("src",), {".": True}),
    ],
)
def test_package_directories_are_those_that_received_a_file(
    tmp_path: Path, directories: tuple[str, ...], used: tuple[str, ...], expected: dict[str, bool]
) -> None:
    files = {f"{folder}/flows/F{at}.flow-meta.xml": metadata("Flow") for at, folder in enumerate(used)}
    members = [f"Flow:F{at}" for at, _ in enumerate(used)]
    staged = stage({"sfdx-project.json": settings(*directories), **files}, members, tmp_path / "stage")
    listed = json.loads((staged.folder / "sfdx-project.json").read_text())["packageDirectories"]
    assert listed == [{"path": path, "default": default} for path, default in expected.items()]


def test_the_directory_of_an_agent_script_is_the_default_since_it_is_published_from_there(tmp_path: Path) -> None:
    bundle = "scripts/aiAuthoringBundles/A/A"
    files = {
        "sfdx-project.json": settings("force-app", "scripts"),
        FLOW: metadata("Flow"),
        f"{bundle}.agent": "config:\n  developer_name: A\n",
        f"{bundle}.bundle-meta.xml": metadata("AiAuthoringBundle"),
    }
    staged = stage(files, ("Flow:F", "AiAuthoringBundle:A"), tmp_path / "stage")
    listed = json.loads((staged.folder / "sfdx-project.json").read_text())["packageDirectories"]
    assert [each["path"] for each in listed if each["default"]] == ["scripts"]


def test_settings_that_decide_how_files_are_read_are_kept_and_others_dropped(tmp_path: Path) -> None:
    kept = {
        "name": "p",
        "namespace": "acme",
        "sourceBehaviorOptions": ["decomposePermissionSetBeta2"],
        "registryPresets": [],
        "registryCustomizations": {"types": {}},
        "replacements": [{"filename": "no.such.file", "stringToReplace": "a", "replaceWithEnv": "X"}],
    }
    dropped = {"plugins": {"x": 1}, "packageAliases": {}, "signupTargetLoginUrl": "https://x", "oauthLocalPort": 1}
    files = {"sfdx-project.json": settings(**kept, **dropped), FLOW: metadata("Flow")}
    staged = stage(files, ("Flow:F",), tmp_path / "stage")
    written = json.loads((staged.folder / "sfdx-project.json").read_text())
    assert written == {
        **kept,
        "sourceApiVersion": "66.0",
        "packageDirectories": [{"path": "force-app", "default": True}],
    }


def test_a_project_in_a_folder_is_staged_in_that_folder(tmp_path: Path) -> None:
    files = {f"sf/{path}": text for path, text in {"sfdx-project.json": settings(), FLOW: metadata("Flow")}.items()}
    staged = stage(files, ("Flow:F",), tmp_path / "stage")
    assert staged.folder == tmp_path / "stage" / "sf"
    assert sorted(contents(staged.root)) == [
        f"sf/{name}" for name in (".forceignore", FLOW, "package.xml", "sfdx-project.json")
    ]


@pytest.mark.parametrize(
    ("members", "said"),
    [
        (("Bot:A", "GenAiPlannerBundle:A_v3"), "Bot:A would be sent without a version"),
        (("BotVersion:A.v3", "GenAiPlannerBundle:A_v3"), "BotVersion:A.v3 cannot be sent without Bot:A"),
    ],
)
def test_an_agent_and_its_version_are_sent_together(tmp_path: Path, members: tuple[str, ...], said: str) -> None:
    files = {"sfdx-project.json": settings(), **agent("A", (3,))}
    with pytest.raises(InputError, match=said) as problem:
        stage(files, members, tmp_path / "stage")
    assert problem.value.file in files


@pytest.mark.parametrize("path", ["../F.flow-meta.xml", "/F.flow-meta.xml", "force-app/../../F", "a//b", "."])
def test_nothing_is_written_outside_the_stage(tmp_path: Path, path: str) -> None:
    source = Files({"sfdx-project.json": settings(), path: metadata("Flow")})
    with pytest.raises(InputError, match="not a path inside the checkout"):
        stage_release(source, read_project(source), [component("Flow:F", path)], tmp_path / "stage")
    assert names(tmp_path) == []


def test_a_git_lfs_pointer_is_replaced_by_the_file_that_it_names(tmp_path: Path) -> None:
    real = b"\x00real content"
    path = "force-app/main/staticresources/S.resource"
    files: dict[str, bytes | str] = {"sfdx-project.json": settings(), path: pointer(real)}
    checkout = tmp_path / "checkout"
    (checkout / path).parent.mkdir(parents=True)
    (checkout / path).write_bytes(real)
    staged = stage(files, (component("StaticResource:S", path),), tmp_path / "stage", checkout=checkout)
    assert (staged.folder / path).read_bytes() == real
    assert staged.files[path] == hashlib.sha256(real).hexdigest()
    (checkout / path).write_bytes(b"something else")
    for folder in (checkout, None):
        with pytest.raises(InputError, match="is a Git LFS pointer"):
            stage(files, (component("StaticResource:S", path),), tmp_path / "stage", checkout=folder)


def test_a_file_that_the_commit_cannot_give_is_refused(tmp_path: Path) -> None:
    files = {"sfdx-project.json": settings(), FLOW: metadata("Flow")}
    with pytest.raises(InputError, match="is a symbolic link, a submodule, or larger than 10 MiB"):
        stage(files, (component("Flow:F", FLOW, FLOW + ".link"),), tmp_path / "stage")


def test_limits_have_clear_errors(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {"sfdx-project.json": settings(), FLOW: metadata("Flow"), FLOW.replace("F.", "G."): metadata("Flow")}
    monkeypatch.setattr(limits, "MAX_FILES", 1)
    with pytest.raises(InputError, match="has 2 files to send; wavegate stages at most 1"):
        stage(files, ("Flow:F", "Flow:G"), tmp_path / "stage")
    monkeypatch.setattr(limits, "MAX_FILES", 2)
    monkeypatch.setattr(limits, "MAX_BYTES", 10)
    with pytest.raises(InputError, match="more than 0 MiB"):
        stage(files, ("Flow:F",), tmp_path / "stage")
    assert names(tmp_path) == []


def replacing(**entry: object) -> str:
    return settings(replacements=[{"glob": "**/*.flow-meta.xml", "stringToReplace": "x", **entry}])


def test_the_files_that_replacements_insert_are_staged(tmp_path: Path) -> None:
    files = {
        "sf/sfdx-project.json": replacing(replaceWithFile="../shared/text.txt"),
        f"sf/{FLOW}": metadata("Flow"),
        "shared/text.txt": "words",
    }
    staged = stage(files, ("Flow:F",), tmp_path / "stage")
    assert (staged.root / "shared/text.txt").read_text() == "words"
    assert "shared/text.txt" not in staged.files


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("missing.txt", None),
        ("empty.txt", " \n"),
        ("/etc/hostname", None),
        ("../../x", None),
        (".sf/config.json", "{}"),
    ],
)
def test_a_file_that_cannot_be_inserted_is_refused(tmp_path: Path, name: str, text: str | None) -> None:
    files = {"sfdx-project.json": replacing(replaceWithFile=name), FLOW: metadata("Flow")}
    files |= {name: text} if text else {}
    with pytest.raises(InputError, match="`replaceWithFile` names") as problem:
        stage(files, ("Flow:F",), tmp_path / "stage")
    assert problem.value.file == "sfdx-project.json"


def test_a_file_that_is_inserted_under_a_condition_only_may_be_missing(tmp_path: Path) -> None:
    condition = [{"env": "LOCAL", "value": "1"}]
    files = {
        "sfdx-project.json": replacing(replaceWithFile="missing.txt", replaceWhenEnv=condition),
        FLOW: metadata("Flow"),
    }
    stage(files, ("Flow:F",), tmp_path / "stage")


def test_globs_of_replacements_lead_through_the_hidden_folders_above_a_stage(tmp_path: Path) -> None:
    files = {"sfdx-project.json": replacing(replaceWithEnv="X"), FLOW: metadata("Flow")}
    for name, glob in {
        "plain": "**/*.flow-meta.xml",
        ".hid[d]en": ".hid\\[d\\]en/stage/**/**/*.flow-meta.xml",
    }.items():
        staged = stage(files, ("Flow:F",), tmp_path / name / "stage")
        assert json.loads((staged.folder / "sfdx-project.json").read_text())["replacements"][0]["glob"] == glob
