"""`wavegate validate` as a process sees it: exit codes, reports, outputs, annotations, hostile names."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.support.definitions import definition, definition_path
from tests.support.hostile import HOSTILE

from wavegate.__main__ import main

RELEASE = "release: r\nenvironments: [{name: uat, prompts: [p]}]\n"
PACK = '{"suite": "smoke", "tests": ["a"], "passCriteria": {"minimumSuccessRate": 1}}\n'


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "release.yml", RELEASE)
    return tmp_path


@pytest.fixture
def actions(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(checkout / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout / "summary"))
    return checkout


def write(root: Path, name: str, text: str) -> None:
    place = root / "agentforce" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text, encoding="utf-8")


def outputs(root: Path) -> dict[str, str]:
    """The outputs as the runner reads them: name, delimiter, lines, delimiter."""
    found: dict[str, str] = {}
    lines = iter((root / "output").read_text("utf-8").split("\n"))
    for line in lines:
        if line:
            name, delimiter = line.split("<<", 1)
            found[name] = "\n".join(iter(lambda: next(lines), delimiter))
    return found


def commands(log: str) -> list[tuple[str, str]]:
    """Name and properties of each workflow command in a log, by the runner's rules."""
    return re.findall(r"(?m)^\s*::([^:\s]+)([^:]*)::", log)


def test_a_live_commit_without_a_rehearsal_is_wrong_input(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--root", str(checkout), "--live", "uat=HEAD"]) == 2
    assert "--live needs --rehearse." in capsys.readouterr().err


def test_a_valid_release_passes(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate"]) == 0
    assert "in 1 file." in capsys.readouterr().out
    assert list(checkout.iterdir()) == [checkout / "agentforce"]


def test_text_shows_place_line_and_fix(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(checkout, "release.yml", RELEASE + "owner: '@me'\n")
    assert main(["validate"]) == 1
    assert capsys.readouterr().out == (
        "agentforce/release.yml:3:1: error: Unknown key `owner`. [schema/unknown-key]\n"
        "  3 | owner: '@me'\n"
        "    | ^\n"
        "  → Did you mean `owners`?\n"
        "\n"
        "1 error in 1 file.\n"
    )


def test_strict_fails_on_warnings(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["validate", "--strict"]) == 1
    monkeypatch.setenv("WAVEGATE_VALIDATE_STRICT", "true")
    assert main(["validate"]) == 1
    monkeypatch.setenv("WAVEGATE_VALIDATE_STRICT", "false")
    assert main(["validate"]) == 0
    assert checkout.is_dir()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["none.yml"], "There is no file or folder `none.yml`."),
        (["../outside.yml"], "There is no file or folder `../outside.yml`."),
        (["/"], "`/` leads out of the checkout."),
        (["--root", "empty"], "There is no manifest or smoke pack in agentforce/."),
        (["empty"], "There is no manifest or smoke pack in empty."),
        (["specs"], "There is no manifest or smoke pack in specs."),
        (["linked"], "There is no manifest or smoke pack in linked."),
        (["--root", "file"], "There is no manifest or smoke pack in agentforce/."),
        (["--output", "agentforce/release.yml/x"], "holds the files to check."),
        (["--output", "agentforce/release.yml"], "holds the files to check."),
        (["--output", "empty/../agentforce/report.json"], "holds the files to check."),
        (["--output", "/proc/none/report.json"], "cannot be written: "),
    ],
)
def test_wrong_input_is_no_verdict(
    actions: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (actions / "empty").mkdir()
    (actions / "specs" / "deeper").mkdir(parents=True)
    (actions / "specs" / "deeper" / "spec.yml").write_text("name: not ours\n")
    (actions / "linked").mkdir()
    (actions / "linked" / "folder").symlink_to("../agentforce")
    (actions / "file").mkdir()
    (actions / "file" / "agentforce").write_text(RELEASE)
    assert main(["validate", *arguments]) == 2
    assert message in capsys.readouterr().out
    assert not (actions / "output").exists()


def test_paths_from_the_environment_are_one_a_line(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(checkout, "with a space.yml", RELEASE)
    write(checkout, "other.yml", "broken: [")
    monkeypatch.setenv("WAVEGATE_VALIDATE_PATHS", "agentforce/with a space.yml\n\n agentforce/release.yml\n")
    assert main(["validate"]) == 0
    assert "in 2 files." in capsys.readouterr().out


def test_a_file_is_checked_once_however_it_is_named(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    again = str(checkout / "agentforce" / "release.yml")
    assert main(["validate", "agentforce", "./agentforce/release.yml", "agentforce/../agentforce", again]) == 0
    assert "in 1 file." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("packs/smoke.yml", PACK, None),
        ("support/packs/smoke.json", PACK, None),
        ("support/release.yml", RELEASE, None),
        ("smoke.json", PACK, "file/misplaced"),
        ("support/smoke.yml", PACK, "file/misplaced"),
        ("packs/release.yml", RELEASE, "file/misplaced"),
        ("specs/test-spec.yaml", "name: spec\ntestCases: []\n", "file/not-checked"),
        ("results/r.json", "[]", "file/not-checked"),
        ("other.yml", "name: x\n", "schema/unknown-key"),
        ("OTHER.YAML", "name: x\n", "schema/unknown-key"),
        ("packs/SMOKE.JSON", PACK, None),
        ("release.json", json.dumps({"release": "r", "environments": []}), "file/misplaced"),
        ("packs/other.json", "[]", "schema/wrong-type"),
        ("runbooks/rotate.md", "# Rotate\n", None),
        (".hidden/x.yml", "[", None),
    ],
)
def test_what_a_file_is_shows_in_its_folder_and_keys(
    checkout: Path, name: str, text: str, rule: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    write(checkout, name, text)
    main(["validate", "--format", "json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    here = {each["rule"] for each in findings if each["file"] == f"agentforce/{name}"}
    found = {each for each in here if not each.startswith("readiness/")}
    assert found - {"component/no-project"} == ({rule, *(found & {"schema/missing-key"})} if rule else set())


def test_links_that_leave_the_checkout_are_refused(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outside = checkout.parent / f"{checkout.name}-outside.yml"
    outside.write_text(RELEASE)
    (checkout / "agentforce" / "link.yml").symlink_to(outside)
    (checkout / "agentforce" / "broken.yml").symlink_to("nowhere.yml")
    (checkout / "agentforce" / "inside.yml").symlink_to("release.yml")
    assert main(["validate", "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(each["file"], each["rule"]) for each in findings if each["severity"] == "error"] == [
        ("agentforce/broken.yml", "file/unreadable"),
        ("agentforce/link.yml", "file/unreadable"),
    ]


def test_what_is_no_file_is_found_and_not_read(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = checkout / "agentforce"
    os.mkfifo(folder / "pipe.yml")
    (folder / "loop.yml").symlink_to("loop.yml")
    (folder / "device.yml").symlink_to("/dev/zero")
    (folder / "around").symlink_to(".")
    (folder / "packs").symlink_to("/")
    (folder / "folder.yml").mkdir()
    assert main(["validate", "--format", "json"]) == 1
    findings = json.loads(capsys.readouterr().out)["findings"]
    assert [(each["file"].removeprefix("agentforce/"), each["rule"]) for each in findings[:5]] == [
        ("device.yml", "file/unreadable"),
        ("loop.yml", "file/unreadable"),
        ("pipe.yml", "file/unreadable"),
        ("around", "file/not-checked"),
        ("packs", "file/not-checked"),
    ]


@pytest.mark.usefixtures("checkout")
def test_a_folder_that_cannot_be_read_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("wavegate.release.folder.os.scandir", refuse)
    assert main(["validate"]) == 2
    assert "The folder `agentforce` cannot be read: Permission denied." in capsys.readouterr().err


def test_folders_may_be_nested_deeper_than_calls_may(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = os.open(checkout / "agentforce", os.O_RDONLY)
    for _ in range(1500):
        os.mkdir("d", dir_fd=folder)
        folder, parent = os.open("d", os.O_RDONLY, dir_fd=folder), folder
        os.close(parent)
    with os.fdopen(os.open("x.yml", os.O_CREAT | os.O_WRONLY, dir_fd=folder), "w") as stream:
        stream.write("a: 1\n")
    os.close(folder)
    try:
        assert main(["validate"]) == 0
        assert "This is neither a manifest nor a smoke pack." in capsys.readouterr().out
    finally:
        # Python's own removal is recursive
        subprocess.run(["rm", "-rf", str(checkout / "agentforce" / "d")], check=True)


def test_another_working_directory_is_another_checkout(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = checkout / "other"
    write(other, "release.yml", "release: [")
    assert main(["validate", "--root", "."]) == 0
    monkeypatch.chdir(other)
    assert main(["validate", "--root", "."]) == 1
    assert "agentforce/release.yml:1:11: error" in capsys.readouterr().out


def test_outputs_annotations_and_summary(actions: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = ", ".join(f"x{number}: 1" for number in range(25))
    write(actions, "release.yml", f"release: r\nenvironments: [{{name: uat, prompts: [p], {names}}}]\n")
    assert main(["validate"]) == 1
    assert outputs(actions) == {"verdict": "fail", "errors": "25", "warnings": "0", "notices": "0"}
    annotated = commands(capsys.readouterr().out)
    assert len(annotated) == 10
    assert annotated[0] == ("error", " file=agentforce/release.yml,line=2,col=42,title=schema/unknown-key")
    summary = (actions / "summary").read_text("utf-8")
    assert summary.startswith("### ❌ wavegate validate: fail\n\n25 errors in 1 file.")
    assert summary.count("\n| ❌ error |") == 25


def test_annotations_name_files_from_the_workspace(
    actions: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(actions.parent)
    assert main(["validate", "--root", actions.name]) == 0
    assert f"file={actions.name}/agentforce/release.yml," in capsys.readouterr().out


def test_annotations_name_files_from_the_workspace_in_another_working_directory(
    actions: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_WORKSPACE", str(actions.parent))
    assert main(["validate", "--format", "json"]) == 0
    captured = capsys.readouterr()
    assert f"file={actions.name}/agentforce/release.yml," in captured.err
    assert json.loads(captured.out)["files"] == [f"{actions.name}/agentforce/release.yml"]


@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_a_report_in_the_log_holds_no_command(
    actions: Path, format_: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(actions, "release.yml", RELEASE + "'##[add-mask]x': 1\n")
    assert main(["validate", "--format", format_]) == 1
    log = capsys.readouterr().out
    assert "##[" not in log
    assert "##[add-mask]x" in json.dumps(json.loads(log))


def test_a_report_on_standard_output_stays_whole_in_actions(
    actions: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(actions, "release.yml", RELEASE + "owner: x\n")
    assert main(["validate", "--format", "json"]) == 1
    captured = capsys.readouterr()
    assert json.loads(captured.out)["errors"] == 1
    assert [name for name, _ in commands(captured.err)] == ["error"]


def test_a_report_goes_to_a_file(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", "--format", "sarif", "--output", "reports/wavegate.sarif"]) == 0
    assert json.loads((checkout / "reports/wavegate.sarif").read_text("utf-8"))["version"] == "2.1.0"
    assert "in 1 file.\nReadiness " in capsys.readouterr().out


def hostile_manifest(text: str) -> str:
    """A manifest with a text wherever a stranger can put one."""
    said = json.dumps(text)
    return "\n".join(
        [
            f"release: {said}",
            f"? {said}",
            f": {said}",
            "environments:",
            f"  - name: {said}",
            f"    prompts: [{said}, p]",
            f"    rollout: {said}",
            f"    gate: {{packs: [{said}], maxEvidenceAge: {said}}}",
            f"owners: {{release: {said}, {said}: x}}",
            f"rollback: {{credentials: {{strategy: manual, runbook: {said}}}}}",
        ]
    )


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:20]))
def test_hostile_text_stays_text(actions: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(actions, "release.yml", hostile_manifest(text))
    assert main(["validate", "--format", "sarif", "--output", "x.sarif"]) == 1
    log = capsys.readouterr().out
    found = outputs(actions)
    errors = min(int(found["errors"]), 10)
    assert {"verdict": "fail"}.items() <= found.items()
    assert found.keys() == {"verdict", "errors", "warnings", "notices"}
    assert [name for name, _ in commands(log)] == ["error"] * errors
    assert "##[" not in log
    assert max(map(len, log.splitlines())) < 5_000
    assert_harmless_markdown((actions / "summary").read_text("utf-8"), rows=int(found["errors"]))
    assert json.loads((actions / "x.sarif").read_text("utf-8"))
    assert not Path("/tmp/owned").exists()  # noqa: S108 - what the corpus would make


def assert_harmless_markdown(summary: str, *, rows: int) -> None:
    findings = summary.partition("#### Readiness")[0]
    table = [line for line in findings.split("\n") if line.startswith("|")]
    assert len(table) == rows + 2
    for row in table:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4
        assert not re.search(r"(?<![\w`])@\w", row)
        assert not re.search(r"<(?!/?(code|br|sub)>)", row)
        assert not re.search(r"(?<!\\)[`\[]", row)
        assert "://" not in row
        assert "<!--" not in row
        assert row.isprintable() or re.sub("[\u2060\u00a0]", "", row).isprintable()
        for tag in ("code", "sub"):
            assert row.count(f"<{tag}>") == row.count(f"</{tag}>")


@pytest.mark.parametrize(
    "text", [each for each in HOSTILE if each.strip() and "/" not in each and "\0" not in each and len(each) < 200]
)
def test_hostile_file_names_stay_names(actions: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(actions, f"{text}.yml", "release: [")
    assert main(["validate", "--format", "sarif", "--output", "x.sarif"]) == (0 if text.startswith(".") else 1)
    log = capsys.readouterr().out
    assert outputs(actions)["errors"] == ("0" if text.startswith(".") else "1")
    assert {name for name, _ in commands(log)} <= {"error", "warning", "notice"}
    assert len(commands(log)) <= 7
    summary = (actions / "summary").read_text("utf-8")
    assert_harmless_markdown(summary, rows=summary.count("<sub>"))
    assert json.loads((actions / "x.sarif").read_text("utf-8"))


def test_what_contradicts_the_cases_of_a_test_is_one_finding(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    place = checkout / "force-app" / definition_path("a")
    place.parent.mkdir(parents=True)
    place.write_text(definition(3))
    write(checkout, "packs/smoke.json", PACK.replace('["a"]', '[{"name": "a", "cases": 4}, "b"]'))
    main(["validate", "--format", "json"])
    found = [each for each in json.loads(capsys.readouterr().out)["findings"] if each["rule"].startswith("census")]
    assert [each["rule"] for each in found] == ["census/conflict"]
    write(checkout, "packs/smoke.json", PACK.replace('["a"]', '[{"name": "a", "cases": 3}, "b"]'))
    main(["validate", "--format", "json"])
    found = [each for each in json.loads(capsys.readouterr().out)["findings"] if each["rule"].startswith("census")]
    assert [(each["rule"], each["severity"]) for each in found] == [("census/unknown-cases", "notice")]
    assert "`b`" in found[0]["message"]
