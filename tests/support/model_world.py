"""Two environments with an org each, one repository, and wavegate in this process: what people do, one act at a time.

Every act is a real command against both doubles. Releases differ in the version of the agent that they make live, so
that no Salesforce CLI has to start.
"""

import contextlib
import io
import os
from collections import Counter
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

from tests.doubles.github import GitHubDouble
from tests.doubles.github.git import Repository
from tests.doubles.github.rest.call import RefusedError
from tests.doubles.github.rest.deployments import add_status
from tests.doubles.github.state import Status
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.state import ORG_ID
from tests.support.deploying import release
from tests.support.in_process import served_in_process
from tests.support.killed import Kill, KilledError, killed_at
from tests.support.quick_git import QuickCheckout, QuickRepository
from tests.support.rollback_world import git
from tests.support.story_clock import StoryClock

from wavegate.__main__ import main
from wavegate.ledger.deployment import Release
from wavegate.ledger.payload import payload_of
from wavegate.plan.head import read_head

ENVIRONMENTS = ("uat", "production")
AGENT = "Support_Agent"
BEGIN = datetime(2026, 10, 21, 7, 0, tzinfo=UTC)
"""A Wednesday, a few days before the clocks change in Europe and then in America."""
BETWEEN_RUNS = timedelta(minutes=10)
"""Longer than any run with its further attempts. Runs start at multiples of it; no window starts or ends in one."""
BEFORE_CLICK = timedelta(minutes=1)
"""Before a person does something on GitHub: of what is done in one second, GitHub does not say what came first."""
BEFORE_ATTEMPT = timedelta(seconds=20)
"""Before a killed run's next attempt: the last one is over before anybody clicks."""
FIRST = 1
"""The version of the release that is live in both environments at the start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """A command that ended. code: exit code. number: of the workflow run."""

    code: int
    log: str
    number: int


def release_files(
    version: int, *, resume: bool = False, freezes: Sequence[str] = (), note: str = ""
) -> dict[str, bytes]:
    """The files of a release. version: of the agent. freezes: entries of the manifest. note: changes nothing."""
    files = release(pinned=version, versions=())
    freeze = f"freeze: [{', '.join(freezes)}]" if freezes else ""
    files["agentforce/release.yml"] = (
        f"release: wave-{version}\nagents: [{{name: {AGENT}, version: {version}}}]\n"
        f"{'resume: true' if resume else ''}\n{freeze}\n"
        "environments:\n  - name: uat\n    prompts: [Support_Resolution]\n  - name: production\n"
    )
    files["agentforce/notes.md"] = f"{note}\n"
    return {path: text.encode() for path, text in files.items()}


class ModelWorld:
    """The doubles and a checkout. folder: empty. Close it at the end.

    quick: whether requests and the most frequent questions to git are answered in this process.
    """

    def __init__(self, folder: Path, *, quick: bool = True) -> None:
        self.folder = folder
        self.clock = StoryClock(BEGIN)
        self._open = contextlib.ExitStack()
        self._open.enter_context(self.clock.shown())
        self.github = GitHubDouble(folder / "github", git=QuickRepository if quick else Repository)
        self.orgs = {name: SalesforceDouble() for name in ENVIRONMENTS}
        self.checkout = folder / "checkout"
        repository = self.github.state.git
        self._quick = QuickCheckout(self.checkout, repository) if isinstance(repository, QuickRepository) else None
        doubles = (self.github, *self.orgs.values())
        for each in doubles:
            if quick:
                self._open.push(each)
            else:
                self._open.enter_context(each)
        if self._quick:
            self._open.enter_context(self._quick.serving())
            self._open.enter_context(served_in_process(doubles))
        self._runs: list[str] = []
        """Who started each run."""
        self._attempts = Counter[tuple[int, str]]()
        """How often each run has deployed to each environment."""
        for org in self.orgs.values():
            org.records.add_bot(AGENT, versions=6, active=FIRST)
        self.head = self.github.seed(release_files(FIRST), "First")
        if not quick:
            git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.checkout))
        self._check_out(self.head)
        manifest = (head := read_head(self.checkout)).manifest(None)
        for name in ENVIRONMENTS:
            content = head.content(manifest, name)
            self._record(name, Release(name="wave-1", manifest=manifest.path, content=content, org=ORG_ID))

    def _record(self, environment: str, release: Release) -> None:
        """Record the first release as a deployment would; the Salesforce CLI, which it would need, is slow."""
        state = self.github.state
        self.github.deploy(environment, self.head, payload=payload_of(release), statuses=())
        description = f"live: {AGENT} v{FIRST}"
        status = Status(
            id=state.next_id(), state="success", creator="ada", created_at=state.now(), description=description
        )
        add_status(state, state.deployments[-1], status)

    def close(self) -> None:
        """Stop; fail if a double's contract was broken."""
        self._open.close()

    def _check_out(self, commit: str) -> None:
        if self._quick:
            self._quick.move(commit)
            return
        branches = "+refs/heads/*:refs/remotes/origin/*"
        git(self.checkout, "fetch", "--quiet", f"file://{self.github.git_dir}", branches)
        git(self.checkout, "checkout", "--quiet", "--force", "--detach", commit)

    @property
    def next_run(self) -> datetime:
        """When the next run starts."""
        return BEGIN + ((self.clock.moment - BEGIN) // BETWEEN_RUNS + 1) * BETWEEN_RUNS

    def push(self, files: dict[str, bytes]) -> str:
        """Commit to main, and return the commit."""
        self.head = self.github.seed(files, "Change")
        return self.head

    def merge(self, number: int) -> str:
        """Merge a pull request and return the merge commit; '' if it is merged, or main has changed too much."""
        if self.is_merged(number):
            return ""
        self.clock.advance(BEFORE_CLICK)
        with contextlib.suppress(RefusedError):
            self.head = self.github.merge(number)
            return self.head
        return ""

    def close_pull(self, number: int, *, login: str) -> None:
        """Close a pull request without merging it."""
        self.clock.advance(BEFORE_CLICK)
        self.github.close(number, login=login)

    def reopen(self, number: int) -> bool:
        """Reopen a pull request, if it was closed without merging and its branch still exists."""
        state = self.github.state
        pull = next(each for each in self.github.pulls if each.number == number)
        if pull.state == "open" or pull.merged_at or state.head(pull.head) is None:
            return False
        self.clock.advance(BEFORE_CLICK)
        pull.change_state("open", login=None, now=state.now())
        state.follow(pull.head)
        return True

    def manifest(self, commit: str) -> str:
        """The text of a commit's manifest. commit: SHA, or full name of a branch."""
        found = self.github.state.git.read(f"{commit}:agentforce/release.yml")
        assert found, f"{commit} has no manifest"
        return found[2].decode()

    def is_merged(self, number: int) -> bool:
        """Whether a pull request was merged."""
        return next(each for each in self.github.pulls if each.number == number).merged_at is not None

    def active(self, environment: str) -> int | None:
        """The version of the agent that is active in an environment's org; None for an inactive agent."""
        return self.orgs[environment].records.bots[AGENT].active

    def run(
        self,
        environment: str,
        *arguments: str,
        actor: str,
        commit: str = "",
        event: str = "workflow_dispatch",
        kills: Sequence[Kill] = (),
        named: bool = True,
        again: int = 0,
    ) -> Ran:
        """Run a command as a workflow run does, at a commit or else the head of main.

        kills: where its first attempts are killed; after each, it is run again as the next attempt of the same run.
        named: whether the environment is the command's argument. again: number of the run that does this as well, or
        once more; 0 for a new one. actor: who starts the attempt.
        """
        self._check_out(commit or self.head)
        self.clock.moment = begun = self.next_run
        if named:
            arguments = (arguments[0], environment, *arguments[1:])
        if not again:
            self._runs.append(actor)
        number = again or len(self._runs)
        run = partial(self._run, environment, arguments, actor=actor, commit=commit, event=event, number=number)
        ended, remaining = None, list(kills)
        while ended is None:
            with contextlib.suppress(KilledError), killed_at(remaining.pop(0)) if remaining else nullcontext():
                ended = run()
            self.clock.advance(BEFORE_ATTEMPT)
        self.clock.moment = begun
        return Ran(code=ended[0], log=ended[1], number=number)

    def _run(
        self, environment: str, arguments: tuple[str, ...], *, actor: str, commit: str, event: str, number: int
    ) -> tuple[int, str]:
        """Exit code and log of the next attempt of a run."""
        self._attempts[number, environment] += 1
        attempt = self._attempts[number, environment]
        temporary = self.folder / "temp" / str(number) / environment
        temporary.mkdir(parents=True, exist_ok=True)
        values = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            **self.github.environment(),
            **self.orgs[environment].environment(),
            "GITHUB_RUN_ID": str(1000 + number),
            "GITHUB_RUN_ATTEMPT": str(attempt),
            "GITHUB_ACTOR": self._runs[number - 1],
            "GITHUB_TRIGGERING_ACTOR": actor,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_SHA": commit or self.head,
            # every attempt has a machine of its own
            "RUNNER_TEMP": str(temporary / str(attempt)),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            "GITHUB_STEP_SUMMARY": str(self.folder / "summary"),
        }
        (self.folder / "output").write_text("")
        (self.folder / "summary").write_text("")
        log = io.StringIO()
        with (
            patch.dict(os.environ, values, clear=True),
            contextlib.chdir(self.checkout),
            contextlib.redirect_stdout(log),
            contextlib.redirect_stderr(log),
            patch("time.sleep", lambda _: None),
        ):
            code = main(list(arguments))
        return code, log.getvalue()
