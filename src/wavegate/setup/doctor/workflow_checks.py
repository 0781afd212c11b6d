"""Check what the repository's workflows call of wavegate, how it is pinned, and where its kill switch runs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown
from wavegate.setup.doctor.workflows import Reached, Workflow, is_own, reached
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names

_ITSELF = re.compile(r"\$\{\{\s*(?:github\.event\.)?inputs\.environment\s*\}\}")
_EXPRESSION = "${{"
CALLS = {
    "check": ("/.github/workflows/check.yml", "/.github/actions/validate", ""),
    "promote": ("/.github/workflows/promote.yml", "/.github/actions/deploy"),
    "rollback": ("/.github/workflows/rollback.yml", "/.github/actions/rollback"),
    "disable": ("/.github/workflows/disable.yml", "/.github/actions/disable"),
}
"""The reusable workflow and the actions that provide every part of a release."""
CANARY = ("/.github/workflows/canary.yml", "/.github/actions/watch")
_REVIEW = ("/.github/workflows/review.yml", "/.github/actions/review")
_PARTS = {**CALLS, "canary": CANARY}
_DISPATCHED = {"rollback": ("promote", "canary"), "disable": ("promote", "rollback", "canary")}
"""The parts that people start with a form of their own, and the parts that use them too."""
_NEED_SECRETS = frozenset(
    f"/.github/workflows/{name}.yml" for name in ("promote", "rollback", "disable", "enable", "canary")
)
_TOO_OLD = re.compile(r"(?:ubuntu-(?:18|20|22)\.04|windows-\S+)(?:-\S*)?")
_INIT = "Run `wavegate init` and commit the files it writes."


def called_checks(workflows: Sequence[Workflow]) -> Iterator[Check]:
    """Whether the workflows call every part of a release, and how they are pinned."""
    called = {each.use.path for each in own_uses(workflows)}
    unread = [each.file for each in workflows if not each.is_read]
    for part, paths in CALLS.items():
        rule = f"workflow/{part}"
        if part in _DISPATCHED:
            found = any("workflow_dispatch" in each.workflow.triggers for each in _starting(part, workflows))
        else:
            found = not called.isdisjoint(paths)
        if found:
            yield ok(rule, REPOSITORY, f"A workflow calls wavegate's {part}.")
        elif unread:
            message = f"No workflow that can be read calls wavegate's {part}; {join_names(unread, 3)} cannot be read."
            yield unknown(rule, REPOSITORY, Unavailable(message=message, fix="Check that the file is valid YAML."))
        else:
            who = "that a person can start" if part in _DISPATCHED else "that is started"
            yield problem(rule, REPOSITORY, f"No workflow {who} calls wavegate's {part}.", _INIT)
    yield from _pins(workflows)


def canary_checks(workflows: Sequence[Workflow], watched: Sequence[str]) -> Iterator[Check]:
    """Whether a schedule looks at the canaries. watched: environments with a canary or health thresholds."""
    if not watched:
        return
    found = [each.workflow for each in own_uses(workflows) if each.use.path in CANARY]
    names = join_names(watched)
    if any("schedule" in each.triggers for each in found):
        yield ok("workflow/canary", REPOSITORY, f"A schedule looks at {names}.")
    else:
        what = "is not started by a schedule" if found else "is not called by any workflow"
        message = f"The canary of {names} is not watched: wavegate's canary {what}."
        yield problem("workflow/canary", REPOSITORY, message, _INIT)


def review_checks(workflows: Sequence[Workflow], cadence: timedelta | None) -> Iterator[Check]:
    """Whether a schedule makes the reviews that the manifest asks for. cadence: None if it asks for none."""
    if cadence is None:
        return
    found = [each.workflow for each in own_uses(workflows) if each.use.path in _REVIEW]
    if any("schedule" in each.triggers for each in found):
        yield ok("workflow/review", REPOSITORY, "A schedule reviews the releases.")
    else:
        what = "is not started by a schedule" if found else "is not called by any workflow"
        message = f"The manifest has a review cadence, but nothing reviews: wavegate's review {what}."
        yield problem("workflow/review", REPOSITORY, message, _INIT)


def own_uses(workflows: Sequence[Workflow]) -> Iterator[Reached]:
    """The uses of wavegate by workflows that something starts."""
    return (each for each in reached(workflows) if is_own(each.use, each.file))


def promotions(workflows: Sequence[Workflow]) -> Iterator[Reached]:
    """The uses of wavegate's promotion."""
    return (each for each in own_uses(workflows) if each.use.path in CALLS["promote"])


def _starting(part: str, workflows: Sequence[Workflow]) -> Iterator[Reached]:
    """The uses of a part by the jobs that are there for it, rather than for a part that uses it too."""
    others = {path for other in _DISPATCHED[part] for path in _PARTS[other]}
    elsewhere = {_start_of(each) for each in own_uses(workflows) if each.use.path in others}
    return (each for each in own_uses(workflows) if each.use.path in CALLS[part] and _start_of(each) not in elsewhere)


def _start_of(found: Reached) -> tuple[str, str]:
    return found.workflow.file, found.way[0].id


def release_branch(workflows: Sequence[Workflow], default: str) -> str:
    """The branch whose pushes start promotions, if the workflows name one; the default branch otherwise."""
    promoting = (each.workflow for each in promotions(workflows))
    pushes = (each.triggers["push"] for each in promoting if "push" in each.triggers)
    named = {branch for push in pushes for branch in push.filters.get("branches", ())}
    only = named.pop() if len(named) == 1 else ""
    return only if re.fullmatch(r"[\w./-]+", only) else default


def uses_wavegate(workflows: Sequence[Workflow]) -> frozenset[str]:
    """Files of the workflows that something starts and that use wavegate, directly or through others."""
    return frozenset(each.workflow.file for each in own_uses(workflows))


def stop_environments(workflows: Sequence[Workflow], names: Sequence[str]) -> dict[str, str | Unavailable]:
    """By environment, the GitHub environment in which its kill switch runs; empty if no workflow calls it."""
    stops: dict[str, str | Unavailable] = {}
    for found in _starting("disable", workflows):
        named = _stop_environment(found)
        stops |= {name: _resolved(named or name, name, found.workflow.file) for name in names}
    return stops


def _stop_environment(found: Reached) -> str:
    """What the job that is started first passes as the GitHub environment, or its own environment, as written."""
    first = found.way[0]
    if first.call:
        return first.call.inputs.get("github-environment", "")
    return first.environment


def _resolved(named: str, name: str, file: str) -> str | Unavailable:
    environment = _ITSELF.sub(lambda _: name, named)
    if _EXPRESSION not in environment:
        return environment
    message = f"{file} computes the kill switch's environment for {name}, so it cannot be checked."
    return Unavailable(message=message, fix="Check that this environment has the org's secrets and no reviewers.")


def owner_checks(workflows: Sequence[Workflow], owner: str) -> Iterator[Check]:
    """Whether a workflow of another owner is called that needs an environment's secrets. owner: the repository's."""
    rule = "workflow/owner"
    foreign = {
        each.workflow.file: each.use.repository
        for each in own_uses(workflows)
        if each.use.path in _NEED_SECRETS and each.use.repository.partition("/")[0].casefold() != owner.casefold()
    }
    for file, repository in foreign.items():
        message = (
            f"{file} calls a workflow of {repository}. GitHub passes no environment secrets to a called workflow of "
            "another owner, so it cannot log in to the org."
        )
        fix = f"Delete {file} and run `wavegate init`: it writes the called workflow into this repository."
        yield problem(rule, REPOSITORY, message, fix)
    if not foreign and any(promotions(workflows)):
        yield ok(rule, REPOSITORY, "The environments' secrets reach the workflows that log in.")


def runner_checks(workflows: Sequence[Workflow]) -> Iterator[Check]:
    """Whether a runner image is known to lack Python 3.11."""
    rule = "workflow/runner"
    labels: dict[str, str] = {}
    for each in own_uses(workflows):
        calls = [job.call for job in each.way if job.call]
        for label in (*(call.inputs.get("runner", "") for call in calls), *(job.runner for job in each.way)):
            if _TOO_OLD.fullmatch(label):
                labels[label] = each.workflow.file
    for label, file in labels.items():
        message = f"{file} runs on {label}, which wavegate does not support: it needs Python 3.11 on Linux or macOS."
        yield problem(rule, REPOSITORY, message, "Use ubuntu-24.04, ubuntu-latest or a macOS runner.")


def action_repositories(workflows: Sequence[Workflow]) -> list[str]:
    """`OWNER/REPO` of the actions and workflows that releases use, apart from GitHub's own."""
    used = {each.file for each in own_uses(workflows)}
    found = {use.repository for each in workflows if each.file in used for use in each.uses}
    return sorted(each for each in found if each and not each.startswith(("actions/", "github/")))


def asks_for_attestation(workflows: Sequence[Workflow]) -> bool:
    """Whether a promotion signs its decision."""
    return any(each.use.inputs.get("attest") == "true" for each in own_uses(workflows)) or any(
        job.call and job.call.inputs.get("attest") == "true" for each in own_uses(workflows) for job in each.way
    )


def _pins(workflows: Sequence[Workflow]) -> Iterator[Check]:
    rule = "workflow/pinned"
    pinned: Mapping[str, set[str]] = {
        each.file: {use.ref for use in each.uses if is_own(use, each.file)} for each in workflows
    }
    loose = [f"{file} ({ref})" for file, refs in pinned.items() for ref in sorted(refs) if not _is_commit(ref)]
    commits = {ref for refs in pinned.values() for ref in refs}
    if loose:
        fix = "After the @, write the full commit SHA of a wavegate release, with its version as a comment."
        yield problem(rule, REPOSITORY, f"Not pinned to a commit: {join_names(loose, 4)}.", fix)
    elif len(commits) > 1:
        message = f"The workflows are pinned to {len(commits)} different commits of wavegate."
        yield problem(rule, REPOSITORY, message, "Run `wavegate update`, or pin all of them to the same commit.")
    elif commits:
        yield ok(rule, REPOSITORY, "All workflows are pinned to one commit of wavegate.")


def _is_commit(ref: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{40}", ref) is not None and ref.strip("0") != ""
