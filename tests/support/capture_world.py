"""A repository on the GitHub double whose agent failed in production, and recorded conversations."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.doubles.github.git import File
from tests.doubles.github.github import GitHubDouble
from tests.support.forked import Forked
from tests.support.outputs import read_outputs
from tests.support.rollback_world import git

MANIFEST = "agentforce/release.yml"
PACK = "agentforce/packs/production-failures.json"
TEXT = """\
release: agentforce-wave-3
owners: {release: ["@ada"]}
agents: [{name: Support_Agent}]
components:
  actions:
    issue_refund: {metadata: "GenAiFunction:Issue_Refund", impact: high, owner: "@bo"}
review: {owner: "@acme/agents"}
environments:
  - name: uat
    actions: [issue_refund]
  - name: production
"""
FUNCTION = b"""<?xml version="1.0" encoding="UTF-8"?>
<GenAiFunction xmlns="http://soap.sforce.com/2006/04/metadata">
    <developerName>Issue_Refund</developerName>
    <invocationTarget>Refund</invocationTarget>
    <invocationTargetType>flow</invocationTargetType>
    <masterLabel>Issue Refund</masterLabel>
</GenAiFunction>
"""
TOPIC = b"""<?xml version="1.0" encoding="UTF-8"?>
<GenAiPlugin xmlns="http://soap.sforce.com/2006/04/metadata">
    <developerName>Refunds</developerName>
    <genAiFunctions><functionName>Issue_Refund</functionName></genAiFunctions>
    <language>en_US</language>
    <masterLabel>Refunds</masterLabel>
    <pluginType>Topic</pluginType>
</GenAiPlugin>
"""
BOT = b"""<?xml version="1.0" encoding="UTF-8"?>
<Bot xmlns="http://soap.sforce.com/2006/04/metadata">
    <label>Support Agent</label>
    <type>InternalCopilot</type>
</Bot>
"""
FILES: Mapping[str, File | bytes | None] = {
    "sfdx-project.json": b'{"packageDirectories": [{"path": "force-app", "default": true}]}',
    MANIFEST: TEXT.encode(),
    "force-app/main/default/bots/Support_Agent/Support_Agent.bot-meta.xml": BOT,
    "force-app/main/default/genAiFunctions/Issue_Refund/Issue_Refund.genAiFunction-meta.xml": FUNCTION,
    "force-app/main/default/genAiPlugins/Refunds.genAiPlugin-meta.xml": TOPIC,
}


def recorded(*texts: str, session: str = "s-1", actions: list[str] | None = None, topic: str = "Refunds") -> str:
    """One recorded conversation: what the user and the agent say in turn."""
    turns = [{"speaker": ("user", "agent")[index % 2], "text": text} for index, text in enumerate(texts)]
    values: dict[str, Any] = {"test": "recorded", "session": session, "turns": turns, "topic": topic}
    return json.dumps(values if actions is None else {**values, "actions": actions})


REFUND = recorded("Give me my money back", "I refunded 900 euros.", actions=["Issue_Refund"])


class CaptureWorld:
    """The double, a checkout, and a release that is live in production. Close it at the end."""

    def __init__(self, folder: Path, *, files: Mapping[str, File | bytes | None] = FILES) -> None:
        self.folder = folder
        self.github = GitHubDouble(folder / "github")
        self.github.__enter__()
        self.commit = self.github.seed(files, "Wave 3")
        payload = {
            "schema": 1,
            "release": "agentforce-wave-3",
            "manifest": MANIFEST,
            "content": "a" * 64,
            "agents": {"Support_Agent": "v3"},
        }
        self.github.deploy("production", self.commit, payload=payload)
        self.checkout = folder / "checkout"
        git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.checkout))
        git(self.checkout, "remote", "set-url", "origin", self.github.clone_url)

    def close(self) -> None:
        """Stop; fail if the double's contract was broken."""
        self.github.__exit__(None, None, None)

    def run(self, *arguments: str, conversations: str = REFUND, **more: str) -> "subprocess.CompletedProcess[str]":
        """Capture from these conversations, JSON Lines, as a job's step would."""
        path = self.folder / "conversations.jsonl"
        path.write_text(conversations + "\n", encoding="utf-8")
        return self.run_command("capture", *arguments, WAVEGATE_CAPTURE_PATHS=str(path), **more)

    def run_command(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        """Run a command as a job's step would. more: additional environment variables."""
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **self.github.environment(),
            "GITHUB_EVENT_NAME": "workflow_dispatch",
            "WAVEGATE_CAPTURE_ROOT": str(self.checkout),
            **more,
        }
        process = Forked(arguments, environment)
        self.github.client = process
        output, _ = process.communicate()
        assert process.returncode is not None
        return subprocess.CompletedProcess(process.args, process.returncode, output, "")

    def capture(self, *arguments: str, conversations: str = REFUND) -> dict[str, str]:
        """Capture successfully; the step's outputs. Without arguments: a refund that must not be."""
        done = self.run(*(arguments or ("--forbid-action", "Issue_Refund")), conversations=conversations)
        assert done.returncode == 0, done.stdout
        return self.outputs()

    def outputs(self) -> dict[str, str]:
        """The step outputs of the last run."""
        return read_outputs(self.folder / "output")

    def branches(self) -> list[str]:
        """The branches that wavegate created on the double."""
        return git(self.github.git_dir, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate/").split()

    def files(self, commit: str) -> dict[str, str]:
        """The files that a commit adds to the default branch or changes there."""
        names = git(self.github.git_dir, "diff", "--name-only", "-z", f"main...{commit}")
        return {path: git(self.github.git_dir, "show", f"{commit}:{path}") for path in names.split("\0") if path}
