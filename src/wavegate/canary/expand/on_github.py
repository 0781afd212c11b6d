"""An expansion on GitHub: reads the ledger, opens one pull request, and closes those that are outdated."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from wavegate.canary.expand.branch import outdated
from wavegate.canary.expand.decision_check import given_decision
from wavegate.canary.expand.options import ExpandOptions
from wavegate.canary.expand.prepare import drafter_of, prepare_expansion, read_base
from wavegate.canary.expand.pull_request import ISSUE_INTRODUCTION, outdated_comment, proposal
from wavegate.canary.expand.standing import Standing, superseded, waiting_for
from wavegate.canary.expand.values import ExpandResult, Expansion
from wavegate.canary.watch.starts import is_start_known, running_pilot
from wavegate.cli.actions import Run, acting_user
from wavegate.components.release_at_commit import content_at
from wavegate.git.repository import CommitSource, Git
from wavegate.github.branches import read_branch
from wavegate.github.client import GitHub
from wavegate.github.comments import comment_once
from wavegate.github.connect import GitHubAccess
from wavegate.github.managed_section import ManagedSection
from wavegate.github.proposal import Proposer
from wavegate.github.proposed import Branch, Proposal, starts_checks
from wavegate.github.pull_request.declined import declined
from wavegate.github.pulls import close, list_open
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.canary_entry import CanaryLook, looks_of
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import is_of, live_release_of
from wavegate.ledger.pilot import pilot_of
from wavegate.ledger.reader import Page, read_ledger
from wavegate.promotion.expansion.branch import branch_prefix


def expand(options: ExpandOptions, access: GitHubAccess, github: GitHub) -> ExpandResult:
    """Propose the next step of an environment's canary. A rerun resumes where this one stopped.

    access: complete; also used to fetch commits that are missing from the checkout. github: its client.
    """
    git = Git(options.root, credentials=access.credentials(access.run.repository))
    job = _ExpandJob(options=options, run=access.run, github=github, git=git)
    job.read()
    result = ExpandResult(name="closed", environment=options.environment) if options.close_only else job.expand()
    closed = () if options.dry_run else job.close_outdated()
    return replace(result, closed=closed)


@dataclass(kw_only=True)
class _ExpandJob:
    """One run. deployments: of the manifest, newest first. acts: of the environment, newest first."""

    options: ExpandOptions
    run: Run
    github: GitHub
    git: Git

    def read(self) -> None:
        """Read the ledger back to the start of the pilot, and the base branch."""
        options, found, acts, looks = self.options, list[Deployment](), list[Act](), list[CanaryLook]()
        first: Page | None = None
        for page in read_ledger(self.github, self.run.repository, options.environment, base=options.base):
            if first is None:
                first = page
                self.base = read_base(
                    self.git,
                    name=page.base,
                    sha=page.base_sha,
                    manifest=options.manifest,
                    environment=options.environment,
                )
            found += [each for each in page.deployments if is_of(each, self.base.manifest.path)]
            acts += page.acts
            looks += page.looks
            if is_start_known(found, manifest=self.base.manifest.path):
                break
        if first is None:
            raise ValueError("the ledger has no page")
        self.viewer = first.viewer
        self.deployments: Sequence[Deployment] = found
        self.acts: Sequence[Act] = acts
        self.looks: Sequence[CanaryLook] = looks

    @cached_property
    def standing(self) -> Standing:
        """What runs, and what the base branch has."""
        manifest, environment = self.base.manifest, self.base.environment
        pilot = running_pilot(
            self.deployments,
            manifest=manifest.path,
            agents=[each.name for each in manifest.agents],
            cohorts=manifest.cohorts,
        )
        content = content_at(self.options.root, self.base.sha, manifest, environment.name) if pilot else ""
        return Standing(
            pilot=pilot,
            holds=holds_of(self.acts, manifest=manifest.path),
            content=content,
            looks=looks_of(self.looks, manifest=manifest.path, content=pilot.content) if pilot else (),
        )

    def expand(self) -> ExpandResult:
        """Propose the step, or say what has to happen before."""
        options, base = self.options, self.base
        result = ExpandResult(name="waiting", environment=base.environment.name)
        decision = given_decision(options, base.manifest)
        waits = waiting_for(self.standing, base.environment, decision, base=base.name)
        if waits is None and decision and not options.reason:
            waits = superseded(self.standing, decision)
        if waits:
            return replace(result, why=waits.why, fix=waits.fix, name=waits.name)
        pilot = self.standing.pilot
        if pilot is None:
            raise ValueError("nothing waits, but no pilot runs")
        live = live_release_of(self.deployments, manifest=base.manifest.path) if pilot.has_copies else None
        expansion = replace(
            prepare_expansion(base, content=pilot.content, was_live=pilot.has_copies, live=self._source(live)),
            decision=decision,
            override=options.reason,
            actor=acting_user() or self.viewer,
        )
        result = replace(result, expansion=expansion)
        branch = read_branch(self.github, self.run.repository, expansion.branch, base=base.name)
        if refused := declined(self.github, self.run.repository, branch, "this step"):
            return replace(result, name="declined", why=refused, fix="Reopen it to go on, or roll the pilot back.")
        if options.dry_run:
            return replace(result, name="dry-run")
        return self._propose(result, expansion, branch)

    def _propose(self, result: ExpandResult, expansion: Expansion, branch: Branch) -> ExpandResult:
        run, drafter = self.run, drafter_of(self.base, expansion)
        proposer = Proposer(
            github=self.github,
            repository=run.repository,
            server_url=run.server_url,
            introduction=ISSUE_INTRODUCTION,
        )

        def describe(found: Branch) -> Proposal:
            return proposal(expansion, run.url, checks_run=starts_checks(found, self.viewer))

        proposed = proposer.propose(describe, branch, drafter, base=self.base.name)
        return replace(result, name=proposed.outcome, proposed=proposed, kept=drafter.kept)

    def close_outdated(self) -> tuple[int, ...]:
        """Close the open pull requests of pilots that are over and steps that are taken; their numbers."""
        prefix = branch_prefix(self.base.environment.name)
        pulls = list_open(self.github, self.run.repository, prefix)
        pilot, reached = self.standing.pilot, pilot_of(self.base.environment)
        found = outdated(
            pulls,
            prefix=prefix,
            contents=[each.release.content for each in self.deployments if each.release],
            current=pilot.content if pilot and not self.standing.holds.rollback else "",
            reached=reached.step
            if reached
            else len(self.base.environment.canary.steps)
            if self.base.environment.canary
            else 0,
        )
        for each in found:
            section = ManagedSection(key="expand-outdated", text=outdated_comment(each.why))
            comment_once(self.github, self.run.repository, each.pull.number, section)
            close(self.github, self.run.repository, each.pull.number)
        return tuple(each.pull.number for each in found)

    def _source(self, live: Deployment | None) -> CommitSource | None:
        if live is None:
            return None
        self.git.ensure([live.commit])
        return CommitSource(self.git, self.git.tree(live.commit), prefix=self.git.prefix)
