"""Which workflow a rollback links to: one that a person can start, or that a push starts."""

from dataclasses import replace

import pytest
from tests.support.consumer import template

from wavegate.rollback.pages import kill_switch_workflow, promotion_workflow, restart_workflow
from wavegate.setup.repository_setup import workflows
from wavegate.setup.values import Setup

WORKFLOWS = {f".github/workflows/{name}.yml": template(name) for name in ("wavegate-release", "wavegate-disable")}
DISABLE = "jobs:\n  x:\n    uses: wavegate/wavegate/.github/workflows/disable.yml@abc\n"


def test_the_workflows_that_init_writes_are_found() -> None:
    setup = Setup(environments=("uat", "production"), commit="f" * 40, version="1.2.3")
    for local in (True, False):
        written = workflows(replace(setup, local=local))
        assert kill_switch_workflow(written) == "wavegate-disable.yml"
        assert restart_workflow(written) == "wavegate-enable.yml"
        assert promotion_workflow(written) == "wavegate-release.yml"


def test_the_templates_are_found_as_well() -> None:
    assert kill_switch_workflow(WORKFLOWS) == "wavegate-disable.yml"
    assert promotion_workflow(WORKFLOWS) == "wavegate-release.yml"
    assert (kill_switch_workflow({}), promotion_workflow({})) == ("", "")


@pytest.mark.parametrize(
    ("head", "found"),
    [
        ("on: workflow_dispatch\n", True),
        ("on: [push, workflow_dispatch]\n", True),
        ("on:\n  workflow_dispatch:\n", True),
        ("on:\n  - workflow_dispatch\n", True),
        ("on: push\n", False),
        ("# on: workflow_dispatch\non: push\n", False),
    ],
)
def test_a_kill_switch_that_nobody_can_start_is_not_linked(head: str, found: bool) -> None:
    assert bool(kill_switch_workflow({".github/workflows/stop.yml": head + DISABLE})) is found


def test_a_workflow_that_calls_something_else_is_not_linked() -> None:
    other = "on: workflow_dispatch\njobs: {x: {uses: acme/other/.github/workflows/check.yml@abc}}\n"
    assert kill_switch_workflow({".github/workflows/other.yml": other}) == ""


def test_the_action_alone_counts_as_well() -> None:
    step = "on: workflow_dispatch\njobs:\n x:\n  steps:\n   - uses: wavegate/wavegate/.github/actions/disable@abc\n"
    assert kill_switch_workflow({".github/workflows/own.yaml": step}) == "own.yaml"
