"""A release that is live in an org and in the ledger, and both doubles, for stops and restarts."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from tests.doubles.github import GitHubDouble
from tests.doubles.github.state import Deployment
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.state import ORG_ID
from tests.support.deploying import Desk, release

from wavegate.ledger.acts.act import ACT_TASK, Act, ActKind, ReleaseId, parse_act

CONTENT = "c" * 64
MANIFEST = "agentforce/release.yml"
LAPTOP = ("GITHUB_ACTIONS", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_ACTOR")
"""What a laptop has none of."""


class StopWorld:
    """Version 3 of Support_Agent is live in uat with wave-3. Commands run in the job of a workflow run."""

    def __init__(self, folder: Path) -> None:
        self._doubles = ExitStack()
        self.github = self._doubles.enter_context(GitHubDouble(folder / "github"))
        self.org = self._doubles.enter_context(SalesforceDouble())
        self.org.records.add_bot("Support_Agent", versions=3, active=3)
        self.head = self.github.seed({"README.md": b"x"})
        self.desk = Desk(folder=folder, org=self.org, path=())
        self.desk.write(release(pinned=3))
        self.desk.extra = self.github.environment()

    def close(self) -> None:
        """Stop; fail if a double's contract was broken."""
        self._doubles.close()

    @property
    def live(self) -> int | None:
        """The agent's active version."""
        return self.org.records.bots["Support_Agent"].active

    def on_a_laptop(self, *, token: str | None = None) -> None:
        """From now on, commands run outside Actions. token: '' for none, None for a person's own."""
        found = self.github.environment(self.github.admin_token if token is None else token)
        self.desk.extra = {name: value for name, value in found.items() if name not in LAPTOP}

    def ship(
        self, name: str = "wave-3", *, live: str = "Support_Agent v3", content: str = CONTENT, **more: Any
    ) -> str:
        """Record a release as live in uat, and return its commit. live: what was read back, as a status has it."""
        commit = self.github.seed({"README.md": name.encode()}, name)
        payload = {"schema": 1, "release": name, "manifest": MANIFEST, "content": content, "org": ORG_ID, **more}
        self.github.deploy("uat", commit, payload=payload)
        self.github.deployments[-1].statuses[-1].description = f"live: {live}"
        return commit

    def entries(self) -> list[Deployment]:
        """The acts as GitHub has them, oldest first."""
        return [each for each in self.github.deployments if each.task == ACT_TASK]

    def acts(self) -> list[Act]:
        """The acts, oldest first."""
        found = [parse_act(each.payload, act_id=str(each.id)) for each in self.entries()]
        assert None not in found
        return [each for each in found if each]

    def stops(self) -> list[tuple[ActKind, Mapping[str, int | None]]]:
        """Kind and agents of each act, oldest first."""
        return [(each.kind, each.agents) for each in self.acts()]

    def release_id(self, commit: str, name: str = "wave-3", content: str = CONTENT) -> ReleaseId:
        """A release as an act names it."""
        return ReleaseId(name=name, commit=commit, content=content)
