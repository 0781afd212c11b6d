"""Two environments with an org each, one repository, and wavegate in this process: what people do, one act at a time.

Every act is a real command against both doubles. Releases differ in the version of the agent that they make live, so
that no Salesforce CLI has to start.
"""

import contextlib
import io
import os
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from tests.doubles.github import GitHubDouble
from tests.doubles.github.rest.call import RefusedError
from tests.doubles.github.rest.deployments import add_status
from tests.doubles.github.state import Status
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.state import ORG_ID
from tests.support.deploying import release
from tests.support.killed import KilledError, When, killed_at
from tests.support.rollback_world import git

from wavegate.__main__ import main
from wavegate.ledger.deployment import Release
from wavegate.ledger.payload import payload_of
from wavegate.plan.head import read_head

ENVIRONMENTS = ("uat", "production")
AGENT = "Support_Agent"
FIRST = 1
"""The version of the release that is live in both environments at the start."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Kill:
    """Where a command is killed. request: its number, from 1."""

    request: int
    when: When


@dataclass(frozen=True, kw_only=True, slots=True)
class Ran:
    """A command that ended. code: exit code. killed: whether it was killed and run again."""

    code: int
    log: str
    killed: bool = False


def release_files(version: int, *, resume: bool = False, freeze: str = "", note: str = "") -> dict[str, bytes]:
    """The files of a release. version: of the agent. freeze: the manifest's line, or ''. note: changes nothing."""
    files = release(pinned=version, versions=())
    files["agentforce/release.yml"] = (
        f"release: wave-{version}\nagents: [{{name: {AGENT}, version: {version}}}]\n"
        f"{'resume: true' if resume else ''}\n{freeze}\n"
        "environments:\n  - name: uat\n    prompts: [Support_Resolution]\n  - name: production\n"
    )
    files["agentforce/notes.md"] = f"{note}\n"
    return {path: text.encode() for path, text in files.items()}


class ModelWorld:
    """The doubles and a checkout. folder: empty. Close it at the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._doubles = contextlib.ExitStack()
        self.github = self._doubles.enter_context(GitHubDouble(folder / "github"))
        self.orgs = {name: self._doubles.enter_context(SalesforceDouble()) for name in ENVIRONMENTS}
        self.checkout = folder / "checkout"
        self._runs = 0
        for org in self.orgs.values():
            org.records.add_bot(AGENT, versions=6, active=FIRST)
        self.head = self.github.seed(release_files(FIRST), "First")
        git(folder, "clone", "--quiet", f"file://{self.github.git_dir}", str(self.checkout))
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
        self._doubles.close()

    def push(self, files: dict[str, bytes]) -> str:
        """Commit to main, and return the commit."""
        self.head = self.github.seed(files, "Change")
        return self.head

    def merge(self, number: int) -> str:
        """Merge a pull request and return the merge commit; '' if it is merged, or main has changed too much."""
        if self.is_merged(number):
            return ""
        with contextlib.suppress(RefusedError):
            self.head = self.github.merge(number)
            return self.head
        return ""

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
        kill: Kill | None = None,
        named: bool = True,
    ) -> Ran:
        """Run a command as a workflow run does, at a commit or else the head of main.

        kill: where it is killed; then it is run again as the next attempt of the same run. named: whether the
        environment is the command's argument.
        """
        self._runs += 1
        git(self.checkout, "fetch", "--quiet", f"file://{self.github.git_dir}", "+refs/heads/*:refs/remotes/origin/*")
        git(self.checkout, "checkout", "--quiet", "--force", "--detach", commit or self.head)
        if named:
            arguments = (arguments[0], environment, *arguments[1:])
        if kill is None:
            return self._run(environment, arguments, actor=actor, event=event)
        try:
            with killed_at(kill.request, kill.when):
                return self._run(environment, arguments, actor=actor, event=event)
        except KilledError:
            again = self._run(environment, arguments, actor=actor, event=event, attempt=2)
            return Ran(code=again.code, log=again.log, killed=True)

    def _run(
        self,
        environment: str,
        arguments: "list[str] | tuple[str, ...]",
        *,
        actor: str,
        event: str = "push",
        attempt: int = 1,
    ) -> Ran:
        temporary = self.folder / "temp" / str(self._runs)
        temporary.mkdir(parents=True, exist_ok=True)
        values = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            **self.github.environment(),
            **self.orgs[environment].environment(),
            "GITHUB_RUN_ID": str(1000 + self._runs),
            "GITHUB_RUN_ATTEMPT": str(attempt),
            "GITHUB_ACTOR": actor,
            "GITHUB_TRIGGERING_ACTOR": actor,
            "GITHUB_EVENT_NAME": event,
            "GITHUB_SHA": self.head,
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
        return Ran(code=code, log=log.getvalue())
