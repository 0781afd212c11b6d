"""Validates what a deployment would send in the target org, with its tests, and changes nothing there.

One job, started once like a deployment's, with a journal of its own. Two things cannot be validated beforehand: the
planner of an active version, which the org takes only while its agent is inactive, and the stages after the first,
which need the ones before them in the org.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import click

from wavegate.cli.actions import add_summary, set_outputs
from wavegate.components.component import Component, ComponentId, Project
from wavegate.components.package_file import read_members
from wavegate.components.package_xml import package_xml
from wavegate.deploy.job_once import JobOnce
from wavegate.deploy.journal import DeployJournal
from wavegate.deploy.outcome import announce_failures
from wavegate.deploy.package_jobs import job_problems
from wavegate.deploy.request import DeployRequest, PackageStage
from wavegate.deploy.rollout import live_planners, touched_agents
from wavegate.deploy.rollout_report import coverage_notes
from wavegate.deploy.rollout_values import DeployJob
from wavegate.errors import ExitCode, InputError, ServiceError
from wavegate.files.whole import write_whole
from wavegate.salesforce.agents import find_agents
from wavegate.salesforce.cli import Cli
from wavegate.salesforce.org import Org
from wavegate.text import code, join_names, markdown, one_line, pluralize

_TITLES = {
    "validated": "✅ Validated, nothing is deployed",
    "validated-in-part": "⚠️ Validated in part, nothing is deployed",
    "unchanged": "✅ Nothing to validate, the org is up to date",
    "failed": "❌ The org rejects the release",
}
MANIFEST = "package-check.xml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Validation:
    """The result of a validation.

    job: None if there was nothing to validate. subject: digest of what a deployment may send without running its
    tests again; '' if that is not exactly what was validated. problems: why it failed, worst first, one line each.
    notes: what else there is to know, one line each.
    """

    release: str
    environment: str
    host: str
    result: Literal["validated", "validated-in-part", "unchanged", "failed"]
    job: DeployJob | None = None
    subject: str = ""
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def validate_release(order: DeployRequest, org: Org, cli: Cli, journal: DeployJournal) -> Validation:
    """Validate the first stage of a deployment.

    ServiceError: the org did not answer, or the job is still running; the next run resumes it. InputError: the CLI or
    the org rejected it, so no job was started.
    """
    nothing = Validation(release=order.release, environment=order.environment, host=org.host, result="unchanged")
    if not order.stages:
        return nothing
    if wrong := tuple(_script_problems(order, cli)):
        return replace(nothing, result="failed", problems=wrong)
    held = _held(order, org)
    stage = _checked(order, held)
    journal.begin(order.subject, {})
    try:
        job = JobOnce(order, org, cli, journal).run(stage)
    except InputError:
        journal.end()
        raise
    journal.end()
    problems = job_problems(job)
    notes = (*_unchecked(order, held), *coverage_notes(job, stage.members))
    whole = not held and len(order.stages) == 1
    return replace(
        nothing,
        result="failed" if problems else "validated" if whole else "validated-in-part",
        job=job,
        subject="" if problems or held else order.subject,
        problems=problems,
        notes=notes,
    )


def _script_problems(order: DeployRequest, cli: Cli) -> Iterator[str]:
    """Why scripts that a deployment would publish do not compile, one line each."""
    for script in (each for each in order.scripts if each.changed):
        try:
            cli.validate(script.agent, file=script.path)
        except InputError as error:
            yield error.message
        except ServiceError as error:
            order.tell(f"{script.agent}: its script could not be checked: {one_line(error.message)}")


def _held(order: DeployRequest, org: Org) -> frozenset[ComponentId]:
    """The planners of the first stage that the org would refuse now, because they are live."""
    members = order.stages[0].members
    states = find_agents(org, touched_agents((), members, order.project))
    return live_planners(states, members, order.project)


def _checked(order: DeployRequest, held: frozenset[ComponentId]) -> PackageStage:
    stage = order.stages[0]
    upload = replace(stage.upload, check_only=True)
    if held:
        package = upload.package.with_name(MANIFEST)
        sent = (Component(id=each, path="") for each in read_members(upload.package) - held)
        write_whole(package, package_xml(sent, order.project.api_version).encode())
        upload = replace(upload, package=package)
    return replace(stage, upload=upload, members=stage.members - held)


def _unchecked(order: DeployRequest, held: frozenset[ComponentId]) -> Iterator[str]:
    if held:
        names = join_names([str(each) for each in sorted(held)])
        yield f"Not validated: {names}. Its version is live, and the org accepts no change until it is deactivated."
    if len(order.stages) > 1:
        yield (
            f"Only stage 1 of {len(order.stages)} is validated: "
            "the org can check the later ones only once it has the components of this one."
        )


def validation_lines(validation: Validation) -> Iterator[str]:
    """Log lines."""
    title = _TITLES[validation.result]
    yield f"{title}: {one_line(validation.release, 200)} in {one_line(validation.environment, 100)}"
    yield from (f"  {one_line(each)}" for each in validation.problems)
    yield from (one_line(each) for each in validation.notes)


def validation_markdown(validation: Validation) -> str:
    """The step summary."""
    release, environment = markdown(validation.release, 200), markdown(validation.environment, 100)
    lines = [f"## {_TITLES[validation.result]}: {release} in {environment}", ""]
    lines += [f"- {markdown(each)}" for each in (*validation.problems, *validation.notes)]
    if validation.job:
        tests = pluralize(validation.job.tests_run, "test")
        lines += ["", f"Validation {code(validation.job.id)} on {code(validation.host)}, with {tests}."]
    return "\n".join(lines) + "\n"


def report_validation(validation: Validation, project: Project) -> int:
    """Print the result, set the outputs and the summary, and return the exit code."""
    for line in validation_lines(validation):
        click.echo(line)
    failed = validation.result == "failed"
    if failed:
        announce_failures(validation.job, validation.problems, project)
    job = validation.job
    set_outputs(
        {
            "result": validation.result,
            "validation": job.id if job and not failed else "",
            "validation-subject": validation.subject,
            "tests": str(job.tests_run) if job else "",
        }
    )
    add_summary(validation_markdown(validation))
    return int(ExitCode.FAIL if failed else ExitCode.OK)
