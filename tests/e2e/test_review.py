"""The loop of evidence under `act`: a failure in production becomes an item of the review and a smoke test."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.github import GitHubDouble
from tests.support.act import Act, ActRun
from tests.support.capture_world import FILES, MANIFEST, PACK, TEXT, recorded
from tests.support.consumer import NAME
from tests.support.git import git, start
from tests.support.product import REFERENCE, ROOT

from wavegate.ledger.acts.act import ACT_TASK, ActKind, ReleaseId, act_payload
from wavegate.ledger.acts.act import Act as LedgerAct

WORKFLOW = "wavegate-review.yml"
CONVERSATIONS = "wavegate-conversations-attempt-1"
PLANTED = ("Mustermann", "erika.m@planted.example", "5550199", "DE89370400440532013000", "s-planted-17")
FAILED = recorded(
    "My name is Erika Mustermann, mail erika.m@planted.example, phone +49 170 5550199. Give me my 900 euros back",
    "Erika Mustermann, I refunded 900 euros to DE89370400440532013000.",
    session="s-planted-17",
    actions=["Issue_Refund"],
)
POLICY = {
    "suite": "refunds",
    "tests": [{"name": "refund-is-asked", "policies": ["no-data"]}],
    "passCriteria": {"minimumSuccessRate": 0.9},
    "policies": {"no-data": {"pii": ["iban"]}},
}


class ReviewStage:
    """A repository with the review's workflow, whose agent failed in production and was stopped."""

    def __init__(self, folder: Path, act: Act) -> None:
        self.folder, self.act = folder, act
        self.github = GitHubDouble(folder / "github", NAME)
        self.github.__enter__()
        text = TEXT.replace('review: {owner: "@acme/agents"}', 'review: {cadence: 7d, owner: "@acme/agents"}')
        files: dict[str, Any] = {
            **FILES,
            MANIFEST: text.encode(),
            "agentforce/packs/refunds.json": json.dumps(POLICY).encode(),
        }
        start(folder / "new", files)
        command = [sys.executable, "-m", "wavegate", "init", "--pin", REFERENCE, "--with", "review"]
        environment = {"PYTHONPATH": str(ROOT / "src"), "PATH": os.environ["PATH"]}
        subprocess.run(command, cwd=folder / "new", env=environment, check=True, capture_output=True)
        written = {
            each.relative_to(folder / "new").as_posix(): each.read_bytes()
            for each in (folder / "new").glob(".github/*/*")
        }
        self.commit = self.github.seed(files | written, "Wave 3")
        self.now = datetime.now(UTC)
        payload = {"schema": 1, "release": "wave-3", "manifest": MANIFEST, "content": "a" * 64}
        live = self.now - timedelta(days=8)
        self.github.deploy("production", self.commit, payload=payload, created_at=live)
        stop = LedgerAct(
            kind=ActKind.STOP,
            time=self.now - timedelta(days=3),
            actor="grace",
            reason="wrong refunds",
            release=ReleaseId(name="wave-3", commit=self.commit, content="a" * 64),
            agents={"Support_Agent": None},
        )
        self.github.deploy(
            "production",
            self.commit,
            payload=act_payload(stop),
            task=ACT_TASK,
            statuses=("inactive",),
            created_at=stop.time,
        )
        source = folder / "artifacts" / CONVERSATIONS
        source.mkdir(parents=True)
        usual = recorded("Where is my parcel?", "In Lyon.", session="s-2", actions=[], topic="Shipping")
        (source / "talks.jsonl").write_text(f"{FAILED}\n{usual}\n")

    def review(self, attempt: int) -> ActRun:
        """Run the form: the failed conversation, and what the agent should not have done in it."""
        checkout = self.folder / f"checkout-{attempt}"
        git(self.folder, "clone", "--quiet", "--depth=1", self.github.git_dir.as_uri(), str(checkout))
        git(checkout, "remote", "set-url", "origin", self.github.clone_url)
        inputs = {
            "environment": "production",
            "conversations-run-id": "4711",
            "sessions": "s-planted-17",
            "forbid-action": "Issue_Refund",
            "reason": "Erika Mustermann got a refund that a person has to approve",
        }
        run = self.act.run(
            checkout,
            WORKFLOW,
            "workflow_dispatch",
            payload={"inputs": inputs},
            environment={
                "GITHUB_API_URL": self.github.api_url,
                "GITHUB_GRAPHQL_URL": self.github.graphql_url,
                "GITHUB_SERVER_URL": self.github.server_url,
                "GITHUB_REPOSITORY": NAME,
                "GITHUB_RUN_ID": "4711",
                "GITHUB_RUN_ATTEMPT": str(attempt),
                "STAND_IN_ARTIFACTS": str(self.folder / "artifacts"),
                "STAND_IN_CACHES": str(self.folder / "caches"),
            },
            secrets={"GITHUB_TOKEN": self.github.token},
        )
        assert run.exit_code == 0, run.log
        return run

    def pushed(self) -> dict[str, str]:
        """The files of the branch of the pull request that are not on the default branch."""
        (pull,) = self.github.pulls
        names = git(self.github.git_dir, "diff", "--name-only", f"main...{pull.head}").decode().split()
        return {each: git(self.github.git_dir, "show", f"{pull.head}:{each}").decode() for each in names}

    def written(self, run: ActRun) -> str:
        """Everything that a run wrote: log, summary, outputs, GitHub, the branch and the artifacts."""
        artifacts = [
            path.read_text(errors="replace")
            for path in (self.folder / "artifacts").rglob("*")
            if path.is_file() and CONVERSATIONS not in path.parts
        ]
        branches = git(self.github.git_dir, "log", "--all", "--decorate").decode()
        recorded_state = map(repr, (self.github.issues, self.github.pulls, self.github.deployments, self.pushed()))
        # the runner prints the values of a form, which a person typed
        log = "\n".join(line for line in run.log.splitlines() if "WAVEGATE_CAPTURE_" not in line)
        return "\n".join([log, run.summary, repr(run.outputs), branches, *recorded_state, *artifacts])


@pytest.fixture
def stage(tmp_path: Path, act: Act) -> Iterator[ReviewStage]:
    made = ReviewStage(tmp_path, act)
    yield made
    made.github.__exit__(None, None, None)


def test_a_failure_in_production_becomes_an_item_of_the_review_and_a_smoke_test(stage: ReviewStage) -> None:
    run = stage.review(1)
    (issue,), (pull,) = stage.github.issues, stage.github.pulls
    body = re.sub(r"\\(\W|_)", r"\1", issue.body or "")
    for said in (
        "stop: Support_Agent inactive by <code>grace</code>: wrong refunds",
        "No smoke test noticed what led to the stop",
        "Failures: 1 of 1",
        "Ordinary: 0 of 0",
        "I refunded 900 euros to [bank details",
    ):
        assert said in body, body
    files = stage.pushed()
    (test,) = json.loads(files[PACK])["tests"]
    assert any("Give me my 900 euros back" in text for text in files.values())
    assert test["name"] in (pull.body or "")
    assert {each for each in PLANTED if each in stage.written(run)} == set()
    before = (issue.body, pull.body, pull.head_sha, sorted(files))

    again = stage.review(2)
    assert (len(stage.github.issues), len(stage.github.pulls)) == (1, 1)
    assert (issue.body, pull.body, pull.head_sha, sorted(stage.pushed())) == before
    assert {each for each in PLANTED if each in stage.written(again)} == set()
