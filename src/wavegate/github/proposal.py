"""Proposing a change: one branch and one pull request, however often and by however many runs at once.

Creating the ref claims the branch. A run that finds it taken reads it and continues from there; no push is forced.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.github.branches import create_branch, move_branch, read_branch, write_commit
from wavegate.github.client import GitHub
from wavegate.github.proposed import Branch, Draft, Proposal, ProposalOutcome, Proposed, Pull
from wavegate.github.pulls import (
    NothingToMerge,
    compare_link,
    open_issue,
    open_pull,
    request_reviews,
    update_pull,
)
from wavegate.text import one_line

ATTEMPTS = 4
"""Maximum attempts to write a branch that others keep moving."""


class Drafter(Protocol):
    """Decides what to commit to a branch as it is now."""

    def __call__(self, branch: Branch, *, renew: bool = False) -> Draft | None:
        """None: the branch needs no commit. renew: commit on top of the base branch in any case."""
        ...


@dataclass(frozen=True, kw_only=True)
class Proposer:
    """Makes proposals in one repository. introduction: of the issue that is opened in place of a pull request."""

    github: GitHub
    repository: str
    server_url: str
    introduction: str

    def propose(
        self, describe: Callable[[Branch], Proposal], branch: Branch, draft: Drafter, *, base: str
    ) -> Proposed:
        """Create or update the branch and its pull request to base.

        branch: as just read, or one without a head if it is not expected to exist; then it is read once it does.
        describe: the proposal for the branch as it was found.
        """
        branch, pushed = self._push(branch, draft, base=base, renew=False)
        proposal = describe(branch)
        try:
            pull, new = self._open(branch, proposal)
        except NothingToMerge:
            branch, pushed = self._push(branch, draft, base=base, renew=True)
            pull, new = self._open(branch, proposal)
        except RefusedError as error:
            if error.status != 403:
                raise
            return self._ask_a_person(proposal, error, pushed=pushed)
        return self._finish(pull, proposal, new=new, pushed=pushed)

    def _push(self, branch: Branch, draft: Drafter, *, base: str, renew: bool) -> tuple[Branch, bool]:
        for _ in range(ATTEMPTS):
            made = draft(branch, renew=renew)
            if made is None:
                return branch, False
            commit = write_commit(self.github, self.repository, made)
            write = move_branch if branch.head else create_branch
            if write(self.github, self.repository, branch.name, commit):
                return replace(branch, head=commit), True
            branch = read_branch(self.github, self.repository, branch.name, base=base)
        raise ServiceError(
            f"Branch {one_line(branch.name, 200)} was changed by others {ATTEMPTS} times in a row.",
            fix="Run the command again.",
        )

    def _open(self, branch: Branch, proposal: Proposal) -> tuple[Pull, bool]:
        return (branch.pull, False) if branch.pull else open_pull(self.github, self.repository, proposal)

    def _finish(self, pull: Pull, proposal: Proposal, *, new: bool, pushed: bool) -> Proposed:
        stale = not new and proposal.body.start in pull.body and not proposal.body.is_in(pull.body)
        if stale:
            update_pull(self.github, self.repository, pull, proposal)
        notes: tuple[str, ...] = ()
        if proposal.reviewers and not pull.reviewed:
            refused = request_reviews(self.github, self.repository, pull, proposal.reviewers)
            notes = (refused,) if refused else ()
        outcome = (
            ProposalOutcome.OPENED
            if new
            else ProposalOutcome.UPDATED
            if pushed or stale
            else ProposalOutcome.UNCHANGED
        )
        return Proposed(outcome=outcome, number=pull.number, url=pull.url, notes=notes)

    def _ask_a_person(self, proposal: Proposal, error: RefusedError, *, pushed: bool) -> Proposed:
        link = compare_link(proposal, server_url=self.server_url, repository=self.repository)
        introduction = self.introduction.replace("{link}", link)
        try:
            number, url, new = open_issue(self.github, self.repository, proposal, introduction=introduction)
        except RefusedError as refused:
            raise InputError(
                f"Branch {proposal.branch} is pushed, but neither a pull request nor an issue may be opened for it:"
                f" {error.message} {refused.message}",
                fix=f"Open the pull request yourself: {link} . To let wavegate open the next one: {error.fix}",
            ) from None
        unchanged = "" if new or pushed else " Nothing changed since the last run."
        return Proposed(
            outcome=ProposalOutcome.ISSUE, number=number, url=url, notes=(f"{error.message} {error.fix}{unchanged}",)
        )
