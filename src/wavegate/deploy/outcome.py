"""The outcome of a deployment in the log, the annotations, the outputs and the summary."""

import json
from collections.abc import Sequence

import click

from wavegate.cli.actions import add_summary, announce, in_actions, set_outputs, warn
from wavegate.components.component import Project
from wavegate.deploy.admit import Promotion
from wavegate.deploy.rollout_report import held_words, restart_hint, rollout_lines, rollout_markdown
from wavegate.deploy.rollout_values import DeployJob, Rollout
from wavegate.errors import ExitCode, ServiceError, WavegateError
from wavegate.findings.selection import MAX_ANNOTATIONS
from wavegate.text import one_line


def announce_failures(job: DeployJob | None, problems: Sequence[str], project: Project) -> None:
    """Annotate the components that the org rejected; without any, the first problem. Only in a workflow."""
    if not in_actions():
        return
    failures = job.failures if job else ()
    for each in failures[:MAX_ANNOTATIONS]:
        component = project.find(each.component)
        announce(
            f"{each.component}: {each.problem}",
            file=component.path if component else None,
            line=each.line,
            column=each.column,
        )
    if not failures:
        announce(problems[0])


def report_result(
    rollout: Rollout, project: Project, promotion: Promotion, notes: tuple[str, ...], deletions: tuple[str, ...]
) -> int:
    """Report a deployment and return the exit code. ServiceError: it took place, but the ledger does not show it.

    deletions: for the summary; the log has them from before the deployment.
    """
    notes = (*promotion.notes, *notes)
    for line in (*rollout_lines(rollout), *(one_line(note) for note in notes)):
        click.echo(line)
    failed = rollout.result == "failed"
    for each in rollout.held:
        warn(held_words(each), fix=restart_hint(rollout.environment))
    if failed:
        announce_failures(rollout.job, rollout.problems, project)
    set_outputs(
        {
            "result": rollout.result,
            "agents": json.dumps({each.name: each.live for each in rollout.agents}),
            "stopped": json.dumps([each.name for each in rollout.held]),
            "deploy-id": rollout.job.id if rollout.job else "",
            "deployment": promotion.record,
            "evidence-digest": promotion.digest,
        }
    )
    add_summary(rollout_markdown(rollout, (*notes, *deletions)))
    if rollout.unrecorded:
        problem = _unrecorded(rollout, rollout.unrecorded)
        if not failed:
            raise problem
        announce(problem.message, fix=problem.fix)
    return int(ExitCode.FAIL if failed else ExitCode.OK)


def _unrecorded(rollout: Rollout, cause: WavegateError) -> ServiceError:
    """The error for an outcome that is not in the ledger. Not an InputError: the deployment did take place."""
    outcome = "failed in" if rollout.result == "failed" else "is live in"
    release, environment = one_line(rollout.release, 200), one_line(rollout.environment, 100)
    return ServiceError(
        f"{release} {outcome} {environment}, but the ledger does not show it: {cause.message}",
        fix=f"{cause.fix} Then run the command again: it completes the record without starting a second deployment.",
    )
