"""Which workflows of a repository stop and restart agents and promote a release: a rollback links to them."""

import re
from collections.abc import Mapping

_KILL_SWITCH = re.compile(r"/\.github/(?:workflows/disable\.yml@|workflows/\S*-disable\.yml\b|actions/disable@)")
_RESTART = re.compile(r"/\.github/(?:workflows/enable\.yml@|workflows/\S*-enable\.yml\b|actions/enable@)")
_PROMOTION = re.compile(r"/\.github/(?:workflows/promote\.yml@|workflows/\S*-promote\.yml\b|actions/deploy@)")
"""A call of wavegate's own workflow or action, or of the local workflow that `wavegate init` makes of it."""
WORKFLOWS = ".github/workflows/"


def kill_switch_workflow(workflows: Mapping[str, str]) -> str:
    """File name of a workflow that a person can start to stop the agents; '' if there is none.

    workflows: text by path in the repository.
    """
    return _calling(_KILL_SWITCH, "workflow_dispatch", workflows)


def restart_workflow(workflows: Mapping[str, str]) -> str:
    """File name of a workflow that a person can start to restart stopped agents; '' if there is none."""
    return _calling(_RESTART, "workflow_dispatch", workflows)


def promotion_workflow(workflows: Mapping[str, str]) -> str:
    """File name of a workflow that a push starts and that promotes releases; '' if there is none."""
    return _calling(_PROMOTION, "push", workflows)


def _calling(called: re.Pattern[str], trigger: str, workflows: Mapping[str, str]) -> str:
    starts = re.compile(rf"(?m)^(?:on|'on'|\"on\"):.*\b{trigger}\b|^\s+{trigger}:|^\s+-\s+{trigger}\b")
    found = sorted(path for path, text in workflows.items() if called.search(text) and starts.search(text))
    return found[0].removeprefix(WORKFLOWS) if found else ""
