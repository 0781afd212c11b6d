"""The brief as a process: what is live, the way back, and decisions that do not count."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble
from tests.support.git import git
from tests.support.outputs import read_outputs
from tests.support.product import ROOT
from tests.support.promoting import PROMPT, files


class Desk:
    """A checkout of a release that wants to enter production, which holds the one before."""

    def __init__(self, folder: Path, github: GitHubDouble) -> None:
        self.folder, self.github = folder, github
        self.good = github.seed(files(1, version=2))
        payload = {"schema": 1, "release": "wave-1", "manifest": "agentforce/release.yml", "run": "1"}
        github.deploy("production", self.good, payload=payload)
        self.commit = github.seed(files(2, version=3))
        github.deploy("uat", self.commit, payload={**payload, "release": "wave-2"})
        self.checkout = folder / "checkout"
        git(folder, "clone", "--quiet", "--depth=1", github.git_dir.as_uri(), str(self.checkout))
        git(self.checkout, "remote", "set-url", "origin", github.clone_url)

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "wavegate", *arguments],
            cwd=self.checkout,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "PYTHONPATH": str(ROOT / "src"),
                "GITHUB_OUTPUT": str(self.folder / "output"),
                "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
                **self.github.environment(),
                "GITHUB_SHA": self.commit,
                **environment,
            },
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    def decide(self, outcome: str = "pass") -> None:
        """Have the gate's decision in the checkout."""
        subject = {"commit": self.commit, "environment": "uat"}
        observed = [
            {
                "suite": "readiness",
                "test": test,
                "outcome": outcome,
                "checks": {"outcome": outcome},
                "subject": subject,
            }
            for test in ("case-summary-quality", "pii-redaction-check")
        ]
        (self.checkout / "seen.jsonl").write_text("\n".join(map(json.dumps, observed)))
        code, log = self.run("gate", "production", "--observations", "seen.jsonl")
        assert code in (0, 1), log

    def brief(self, *arguments: str, **environment: str) -> str:
        code, log = self.run("brief", "production", *arguments, **environment)
        assert code == 0, log
        text = (self.checkout / "wavegate-brief.md").read_text()
        return text.replace("\\", "")

    def outputs(self) -> dict[str, str]:
        return read_outputs(self.folder / "output")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with GitHubDouble(tmp_path / "github") as github:
        yield Desk(tmp_path, github)


def test_a_reviewer_sees_verdict_risk_what_is_live_and_the_way_back(desk: Desk) -> None:
    desk.decide()
    shown = desk.brief("--decision", "wavegate-decision.json")
    assert shown.startswith("## ✅ GO: wave-2 is ready for production\n")
    assert "| Risk | 🟡 medium: it changes agents and prompts |" in shown
    assert f"| Live now | wave-1 at [{desk.good[:12]}](<{desk.github.server_url}/" in shown
    assert f"✅ rehearsed: to wave-1 ({desk.good[:12]}): would restore 2 files" in shown
    assert "release <code>&#64;acme/agents</code>" in shown
    assert "-<description>wave 1 %%BRAND%% %%TEAM%%</description>\n+<description>wave 2 " in shown
    outputs = desk.outputs()
    assert (outputs["risk"], outputs["brief"]) == ("medium", "wavegate-brief.md")
    assert outputs["title"] == "✅ GO: wave-2 is ready for production"
    assert shown in (desk.folder / "summary").read_text().replace("\\", "")


def test_a_refusal_is_the_first_thing_to_see(desk: Desk) -> None:
    desk.decide("fail")
    shown = desk.brief("--decision", "wavegate-decision.json")
    assert shown.startswith("## ❌ NO: wave-2 is not ready for production\n")
    assert "- ❌ All tests together: 0 of 2 answers passed (0 %); 95 % required.\n" in shown


def test_what_the_deployment_would_refuse_is_no_decision_here_either(desk: Desk) -> None:
    desk.decide()
    decision = (desk.checkout / "wavegate-decision.json").read_text()
    for change, to, said in (
        (desk.commit, desk.good, "commit"),
        ('"environment": "production"', '"environment": "staging"', "staging"),
        ('"verdict": "pass"', '"verdict": "fail"', "its verdict is fail"),
        ("{", "[", "not a wavegate decision"),
    ):
        (desk.checkout / "edited.json").write_text(decision.replace(change, to))
        shown = desk.brief("--decision", "edited.json")
        assert shown.startswith("## ⚠️ NO DECISION: nothing authorizes promoting wave-2 to production\n")
        assert said in shown.splitlines()[2]
        assert "✅ wave" not in shown
    assert "There is no decision file nowhere.json." in desk.brief("--decision", "nowhere.json")


def test_without_github_nothing_is_said_to_be_live_or_rehearsed(desk: Desk) -> None:
    shown = desk.brief(GITHUB_TOKEN="")
    assert "| Live now | The live release is unknown, so everything counts as new. |" in shown
    assert "| Rollback | not rehearsed" in shown
    assert f"{PROMPT.rpartition('/')[2].partition('.')[0]}**" in shown


def test_a_token_that_may_not_read_pull_requests_costs_only_the_link(desk: Desk) -> None:
    desk.decide()
    desk.github.permit("pull-requests", "none")
    shown = desk.brief("--decision", "wavegate-decision.json")
    assert shown.startswith("## ✅ GO: wave-2 is ready for production\n")
    assert "| Read more | [this run](<" in shown


def test_an_override_counts_only_in_a_run_that_a_person_started(desk: Desk) -> None:
    desk.decide("fail")
    override = ("--decision", "wavegate-decision.json", "--override", "We accept this.")
    assert desk.brief(*override, GITHUB_EVENT_NAME="push").startswith(
        "## ❌ NO: wave-2 is not ready for production\n"
    )
    shown = desk.brief(*override, GITHUB_EVENT_NAME="workflow_dispatch", GITHUB_TRIGGERING_ACTOR="bob")
    assert shown.startswith("## ⚠️ OVERRIDE: wave-2 enters production against the rules\n")
    assert "- ⚠️ Override by <code>bob</code>: We accept this." in shown
