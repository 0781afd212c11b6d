"""Where a project's policy is, and what is said if it is not one."""

from pathlib import Path

import pytest
from tests.support.policies import Files

from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.guardrails.policy.read import ReadPolicy, read_policy

MANIFEST = "release: desk\nenvironments: [{name: uat, prompts: [a]}]\n"
OWN = "guardrails: {properties: [always confirm waive_fine]}\n"
FILE = "properties: [member_ok set only by check_card]\n"


def read(files: dict[str, str], manifest: str | None = None) -> ReadPolicy:
    source = Files({f"agentforce/{path}": text for path, text in files.items()})
    return read_policy(source, manifest and f"agentforce/{manifest}")


def properties(files: dict[str, str], manifest: str | None = None) -> list[str]:
    found = read(files, manifest)
    assert found.findings == ()
    return [each.text for each in found.policy.properties]


def test_the_policy_is_in_its_file_in_the_manifest_or_where_the_manifest_says() -> None:
    assert properties({}) == []
    assert properties({"release.yml": MANIFEST, "guardrails.yml": FILE}) == ["member_ok set only by check_card"]
    assert properties({"release.yml": MANIFEST + OWN}) == ["always confirm waive_fine"]
    named = MANIFEST + "guardrails: agentforce/desk.guardrails.yml\n"
    assert properties({"release.yml": named, "desk.guardrails.yml": FILE}) == ["member_ok set only by check_card"]


def test_a_policy_that_several_manifests_name_is_one() -> None:
    named = MANIFEST + "guardrails: agentforce/guardrails.yml\n"
    assert len(properties({"a.yml": named, "b.yml": named, "guardrails.yml": FILE})) == 1


def test_two_policies_are_an_error_unless_one_is_chosen() -> None:
    files = {"a.yml": MANIFEST + OWN, "b.yml": MANIFEST, "guardrails.yml": FILE}
    assert [(each.rule, each.location.file) for each in read(files).findings] == [
        ("policy/ambiguous", "agentforce/guardrails.yml")
    ]
    assert properties(files, "a.yml") == ["always confirm waive_fine"]
    assert properties(files, "b.yml") == ["member_ok set only by check_card"]


def test_a_place_is_that_of_the_sentence() -> None:
    policy = read({"release.yml": MANIFEST + OWN}).policy
    assert policy.properties[0].location == ("agentforce/release.yml", 3, 27)


def test_a_policy_that_is_not_there_is_an_error_where_it_is_named() -> None:
    (finding,) = read({"release.yml": MANIFEST + "guardrails: agentforce/x.guardrails.yml\n"}).findings
    assert (finding.rule, finding.location.line) == ("policy/no-file", 3)
    with pytest.raises(InputError):
        read({}, "release.yml")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "file/empty"),
        ("- always confirm x\n", "schema/wrong-type"),
        ("properties: always confirm x\n", "schema/wrong-type"),
        ("property: [x]\n", "schema/unknown-key"),
        ("rules: {action/unprotected: maybe}\n", "schema/not-allowed"),
        ("rules: {UPPER: off}\n", "schema/wrong-format"),
        ("exceptions: [{rule: a/b, reason: x, owner: nobody, expires: 2026-12-31}]\n", "schema/wrong-format"),
        ("exceptions: [{rule: a/b, reason: x, owner: '@a', expires: 2026-02-30}]\n", "schema/wrong-format"),
        ("exceptions: [{rule: a/b, owner: '@a', expires: 2026-12-31}]\n", "schema/missing-key"),
        ("properties: [{text: a, severity: notice}]\n", "schema/not-allowed"),
        ("allow: {models: []}\n", "schema/wrong-count"),
        ("customerFacing: [A, A]\n", "schema/repeated-item"),
        ("properties: ['\u202ea']\n", None),
        ("properties: &a [*a]\n", "yaml/alias"),
        ("properties: [" + "[" * 200 + "\n", "file/too-deep"),
    ],
)
def test_a_hostile_or_wrong_file_is_a_finding(text: str, rule: str | None) -> None:
    found = read({"guardrails.yml": text}).findings
    assert [each.rule for each in found][:1] == ([rule] if rule else [])


def test_an_empty_policy_says_what_to_do_with_it() -> None:
    (found,) = read({"guardrails.yml": "# nothing yet\n"}).findings
    assert (found.rule, found.fix) == ("file/empty", "Write its content, or delete the file.")


def test_a_policy_behind_a_link_is_said_to_be_one(tmp_path: Path) -> None:
    outside, folder = tmp_path / "team.yml", tmp_path / "checkout" / "agentforce"
    outside.write_text(FILE)
    folder.mkdir(parents=True)
    (folder / "guardrails.yml").symlink_to(outside)
    source = FolderSource(folder.parent)
    with pytest.raises(InputError, match="is not read: a link"):
        read_policy(source)
    (folder / "guardrails.yml").rename(folder / "desk.guardrails.yml")
    (folder / "release.yml").write_text(MANIFEST + "guardrails: agentforce/desk.guardrails.yml\n")
    (found,) = (each for each in read_policy(source).findings if each.rule == "policy/no-file")
    assert "`agentforce/desk.guardrails.yml` is not read: a link" in found.message
