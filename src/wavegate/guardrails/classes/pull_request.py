"""The class on a pull request: its label, its comment, and the approvals that it needs."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from wavegate.cli.actions import Run
from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.github.connect import GitHubAccess
from wavegate.guardrails.classes.approval import ClassApprovals, judge_approvals, roles_for
from wavegate.guardrails.classes.values import CLASS_WORDS
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.release.manifest import Manifest, Role
from wavegate.text import one_line

if TYPE_CHECKING:
    from wavegate.github.client import GitHub
    from wavegate.github.pull_request.reviewed import ReviewedPull

WriteResult = Literal["created", "updated", "changed", "unchanged", "not-permitted", "failed"]
_COLORS = {
    ChangeClass.TUNABLE: "0e8a16",
    ChangeClass.CODE_REVIEW: "fbca04",
    ChangeClass.SECURITY_REVIEW: "d93f0b",
}
_SAYS = {
    ChangeClass.TUNABLE: "An administrator may make this change alone",
    ChangeClass.CODE_REVIEW: "The change needs a developer's review",
    ChangeClass.SECURITY_REVIEW: "The change needs a security engineer's review",
}
MARKER = "change-class"
"""The key of the comment."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassifiedPull:
    """A pull request on GitHub. number: its own."""

    access: GitHubAccess
    number: int

    @property
    def run(self) -> Run:
        """The run, for its repository."""
        return self.access.run

    def client(self) -> "GitHub":
        """A client. InputError: the token or the repository is unknown."""
        return self.access.required_client("write to the pull request", permission="pull-requests: write")


def find_pull(root: Path, number: int | None) -> ClassifiedPull | None:
    """The pull request: the one of a number, else the workflow run's; None if the run has none."""
    access = GitHubAccess.from_environment(root)
    found = number or access.run.pull_request
    return ClassifiedPull(access=access, number=found) if found else None


def label_pull(pull: ClassifiedPull, change_class: ChangeClass) -> tuple[WriteResult, str]:
    """Set the class's label. What came of it, with a sentence about it; a failure is not an error."""
    from wavegate.github.pull_request.labels import PullLabel, set_label

    label = PullLabel(name=label_name(change_class), color=_COLORS[change_class], description=_SAYS[change_class])

    def write(github: "GitHub") -> tuple[WriteResult, str]:
        family = [label_name(each) for each in ChangeClass]
        result = set_label(github, pull.run.repository, pull.number, label, family)
        return result, f"Label {result}: {label.name}"

    return _written(pull, "label", write)


def label_name(change_class: ChangeClass) -> str:
    """The name of a class's label."""
    return f"wavegate: {CLASS_WORDS[change_class]}"


def comment_on_pull(pull: ClassifiedPull, text: str) -> tuple[WriteResult, str]:
    """Keep the one comment up to date; the result is like that of `label_pull`."""
    from wavegate.github.comments import keep_comment
    from wavegate.github.managed_section import ManagedSection

    section = ManagedSection(key=MARKER, text=text)

    def write(github: "GitHub") -> tuple[WriteResult, str]:
        result, url = keep_comment(github, pull.run.repository, pull.number, section)
        known: dict[str, WriteResult] = {"created": "created", "updated": "updated"}
        return known.get(result, "unchanged"), f"Comment {result}: {url}"

    return _written(pull, "comment", write)


def _written(
    pull: ClassifiedPull, what: str, write: "Callable[[GitHub], tuple[WriteResult, str]]"
) -> tuple[WriteResult, str]:
    """The class is known without it, so a label or comment that cannot be written is only reported."""
    try:
        return write(pull.client())
    except RefusedError as error:
        result: WriteResult = "not-permitted" if error.status in (401, 403, 404) else "failed"
        return result, f"No {what} was written. {error.message.rstrip('.')}. {error.fix}".rstrip()
    except ServiceError as error:
        return "failed", f"No {what} was written. {error.message.rstrip('.')}. {error.fix}".rstrip()


def read_approvals_of(
    pull: ClassifiedPull, change_class: ChangeClass, manifest: Callable[[], Manifest], parents: Sequence[str]
) -> ClassApprovals:
    """Whether the roles that the class needs have approved; reviews are requested from the roles that have not.

    manifest: reads that of the base commit; not needed for a class that anybody may merge. parents: the classified
    commit, and its parents. InputError: the manifest is missing, or does not say who approves.
    """
    from wavegate.github.pull_request.reviews import read_reviewed_pull

    # a class that anybody may merge is of the newest commit too, or it says nothing about the pull request
    roles = () if change_class is ChangeClass.TUNABLE else roles_for(change_class, manifest())
    github = pull.access.required_client("read the reviews", permission="pull-requests: read")
    try:
        found = read_reviewed_pull(github, pull.run.repository, pull.number)
    except RefusedError as error:
        return ClassApprovals(doubt=f"{error.message.rstrip('.')}. {error.fix}".rstrip())
    commit, *rest = parents
    # GitHub's merge of the pull request has the base first, and the pull request's newest commit second
    if found.head != commit and rest[1:] != [found.head]:
        doubt = f"The classified commit {commit[:12]} is not pull request {found.number}'s newest, {found.head[:12]}."
        return ClassApprovals(doubt=f"{doubt} A run for the newest one decides.")
    result = judge_approvals(roles, found, _membership(pull.access))
    _request(github, pull, found, [each.role for each in result.roles if not each.approver])
    return result


def _membership(access: GitHubAccess) -> "Callable[[str, str, str], bool]":
    from wavegate.github.teams import is_member

    token = os.environ.get("GITHUB_TEAMS_TOKEN") or access.token
    github = replace(access, token=token).client()
    return lambda organization, team, login: is_member(github, organization, team, login)


def _request(github: "GitHub", pull: ClassifiedPull, found: "ReviewedPull", roles: Sequence[Role]) -> None:
    """Ask the owners of roles for a review, each once: who has been asked or has reviewed is not asked again."""
    from wavegate.github.proposed import Pull
    from wavegate.github.pulls import request_reviews

    known = found.requested | {each.login.casefold() for each in found.reviews}
    owners = dict.fromkeys(owner for role in roles for owner in role.owners)
    asked = tuple(each for each in owners if each.removeprefix("@").casefold() not in known)
    if asked:
        target = Pull(number=found.number, url=found.url, title="", body="", author=found.author)
        if why := request_reviews(github, pull.run.repository, target, asked):
            print(one_line(why), flush=True)


def required_pull(pull: ClassifiedPull | None) -> ClassifiedPull:
    """The pull request whose approvals are asked for. InputError: there is none."""
    if pull is None:
        raise InputError(
            "This run belongs to no pull request, so there are no approvals to read.",
            fix="Run it on `pull_request` and `pull_request_review`, or name one with --pull-request.",
        )
    return pull
