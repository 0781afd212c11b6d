"""A repository whose releases are reviewed: the GitHub double with a long story, a checkout, and a clock."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.github import GitHubDouble
from tests.doubles.github.state import Issue
from tests.doubles.salesforce import SalesforceDouble
from tests.support.deploying import Desk, Done, in_process
from tests.support.git import git
from tests.support.ledger_story import Story, hours, long_story
from tests.support.story_clock import StoryClock

MANIFEST = """release: wave-4
owners: {release: "@acme/agents", escalations: "@acme/tier2", killSwitch: ["@acme/sre"], dashboards: "@acme/data"}
review: {cadence: 7d, owner: "@acme/agents"}
rollback: {credentials: {strategy: manual, runbook: agentforce/runbooks/rotate.md, owner: "@acme/integrations"}}
journeys: {shipment-delay: {owner: "@acme/tier2", tests: [not-written]}}
environments:
  - name: uat
    prompts: [Support_Resolution]
  - name: production
"""
PACK = {
    "suite": "readiness",
    "tests": ["quality", {"name": "refunds", "policies": ["no-data"]}],
    "passCriteria": {"minimumSuccessRate": 0.9},
    "policies": {"no-data": {"pii": ["email"], "mustNotMatch": ["guaranteed refund"]}},
    "waivers": [{"test": "quality", "reason": "a flaky org", "owner": "@acme/qa", "expires": "2026-03-12"}],
}
FILES = {
    "agentforce/release.yml": MANIFEST,
    "agentforce/packs/readiness.json": json.dumps(PACK),
    "agentforce/runbooks/rotate.md": "# Rotate\n",
}


class ReviewWorld:
    """The double, a checkout and a clock. story: what happened; None for an empty ledger."""

    def __init__(
        self,
        folder: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        *,
        story: Callable[[GitHubDouble], Story] | None = long_story,
        files: dict[str, str] | None = None,
    ) -> None:
        self._doubles = ExitStack()
        self.github = self._doubles.enter_context(GitHubDouble(folder / "github"))
        self.github.seed({path: text.encode() for path, text in (files or FILES).items()}, "Release")
        self.story = story(self.github) if story else Story(github=self.github)
        org = self._doubles.enter_context(SalesforceDouble())
        self.desk = Desk(folder=folder, org=org, path=())
        self.desk.extra = self.github.environment()
        git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.desk.checkout))
        git(self.desk.checkout, "remote", "set-url", "origin", self.github.clone_url)
        self.clock = StoryClock(hours(0))
        self._run = in_process(self.desk, monkeypatch, capsys)

    def close(self) -> None:
        """Stop; fail if a double's contract was broken."""
        self._doubles.close()

    def review(self, *arguments: str, at: datetime, environment: str = "production") -> Done:
        """Run the command at a moment."""
        self.clock.moment = at
        with self.clock.shown():
            return self._run("review", environment, "--output", "out/review.md", *arguments)

    def run(self, *arguments: str) -> Done:
        """Run another command."""
        return self._run(*arguments)

    def write(self, name: str, data: Any) -> str:
        """Write a file into the checkout: bytes, text, or values as JSON Lines. Returns its path there."""
        path = self.desk.checkout / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(data, list):
            data = "".join(f"{json.dumps(each)}\n" for each in data)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return name

    @property
    def whole(self) -> str:
        """The file with the whole review."""
        return (self.desk.checkout / "out/review.md").read_text("utf-8")

    @property
    def issues(self) -> list[Issue]:
        """The issues of reviews."""
        return [each for each in self.github.issues if "wavegate-review" in each.labels]
