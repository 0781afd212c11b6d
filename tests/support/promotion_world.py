"""A release that is live in uat and gated for production, both doubles, and wavegate as a process between them."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.doubles.salesforce.state import ORG_ID
from tests.support.deploying import Desk, Done, before_staged_release, release, script_release, staged_release
from tests.support.rollback_world import git

from wavegate.ledger.acts.act import ACT_TASK, Act, ActKind, act_payload

PACK = "agentforce/packs/readiness.json"
UAT_ORG = "00D000000000002AAA"
ENVIRONMENTS = (
    "environments:\n"
    "  - {{name: uat, {names}}}\n"
    "  - {{name: production, gate: {{packs: [readiness], maxEvidenceAge: 72h}}}}\n"
)


def script_files(text: str) -> dict[str, bytes]:
    """The files of a release whose agent is an Agent Script. text: what it says."""
    return _gated(script_release(text), "prompts: [Support_Resolution]")


def files(*, pinned: int = 3, change: str = "") -> dict[str, bytes]:
    """The files of a release. change: a text that changes its prompt and the planner of version 2."""
    found = _gated(release(pinned=pinned), "prompts: [Support_Resolution]")
    if change:
        for path in [path for path in found if "genAiPromptTemplates" in path or "Agent_v2.genAiPlanner" in path]:
            found[path] = found[path].replace(b"</GenAi", f"<masterLabel>{change}</masterLabel></GenAi".encode())
    return found


def _gated(found: dict[str, str], names: str) -> dict[str, bytes]:
    """The files of a release for uat and, with a gate, for production. names: those of uat."""
    manifest = found["agentforce/release.yml"]
    environments = ENVIRONMENTS.format(names=names)
    found["agentforce/release.yml"] = manifest[: manifest.index("environments:")] + environments
    found[PACK] = json.dumps(
        {"suite": "readiness", "tests": ["quality"], "passCriteria": {"minimumSuccessRate": 0.9}}
    )
    return {path: text.encode() for path, text in found.items()}


class PromotionWorld:
    """The doubles, a checkout, and a commit that is live in uat. In production, `before` is live.

    scripts: what the Agent Script of the release before and of this one says; without it, the agent has versions in
    git. staged: whether the release takes two stages, of which the first changes a flow. branch: the default one.
    """

    def __init__(
        self,
        folder: Path,
        *,
        pinned: int = 3,
        scripts: tuple[str, str] | None = None,
        staged: bool = False,
        branch: str = "main",
    ) -> None:
        self.folder = folder
        self._doubles = ExitStack()
        self.github = self._doubles.enter_context(GitHubDouble(folder / "github", branch=branch))
        self.org = self._doubles.enter_context(SalesforceDouble())
        self.org.records.add_bot("Support_Agent", versions=3, active=2)
        before, now = map(script_files, scripts) if scripts else (files(pinned=2), files(pinned=pinned, change="new"))
        if staged:
            before = _gated(before_staged_release(), "actions: [Escalate]")
            now = _gated(staged_release(), "prompts: [Support_Resolution], actions: [Escalate]")
            self.org.deployments.deployed["Flow", "Load_Context"] = "before"
        self.before = self.github.seed(before, "Before")
        self.record("production", self.before, "wave-2")
        self.commit = self.github.seed(now, "Release")
        self.record("uat", self.commit, "wave-3", org=UAT_ORG)
        self.desk = Desk(folder=folder, org=self.org, path=(install(folder / "bin"),))
        self.desk.extra = self.github.environment()
        git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.desk.checkout))
        git(self.desk.checkout, "remote", "set-url", "origin", self.github.clone_url)

    def close(self) -> None:
        """Stop; fail if a double's contract was broken."""
        self._doubles.close()

    def record(
        self,
        environment: str,
        commit: str,
        name: str,
        *,
        statuses: tuple[str, ...] = ("success",),
        org: str = ORG_ID,
        **more: Any,
    ) -> int:
        """Record a deployment as wavegate does. more: of its payload."""
        payload = {"schema": 1, "release": name, "manifest": "agentforce/release.yml", "org": org, **more}
        return self.github.deploy(environment, commit, payload=payload, statuses=statuses)

    def act(self, kind: ActKind, *, environment: str = "production", **more: Any) -> None:
        """Record an act of @eve. more: of the act."""
        given: dict[str, Any] = {"time": self.github.state.now(), "actor": "eve", "reason": "It leaks"} | more
        act = Act(kind=kind, **given)
        self.github.deploy(environment, self.before, payload=act_payload(act), task=ACT_TASK, statuses=("inactive",))
        self.github.deployments[-1].created_at = act.time

    def stop(self, version: int | None = None, *, recorded: bool = True, **more: Any) -> None:
        """Turn the agent off, or activate a version, as the kill switch does. more: of the act."""
        self.org.records.bots["Support_Agent"].activate(version)
        if recorded:
            self.act(ActKind.STOP, agents={"Support_Agent": version}, **more)

    def release(self, changed: Mapping[str, bytes], name: str = "wave-4", *, live_in_uat: bool = True) -> str:
        """Commit another release and check it out. Returns the commit, which is recorded as live in uat."""
        return self.check_out(self.github.seed(changed, name), name, live_in_uat=live_in_uat)

    def check_out(self, commit: str, name: str, *, live_in_uat: bool = True) -> str:
        """Check out a commit of the default branch, and return it. It is recorded as live in uat."""
        self.commit = commit
        git(self.desk.checkout, "fetch", "--quiet", f"file://{self.github.git_dir}", self.commit)
        git(self.desk.checkout, "reset", "--quiet", "--hard", self.commit)
        if live_in_uat:
            self.record("uat", self.commit, name, org=UAT_ORG)
        return self.commit

    @property
    def active(self) -> int | None:
        """The agent's active version in the org."""
        return self.org.records.bots["Support_Agent"].active

    def gate(self, *arguments: str, passed: int = 20, commit: str = "", org: str = UAT_ORG) -> Done:
        """Run the gate on observations from uat. Its decision is `decision.json` in the world's folder."""
        evidence = self.observe(commit=commit, org=org, passed=passed)
        given = ("--observations", evidence, "--commit", commit or self.commit, *arguments)
        return self.desk.run("gate", "production", *given, "--output", str(self.decision))

    def observe(self, *, environment: str = "uat", org: str = UAT_ORG, passed: int = 20, commit: str = "") -> str:
        """Write 20 observations of the release into a file of the checkout, and return its path there."""
        subject = {"commit": commit or self.commit, "environment": environment, "org": org}
        lines = [
            {
                "suite": "readiness",
                "test": "quality",
                "case": str(case),
                "outcome": "pass" if case <= passed else "fail",
                "subject": subject,
                "time": datetime.now(UTC).isoformat(),
            }
            for case in range(1, 21)
        ]
        evidence = self.desk.checkout / "evidence.jsonl"
        evidence.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
        return evidence.name

    @property
    def decision(self) -> Path:
        """The gate's decision."""
        return self.folder / "decision.json"

    def edit(self, **predicate: Any) -> None:
        """Tamper with the decision, and adjust its subject so that the two still agree."""
        statement = json.loads(self.decision.read_text())
        statement["predicate"] |= predicate
        whole = statement["predicate"]
        commit = [{"name": "commit", "digest": {"gitCommit": whole["commit"]}}] if whole["commit"] else []
        statement["subject"] = [whole["manifest"], *whole["packs"], *commit]
        self.decision.write_text(json.dumps(statement))

    def deploy(self, *arguments: str, environment: str = "production") -> Done:
        """Deploy with the gate's decision."""
        return self.desk.run("deploy", environment, "--decision", str(self.decision), *arguments)

    def records(self, environment: str = "production") -> list[tuple[str, list[str]]]:
        """Commit and statuses of each of wavegate's deployments to an environment, oldest first."""
        return [
            (each.sha, [status.state for status in each.statuses])
            for each in self.github.deployments
            if each.environment == environment and each.task == "wavegate"
        ]

    def newest(self) -> Any:
        """The newest deployment of a release."""
        return [each for each in self.github.deployments if each.task == "wavegate"][-1]

    def acts(self, environment: str = "production") -> list[dict[str, Any]]:
        """The payloads of the acts of an environment, oldest first."""
        return [
            each.payload
            for each in self.github.deployments
            if each.environment == environment and each.task == "wavegate:act"
        ]
