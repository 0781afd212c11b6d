"""The rehearsal of a rollback, as a pull request's check runs it: real git, and the ledger of the GitHub double."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.doubles.github.github import GitHubDouble
from tests.support.act import Act
from tests.support.consumer import METADATA, RELEASE, action, consumer, prompt_template
from tests.support.git import commit, git
from tests.support.product import ROOT

PROCEDURES = "rollback: {prompts: {strategy: restore}, actions: {strategy: restore}, agents: {strategy: disable}}\n"
CREDENTIAL = {
    f"{METADATA}/namedCredentials/Shipments.namedCredential-meta.xml": b"<NamedCredential "
    b'xmlns="http://soap.sforce.com/2006/04/metadata"><label>Shipments</label></NamedCredential>\n'
}
CALLS = b'<ApexClass xmlns="http://soap.sforce.com/2006/04/metadata"><status>Active</status></ApexClass>\n'


def release(text: str = PROCEDURES) -> dict[str, bytes]:
    """The given release, with this at the top of its manifest."""
    return {**RELEASE, "agentforce/release.yml": text.encode() + RELEASE["agentforce/release.yml"]}


class Review:
    """A pull request's checkout, a commit that is live, and the check."""

    def __init__(self, folder: Path, github: GitHubDouble) -> None:
        self.folder, self.github = folder, github
        self.checkout = folder / "checkout"

    def ship(self, files: Mapping[str, bytes], *environments: str, statuses: tuple[str, ...] = ("success",)) -> str:
        """A commit on the base branch, deployed to these environments."""
        sha = self.github.seed(files, "Live")
        payload = {"schema": 1, "release": "wave-2", "manifest": "agentforce/release.yml"}
        for environment in environments:
            self.github.deploy(environment, sha, payload=payload, statuses=statuses)
        return sha

    def propose(self, files: Mapping[str, bytes | None]) -> None:
        """A shallow checkout of a commit that changes these files, as actions/checkout makes one."""
        sha = self.github.seed(files, "Proposed", branch="proposed")
        git(self.folder, "init", "--quiet", str(self.checkout))
        git(self.checkout, "remote", "add", "origin", self.github.clone_url)
        fetched = f"file://{self.github.git_dir}"
        git(self.checkout, "-c", "protocol.file.allow=always", "fetch", "--quiet", "--depth=1", fetched, "proposed")
        git(self.checkout, "checkout", "--quiet", sha)

    def check(self, *arguments: str, token: str | None = None) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT / "src"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **self.github.environment(token),
            "GITHUB_ACTIONS": "",
        }
        command = [sys.executable, "-m", "wavegate", "validate", "--rehearse", *arguments]
        return subprocess.run(
            command, cwd=self.checkout, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    def rules(self, *arguments: str) -> set[tuple[str, str]]:
        """Severity and rule of what the rehearsal found."""
        done = self.check("--format", "json", *arguments)
        found = json.loads(done.stdout)["findings"]
        assert done.returncode == int(any(each["severity"] == "error" for each in found)), done.stderr
        return {(each["severity"], each["rule"]) for each in found if each["rule"].startswith("rehearsal/")}


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with GitHubDouble(tmp_path / "github") as github:
        yield Review(tmp_path, github)


def test_a_release_that_can_come_back_passes_and_says_how(review: Review) -> None:
    review.ship(release(), "uat", "production")
    review.propose({**prompt_template("Support_Resolution", "Be long."), **action("New_Action")})
    done = review.check()
    assert done.returncode == 0, done.stdout + done.stderr
    for environment in ("uat", "production"):
        assert f"{environment}: can be rolled back: to wave-2 (" in done.stdout
    assert "would restore 1 file" in done.stdout
    assert "Rollback rehearsal" in (review.folder / "summary").read_text()
    assert git(review.checkout, "status", "--porcelain") == b""
    assert git(review.checkout, "for-each-ref", "refs/heads/wavegate") == b""


@pytest.mark.parametrize("statuses", [None, ("failure",), ("success", "failure"), ("pending",)])
def test_without_a_good_release_there_must_be_something_to_turn_off(
    review: Review, statuses: tuple[str, ...] | None
) -> None:
    text = "rollback: {prompts: {strategy: restore}, actions: {strategy: restore}}\n"
    review.ship(release(text), *(("uat", "production") if statuses else ()), statuses=statuses or ())
    review.propose({"README.md": b"x"})
    assert review.rules() == {("error", "rehearsal/nothing-to-restore")}


def test_the_given_example_is_told_what_to_add_once_and_passes_with_it(review: Review) -> None:
    review.ship(RELEASE)
    review.propose({"README.md": b"x"})
    found = json.loads(review.check("--format", "json").stdout)["findings"]
    (fix,) = {each["fix"] for each in found if each["rule"] == "rehearsal/nothing-to-restore"}
    line = fix.partition("`")[2].rstrip("`")
    manifest = review.checkout / "agentforce" / "release.yml"
    manifest.write_text(f"{line}\n{manifest.read_text()}")
    git(review.checkout, "commit", "--quiet", "--all", "--message", "The way back")
    assert review.rules() == {("warning", "rehearsal/nothing-to-turn-off")}


def test_a_first_release_with_a_kill_switch_passes(review: Review) -> None:
    review.ship(release())
    review.propose({"README.md": b"x"})
    done = review.check()
    assert done.returncode == 0, done.stdout
    assert (
        "production: can be rolled back: only by disabling its agents, as no earlier release is known" in done.stdout
    )


@pytest.mark.parametrize("live", [(), ("uat", "production")])
def test_a_kind_without_a_procedure_fails_the_check(review: Review, live: tuple[str, ...]) -> None:
    review.ship(release("rollback: {agents: {strategy: disable}}\n"), *live)
    review.propose({"README.md": b"x"})
    done = review.check()
    assert done.returncode == 1
    assert done.stdout.count("No rollback procedure for `prompts` and `actions`, which the release ships.") == 1
    assert (
        done.stdout.count("CANNOT be rolled back: ") == done.stdout.count("; no procedure for prompts, actions") == 2
    )


def test_a_credential_that_is_deleted_needs_a_runbook(review: Review) -> None:
    apex = f"{METADATA}/classes/Calls.cls"
    called = action("Get_Shipment_Status")
    path = next(iter(called))
    called[path] = called[path].replace(b"updateRecord", b"Calls").replace(b"standardInvocableAction", b"apex")
    source = b"public class Calls { void go() { new HttpRequest().setEndpoint('callout:Shipments/a'); } }"
    live = {**release(), **called, apex: source, f"{apex}-meta.xml": CALLS, **CREDENTIAL}
    text = PROCEDURES.replace("}}\n", "}, apex: {strategy: restore}}\n")
    live["agentforce/release.yml"] = release(text)["agentforce/release.yml"]
    review.ship(live, "uat", "production")
    gone: dict[str, bytes | None] = dict.fromkeys(CREDENTIAL)
    review.propose({**gone, apex: b"public class Calls { }"})
    assert review.rules() == {("error", "rehearsal/not-undone")}


def test_what_is_live_has_to_be_readable(review: Review) -> None:
    review.ship({**release(), "agentforce/release.yml": b"release: [\n"}, "production")
    review.propose(release())
    assert ("error", "rehearsal/unreadable") in review.rules()


def test_without_a_token_it_says_that_nothing_was_rehearsed(review: Review) -> None:
    sha = review.ship(release(), "uat", "production")
    review.propose({"README.md": b"x"})
    done = review.check(token="")
    assert (done.returncode, done.stdout.count("[rehearsal/live-unknown]")) == (0, 2)
    named = review.check("--live", "uat=HEAD", "--live", f"production={sha}")
    assert "uat: can be rolled back: HEAD has the same files" in named.stdout
    assert f"production: can be rolled back: {sha} has the same files" in named.stdout


def test_a_token_that_may_not_read_deployments_is_an_error(review: Review) -> None:
    review.ship(release(), "uat")
    review.propose({"README.md": b"x"})
    review.github.permit("deployments", "none")
    done = review.check()
    assert done.returncode == 2
    assert "deployments: read" in done.stderr


@pytest.mark.parametrize("given", ["uat", "=abc", "uat="])
def test_what_is_live_is_named_in_one_form(review: Review, given: str) -> None:
    review.ship(release(), "uat")
    review.propose({"README.md": b"x"})
    assert review.check("--live", given).returncode == 2


def test_a_live_commit_of_an_unknown_environment_is_wrong_input(review: Review) -> None:
    sha = review.ship(release(), "uat", "production")
    review.propose({"README.md": b"x"})
    done = review.check("--live", f"prod={sha}")
    assert (done.returncode, "no checked manifest has: `prod`" in done.stderr) == (2, True), done.stderr


def test_a_change_that_is_not_committed_is_not_rehearsed(review: Review) -> None:
    review.ship(release(), "uat", "production")
    review.propose({"README.md": b"x"})
    (review.checkout / "agentforce" / "release.yml").write_bytes(release()["agentforce/release.yml"] + b"\n# x\n")
    assert review.rules() == {("warning", "rehearsal/uncommitted")}


def test_the_check_workflow_rehearses(act: Act, tmp_path: Path) -> None:
    with GitHubDouble(tmp_path / "github") as github:
        repository = consumer(tmp_path / "consumer", release(), templates=("wavegate-check",))
        github.seed(release(), "Live")
        environment = {
            key: value
            for key, value in github.environment().items()
            if key.endswith("_URL") or key == "GITHUB_REPOSITORY"
        }
        run = act.run(
            repository,
            "wavegate-check.yml",
            "pull_request",
            environment=environment,
            secrets={"GITHUB_TOKEN": github.token},
        )
        assert run.jobs == {"check": "success"}, run.log
        assert "only by disabling its agents, as no earlier release is known" in run.log
        text = release("")["agentforce/release.yml"]
        commit(repository, {"agentforce/release.yml": text}, "No way back")
        run = act.run(
            repository,
            "wavegate-check.yml",
            "pull_request",
            environment=environment,
            secrets={"GITHUB_TOKEN": github.token},
        )
        assert run.jobs == {"check": "failure"}, run.log
        assert run.outputs["validate"]["verdict"] == "fail"
