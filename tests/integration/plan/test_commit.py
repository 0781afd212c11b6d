"""A plan is made from the commit: what a checkout does to files never counts, and a deletion needs proof."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.git import git
from tests.support.planning import FORCE, PACK_PATH, Checkout, rules_of

from wavegate.__main__ import main
from wavegate.components.release_at_commit import content_at
from wavegate.plan.deletions import FEW
from wavegate.plan.head import read_head
from wavegate.release.reading import load_manifest, load_packs

SERVICES = "integrations/main/default"
PROMPT = f"{FORCE}/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"
SUBMODULE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.fixture(autouse=True)
def _no_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)


def _of_kind(plan: dict[str, object], kind: str) -> dict[str, str]:
    """The components with that kind of change, with the reasons."""
    changes = plan["changes"]
    assert isinstance(changes, list)
    return {each["component"]: each.get("reason", "") for each in changes if each["change"] == kind}


def _refresh(checkout: Checkout) -> None:
    """Check all files out afresh, so that every filter is applied."""
    git(checkout.repository, "rm", "-r", "--cached", "--quiet", ".")
    git(checkout.repository, "reset", "--quiet", "--hard")


def _attributes(checkout: Checkout) -> None:
    checkout.write(".gitattributes", "* text=auto eol=crlf ident\n")
    checkout.commit()


def _autocrlf(checkout: Checkout) -> None:
    checkout.git("config", "core.autocrlf", "true")


@pytest.mark.parametrize("filtered", [_attributes, _autocrlf])
def test_line_endings_of_a_checkout_are_no_change(checkout: Checkout, filtered: Callable[[Checkout], None]) -> None:
    packs, manifest = load_packs(checkout.root), load_manifest(checkout.root)
    _, before = checkout.plan()
    filtered(checkout)
    _refresh(checkout)
    assert b"\r\n" in (checkout.root / PROMPT).read_bytes()
    code, plan = checkout.plan_head()
    assert (code, plan["changes"], rules_of(plan), plan["content"]) == (0, [], [], before["content"])
    # a decision of one system must count on another
    assert b"\r\n" in (checkout.root / PACK_PATH).read_bytes()
    assert load_manifest(checkout.root).digest == manifest.digest
    assert [each.digest for each in load_packs(checkout.root)] == [each.digest for each in packs]


def test_a_project_may_be_in_a_subfolder_of_its_repository(tmp_path: Path) -> None:
    checkout = Checkout(tmp_path, within="apps/support")
    alone = Checkout(tmp_path / "alone")
    checkout.edit(PROMPT, "Resolve the case politely.", "Resolve it.")
    alone.edit(PROMPT, "Resolve the case politely.", "Resolve it.")
    (checkout.repository / "elsewhere.txt").write_text("not of the release")
    checkout.commit()
    (checkout.repository / "elsewhere.txt").unlink()
    found, plan = checkout.plan_head()
    assert _of_kind(plan, "changed") == {"GenAiPromptTemplate:Support_Resolution": ""}
    expected, other = alone.plan()
    # where the project is in the repository is not part of its content
    assert (found, plan["content"], plan["changes"]) == (expected, other["content"], other["changes"])


def test_the_content_is_what_ships_to_the_environment_and_nothing_else(checkout: Checkout) -> None:
    _, first = checkout.plan()
    checkout.write("README.md", "Another text.")
    checkout.edit("agentforce/release.yml", "release: wave-3", "release: wave-4")
    _, unrelated = checkout.plan()
    assert (unrelated["content"], unrelated["commit"] == first["commit"]) == (first["content"], False)
    checkout.git("update-index", "--chmod=+x", PROMPT)
    git(checkout.repository, "commit", "--quiet", "--message", "Mode")
    git(checkout.repository, "reset", "--quiet", "--hard")
    _, executable = checkout.plan_head()
    assert executable["content"] != first["content"]
    # what a gate computes is what a plan says
    manifest = read_head(checkout.root).manifest()
    assert content_at(checkout.root, "HEAD", manifest, "production") == executable["content"]
    assert content_at(checkout.root, checkout.live, manifest, "production") == first["content"]
    assert content_at(checkout.root, "f" * 40, manifest, "production") == ""


def test_two_releases_that_differ_only_in_a_pinned_version_have_different_contents(checkout: Checkout) -> None:
    pin, contents = "Field_Agent, version: {}", []
    for before, pinned in ((1, 8), (8, 9)):
        # in the org alone: no file of the commit belongs to either version
        checkout.edit("agentforce/release.yml", pin.format(before), pin.format(pinned))
        _, plan = checkout.plan()
        contents.append(plan["content"])
        manifest = read_head(checkout.root).manifest()
        assert content_at(checkout.root, "HEAD", manifest, "production") == plan["content"]
    assert contents[0] != contents[1]


def test_uncommitted_changes_are_named_and_not_shipped(checkout: Checkout) -> None:
    checkout.edit(PROMPT, "Resolve the case politely.", "Resolve it.")
    checkout.write(f"{FORCE}/classes/Untracked.cls", "public class Untracked {}")
    checkout.edit("agentforce/release.yml", "release: wave-3", "release: wave-4")
    checkout.write("notes.txt", "not of the release")
    code, plan = checkout.plan_head()
    assert (code, plan["release"], plan["changes"]) == (0, "wave-3", [])
    (finding,) = plan["findings"]
    assert finding["rule"] == "plan/uncommitted"
    for path in (PROMPT, f"{FORCE}/classes/Untracked.cls", "agentforce/release.yml"):
        assert path in finding["message"]
    assert "notes.txt" not in finding["message"]


def test_without_git_or_a_commit_nothing_is_planned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "sfdx-project.json").write_text("{}")
    assert main(["plan", "uat", "--root", str(tmp_path)]) == 2
    assert "is not in a git repository" in capsys.readouterr().err
    git(tmp_path, "init", "--quiet")
    assert main(["plan", "uat", "--root", str(tmp_path)]) == 2
    assert "The repository has no commit yet." in capsys.readouterr().err


def _sparse(checkout: Checkout) -> None:
    git(checkout.repository, "sparse-checkout", "set", "agentforce", "force-app")


def _deleted_file(checkout: Checkout) -> None:
    (checkout.root / f"{SERVICES}/flows/Create_Return_Order.flow-meta.xml").unlink()


def _uncommitted_link(checkout: Checkout) -> None:
    (checkout.root / "integrations/main").rename(checkout.root / "shared")
    (checkout.root / "integrations/main").symlink_to("../shared")


@pytest.mark.parametrize("change", [_sparse, _deleted_file, _uncommitted_link])
def test_a_work_tree_that_lacks_files_of_the_commit_is_refused(
    checkout: Checkout, change: Callable[[Checkout], None], capsys: pytest.CaptureFixture[str]
) -> None:
    change(checkout)
    assert main(["plan", "production", "--root", str(checkout.root), "--output-dir", str(checkout.output)]) == 2
    said = capsys.readouterr().err
    assert "The work tree lacks " in said
    assert f"`{SERVICES}/" in said
    assert not checkout.output.exists()


def _ignored(checkout: Checkout) -> None:
    checkout.write(".forceignore", "integrations/**\n")


def _no_package_directory(checkout: Checkout) -> None:
    checkout.edit("sfdx-project.json", ',\n    {\n      "path": "integrations"\n    }', "")


def _link_inside(checkout: Checkout) -> None:
    _uncommitted_link(checkout)


def _link_outside(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / "integrations/main")
    (checkout.root / "integrations/main").symlink_to("/opt/shared")


def _submodule(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / "integrations/main")
    git(checkout.root, "rm", "-r", "--cached", "--quiet", "integrations/main")
    git(checkout.root, "update-index", "--add", "--cacheinfo", f"160000,{SUBMODULE},integrations/main")
    git(checkout.root, "commit", "--quiet", "--message", "Share it")
    (checkout.root / "integrations/main").mkdir()


def _moved_to_a_submodule(checkout: Checkout) -> None:
    shutil.rmtree(checkout.root / "integrations/main")
    git(checkout.root, "rm", "-r", "--cached", "--quiet", "integrations/main")
    git(checkout.root, "update-index", "--add", "--cacheinfo", f"160000,{SUBMODULE},force-app/shared")
    git(checkout.root, "commit", "--quiet", "--message", "Share it")
    (checkout.root / "force-app/shared").mkdir()


def _moved_out(checkout: Checkout) -> None:
    (checkout.root / "archive").mkdir()
    (checkout.root / "integrations/main").rename(checkout.root / "archive/main")


LEFT: list[tuple[Callable[[Checkout], None], str]] = [
    (_ignored, f".forceignore excludes {SERVICES}/"),
    (_no_package_directory, f"{SERVICES}/classes/ShipmentService.cls is outside the package directories"),
    (_link_inside, "shared/default/classes/ShipmentService.cls is outside the package directories"),
    (_link_outside, "integrations/main is now a link"),
    (_submodule, "integrations/main is now a submodule"),
    (_moved_to_a_submodule, "it may be in the submodule force-app/shared"),
    (_moved_out, "archive/main/default/classes/ShipmentService.cls is outside the package directories"),
]


@pytest.mark.parametrize(("change", "reason"), LEFT)
def test_what_is_not_proven_deleted_is_left_in_the_org(
    checkout: Checkout,
    change: Callable[[Checkout], None],
    reason: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    change(checkout)
    _, plan = checkout.plan()
    left = _of_kind(plan, "left")
    assert len(left) > FEW
    assert left["ApexClass:ShipmentService"].startswith(reason)
    assert _of_kind(plan, "removed") == {}
    assert checkout.package("destructiveChangesPost.xml") == {}
    assert "deploy/too-many-deletions" not in rules_of(plan)
    assert f"left     ApexClass:ShipmentService ({reason}" in capsys.readouterr().out
    assert "📌 left in the org: " in (tmp_path / "summary").read_text("utf-8")


def _delete(checkout: Checkout, *names: str) -> None:
    for name in names:
        for path in [each for each in checkout.root.rglob(f"{name}.*") if ".git" not in each.parts]:
            path.unlink()


def test_what_the_commit_has_nowhere_is_deleted_by_name(checkout: Checkout) -> None:
    _delete(checkout, "case_summary_quality")
    checkout.write(".forceignore", "**/Returns_API.*\n")
    _, plan = checkout.plan()
    assert _of_kind(plan, "removed") == {"AiEvaluationDefinition:case_summary_quality": ""}
    assert set(_of_kind(plan, "left")) >= {"NamedCredential:Returns_API"}
    assert checkout.package("destructiveChangesPost.xml") == {"AiEvaluationDefinition": ["case_summary_quality"]}
    step = "Delete 1 component (destructiveChangesPost.xml): `AiEvaluationDefinition:case_summary_quality`."
    assert step in plan["steps"]


def test_a_file_of_an_unknown_type_is_deleted_by_the_same_proof(checkout: Checkout) -> None:
    path, moved = f"{FORCE}/things/One.oddThing-meta.xml", "archive/One.oddThing-meta.xml"
    include = f'include: [{{metadata: "OddThing:One", path: "{path}"}}]\n'
    checkout.write(path, "<OddThing/>")
    checkout.edit("agentforce/release.yml", "release: wave-3\n", f"release: wave-3\n{include}")
    checkout.live = checkout.commit()
    checkout.edit("agentforce/release.yml", include, "")
    _, plan = checkout.plan()
    assert _of_kind(plan, "left") == {"OddThing:One": f"the release no longer includes {path}"}
    (checkout.root / "archive").mkdir()
    (checkout.root / path).rename(checkout.root / moved)
    _, plan = checkout.plan()
    assert _of_kind(plan, "left") == {"OddThing:One": f"{moved} is outside the package directories"}
    (checkout.root / moved).unlink()
    _, plan = checkout.plan()
    assert _of_kind(plan, "removed") == {"OddThing:One": ""}


def test_a_component_in_another_case_is_the_same_one(checkout: Checkout) -> None:
    source = checkout.root / f"{SERVICES}/classes"
    for suffix in ("cls", "cls-meta.xml"):
        (source / f"ShipmentService.{suffix}").rename(source / f"SHIPMENTSERVICE.{suffix}")
    _, plan = checkout.plan()
    assert _of_kind(plan, "removed") == {}


MANY = (
    "case_summary_quality", "escalation_policy_compliance", "pii_redaction_check", "shipment_api_timeout_fallback",
    "Support_Agent_Access", "Support_Agent_Pilot",
)  # fmt: skip
"""Components that nothing uses; what something in the org uses is left there."""


@pytest.mark.parametrize(
    ("limits", "names", "refused"),
    [
        ("maximumDeletions: 0.05", MANY[:FEW], False),
        ("maximumDeletions: 0.05", MANY, True),
        ("maximumDeletions: 0.05\nallowDeletions: true", MANY, False),
        ("maximumDeletions: 1", MANY, False),
        ("maximumDeletions: 0", MANY[:1], True),
        ("maximumDeletions: 0\nallowDeletions: true", MANY[:1], False),
    ],
)
def test_more_deletions_than_the_manifest_allows_are_an_error(
    checkout: Checkout, limits: str, names: tuple[str, ...], refused: bool
) -> None:
    _delete(checkout, *names)
    checkout.edit("agentforce/release.yml", "release: wave-3", f"release: wave-3\n{limits}")
    code, plan = checkout.plan()
    assert len(_of_kind(plan, "removed")) == len(names)
    errors = [each for each in plan["findings"] if each["rule"] == "deploy/too-many-deletions"]
    assert bool(errors) == refused
    for error in errors:
        assert (code, error["line"]) == (1, 1)
        assert f"would delete {len(names)} of the " in error["message"]
        assert "`AiEvaluationDefinition:case_summary_quality`" in error["message"]
