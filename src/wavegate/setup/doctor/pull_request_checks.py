"""Check that nothing reaches the release branch without a pull request, and one that the release's owners approve."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from wavegate.github.patterns.code_owners import owners_of
from wavegate.github.repository_settings import BranchRules, PullRequestRules
from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names, one_line

_RULESETS, _PROTECTION = "settings/rules", "settings/branches"
_OPTION = "“Require a pull request before merging”"


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnedRelease:
    """The owners of a release as its manifest names them. path: of the manifest. code_owners: text of CODEOWNERS."""

    path: str
    owners: Sequence[str]
    code_owners: str


def pull_request_checks(
    branch: str,
    rules: BranchRules | Unavailable,
    protection: Callable[[], PullRequestRules | Unavailable | None],
    release: OwnedRelease,
) -> Iterator[Check]:
    """Whether a branch requires a pull request, and its approval if the release has owners.

    protection: reads what the branch protection rule requires, which needs an administrator's token; it is asked only
    if the rulesets do not require everything.
    """
    rule = "branch/pull-request"
    if isinstance(rules, Unavailable):
        yield unknown(rule, REPOSITORY, rules, page=_RULESETS)
        return
    asked = rules.has_protection and _missing(rules.pulls, release)
    more = protection() if asked else None
    if isinstance(more, Unavailable):
        yield unknown(rule, REPOSITORY, more, page=_PROTECTION)
        return
    required = _strictest(rules.pulls, more)
    place = _place(branch, by_protection=rules.pulls is None and rules.has_protection)
    page = _PROTECTION if rules.pulls is None and rules.has_protection else _RULESETS
    if required is None:
        message = f"`{branch}` does not require a pull request, so a push changes what is released, without a review."
        yield problem(rule, REPOSITORY, message, f"{place}: select {_OPTION}.", page=page)
        return
    yield ok(rule, REPOSITORY, f"`{branch}` requires a pull request.")
    yield from _approval(branch, required, release, place=place, page=page)


def _approval(
    branch: str, required: PullRequestRules, release: OwnedRelease, *, place: str, page: str
) -> Iterator[Check]:
    rule = "branch/owners"
    if not release.owners:
        return
    owners = join_names(release.owners, 3)
    if missing := _missing(required, release):
        message = f"A pull request into `{branch}` needs no approval of the release's owners, {owners}."
        yield problem(rule, REPOSITORY, message, f"{place} → {_OPTION}: {' and '.join(missing)}.", page=page)
    elif not owners_of(release.path, release.code_owners):
        folder, slash, _ = release.path.rpartition("/")
        line = one_line(f"/{folder}{slash or release.path} {' '.join(release.owners)}", 300)
        message = f"Code owners must approve, but CODEOWNERS has none for {one_line(release.path, 200)}."
        yield problem(rule, REPOSITORY, message, f"Add the line `{line}` to .github/CODEOWNERS.")
    else:
        yield ok(rule, REPOSITORY, f"A pull request into `{branch}` needs an approval of the code owners.")


def _missing(required: PullRequestRules | None, release: OwnedRelease) -> list[str]:
    """What to set, for a pull request to be required, and approved by the owners if the release has some."""
    if required is None:
        return [f"select {_OPTION}"]
    if not release.owners:
        return []
    approvals = [] if required.approvals else ["set the required approvals to 1 or more"]
    return approvals + ([] if required.code_owners else ["select “Require review from Code Owners”"])


def _strictest(first: PullRequestRules | None, second: PullRequestRules | None) -> PullRequestRules | None:
    if first is None or second is None:
        return first or second
    return PullRequestRules(
        approvals=max(first.approvals, second.approvals), code_owners=first.code_owners or second.code_owners
    )


def _place(branch: str, *, by_protection: bool) -> str:
    if by_protection:
        return f"Settings → Branches → Branch protection rules → the rule for `{branch}`"
    return f"Settings → Rules → Rulesets → the ruleset for `{branch}`, or New branch ruleset"
