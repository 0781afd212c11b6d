"""Local workflows: what they are generated as, how an edit is recognized, and what is said of them."""

import re
from dataclasses import replace

import pytest
import yaml
from tests.support.product_files import ROOT

from wavegate.setup.doctor.health import Health
from wavegate.setup.doctor.local_checks import local_workflow_checks
from wavegate.setup.doctor.workflow_checks import called_checks, stop_environments
from wavegate.setup.doctor.workflow_files import read_workflows
from wavegate.setup.local.calls import call_problems
from wavegate.setup.local.conflicts import MergeConflict, conflicts_of
from wavegate.setup.local.generated import ActionsPin, generate, is_unedited, read_header
from wavegate.setup.local.pins import move_calls, move_pins
from wavegate.setup.local.versions import newer_than
from wavegate.setup.repository_setup import workflows
from wavegate.setup.values import Setup

COMMIT = "a1" * 20
PIN = ActionsPin(commit=COMMIT, version="1.2.3")
NAMES = ("check", "disable", "enable", "lock", "promote", "rollback")
SETUP = Setup(environments=("uat", "production"), commit=COMMIT, version="1.2.3")

every_workflow = pytest.mark.parametrize("name", NAMES)


def source(name: str) -> str:
    return (ROOT / ".github" / "workflows" / f"{name}.yml").read_text("utf-8")


def local(name: str, **pin: object) -> str:
    return generate(name, source(name), replace(PIN, **pin))  # type: ignore[arg-type]


@every_workflow
def test_a_local_workflow_differs_from_its_source_by_its_head_and_its_pins_alone(name: str) -> None:
    lines = local(name).splitlines()
    assert lines[0] == f"# Generated from wavegate/wavegate/.github/workflows/{name}.yml@{COMMIT} v1.2.3"
    assert "\n".join([*lines[3:], ""]) == re.sub(
        r"uses: \$(/\S+)", rf"uses: wavegate/wavegate\1@{COMMIT} # v1.2.3", source(name)
    )
    assert "$/" not in local(name)


@every_workflow
def test_an_edit_of_any_line_is_recognized_and_another_line_ending_at_the_end_is_one(name: str) -> None:
    text = local(name)
    assert is_unedited(text)
    header = read_header(text)
    assert header
    assert (header.name, header.pin) == (name, PIN)
    lines = text.splitlines(keepends=True)
    for index in (0, 2, 3, len(lines) // 2, len(lines) - 1):
        changed = "".join([*lines[:index], lines[index].replace("\n", " \n"), *lines[index + 1 :]])
        assert not is_unedited(changed)
    assert not is_unedited(text.replace(header.digest, "0" * 64))
    assert read_header(text.replace("\n", "\r\n")) == header


@pytest.mark.parametrize("text", ["", "\n", "name: x\n", "# Generated from a/b\n# sha256 0\n", "\ud800"])
def test_a_text_without_a_header_has_none(text: str) -> None:
    assert (read_header(text), is_unedited(text)) == (None, False)


@pytest.mark.parametrize(
    "hostile", ["--upload-pack=x/y", "../../x", "acme/x;y", "acme/x y", "acme", "https://evil.example/a/b"]
)
def test_only_a_repositorys_name_is_read_from_a_header(hostile: str) -> None:
    assert read_header(local("check").replace("wavegate/wavegate", hostile, 1)) is None


def test_a_nested_workflow_and_the_root_action_are_called_from_where_they_are() -> None:
    text = generate("x", "    uses: $/.github/workflows/check.yml\n      - uses: $/ # why\n", PIN)
    nested, root = text.splitlines()[3:]
    assert nested == ("    uses: ./.github/workflows/wavegate-reusable-check.yml # zizmor: ignore[self-repository]")
    assert root == f"      - uses: wavegate/wavegate@{COMMIT} # v1.2.3 # why"


@every_workflow
def test_a_servers_workflow_has_nothing_that_the_server_does_not_know(name: str) -> None:
    text = local(name, enterprise=True)
    body = text.split("\n", 3)[3]
    for unknown in ("queue:", "deployment: false", "attest", "pattern: ", "uses: $/"):
        assert unknown not in body, unknown
    assert {
        line.partition("-artifact@")[2].strip()
        for line in body.splitlines()
        if "-artifact@" in line
    } <= {
        "c24449f33cd45d4826c6702db7e49f7cdb9b551d # v3.2.1-node20",
        "ad191675b41f6a5b46da9a048cb6893812da158b # v3.1.0-node20",
    }  # fmt: skip
    header = read_header(text)
    assert header
    assert header.pin.enterprise
    # version 3 has no pattern: it downloads everything, and a step removes what the pattern does not match
    assert body.count("run: find ") == source(name).count("          pattern: ")
    jobs, before = yaml.safe_load(body)["jobs"], yaml.safe_load(source(name))["jobs"]
    assert jobs.keys() == before.keys() - {"attest"}
    assert {key: job.get("environment") for key, job in jobs.items()} == {
        key: {"name": job["environment"]["name"]} if "environment" in job else None
        for key, job in before.items()
        if key != "attest"
    }


def test_what_is_left_of_a_servers_download_are_the_artifacts_of_the_pattern() -> None:
    steps = yaml.safe_load(local("promote", enterprise=True))["jobs"]["gate"]["steps"]
    index = next(i for i, step in enumerate(steps) if step.get("name") == "Get the observations")
    download, removal = steps[index : index + 2]
    assert download["with"] == {"path": "${{ runner.temp }}/observations"}
    assert removal["env"] == {
        "FOLDER": "${{ runner.temp }}/observations",
        "PATTERN": "${{ needs.plan.outputs.artifacts }}-prove-*",
    }


def test_pins_are_moved_wherever_they_are_called_and_nowhere_else() -> None:
    old = "0b" * 20
    text = (
        f"      - uses: wavegate/wavegate/.github/actions/login@{old} # v1.0.0\n"
        f"        uses: wavegate/wavegate@{old}\n"
        f"      # as in wavegate/wavegate/.github/actions/login@{old} # v1.0.0\n"
        f"        uses: wavegate/wavegate-tools@{old} # v1.0.0\n"
        f"        uses: acme/wavegate@{old} # v1.0.0\n"
        "        uses: wavegate/wavegate@main\n"
    )
    moved = move_pins(text, PIN).splitlines()
    assert moved[0].endswith(f"login@{COMMIT} # v1.2.3")
    assert moved[1].endswith(f"wavegate@{COMMIT}")
    assert moved[2:] == text.splitlines()[2:]
    mirrored = f"    uses: acme/copy/.github/workflows/promote.yml@{old} # v1.0.0\n"
    assert move_calls(mirrored, PIN, NAMES, "acme/copy").endswith(
        f"acme/copy/.github/workflows/promote.yml@{COMMIT} # v1.2.3\n"
    )
    other = mirrored.replace("promote", "build")
    assert move_calls(other, PIN, NAMES, "acme/copy") == other
    assert move_calls(mirrored, PIN, NAMES, "acme/wavegate") == mirrored


@pytest.mark.parametrize(
    ("merged", "yours", "expected"),
    [
        ("a\n<<<<<<< yours\nb\n=======\nc\n>>>>>>> new\nd\n", "a\nb\nd\n", [(2, ("b",), ("c",))]),
        # the same lines stand earlier in the file, and the first line of the file is in conflict
        ("b\nx\na\n<<<<<<< y\nb\n=======\n>>>>>>> n\n", "b\nx\na\nb\n", [(4, ("b",), ())]),
        ("<<<<<<< y\nb\n=======\nc\nd\n>>>>>>> n\na\n", "b\na\n", [(1, ("b",), ("c", "d"))]),
        # the team removed the lines
        ("a\n<<<<<<< y\n=======\nc\n>>>>>>> n\nd\n", "a\nd\n", [(2, (), ("c",))]),
        (
            "a\n<<<<<<< y\nb\n=======\nc\n>>>>>>> n\nnew\nm\n<<<<<<< y\nb\n=======\ne\n>>>>>>> n\n",
            "a\nb\nm\nb\n",
            [(2, ("b",), ("c",)), (4, ("b",), ("e",))],
        ),
    ],
)
def test_a_conflict_is_at_its_line_of_the_teams_file(
    merged: str, yours: str, expected: list[tuple[int, tuple[str, ...], tuple[str, ...]]]
) -> None:
    assert list(conflicts_of(merged, yours)) == [
        MergeConflict(line=line, yours=mine, new=new) for line, mine, new in expected
    ]


def written(**setup: object) -> dict[str, str]:
    """The workflows that init writes, by file name."""
    files = workflows(replace(SETUP, **setup))  # type: ignore[arg-type]
    return {path.rpartition("/")[2]: text for path, text in files.items()}


@pytest.mark.parametrize("enterprise", [False, True])
def test_the_calls_that_init_writes_are_ones_that_github_takes(*, enterprise: bool) -> None:
    assert list(call_problems(written(enterprise=enterprise))) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("      contents: read # to check out\n", "", "must grant `contents: read`."),
        ("    permissions:\n", "    permissions: {}\n    x:\n", "must grant `contents: read`."),
        (
            "    uses:",
            "    secrets: {X: y}\n    uses:",
            "passes the secret `X`, which the called workflow does not have.",
        ),
        (
            "    uses:",
            "    with: {x: 1}\n    uses:",
            "passes the input `x`, which the called workflow does not have.",
        ),
    ],
)
def test_a_call_that_lacks_something_is_named(old: str, new: str, problem: str) -> None:
    files = written()
    assert old in files["wavegate-check.yml"]
    files["wavegate-check.yml"] = files["wavegate-check.yml"].replace(old, new)
    assert f"wavegate-check.yml: job `check` {problem}" in list(call_problems(files))


def test_inherited_secrets_and_rights_that_are_not_limited_are_not_missing() -> None:
    files = written()
    text = re.sub(r"(?m)^permissions: \{\}\n|^    permissions:\n(      .*\n)+", "", files["wavegate-disable.yml"])
    files["wavegate-disable.yml"] = re.sub(r"(?m)^    secrets:\n(      .*\n)+", "    secrets: inherit\n", text)
    assert "inherit" in files["wavegate-disable.yml"]
    assert list(call_problems(files)) == []


def test_doctor_follows_local_workflows_to_what_they_call_of_wavegate() -> None:
    found = read_workflows(written())
    assert [each.health for each in called_checks(found)] == [Health.OK] * 5
    assert stop_environments(found, ["uat"]) == {"uat": "uat"}
    caller = "wavegate-disable.yml"
    line = "    with:\n      github-environment: ${{ inputs.environment }}-stop\n"
    named = {**written(), caller: written()[caller].replace("    with:\n", line, 1)}
    assert stop_environments(read_workflows(named), ["uat"]) == {"uat": "uat-stop"}


def test_doctor_says_which_local_workflows_are_behind_or_edited_for_information() -> None:
    def said(files: dict[str, str], version: str = "1.2.3", commit: str | None = COMMIT) -> list[tuple[Health, str]]:
        return [(each.health, each.message) for each in local_workflow_checks(files, version=version, commit=commit)]

    files = written()
    assert said(files) == [(Health.OK, "The local workflows are those of this wavegate, v1.2.3.")]
    (behind,) = said(files, "2.0.0", "c" * 40)
    assert behind == (
        Health.OK,
        "The local workflows are of v1.2.3, and this wavegate is v2.0.0: `wavegate update` moves them.",
    )
    files["wavegate-reusable-check.yml"] += "# ours\n"
    assert said(files)[0][1].endswith(" Edited here: `wavegate-reusable-check.yml`.")
    assert said({name: text.replace("\n", "\r\n") for name, text in written().items()}) == said(written())
    files["wavegate-reusable-check.yml"] += "<<<<<<< yours\n=======\n>>>>>>> new\n"
    assert (Health.PROBLEM, "Conflicts of an update are left in `wavegate-reusable-check.yml`.") in said(files)
    assert said({"own.yml": "on: push\n"}) == []


@pytest.mark.parametrize(
    ("version", "other", "newer"),
    [("1.10.0", "1.9.9", True), ("1.2.3", "1.2.3", False), ("1.2.3", "1.3", False), ("2", "1.9", True)],
)
def test_versions_are_compared_by_their_numbers(version: str, other: str, newer: bool) -> None:
    assert newer_than(version, other) is newer
