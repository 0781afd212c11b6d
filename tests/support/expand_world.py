"""A repository on the GitHub double with a canary in production, and a checkout for expanding it."""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tests.doubles.github.git import File
from tests.doubles.github.github import GitHubDouble
from tests.support.forked import Forked
from tests.support.outputs import read_outputs
from tests.support.rollback_world import PROMPTS, git, prompt

from wavegate.canary.decision import CanaryDecision, CohortRow, MetricRow, canary_to_json
from wavegate.canary.values import CanaryVerdict
from wavegate.components.metadata import NAMESPACE
from wavegate.components.release_at_commit import content_at
from wavegate.evidence.resource import Resource
from wavegate.ledger.canary_entry import LOOK_TASK, CanaryLook, LookVerdict, look_payload
from wavegate.release.reading import parse_manifest

MANIFEST = "agentforce/release.yml"
TEXT = """\
# wave 3, step by step
release: agentforce-wave-3
owners: {release: ["@ada", "@acme/agents"], escalations: "@acme/tier2", killSwitch: ["@acme/sre"]}
agents: [{name: Support_Agent, version: 3}]
cohorts:
  service-ops-supervisors: {group: Service_Ops_Supervisors}
  tier2-support: {group: Tier2_Support}
  web-10: {strategy: routing-flow, flow: Route_Support, constant: Pilot_Share, value: 10}
rollback: {prompts: {strategy: manual, runbook: docs/runbook.md}}
environments:
  - name: uat
    prompts: [support-resolution-v5]
  - name: production
    rollout: canary   # until the last step
    pilotUsers:
      - service-ops-supervisors   # two people
    canary:
      steps:
        - {cohorts: [service-ops-supervisors]}
        - {cohorts: [tier2-support, web-10]}
        - {cohorts: all, pause: approval}
"""
FLOW_PATH = "force-app/main/default/flows/Route_Support.flow-meta.xml"
FLOW = f"""<?xml version="1.0" encoding="UTF-8"?>
<Flow xmlns="{NAMESPACE}">
    <constants>
        <name>Pilot_Share</name>
        <dataType>Number</dataType>
        <value>
            <numberValue>0.0</numberValue>
        </value>
    </constants>
    <status>Active</status>
</Flow>
"""
FILES: Mapping[str, File | bytes | None] = {
    "sfdx-project.json": b'{"packageDirectories": [{"path": "force-app", "default": true}]}',
    MANIFEST: TEXT.encode(),
    f"{PROMPTS}/support_resolution_v5.genAiPromptTemplate-meta.xml": prompt("new"),
    FLOW_PATH: FLOW.encode(),
    "README.md": b"one\n",
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class ExpandWorld:
    """The double, a checkout, and a pilot that runs in production. Close it at the end."""

    def __init__(self, folder: Path, *, files: Mapping[str, File | bytes | None] = FILES) -> None:
        self.folder = folder
        self.github = GitHubDouble(folder / "github")
        self.github.__enter__()
        self.live = self.github.seed(
            {**files, f"{PROMPTS}/support_resolution_v5.genAiPromptTemplate-meta.xml": prompt("old")}, "Wave 2"
        )
        self.release(self.live, "agentforce-wave-2", content="a" * 64)
        self.commit = self.github.seed(files, "Wave 3")
        self.checkout = folder / "checkout"
        git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.checkout))
        git(self.checkout, "remote", "set-url", "origin", self.github.clone_url)
        self.content = self.content_of(self.commit)
        self.pilot = self.release(
            self.commit, "agentforce-wave-3", content=self.content, cohorts=["service-ops-supervisors"], step=1
        )

    def content_of(self, commit: str) -> str:
        """The digest of what a commit ships to production."""
        git(self.checkout, "fetch", "--quiet", f"file://{self.github.git_dir}", "main")
        manifest, _ = parse_manifest(
            git(self.checkout, "show", f"{commit}:{MANIFEST}").encode("utf-8", "surrogateescape"), path=MANIFEST
        )
        assert manifest
        return content_at(self.checkout, commit, manifest, "production")

    def release(self, sha: str, name: str, *, content: str, cohorts: list[str] | None = None, step: int = 0) -> int:
        """Record a deployment as wavegate does; one with cohorts is a pilot with copies."""
        payload = {
            "schema": 1,
            "release": name,
            "manifest": MANIFEST,
            "content": content,
            "agents": {"Support_Agent": "v2"},
        }
        if cohorts:
            payload["pilot"] = {
                "cohorts": cohorts,
                "step": step,
                "steps": 3,
                "copies": {"Support_Agent": "Support_Agent_Pilot"},
            }
        return self.github.deploy("production", sha, payload=payload)

    def decision(self, *, verdict: str = "expand", **more: object) -> Path:
        """A decision file of a look. more: fields that differ."""
        values: dict[str, object] = {
            "environment": "production",
            "content": self.content,
            "step": 1,
            "looks": 4,
            "cohorts": (CohortRow(name="service-ops-supervisors", start=NOON, sessions=500, days=6),),
        }
        decision = CanaryDecision(
            verdict=CanaryVerdict(verdict),
            stage="canary",
            release="agentforce-wave-3",
            claim="No loss over 5 points: task success 86.0 % *at any time*, @acme/tier2.",
            reasons=(),
            confidence=0.95,
            proof=20.0,
            evidence=0.1,
            commit=self.commit,
            manifest=Resource(name=MANIFEST, digest={"sha256": "1" * 64}),
            agents={"Support_Agent": "Support_Agent_Pilot"},
            time=NOON,
            telemetry="files",
            metrics=(
                MetricRow(
                    name="taskSuccess",
                    direction="decrease",
                    margin=0.05,
                    observed=0.86,
                    baseline=0.861,
                    difference=-0.001,
                    expand=42.6,
                ),
            ),
            sessions=500,
            days=6,
            steps=3,
            run="https://github.com/acme/support-agents/actions/runs/7/attempts/1",
            **(values | more),  # type: ignore[arg-type]
        )
        path = self.folder / "decision.json"
        path.write_bytes(canary_to_json(decision))
        return path

    def looked(self, number: int, verdict: LookVerdict, *, dry_run: bool = False) -> None:
        """Record a look at the pilot as `record-look` does. number: of the look; a decision of this world is of 4."""
        look = CanaryLook(
            release="agentforce-wave-3",
            manifest=MANIFEST,
            content=self.content,
            verdict=verdict,
            look=number,
            decision=f"{number:064x}",
            time=NOON,
            dry_run=dry_run,
        )
        self.github.deploy(
            "production", self.commit, payload=look_payload(look), task=LOOK_TASK, statuses=("inactive",)
        )

    def close(self, *, check: bool = True) -> None:
        """Stop; fail if the double's contract was broken."""
        self.github.__exit__(None if check else RuntimeError, None if check else RuntimeError(), None)

    def start(self, *arguments: str, decision: Path | None = None, **more: str) -> Forked:
        """Start an expansion as a job's step would. more: additional environment variables."""
        (self.folder / "output").write_text("")
        (self.folder / "summary").write_text("")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **self.github.environment(),
            "GITHUB_EVENT_NAME": "schedule",
            "WAVEGATE_EXPAND_ENVIRONMENT": "production",
            "WAVEGATE_EXPAND_ROOT": str(self.checkout),
            **more,
        }
        if decision:
            environment["WAVEGATE_EXPAND_DECISION"] = str(decision)
            environment["WAVEGATE_EXPAND_DIGEST"] = hashlib.sha256(decision.read_bytes()).hexdigest()
        made = Forked(["expand", *arguments], environment)
        self.github.client = made
        return made

    def run(self, *arguments: str, decision: Path | None = None, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run an expansion and wait for it."""
        process = self.start(*arguments, decision=decision, **more)
        output, _ = process.communicate()
        assert process.returncode is not None
        return subprocess.CompletedProcess(process.args, process.returncode, output, "")

    def expand(self) -> dict[str, str]:
        """Expand by a decision of a look, successfully; the step's outputs."""
        done = self.run(decision=self.decision())
        assert done.returncode == 0, done.stdout
        return self.outputs()

    def outputs(self) -> dict[str, str]:
        """The step outputs of the last run."""
        return read_outputs(self.folder / "output")

    def branches(self) -> list[str]:
        """The branches that wavegate created on the double."""
        return git(self.github.git_dir, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate/").split()

    def file(self, commit: str, path: str = MANIFEST) -> str:
        """A file of a commit."""
        return git(self.github.git_dir, "show", f"{commit}:{path}")

    def differing(self, one: str, other: str) -> set[str]:
        """The paths that differ between two commits, according to git."""
        output = git(self.github.git_dir, "diff", "--no-renames", "--name-only", "-z", one, other)
        return set(output.split("\0")) - {""}
