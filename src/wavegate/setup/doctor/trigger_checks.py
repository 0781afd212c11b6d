"""Check that a pull request always gets wavegate's check, and that a push to the release branch starts a release."""

import re
from collections.abc import Iterator, Sequence

from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown
from wavegate.setup.doctor.triggers import PULL_REQUEST, Trigger
from wavegate.setup.doctor.workflow_checks import CALLS, own_uses, promotions
from wavegate.setup.doctor.workflows import Reached, Workflow
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names, one_line

_PENDING = "A required check that does not run stays pending forever."
_ALWAYS = re.compile(r"(?:always\(\)|!\s*cancelled\(\)|success\(\)\s*\|\|\s*failure\(\))")
_UNCONDITIONAL = re.compile(rf"(?:true|success\(\)|{_ALWAYS.pattern})?")
_QUEUED = "merge_group"


def reported_checks(workflows: Sequence[Workflow]) -> dict[str, Reached]:
    """By the name that a pull request shows, the use of wavegate that reports its check."""
    found: dict[str, Reached] = {}
    for each in _checking(workflows):
        if not each.workflow.triggers.keys().isdisjoint(PULL_REQUEST):
            shown = [job.shown for job in each.way]
            if each.way[-1].call is each.use:
                shown.append("Manifest and packs")
            found[" / ".join(shown)] = each
    return found


def trigger_checks(workflows: Sequence[Workflow], *, branch: str, has_queue: bool | Unavailable) -> Iterator[Check]:
    """Whether the check runs for every pull request, and in a merge queue. branch: the release branch."""
    reporting = reported_checks(workflows).values()
    found = [each for use in reporting for each in _trigger_problems(use, branch, has_queue=has_queue)]
    if not reporting:
        found = list(_without_pull_request(workflows))
    elif not found:
        found = [ok("workflow/check-trigger", REPOSITORY, f"The check runs for every pull request into `{branch}`.")]
    # a workflow may report the check under several names
    yield from dict.fromkeys(found)


def release_trigger_checks(workflows: Sequence[Workflow], branch: str) -> Iterator[Check]:
    """Whether a push to the release branch starts a release, or what else does. Nothing without a promotion."""
    promoting = {each.workflow.file: each.workflow for each in promotions(workflows)}
    found = [_release_trigger(each, branch) for each in promoting.values()]
    well = [each for each in found if not each.fix]
    yield from (well or found)[:1]


def _checking(workflows: Sequence[Workflow]) -> Iterator[Reached]:
    return (each for each in own_uses(workflows) if each.use.path in CALLS["check"])


def _without_pull_request(workflows: Sequence[Workflow]) -> Iterator[Check]:
    checking = {each.workflow.file for each in _checking(workflows)}
    # a promotion checks its release, too
    own = sorted(checking - {each.workflow.file for each in promotions(workflows)})
    if checking:
        fix = f"Add `pull_request:` under `on:` in {own[0]}." if own else "Run `wavegate init`, and commit its files."
        message = f"No workflow runs wavegate's check for pull requests. {_PENDING}"
        yield problem("workflow/check-trigger", REPOSITORY, message, fix)


def _trigger_problems(found: Reached, branch: str, *, has_queue: bool | Unavailable) -> Iterator[Check]:
    rule = "workflow/check-trigger"
    file, triggers = found.workflow.file, found.workflow.triggers
    event = next(each for each in PULL_REQUEST if each in triggers)
    wrong = list(_limits(file, triggers[event], branch))
    if event == "pull_request_target":
        message = f"{file} runs on `{event}`, so it checks the files of `{branch}` instead of the pull request's."
        wrong.append((message, f"Replace `{event}` with `pull_request` in {file}."))
    if has_queue is True and _QUEUED not in triggers:
        message = f"{file} does not run in the merge queue, so a pull request waits there forever."
        wrong.append((message, f"Add `{_QUEUED}:` under `on:` in {file}."))
    elif has_queue is True:
        wrong.extend(_limits(file, triggers[_QUEUED], branch))
    wrong.extend(_ways_to_pass(found))
    yield from (problem(rule, REPOSITORY, message, fix) for message, fix in wrong)
    for condition in _conditions(found):
        shown = one_line(condition, 100)
        message = (
            f"{file} runs the check only if `{shown}`. A check that is skipped counts as passed, or stays pending."
        )
        fix = f"Remove this `if` from {file}, or make sure that it holds for every pull request."
        yield unknown(rule, REPOSITORY, Unavailable(message=message, fix=fix))


def _limits(file: str, trigger: Trigger, branch: str) -> Iterator[tuple[str, str]]:
    """What limits the check to some pull requests, or to some entries of the queue: message and fix."""
    if trigger.filter_of("paths", "paths-ignore"):
        message = f"{file} runs only for some paths. {_PENDING}"
        yield message, f"Remove `paths` and `paths-ignore` from {file}."
    if key := trigger.excluding(branch):
        message = f"`{key}` under `{trigger.event}:` in {file} leaves out `{branch}`. {_PENDING}"
        yield message, f"Remove `{key}` under `{trigger.event}:` in {file}."
    if missing := trigger.missing_activities:
        message = f"`types` under `{trigger.event}:` in {file} leaves out {join_names(missing)}. {_PENDING}"
        yield message, f"Remove `types` under `{trigger.event}:` in {file}, or add {join_names(missing)}."


def _ways_to_pass(found: Reached) -> Iterator[tuple[str, str]]:
    """Why the check is reported as passed without having passed: message and fix."""
    file, job = found.file, found.way[-1]
    if found.use.may_fail:
        message = f"{file} reports the check as passed when it fails, because of `continue-on-error`."
        yield message, f"Remove `continue-on-error` from the step in {file}."
    # a called workflow that is skipped does not report under the name of the required check
    if job.needs and job.call is not found.use and not _ALWAYS.fullmatch(_condition(job.condition)):
        message = f"{file} skips the check when {join_names(job.needs)} fails, and GitHub counts it as passed."
        yield message, f"Remove `needs` from the job in {file}, or add `if: ${{{{ !cancelled() }}}}` to it."


def _conditions(found: Reached) -> list[str]:
    """The conditions of the jobs and of the step that may skip the check."""
    given = (
        *(job.condition for job in found.way),
        found.use.condition if found.way[-1].call is not found.use else "",
    )
    return [each for each in dict.fromkeys(map(_condition, given)) if not _UNCONDITIONAL.fullmatch(each)]


def _condition(written: str) -> str:
    """A condition without the braces of an expression, which are optional there."""
    inside = re.fullmatch(r"\$\{\{(.*)\}\}", written.strip(), re.DOTALL)
    return (inside[1] if inside and "${{" not in inside[1] else written).strip()


def _release_trigger(workflow: Workflow, branch: str) -> Check:
    rule, file = "workflow/release-trigger", workflow.file
    push, others = workflow.triggers.get("push"), workflow.triggers.keys() - {"workflow_call", "push"}
    if push is None and others <= {*PULL_REQUEST, _QUEUED}:
        message = f"{file} promotes on {join_names(sorted(others))}, before anything is merged."
        return problem(rule, REPOSITORY, message, f"Start it by `push: {{branches: [{branch}]}}` in {file}.")
    if push is None:
        return ok(rule, REPOSITORY, f"No push starts a release, but {join_names(sorted(others))} does.")
    key = push.excluding(branch)
    if not key:
        return ok(rule, REPOSITORY, f"A push to `{branch}` starts a release.")
    chosen = [each for each in push.filters.get("branches", ()) if not each.startswith("!")]
    if chosen and "branches-ignore" not in push.filters:
        message = f"{file} starts releases from {join_names(chosen, 4)}; only the rules of `{branch}` were checked."
        fix = f"Name one release branch under `push: branches:` in {file}, or check the rules of the others yourself."
        return unknown(rule, REPOSITORY, Unavailable(message=message, fix=fix))
    message = f"No push to `{branch}` starts a release: `{key}` under `push:` in {file} leaves it out."
    return problem(rule, REPOSITORY, message, f"Add `branches: [{branch}]` under `push:` in {file}.")
