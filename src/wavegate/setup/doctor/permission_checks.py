"""Check whether the forms that stop and restart agents may record that: older ones may only read deployments."""

import re
from collections.abc import Iterator, Mapping

from wavegate.files.document import Node
from wavegate.files.yaml_reader import read_yaml
from wavegate.setup.doctor.health import Check, ok, problem
from wavegate.setup.doctor.workflows import value_at
from wavegate.setup.steps import REPOSITORY
from wavegate.text import join_names

_WRITES = re.compile(
    r"/\.github/(?:workflows/(?:wavegate-reusable-)?(?:disable|enable|lock)\.yml|actions/(?:disable|enable|lock|unlock))"
    r"(?:@|\Z)"
)
"""What records acts in GitHub's deployments, as a job or a step uses it; in a mirror and in this repository, too."""


def permission_checks(workflows: Mapping[str, str]) -> Iterator[Check]:
    """Whether every workflow that stops, restarts or locks may write deployments. workflows: text by path."""
    rule = "workflow/deployments-write"
    may = {path: found for path, text in workflows.items() if (found := _may_record(path, text)) is not None}
    if lacking := [path for path, found in may.items() if not found]:
        yield problem(
            rule,
            REPOSITORY,
            f"{join_names(lacking, 4)} may not write deployments, so a stop is done, but not recorded.",
            "Add `deployments: write` to the permissions of the job, as `wavegate init` writes it.",
        )
    elif may:
        yield ok(rule, REPOSITORY, "The workflows that stop and restart agents may record that.")


def _may_record(path: str, text: str) -> bool | None:
    """Whether each job that records acts may do so; None if no job does."""
    root = read_yaml(text.encode(), path=path).root
    jobs = value_at(root, "jobs")
    found = [entry.node for entry in jobs.value.values()] if jobs and isinstance(jobs.value, dict) else []
    granted = [
        _is_granted(value_at(job, "permissions") or value_at(root, "permissions")) for job in found if _records(job)
    ]
    return all(granted) if granted else None


def _records(job: Node) -> bool:
    steps = value_at(job, "steps")
    listed = steps.value if steps and isinstance(steps.value, list) else []
    used = (value_at(each, "uses") for each in (job, *listed))
    return any(each is not None and _WRITES.search(f"/{each.value}") for each in used)


def _is_granted(permissions: Node | None) -> bool:
    deployments = value_at(permissions, "deployments")
    return (permissions is not None and permissions.value == "write-all") or (
        deployments is not None and deployments.value == "write"
    )
