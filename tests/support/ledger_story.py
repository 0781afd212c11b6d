"""A long story in a ledger on the GitHub double: entries as wavegate writes them, at moments that a test chooses."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
from tests.doubles.github.github import SEED_IDENTITY, GitHubDouble
from tests.doubles.github.state import Deployment, Status
from tests.support.places import ROOT

from wavegate.ledger.acts.act import ACT_TASK, Act, ActKind, ReleaseId, act_payload
from wavegate.ledger.deployment import Override, Release
from wavegate.ledger.gate_entry import GateEntry, GateVerdict, Stage, digest_of, gate_payload, gate_task
from wavegate.ledger.payload import payload_of

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Monday, 2026-03-02 09:00 UTC."""
MANIFEST = "agentforce/release.yml"


def check_status(shown: Any) -> None:
    """Check the output of `status` against its schema."""
    _check(shown, "status")


def check_history(shown: Any) -> None:
    """Check the output of `status --history` against its schema."""
    _check(shown, "history")


def _check(shown: Any, name: str) -> None:
    schema = json.loads((ROOT / f"schemas/{name}.schema.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(shown)


def hours(number: float) -> datetime:
    """The moment so many hours after the start."""
    return START + timedelta(hours=number)


def content(letter: str) -> str:
    """The content digest that a letter stands for."""
    return letter * 64


@dataclass(kw_only=True, slots=True)
class Story:
    """Writes the ledger of a double. commits: by release name."""

    github: GitHubDouble
    commits: dict[str, str] = field(default_factory=dict)

    def commit(self, name: str, at: datetime) -> str:
        """A commit of that moment, for a release."""
        git, branch = self.github.state.git, f"refs/heads/{self.github.state.branch}"
        parent = git.commit(branch)
        assert parent
        dates = {"GIT_AUTHOR_DATE": at.isoformat(), "GIT_COMMITTER_DATE": at.isoformat()}
        made = git.write_commit(parent.tree, [parent.sha], name, SEED_IDENTITY | dates)
        git.set_ref(branch, made)
        self.commits[name] = made
        return made

    def promote(
        self,
        environment: str,
        name: str,
        at: datetime,
        *,
        letter: str,
        statuses: Mapping[str, float] | None = None,
        live: str = "live: Support_Agent v3",
        **more: Any,
    ) -> Deployment:
        """A promotion. letter: of its content. statuses: state by minutes after it began; live: text of a success."""
        commit = self.commits.get(name) or self.commit(name, at)
        release = Release(
            name=name,
            manifest=MANIFEST,
            content=content(letter),
            evidence="e" * 64,
            run=self.run(1),
            actor="ada",
        )
        made = self._add(environment, commit, "wavegate", payload_of(replace(release, **more)), at)
        for state, minutes in ({"in_progress": 0, "success": 5} if statuses is None else statuses).items():
            text = live if state == "success" else "Deploying" if state == "in_progress" else "The org rejected it"
            self.status(made, state, at + timedelta(minutes=minutes), text)
        return made

    def status(self, deployment: Deployment, state: str, at: datetime, text: str = "", page: str = "") -> None:
        """Give a deployment a status."""
        made = Status(
            id=self.github.state.next_id(),
            state=state,
            creator=deployment.creator,
            created_at=at,
            description=text,
            log_url=page,
        )
        deployment.statuses.append(made)

    def act(
        self, environment: str, kind: ActKind, at: datetime, *, said: datetime | None = None, **values: Any
    ) -> Act:
        """An act. said: the time that it names, if not the one at which it is recorded."""
        act = Act(kind=kind, time=said or at, **{"actor": "bo", "reason": "it is so", "manifest": MANIFEST, **values})
        commit = act.release.commit if act.release else next(iter(self.commits.values()))
        made = self._add(environment, commit, ACT_TASK, act_payload(act), at)
        self.status(made, "inactive", at)
        return act

    def decide(
        self,
        environment: str,
        stage: Stage,
        verdict: GateVerdict,
        at: datetime,
        *,
        name: str,
        letter: str,
        attempt: int = 1,
    ) -> None:
        """A decision of a gate, or of a verification."""
        entry = GateEntry(
            stage=stage,
            release=name,
            content=content(letter),
            question="1" * 64,
            verdict=verdict,
            attempt=attempt,
            decision="d" * 64,
            time=at,
            run=self.run(2),
            actor="chi",
            evidence_digest=digest_of(()),
        )
        task = gate_task(stage, entry.content)
        made = self._add(environment, self.commits[name], task, gate_payload(entry), at)
        self.status(made, "inactive", at)

    def release(self, name: str, letter: str) -> ReleaseId:
        """A release as an act names it."""
        return ReleaseId(name=name, commit=self.commits[name], content=content(letter))

    def run(self, number: int) -> str:
        """URL of a workflow run."""
        return f"{self.github.url}/{self.github.repository}/actions/runs/{number}"

    def pull(self, number: int) -> str:
        """URL of a pull request."""
        return f"{self.github.url}/{self.github.repository}/pull/{number}"

    def _add(self, environment: str, commit: str, task: str, payload: object, at: datetime) -> Deployment:
        self.github.deploy(environment, commit, task=task, payload=payload, statuses=(), created_at=at)
        return self.github.deployments[-1]


def long_story(github: GitHubDouble) -> Story:
    """Six weeks of production: a good release, one that was stopped, rolled back and fixed, and a second failure.

    hour 0 wave-1 live (committed an hour before). 24 wave-2 (4 hours), after two decisions, with an override. 30 its
    verification fails; 31 stopped; 32 rollback opened; 40 the rollback is live, 40.1 done, 40.2 restarted. 100 wave-3
    (2 hours), 200 wave-4 rejected by the org, 210 live (20 hours), 300 locked, 301 unlocked, 400 its agent is found
    inactive.
    """
    story = Story(github=github)
    for name, at in (("wave-1", -1), ("wave-2", 20), ("wave-3", 98), ("wave-4", 190)):
        story.commit(name, hours(at))
    story.promote("production", "wave-1", hours(0), letter="a", live="live: Support_Agent v1")
    story.decide("production", "gate", "inconclusive", hours(22), name="wave-2", letter="b")
    story.decide("production", "gate", "fail", hours(23), name="wave-2", letter="b", attempt=2)
    override = Override(reason="the fix cannot wait", actor="ada", rules=("evidence/not-a-pass",))
    wave_2 = story.promote("production", "wave-2", hours(24), letter="b", override=override)
    bad, good = story.release("wave-2", "b"), story.release("wave-1", "a")
    story.decide("production", "verify", "fail", hours(30), name="wave-2", letter="b")
    story.act("production", ActKind.STOP, hours(31), agents={"Support_Agent": None}, release=bad, run=story.run(9))
    pull: dict[str, Any] = {"page": story.pull(7), "number": 7, "incident": "INC-1"}
    story.act("production", ActKind.ROLLBACK, hours(32), release=bad, target=good, **pull)
    story.status(wave_2, "failure", hours(32), "Rolled back by pull request #7", story.pull(7))
    story.commit("wave-1-again", hours(39))
    story.promote("production", "wave-1-again", hours(40), letter="a", live="live: Support_Agent v1")
    story.act("production", ActKind.ROLLBACK_DONE, hours(40.1), release=bad, target=good, actor="")
    story.act("production", ActKind.RESTART, hours(40.2), agents={"support_agent": 1}, reason="rollback promoted")
    story.promote("production", "wave-3", hours(100), letter="c")
    story.promote("production", "wave-4", hours(200), letter="d", statuses={"in_progress": 0, "failure": 3})
    story.promote("production", "wave-4", hours(210), letter="d")
    story.act("production", ActKind.LOCK, hours(300), reason="quarter end", actor="chi")
    story.act("production", ActKind.UNLOCK, hours(301), reason="quarter is over", actor="chi")
    found: dict[str, Any] = {"actor": "", "reason": "found inactive in the org", "said": hours(399)}
    story.act(
        "production",
        ActKind.STOP,
        hours(400),
        agents={"Support_Agent": None},
        release=story.release("wave-4", "d"),
        **found,
    )
    return story
