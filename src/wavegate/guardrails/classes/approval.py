"""Whether the roles that a change's class needs have approved it, by the reviews of its pull request."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from wavegate.errors import InputError, WavegateError
from wavegate.github.pull_request.reviewed import PullReview, ReviewedPull, ReviewState
from wavegate.guardrails.diff.rules import ChangeClass
from wavegate.release.manifest import Manifest, Role
from wavegate.text import join_names, one_line

_NAMES = {ChangeClass.CODE_REVIEW: "codeReview", ChangeClass.SECURITY_REVIEW: "securityReview"}
_USUAL = {ChangeClass.CODE_REVIEW: ("developers",), ChangeClass.SECURITY_REVIEW: ("security",)}
"""The roles that approve a class unless the manifest names others."""
_SAYS_NOTHING = (ReviewState.COMMENTED, ReviewState.PENDING)

IsMember = Callable[[str, str, str], bool]
"""Whether a user is in a team: organization, team, login. WavegateError: it cannot be read."""


class ApprovalVerdict(StrEnum):
    """pass: every role has approved. fail: one has not. inconclusive: it cannot be determined; never a pass."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, kw_only=True, slots=True)
class RoleApproval:
    """A role that must approve. approver: login of somebody of the role who has, '' for nobody.

    doubt: why it cannot be determined whether an approval is of the role, a sentence; '' if it can.
    """

    role: Role
    approver: str = ""
    doubt: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassApprovals:
    """What came of the approvals. not_counted: which approvals do not count and why, sentences."""

    roles: tuple[RoleApproval, ...] = ()
    not_counted: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def verdict(self) -> ApprovalVerdict:
        """A pass needs everybody; what is unknown is never one."""
        if self.doubt:
            return ApprovalVerdict.INCONCLUSIVE
        missing = [each for each in self.roles if not each.approver]
        if not missing:
            return ApprovalVerdict.PASS
        return ApprovalVerdict.FAIL if any(not each.doubt for each in missing) else ApprovalVerdict.INCONCLUSIVE


def roles_for(change_class: ChangeClass, manifest: Manifest) -> tuple[Role, ...]:
    """The roles that must approve a change of a class. InputError: the manifest does not say who fills one of them.

    manifest: that of the base commit. The change itself must not say who approves it.
    """
    stated = {each.name: each.roles for each in manifest.classes}
    names = stated.get(_NAMES.get(change_class, ""), _USUAL.get(change_class, ()))
    filled = {each.name: each for each in manifest.roles}
    if missing := [each for each in names if each not in filled]:
        raise InputError(
            f"A change of the class {change_class} needs the approval of {join_names(missing)}, and the manifest of "
            "the base commit does not say who that is.",
            fix=f"Merge a manifest with `roles.{missing[0]}.owner`, or with other roles in `classes`.",
            file=manifest.path,
        )
    return tuple(filled[each] for each in names)


def judge_approvals(roles: tuple[Role, ...], pull: ReviewedPull, is_member: IsMember) -> ClassApprovals:
    """Which of the roles have approved the newest commit.

    An approval counts if it is its author's latest word, of a person who is not the pull request's author, about the
    newest commit, and from after the branch was last rewritten and the base last changed.
    """
    words = _latest(pull)
    approved = [each for each in words if each.state is ReviewState.APPROVED]
    reasons = {each.login: _why_not(each, pull) for each in approved}
    valid = [each.login for each in approved if not reasons[each.login]]
    return ClassApprovals(
        roles=tuple(_of_role(role, valid, is_member) for role in roles),
        not_counted=tuple(
            f"The approval of `{one_line(login, 60)}` does not count: {why}." for login, why in reasons.items() if why
        ),
    )


def _latest(pull: ReviewedPull) -> Iterator[PullReview]:
    """The latest review of each account that approves, requests changes, or was dismissed."""
    found = {each.login.casefold(): each for each in pull.reviews if each.login and each.state not in _SAYS_NOTHING}
    yield from found.values()


def _why_not(review: PullReview, pull: ReviewedPull) -> str:
    if not review.person:
        return "an app wrote it"
    if not pull.author:
        return "it is unknown who opened the pull request"
    if review.login.casefold() == pull.author.casefold():
        return "nobody approves their own pull request"
    if review.commit != pull.head:
        return "it is about an earlier commit"
    if pull.moved and (review.time is None or review.time <= pull.moved):
        return "the branch was rewritten or its base changed afterwards"
    return ""


def _of_role(role: Role, approvers: list[str], is_member: IsMember) -> RoleApproval:
    users = {each.removeprefix("@").casefold() for each in role.owners if "/" not in each}
    for login in approvers:
        if login.casefold() in users:
            return RoleApproval(role=role, approver=login)
    doubt = ""
    for owner in role.owners:
        organization, slash, team = owner.removeprefix("@").partition("/")
        for login in approvers if slash else ():
            try:
                if is_member(organization, team, login):
                    return RoleApproval(role=role, approver=login)
            except WavegateError as error:
                doubt = f"Whether {one_line(login, 60)} is in {one_line(owner, 100)} cannot be read: {error.message}"
                doubt = f"{doubt.rstrip('.')}. {error.fix}".rstrip()
    return RoleApproval(role=role, doubt=doubt)
