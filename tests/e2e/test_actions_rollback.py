"""The dispatched rollback workflow, under `act`, against the GitHub double; what it made, shown by git."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.doubles.github import File, GitHubDouble
from tests.support.act import Act, ActRun
from tests.support.consumer import METADATA, NAME, RELEASE, template
from tests.support.git import git

WORKFLOW = "wavegate-rollback"
BUNDLE = f"{METADATA}/genAiFunctions/Update_Case_Status"
BINARY = bytes(range(256)) * 8
APP = ("    with:\n", "    with:\n      app-client-id: Iv1.client\n")
APP_KEY = "      app-private-key: ${{ secrets.APP_KEY }}\n"
GIT_ONLY = ("    with:\n", "    with:\n      activate: false\n")
"""Most tests are about git; what happens in the org is in `test_script_rollback`."""

IN_SCOPE: dict[str, File | bytes] = {
    f"{BUNDLE}/text.json": b"good\n",
    f"{BUNDLE}/binary.bin": BINARY,
    f"{BUNDLE}/run.sh": File(data=b"#!/bin/sh\n", mode="100755"),
    f"{BUNDLE}/link": File(data=b"text.json", mode="120000"),
    f"{BUNDLE}/deleted by the bad release.json": b"good\n",
    f"{BUNDLE}/renamed.json": b"moved\n",
    f"{BUNDLE}/file that becomes a link": b"a file\n",
    f"{BUNDLE}/link that becomes a file": File(data=b"text.json", mode="120000"),
    f"{BUNDLE}/loses its mode.sh": File(data=b"#!/bin/sh\n", mode="100755"),
    f"{BUNDLE}/file that becomes a folder": b"a file\n",
    f"{BUNDLE}/folder that becomes a file/inside.json": b"inside\n",
    f"{BUNDLE}/with space.json": b"good\n",
    f"{BUNDLE}/with\ttab.json": b"good\n",
    f"{BUNDLE}/with\nnewline.json": b"good\n",
    f'{BUNDLE}/with "quotes" and \\.json': b"good\n",
    f"{BUNDLE}/größe-出荷-📦.json": b"good\n",
    f"{BUNDLE}/$(touch pwned) `id` ::set-output name=x::y.json": b"good\n",
}
OUTSIDE: dict[str, File | bytes] = {
    "README.md": b"base\n",
    f"{METADATA}/classes/Other.cls": b"public class Other {}\n",
    f"{METADATA}/genAiFunctions/Other/Other.genAiFunction-meta.xml": b"<GenAiFunction/>\n",
    "bin/tool": File(data=b"#!/bin/sh\n", mode="100755"),
    "link": File(data=b"README.md", mode="120000"),
    "with\nnewline": b"base\n",
}
BAD: dict[str, File | bytes | None] = {
    f"{BUNDLE}/text.json": b"bad\n",
    f"{BUNDLE}/binary.bin": BINARY[::-1],
    f"{BUNDLE}/run.sh": File(data=b"#!/bin/sh\nexit 1\n", mode="100755"),
    f"{BUNDLE}/link": File(data=b"binary.bin", mode="120000"),
    f"{BUNDLE}/deleted by the bad release.json": None,
    f"{BUNDLE}/renamed.json": None,
    f"{BUNDLE}/renamed to.json": b"moved\n",
    f"{BUNDLE}/added by the bad release.json": b"bad\n",
    f"{BUNDLE}/added/by\nthe bad release.json": b"bad\n",
    f"{BUNDLE}/file that becomes a link": File(data=b"text.json", mode="120000"),
    f"{BUNDLE}/link that becomes a file": b"a file now\n",
    f"{BUNDLE}/loses its mode.sh": b"#!/bin/sh\n",
    f"{BUNDLE}/file that becomes a folder/inside.json": b"inside\n",
    f"{BUNDLE}/folder that becomes a file": b"a file\n",
    f"{BUNDLE}/with space.json": b"bad\n",
    f"{BUNDLE}/with\ttab.json": b"bad\n",
    f"{BUNDLE}/with\nnewline.json": b"bad\n",
    f'{BUNDLE}/with "quotes" and \\.json': b"bad\n",
    f"{BUNDLE}/größe-出荷-📦.json": b"bad\n",
    f"{BUNDLE}/$(touch pwned) `id` ::set-output name=x::y.json": b"bad\n",
    "agentforce/release.yml": RELEASE["agentforce/release.yml"].replace(b"agentforce-wave-3", b"agentforce-wave-4"),
}
SINCE: dict[str, File | bytes | None] = {
    "README.md": b"changed since\n",
    f"{METADATA}/classes/Other.cls": None,
    f"{METADATA}/classes/New.cls": b"public class New {}\n",
    "bin/tool": b"#!/bin/sh\n",
}
"""What changed on main after the bad release, outside its scope."""


class Scene:
    """A repository on the double with a good release, a bad one that is live, and later work on main."""

    def __init__(self, folder: Path, github: GitHubDouble, workflow: str) -> None:
        self.github = github
        workflow = workflow.replace(*GIT_ONLY)
        self.good = github.seed(
            {**RELEASE, **IN_SCOPE, **OUTSIDE, f".github/workflows/{WORKFLOW}.yml": workflow.encode()}
        )
        github.deploy("production", self.good, payload=payload("agentforce-wave-3"))
        self.bad = github.seed(BAD)
        self.deployment = github.deploy("production", self.bad, payload=payload("agentforce-wave-4"))
        self.base = github.seed(SINCE)
        self.checkout = folder / "checkout"
        # as actions/checkout leaves it: one commit, and no credentials
        git(folder, "clone", "--quiet", "--depth=1", github.git_dir.as_uri(), str(self.checkout))
        git(self.checkout, "remote", "set-url", "origin", github.clone_url)

    def roll_back(self, act: Act, **inputs: str) -> ActRun:
        """Dispatch the workflow."""
        return act.run(
            self.checkout,
            f"{WORKFLOW}.yml",
            "workflow_dispatch",
            payload={"inputs": {"environment": "production", "reason": "It tells lies.", **inputs}},
            environment={
                "GITHUB_API_URL": self.github.api_url,
                "GITHUB_GRAPHQL_URL": self.github.graphql_url,
                "GITHUB_SERVER_URL": self.github.server_url,
                "GITHUB_REPOSITORY": NAME,
                "STAND_IN_APP_TOKEN": self.github.app_token,
            },
            secrets={"GITHUB_TOKEN": self.github.token, "APP_KEY": "-----BEGIN PRIVATE KEY-----"},
        )

    def tree(self, commit: str) -> dict[bytes, bytes]:
        """Mode, kind and id of every file of a commit, by path."""
        listing = git(self.github.git_dir, "ls-tree", "-r", "-z", "--full-tree", commit)
        rows = [row.partition(b"\t") for row in listing.split(b"\0") if row]
        return {path: entry for entry, _, path in rows}


def payload(release: str) -> Mapping[str, object]:
    """What a deployment by wavegate records."""
    return {"schema": 1, "release": release, "manifest": "agentforce/release.yml", "run": "1"}


def in_scope(path: bytes) -> bool:
    """Whether the release owns a path: its manifest, its packs, and the components that it names."""
    named = ("Support_Resolution", "Escalation_Summary", "Update_Case_Status", "Get_Shipment_Status")
    metadata = path.startswith(METADATA.encode()) and any(f"/{name}".encode() in path for name in named)
    return path.startswith(b"agentforce/") or metadata


@pytest.fixture
def github(tmp_path: Path) -> Iterator[GitHubDouble]:
    """The double, which must have seen only what GitHub knows."""
    with GitHubDouble(tmp_path / "github", NAME) as double:
        yield double


def test_the_branch_is_the_good_release_in_scope_and_the_base_outside(
    act: Act, tmp_path: Path, github: GitHubDouble
) -> None:
    scene = Scene(tmp_path, github, template(WORKFLOW))
    run = scene.roll_back(act, incident="INC-4711")
    assert run.jobs == {"rollback": "success"}, run.log

    (pull,) = github.pulls
    assert run.outputs["rollback"]["result"] == "opened"
    assert run.outputs["rollback"]["pull-request"] == str(pull.number)
    assert (run.outputs["rollback"]["live"], run.outputs["rollback"]["target"]) == (scene.bad, scene.good)
    assert (pull.base, pull.head) == ("main", run.outputs["rollback"]["branch"])
    assert pull.head.startswith("wavegate/rollback/production/")
    assert "It tells lies" in (pull.body or "")
    assert "INC" in (pull.body or "")

    good, base, made = scene.tree(scene.good), scene.tree(scene.base), scene.tree(pull.head)
    assert {path: entry for path, entry in made.items() if in_scope(path)} == {
        path: entry for path, entry in good.items() if in_scope(path)
    }
    assert {path: entry for path, entry in made.items() if not in_scope(path)} == {
        path: entry for path, entry in base.items() if not in_scope(path)
    }
    assert made != good
    assert made != base
    assert scene.tree(github.merge(pull.number)) == made


def test_a_second_dispatch_changes_nothing(act: Act, tmp_path: Path, github: GitHubDouble) -> None:
    scene = Scene(tmp_path, github, template(WORKFLOW))
    first = scene.roll_back(act)
    head = github.pulls[0].head_sha
    second = scene.roll_back(act)
    assert second.jobs == {"rollback": "success"}, second.log
    assert second.outputs["rollback"]["result"] == "unchanged"
    assert second.outputs["rollback"]["branch"] == first.outputs["rollback"]["branch"]
    assert [pull.head_sha for pull in github.pulls] == [head]


def test_a_person_takes_a_rollback_back(act: Act, tmp_path: Path, github: GitHubDouble) -> None:
    scene = Scene(tmp_path, github, template(WORKFLOW))
    assert scene.roll_back(act).jobs == {"rollback": "success"}
    run = scene.roll_back(act, reason="The data was wrong.", withdraw="true")
    assert run.jobs == {"rollback": "success"}, run.log
    assert run.outputs["rollback"]["result"] == "withdrawn"
    assert [pull.state for pull in github.pulls] == ["closed"]
    acts = [each.payload for each in github.deployments if each.task == "wavegate:act"]
    assert [(each["kind"], each["reason"]) for each in acts] == [
        ("rollback", "It tells lies."),
        ("rollback-withdrawn", "The data was wrong."),
    ]


def test_the_apps_token_opens_the_pull_request_so_that_checks_run(
    act: Act, tmp_path: Path, github: GitHubDouble
) -> None:
    scene = Scene(tmp_path, github, template(WORKFLOW).replace(*APP) + APP_KEY)
    run = scene.roll_back(act)
    assert run.jobs == {"rollback": "success"}, run.log
    (pull,) = github.pulls
    assert pull.runs_checks
    assert github.app_token not in run.log


def test_the_form_is_text(act: Act, tmp_path: Path, github: GitHubDouble) -> None:
    scene = Scene(tmp_path, github, template(WORKFLOW))
    hostile = "$(touch pwned)\n::set-output name=result::evil\nresult=evil\n`id` @acme/agents <img src=x>"
    run = scene.roll_back(act, reason=hostile, incident=hostile)
    assert run.jobs == {"rollback": "success"}, run.log
    assert run.outputs["rollback"]["result"] == "opened"
    assert not list(tmp_path.rglob("pwned"))
    body = github.pulls[0].body or ""
    assert "@acme/agents" not in body
    assert "<img" not in body


def test_an_environment_that_has_no_release_is_one_clear_error(
    act: Act, tmp_path: Path, github: GitHubDouble
) -> None:
    scene = Scene(tmp_path, github, template(WORKFLOW))
    run = scene.roll_back(act, environment="staging")
    assert run.jobs == {"rollback": "failure"}, run.log
    (error,) = [each for each in run.annotations if each.level == "error"]
    assert "staging" in error.message
    assert github.pulls == []
    assert run.outputs["rollback"]["result"] == ""
