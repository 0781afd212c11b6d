"""The scheduled canary workflow, under `act`: step by step to everybody, back on a violation, and on hold."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from tests.doubles.github import GitHubDouble
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.state import ORG_ID
from tests.support.act import Act, ActRun, leaked
from tests.support.canary_world import AGENT, COPY, MANIFEST, Sessions, days, manifest, telemetry
from tests.support.consumer import NAME, template
from tests.support.deploying import release
from tests.support.git import git

from wavegate.components.release_at_commit import content_at, read_release_at
from wavegate.git.repository import Git
from wavegate.ledger.acts.act import ACT_TASK
from wavegate.ledger.canary_entry import LOOK_TASK
from wavegate.ledger.deployment import Pilot, Release
from wavegate.ledger.payload import payload_of
from wavegate.release.reference import ReleaseRef

WORKFLOW = ".github/workflows/wavegate-canary.yml"
METRICS = (
    "interval: 1h, progressDeadline: {deadline}, metrics: [{{name: taskSuccess, direction: decrease, margin: 0.1}}]"
)
PER_DAY = 60


class CanaryStage:
    """A repository, its org, exported sessions, and a pilot that began nine days ago. Close it at the end."""

    def __init__(self, folder: Path, act: Act, *, deadline: str = "14d") -> None:
        self.folder, self.act = folder, act
        self.github = GitHubDouble(folder / "github", NAME)
        self.org = SalesforceDouble()
        for each in (self.github, self.org):
            each.__enter__()
        self.org.records.add_bot(AGENT, versions=2, active=2)
        self.org.records.add_bot(COPY, versions=3, active=3)
        self.start = datetime.combine(datetime.now(UTC).date() - timedelta(days=9), time(), UTC)
        text = manifest(canary=METRICS.format(deadline=deadline), more="rollback: {prompts: {strategy: restore}}\n")
        caller = template("wavegate-canary").replace(
            "      reason: ${{ inputs.reason }}\n",
            f"      reason: ${{{{ inputs.reason }}}}\n      telemetry-folder: {folder / 'exports'}\n",
        )
        files = {
            **release(pinned=None),
            MANIFEST: text,
            "agentforce/telemetry/production.yml": telemetry(),
            WORKFLOW: caller,
        }
        live = {**files, MANIFEST: text.replace("wave-3", "wave-2")}
        prompt = next(path for path in files if "genAiPromptTemplates" in path)
        live[prompt] = files[prompt].replace("</GenAi", "<description>earlier</description></GenAi")
        self.live = self.github.seed({path: each.encode() for path, each in live.items()}, "Wave 2")
        self.promoted(self.live, "wave-2", at=self.start - timedelta(days=90), agents=f"{AGENT} v2")
        self.commit = self.github.seed({path: each.encode() for path, each in files.items()}, "Wave 3")
        self.promoted(self.commit, "wave-3", at=self.start, cohorts=("vip",), step=1, agents=f"{COPY} v3")
        self.runs = 0

    def promoted(
        self, commit: str, name: str, *, at: datetime, cohorts: Sequence[str] = (), step: int = 0, agents: str
    ) -> None:
        """Record a promotion; one with cohorts is a pilot with copies."""
        repository = Git(self.github.git_dir)
        shipped = read_release_at(repository, ReleaseRef(commit=commit, name=name), MANIFEST, "production").manifest
        made = Release(
            name=name,
            manifest=MANIFEST,
            org=ORG_ID,
            actor="ada",
            content=content_at(self.github.git_dir, commit, shipped, "production"),
            pilot=Pilot(cohorts=tuple(cohorts), step=step, steps=3, copies={AGENT: COPY}) if cohorts else None,
        )
        self.github.deploy("production", commit, payload=payload_of(made), created_at=at)
        self.github.deployments[-1].statuses[-1].description = f"live: {agents}"

    def export(self, *, violation: bool = False, per_day: int = PER_DAY, joined: int = 0) -> None:
        """Write the sessions up to now. joined: days since the second cohort has the copy, too."""
        made, first = Sessions(), self.start.date()
        today = (datetime.now(UTC).date() - first).days
        for day in days(first - timedelta(days=56), 56 + today + 1):
            after = (day - first).days
            made.add(day, 4 * per_day)
            for cohort, since in (("vip", 1), ("tier2", today - joined if joined else today + 2)):
                has_copy = after >= since
                is_bad = violation and has_copy and after == today - 1
                severities = {3: ("critical", "yes")} if is_bad else None
                made.add(day, per_day, agent=COPY if has_copy else AGENT, cohort=cohort, severities=severities)
        now = datetime.now(UTC).isoformat()
        made.rows = [each for each in made.rows if each["start"] < now]
        made.write(self.folder / "exports" / "sessions")

    def look(self, *, event: str = "workflow_dispatch", attempt: int = 1, again: bool = False) -> ActRun:
        """Run the workflow on main's head commit. again: as another attempt, or a repetition, of the last run."""
        self.runs += 0 if again else 1
        checkout = self.folder / f"checkout-{self.runs}-{attempt}-{event}"
        if not checkout.exists():
            git(self.folder, "clone", "--quiet", "--depth=1", self.github.git_dir.as_uri(), str(checkout))
            git(checkout, "remote", "set-url", "origin", self.github.clone_url)
        return self.act.run(
            checkout,
            Path(WORKFLOW).name,
            event,
            payload={"inputs": {"environment": "production", "reason": ""}} if event != "schedule" else {},
            environment={
                "GITHUB_API_URL": self.github.api_url,
                "GITHUB_GRAPHQL_URL": self.github.graphql_url,
                "GITHUB_SERVER_URL": self.github.server_url,
                "GITHUB_REPOSITORY": NAME,
                "GITHUB_RUN_ID": str(4710 + self.runs),
                "GITHUB_RUN_ATTEMPT": str(attempt),
                "STAND_IN_ARTIFACTS": str(self.folder / f"artifacts-{self.runs}"),
                "STAND_IN_CACHES": str(self.folder / f"caches-{self.runs}"),
            },
            secrets={"GITHUB_TOKEN": self.github.token},
            environment_secrets={"production": {"SF_ACCESS_TOKEN": self.org.token}},
            variables={"production_SF_ORG_INSTANCE_URL": self.org.url},
        )

    def close(self, *, check: bool = True) -> None:
        """Stop; fail if the contract of a double was broken."""
        failed = None if check else RuntimeError
        for each in (self.github, self.org):
            each.__exit__(failed, failed and failed(), None)

    def leaked(self, run: ActRun) -> list[str]:
        """The tokens that a run leaked into its log, its files or GitHub."""
        tokens = {self.github.token, self.org.token}
        return leaked(tokens, run, self.folder, self.github.deployments, self.github.pulls, self.github.issues)

    def looks(self) -> list[str]:
        """The verdicts of the recorded looks, oldest first."""
        return [each.payload["verdict"] for each in self.github.deployments if each.task == LOOK_TASK]

    def active(self) -> tuple[int | None, int | None]:
        """The active versions of the live agent and of its copy."""
        return self.org.records.bots[AGENT].active, self.org.records.bots[COPY].active

    def manifest_of(self, commit: str) -> str:
        """The manifest of a commit."""
        return git(self.github.git_dir, "show", f"{commit}:{MANIFEST}").decode()


@pytest.fixture
def staged(tmp_path: Path, act: Act, request: pytest.FixtureRequest) -> Iterator[CanaryStage]:
    stage = CanaryStage(tmp_path, act, **getattr(request, "param", {}))
    yield stage
    stage.close()


def test_a_canary_goes_step_by_step_to_everybody_and_running_again_changes_nothing(staged: CanaryStage) -> None:
    staged.export()
    run = staged.look()
    assert run.exit_code == 0, run.log
    assert staged.looks() == ["expand"]
    (pull,) = staged.github.pulls
    assert staged.manifest_of(pull.head) == staged.manifest_of("main").replace("[vip]\n", "[vip, tier2]\n")
    assert "rollback" not in {job for job, result in run.jobs.items() if result == "success"}
    assert staged.leaked(run) == []
    before = (len(staged.github.deployments), pull.body, pull.head_sha)
    again = staged.look(attempt=2, again=True)
    assert again.exit_code == 0, again.log
    skipped = staged.look(event="schedule")
    assert skipped.exit_code == 0, skipped.log
    # the second attempt is a look of its own, the scheduled one came before the interval was over
    assert staged.looks() == ["expand", "expand"]
    assert (len(staged.github.pulls), pull.head_sha) == (1, before[2])

    staged.promoted(
        staged.github.merge(pull.number),
        "wave-3",
        at=staged.start + timedelta(days=4),
        cohorts=("vip", "tier2"),
        step=2,
        agents=f"{COPY} v3",
    )
    staged.export(joined=4)
    run = staged.look()
    assert run.exit_code == 0, run.log
    (_, last) = staged.github.pulls
    assert staged.manifest_of(last.head) == staged.manifest_of("main").replace(
        "rollout: canary", "rollout: all-at-once"
    )
    assert "waits for a person" in (last.body or "")
    staged.promoted(staged.github.merge(last.number), "wave-3", at=datetime.now(UTC), agents=f"{AGENT} v3")
    run = staged.look()
    assert run.exit_code == 0, run.log
    assert [each.state for each in staged.github.pulls] == ["closed", "closed"]
    assert (len(staged.looks()), staged.github.issues) == (3, [])
    assert staged.active() == (2, 3)


def test_a_confirmed_critical_violation_is_rolled_back_at_the_first_look_and_the_copy_is_stopped(
    staged: CanaryStage,
) -> None:
    staged.export(violation=True)
    for attempt in (1, 2):
        run = staged.look(attempt=attempt, again=attempt > 1)
        assert staged.leaked(run) == []
        # the copy alone: the live agent was never touched
        assert staged.active() == (2, None), run.log
        (pull,) = staged.github.pulls
        assert pull.title.startswith("Roll back production to wave-2")
        assert staged.manifest_of(pull.head) == staged.manifest_of(staged.live)
        kinds = [each.payload["kind"] for each in staged.github.deployments if each.task == ACT_TASK]
        assert sorted(kinds) == ["rollback", "stop"]
        assert set(staged.looks()) == {"rollback"}
    assert staged.github.issues == []


@pytest.mark.parametrize("staged", [{"deadline": "2h"}], indirect=True)
def test_a_canary_past_its_deadline_is_held_and_asks_for_a_person_once(staged: CanaryStage) -> None:
    staged.export(per_day=4)
    for number in (1, 2):
        run = staged.look()
        assert run.exit_code == 0, run.log
        assert staged.looks() == ["hold"] * number
        (issue,) = staged.github.issues
        assert "past its deadline" in issue.title
    assert staged.github.pulls == []
    assert staged.active() == (2, 3)
