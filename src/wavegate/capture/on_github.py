"""A capture on GitHub: reads what is live, and opens one pull request for a set of tests."""

from dataclasses import dataclass

from wavegate.capture.compose import version_number
from wavegate.capture.drafting import capture_drafter
from wavegate.capture.known import captured_before
from wavegate.capture.options import CaptureOptions
from wavegate.capture.prepare import (
    BRANCHES,
    CaptureBase,
    Failed,
    prepare_capture,
    read_capture_base,
    redacted_failures,
)
from wavegate.capture.pull_request import ISSUE_INTRODUCTION, proposal
from wavegate.capture.rerun import with_reruns
from wavegate.capture.values import Capture, CapturedBefore, CaptureResult, LiveVersions
from wavegate.cli.actions import Run
from wavegate.conversations.read import ReadConversations
from wavegate.git.repository import CommitSource, Git
from wavegate.github.branches import read_branch
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.github.proposal import Proposer
from wavegate.github.proposed import Branch, Proposal, starts_checks
from wavegate.github.pull_request.declined import declined
from wavegate.github.pulls import list_open
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import is_of, live_release_of, pilot_release_of
from wavegate.ledger.reader import Page, read_ledger
from wavegate.release.reading import committed_manifest
from wavegate.smoke.policies import Search


def capture_on_github(
    options: CaptureOptions, read: ReadConversations, search: Search, access: GitHubAccess, github: GitHub
) -> CaptureResult:
    """Propose the tests of the failures. A rerun resumes where this one stopped.

    access: complete; also used to fetch commits that are missing from the checkout. github: its client.
    """
    git = Git(options.root, credentials=access.credentials(access.run.repository))
    job = _CaptureJob(options=options, run=access.run, github=github, git=git, search=search)
    return job.capture(read)


@dataclass(kw_only=True)
class _CaptureJob:
    options: CaptureOptions
    run: Run
    github: GitHub
    git: Git
    search: Search

    def capture(self, read: ReadConversations) -> CaptureResult:
        """Propose the tests that neither the base branch nor an open pull request has."""
        base, page, live = self._read_base()
        failed = redacted_failures(self.options, base, read, self.search)
        capture = prepare_capture(self.options, base, failed, self.search, live=live)
        if not capture.tests:
            return CaptureResult(name=capture.without_tests, capture=capture)
        branch = read_branch(self.github, self.run.repository, capture.branch, base=page.base)
        if branch.head is None:
            pending = self._pending(page)
            capture, others = self._without(pending, base, failed, live, capture)
            if not capture.tests:
                return CaptureResult(name=capture.without_tests, capture=capture, known_in=others)
            if capture.branch != branch.name:
                branch = read_branch(self.github, self.run.repository, capture.branch, base=page.base)
        if refused := declined(self.github, self.run.repository, branch, "these tests"):
            return CaptureResult(name="declined", capture=capture, why=f"{refused} Reopen it to go on.")
        if self.options.dry_run:
            return CaptureResult(name="dry-run", capture=capture)
        return self._propose(with_reruns(capture, self.options, self.search), branch, page)

    def _read_base(self) -> tuple[CaptureBase, Page, LiveVersions | None]:
        """The base branch, and what is live according to the ledger."""
        environment = self.options.environment or self._last_environment()
        base, page, live = self._read_ledger(environment)
        if base.environment.name != environment:
            # the base branch has another last environment than the checkout
            base, page, live = self._read_ledger(base.environment.name)
        return base, page, live

    def _read_ledger(self, environment: str) -> tuple[CaptureBase, Page, LiveVersions | None]:
        found: list[Deployment] = []
        first: tuple[CaptureBase, Page] | None = None
        for page in read_ledger(self.github, self.run.repository, environment, base=self.options.base):
            first = first or (self._base_at(page.base_sha), page)
            found += [each for each in page.deployments if is_of(each, first[0].manifest.path)]
            if live_release_of(found):
                break
        if first is None:
            raise ValueError("the ledger has no page")
        return *first, live_release(found)

    def _last_environment(self) -> str:
        """The last environment of the checked-out manifest."""
        sha = self.git.resolve("HEAD")
        source = CommitSource(self.git, self.git.tree(sha), prefix=self.git.prefix)
        return committed_manifest(source, self.options.manifest).environments[-1].name

    def _base_at(self, sha: str) -> CaptureBase:
        self.git.ensure([sha])
        source = CommitSource(self.git, self.git.tree(sha), prefix=self.git.prefix)
        return read_capture_base(source, self.options)

    def _pending(self, page: Page) -> dict[int, tuple[CapturedBefore, ...]]:
        """The captured tests of open pull requests, by their numbers."""
        found = {}
        for pull in list_open(self.github, self.run.repository, BRANCHES):
            head = read_branch(self.github, self.run.repository, pull.branch, base=page.base).head
            if head:
                self.git.ensure([head])
                source = CommitSource(self.git, self.git.tree(head), prefix=self.git.prefix)
                found[pull.number] = captured_before(source, where=f" in #{pull.number}")
        return found

    def _without(
        self,
        pending: dict[int, tuple[CapturedBefore, ...]],
        base: CaptureBase,
        failed: Failed,
        live: LiveVersions | None,
        capture: Capture,
    ) -> tuple[Capture, int]:
        """The capture without what open pull requests have, and the number of the first of these."""
        if not pending:
            return capture, 0
        others = [each for found in pending.values() for each in found]
        capture = prepare_capture(self.options, base, failed, self.search, live=live, pending=others)
        places = " ".join(f"{each} " for each in capture.known)
        return capture, next((number for number in pending if f" in #{number} " in places), 0)

    def _propose(self, capture: Capture, branch: Branch, page: Page) -> CaptureResult:
        run, drafter = self.run, capture_drafter(self.git, self.git.tree(page.base_sha), page.base_sha, capture)
        proposer = Proposer(
            github=self.github,
            repository=run.repository,
            server_url=run.server_url,
            introduction=ISSUE_INTRODUCTION,
        )

        def describe(found: Branch) -> Proposal:
            return proposal(capture, run.url, base=page.base, checks_run=starts_checks(found, page.viewer))

        proposed = proposer.propose(describe, branch, drafter, base=page.base)
        return CaptureResult(name=proposed.outcome, capture=capture, proposed=proposed, kept=drafter.kept)


def live_release(deployments: list[Deployment]) -> LiveVersions | None:
    """What everybody has, and what a pilot's cohorts have. deployments: of the manifest, newest first."""
    live = live_release_of(deployments)
    if live is None:
        return None
    pilot = pilot_release_of(deployments)
    return LiveVersions(
        name=live.title,
        since=live.live_since,
        versions=_versions(live),
        pilot=_versions(pilot) if pilot else {},
    )


def _versions(deployment: Deployment) -> dict[str, int]:
    read_back = {name: version for name, version in deployment.live.items() if version is not None}
    named = {name: number for name, text in deployment.agents.items() if (number := version_number(text)) is not None}
    return named | read_back
