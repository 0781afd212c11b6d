"""A pilot in production and what its sessions say: both doubles, exported sessions, and wavegate in this process."""

import contextlib
import csv
import io
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.doubles.github import GitHubDouble
from tests.doubles.github.state import Deployment, Status
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.state import ORG_ID
from tests.support.deploying import Done, release
from tests.support.in_process import served_in_process
from tests.support.killed import Kill, killed_at
from tests.support.outputs import read_outputs
from tests.support.rollback_world import git
from tests.support.story_clock import StoryClock

from wavegate.__main__ import main
from wavegate.ledger.acts.act import ACT_TASK, Act, act_payload
from wavegate.ledger.canary_entry import LOOK_TASK, CanaryLook, look_payload, parse_look
from wavegate.ledger.deployment import Pilot, Release
from wavegate.ledger.payload import payload_of

MANIFEST = "agentforce/release.yml"
START = datetime(2026, 9, 1, 0, 0, tzinfo=UTC)
"""When the pilot starts, in the middle of the night so that the day of the switch is easy to see."""
AGENT, COPY = "Support_Agent", "Support_Agent_Pilot"
CONTENT = "c" * 64
DECISION = "wavegate-canary-decision.json"
SUMS = "wavegate-sums.json"
COLUMNS = ("id", "start", "agent", "version", "cohort", "user", "ended", "latency", "severity", "confirmed")

TELEMETRY = """
source: files
files: ["sessions/*.csv"]
tables:
  session:
    columns: {{id: id, start: start, agent: agent, version: version, endType: ended, latency: latency,
      severity: severity, confirmed: confirmed, {column}}}
cohort: {cohort}
endTypes: {{good: [resolved], escalated: [escalated], other: [other]}}
severities: {{critical: [critical], high: [high]}}
confirmed: ["yes"]
lag: {{fast: 6h, slow: 24h}}
"""
BY_COLUMN = "{by: column, values: {vip: [vip], tier2: [tier2]}}"


def telemetry(*, by_user: bool = False) -> str:
    """The telemetry file. by_user: whether cohorts are found by the sessions' users."""
    if by_user:
        return TELEMETRY.format(column="user: user", cohort="{by: user}")
    return TELEMETRY.format(column="cohort: cohort", cohort=BY_COLUMN)


def manifest(
    *,
    canary: str = "",
    environment: str = "",
    more: str = "",
    cohorts: str = "vip: {group: Vip}, tier2: {group: Tier2}",
) -> str:
    """The manifest. canary: further settings; environment: further keys of production; more: of the manifest."""
    steps = "steps: [{cohorts: [vip]}, {cohorts: [tier2]}, {cohorts: all, pause: approval}]"
    return (
        f"release: wave-3\nowners: {{release: '@acme/agents'}}\nagents: [{{name: {AGENT}}}]\n"
        f"cohorts: {{{cohorts}}}\n{more}"
        "environments:\n  - name: uat\n    prompts: [Support_Resolution]\n"
        "  - name: production\n    rollout: canary\n    pilotUsers: [vip]\n"
        f"    canary: {{{steps}{', ' if canary else ''}{canary}}}\n{environment}"
    )


@dataclass(kw_only=True, slots=True)
class Sessions:
    """Exported sessions, deterministic: of every day the first `good` of `n` are resolved, the others not."""

    rows: list[dict[str, str]] = field(default_factory=list)

    def add(
        self,
        day: date,
        n: int,
        *,
        agent: str = AGENT,
        cohort: str = "",
        good: float = 0.86,
        user: str = "",
        severities: Mapping[int, tuple[str, str]] | None = None,
        **changed: str,
    ) -> None:
        """Sessions of a day. severities: severity and confirmation by the session's number. changed: of every row."""
        begin = datetime.combine(day, time(1), UTC)
        for number in range(n):
            is_good = (number + 1) * good // 1 > number * good // 1
            severity, confirmed = (severities or {}).get(number, ("", ""))
            row = {
                "id": f"{day}-{agent}-{cohort or 'others'}-{number}",
                "start": (begin + timedelta(seconds=number * 40_000 // n)).isoformat(),
                "agent": agent,
                "version": "v1",
                "cohort": cohort,
                "user": user,
                "ended": "resolved" if is_good else "escalated" if number % 2 else "other",
                "latency": str(900 + number * 7 % 400),
                "severity": severity,
                "confirmed": confirmed,
            }
            self.rows.append(row | changed)

    def write(self, folder: Path, name: str = "all.csv") -> None:
        """Write them as a file."""
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(COLUMNS)
            writer.writerows(map(itemgetter(*COLUMNS), self.rows))


def days(first: date, count: int) -> Iterator[date]:
    """So many days from one on."""
    return (first + timedelta(days=number) for number in range(count))


def usual_sessions(**values: Any) -> Sessions:
    """A pilot's cohort before and after the start, and everybody else. values: as for `_usual_rows`."""
    return Sessions(rows=[dict(row) for row in _usual_rows(**values)])


@cache
def _usual_rows(
    *, after: int, good: float = 0.86, before: int = 56, per_day: int = 60, cohort: str = "vip", **changed: Any
) -> tuple[dict[str, str], ...]:
    """Made once for a module's tests. after, good: days and quality of the copy."""
    made = Sessions()
    first = START.date()
    for day in days(first - timedelta(days=before), before):
        made.add(day, per_day, cohort=cohort, **changed)
    for day in days(first - timedelta(days=before), before + after + 1):
        made.add(day, 4 * per_day)
    for day in days(first + timedelta(days=1), after):
        made.add(day, per_day, agent=COPY, cohort=cohort, good=good, **changed)
    return tuple(made.rows)


class CanaryWorld:
    """The doubles, a checkout, and a pilot that has started. The clock stands at START; close it at the end."""

    def __init__(self, folder: Path, *, text: str = "", telemetry_text: str | None = None) -> None:
        self.folder = folder
        self.clock = StoryClock(START)
        self._open = contextlib.ExitStack()
        self._open.enter_context(self.clock.shown())
        self.github = GitHubDouble(folder / "github")
        self.org = SalesforceDouble()
        for each in (self.github, self.org):
            self._open.push(each)
        self._open.enter_context(served_in_process((self.github, self.org)))
        self.org.records.add_bot(AGENT, versions=2, active=1)
        self.text = text or manifest()
        self.telemetry_text = telemetry() if telemetry_text is None else telemetry_text
        self.commit = self.github.seed(self._files(), "Release")
        (folder / "exports").mkdir()
        self.checkout = folder / "checkout"
        git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.checkout))
        self.run_number = 100
        self.attempt = 1

    def _files(self) -> dict[str, bytes]:
        files = release(pinned=None)
        files[MANIFEST] = self.text
        if self.telemetry_text:
            files["agentforce/telemetry/production.yml"] = self.telemetry_text
        return {path: text.encode() for path, text in files.items()}

    def close(self) -> None:
        """Stop; fail if a double's contract was broken."""
        self._open.close()

    def change(self, text: str, *, telemetry_text: str | None = None) -> None:
        """Commit another manifest to main and check it out."""
        self.text = text
        self.telemetry_text = self.telemetry_text if telemetry_text is None else telemetry_text
        self.commit = self.github.seed(self._files(), "Change")
        git(self.checkout, "fetch", "--quiet", f"file://{self.github.git_dir}", self.commit)
        git(self.checkout, "reset", "--quiet", "--hard", self.commit)

    def promote(
        self,
        at: datetime,
        *,
        content: str = CONTENT,
        cohorts: Sequence[str] | None = ("vip",),
        copies: bool = True,
        environment: str = "production",
        name: str = "wave-3",
        states: Sequence[str] = ("in_progress", "success"),
    ) -> Deployment:
        """Record a promotion. cohorts: None for everybody."""
        pilot = None
        if cohorts is not None:
            pilot = Pilot(cohorts=tuple(cohorts), step=1, steps=3, copies={AGENT: COPY} if copies else {})
        made = Release(name=name, manifest=MANIFEST, content=content, org=ORG_ID, actor="ada", pilot=pilot)
        self.github.deploy(environment, self.commit, payload=payload_of(made), statuses=(), created_at=at)
        deployment = self.github.deployments[-1]
        for state in states:
            self.status(deployment, state, at)
        return deployment

    def status(self, deployment: Deployment, state: str, at: datetime, text: str = "") -> None:
        """Give a deployment a status."""
        made = Status(
            id=self.github.state.next_id(), state=state, creator="ada", created_at=at, description=text, log_url=""
        )
        deployment.statuses.append(made)

    def start(self, **values: Any) -> None:
        """What everybody has since a hundred days, and the pilot that starts now."""
        self.promote(START - timedelta(days=100), content="b" * 64, cohorts=None, name="wave-2")
        self.promote(START, **values)

    def act(self, act: Act) -> None:
        """Record an act in production."""
        self.github.deploy("production", self.commit, payload=act_payload(act), task=ACT_TASK, statuses=("inactive",))
        self.github.deployments[-1].created_at = act.time

    def record_look(self, look: CanaryLook, at: datetime, *, environment: str = "production") -> None:
        """Record a look as `record-look` does."""
        self.github.deploy(
            environment,
            self.commit,
            payload=look_payload(look),
            task=LOOK_TASK,
            statuses=("inactive",),
            created_at=at,
        )

    def after(self, **length: float) -> None:
        """Move the clock to so long after the start."""
        self.clock.moment = START + timedelta(**length)

    def export(self, sessions: Sessions, name: str = "all.csv") -> None:
        """Write sessions where the telemetry file finds them."""
        sessions.write(self.folder / "exports" / "sessions", name)

    def run(self, *arguments: str, kill: Kill | None = None, skew: timedelta = timedelta(), **extra: str) -> Done:
        """Run a command as a step of a workflow run does. skew: how far the runner's clock is ahead of GitHub's."""
        for name in ("output", "summary"):
            (self.folder / name).write_text("")
        values = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            **self.github.environment(),
            **self.org.environment(),
            "GITHUB_RUN_ID": str(self.run_number),
            "GITHUB_RUN_ATTEMPT": str(self.attempt),
            "GITHUB_SHA": self.commit,
            "RUNNER_TEMP": str(self.folder / "temp"),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
            **extra,
        }
        log, now = io.StringIO(), self.clock.moment
        self.clock.moment = now + skew
        with (
            patch.dict(os.environ, values, clear=True),
            contextlib.chdir(self.checkout),
            contextlib.redirect_stdout(log),
            contextlib.redirect_stderr(log),
            patch("time.sleep", lambda _: None),
            killed_at(kill) if kill else nullcontext(),
        ):
            try:
                code = main(list(arguments))
            finally:
                self.clock.moment = now
        return Done(
            code=code,
            log=log.getvalue(),
            outputs=read_outputs(self.folder / "output"),
            summary=(self.folder / "summary").read_text(),
        )

    def watch(self, *arguments: str, environment: str = "production", **more: Any) -> Done:
        """One look in a workflow run of its own."""
        self.run_number += 1
        return self.look_again(*arguments, environment=environment, **more)

    def look_again(self, *arguments: str, environment: str = "production", **more: Any) -> Done:
        """A look in the same run."""
        folder = str(self.folder / "exports")
        return self.run("watch", environment, "--telemetry-folder", folder, *arguments, **more)

    def record(self, *arguments: str, environment: str = "production", **more: Any) -> Done:
        """Record the last look."""
        return self.run("record-look", environment, "--decision", DECISION, *arguments, **more)

    @property
    def decision(self) -> dict[str, Any]:
        """The last decision."""
        statement = json.loads((self.checkout / DECISION).read_bytes())
        found: dict[str, Any] = statement["predicate"]
        return found

    @property
    def rules(self) -> list[str]:
        """The rules of the last decision."""
        return [each["rule"] for each in self.decision["reasons"]]

    def looks(self, environment: str = "production") -> list[CanaryLook]:
        """The looks that are recorded, oldest first."""
        own = [each for each in self.github.deployments if (each.task, each.environment) == (LOOK_TASK, environment)]
        assert all([status.state for status in each.statuses] == ["inactive"] for each in own)
        parsed = [parse_look(each.payload) for each in own]
        assert None not in parsed
        return [each for each in parsed if each]
