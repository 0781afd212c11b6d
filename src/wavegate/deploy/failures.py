"""A failed job's problems as annotations of the files that they are about."""

from collections.abc import Sequence

from wavegate.cli.actions import announce, in_actions
from wavegate.components.component import Project
from wavegate.deploy.rollout_values import DeployJob
from wavegate.findings.selection import MAX_ANNOTATIONS


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
