"""Check that a change of anything that a release ships starts one, and that replacements get their values."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from wavegate.github.repository_settings import Names
from wavegate.setup.doctor.health import Check, Unavailable, ok, problem, unknown
from wavegate.setup.doctor.workflow_checks import promotions
from wavegate.setup.doctor.workflows import Workflow
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names

_EXPRESSION = "${{"
_VALUES = "DEPLOY_ENV"


def path_checks(workflows: Sequence[Workflow], paths: Sequence[str]) -> Iterator[Check]:
    """Whether a change of each of these files alone starts a release, where pushes start releases at all."""
    rule = "workflow/release-paths"
    pushed = {each.workflow.file: each.workflow.triggers.get("push") for each in promotions(workflows)}
    pushes = {file: push for file, push in pushed.items() if push}
    left_out = [path for path in paths if pushes and all(push.excluding_path(path) for push in pushes.values())]
    if left_out:
        file, push = next(iter(pushes.items()))
        key = push.excluding_path(left_out[0])
        message = f"A change of {join_names(left_out, 4)} alone starts no release: `{key}` in {file} leaves it out."
        verb = "Add it to" if key == "paths" else "Take it out of"
        yield problem(rule, REPOSITORY, message, f"{verb} `{key}` under `push:` in {file}, as `wavegate init` does.")
    elif pushes:
        yield ok(rule, REPOSITORY, "A change of whatever a release ships starts one.")


def value_checks(
    needed: Sequence[str],
    workflows: Sequence[Workflow],
    environments: Mapping[str, Names | Unavailable],
    repository: Names | Unavailable,
    organization: Callable[[], Names | Unavailable],
) -> Iterator[Check]:
    """Whether the variables that replacements always insert get values. What secrets hold nobody can read.

    needed: names. environments: GitHub's names by environment. organization: reads what it shares; only called if the
    rest is not enough.
    """
    passed = _passed(workflows)
    for environment, own in environments.items() if needed else ():
        if environment.casefold() in passed:
            yield _values(environment, needed, passed[environment.casefold()], (own, repository), organization)


def _passed(workflows: Sequence[Workflow]) -> dict[str, str]:
    """What each environment's promotion gets as `deploy-env`, as written; by its name in lower case."""
    calls = [job.call for each in promotions(workflows) for job in each.way if job.call]
    named = ((call.inputs.get("environment", ""), call.inputs.get("deploy-env", "")) for call in calls)
    return {environment.casefold(): given for environment, given in named if environment}


def _values(
    environment: str,
    needed: Sequence[str],
    given: str,
    known: Sequence[Names | Unavailable],
    organization: Callable[[], Names | Unavailable],
) -> Check:
    rule = "environment/deploy-env"
    missing = [name for name in needed if _EXPRESSION not in given and name not in _with_values(given)]
    if not missing:
        return ok(rule, environment, f"The replacements get the values of {join_names(needed)}.")
    sources = [*known] if any(_has_values(each, given) for each in known) else [*known, organization()]
    if any(_has_values(each, given) for each in sources):
        return ok(rule, environment, f"{_VALUES} exists; it must set {join_names(missing)} for the replacements.")
    if unread := [each for each in sources if isinstance(each, Unavailable)]:
        return unknown(rule, environment, unread[0], page="settings/environments")
    message = f"The replacements in sfdx-project.json need {join_names(missing)}, so a deployment is refused."
    fix = (
        f"Pass the values with `deploy-env` in the release workflow, or as lines NAME=value of the secret {_VALUES}."
    )
    return problem(rule, environment, message, fix, page="settings/environments")


def _with_values(given: str) -> set[str]:
    """The names that have a value in `deploy-env`; one without it takes the secret's."""
    lines = (line.partition("=") for line in given.splitlines())
    return {name.strip() for name, equals, _ in lines if equals}


def _has_values(names: Names | Unavailable, given: str) -> bool:
    """Whether there is a secret with values, or the variable that counts where the input is empty."""
    if isinstance(names, Unavailable):
        return False
    return _VALUES in names.secrets or (not given and _VALUES in names.variables)
