"""Where an environment's secrets arrive: in workflows of the consumer's repository or owner, and nowhere else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.act import Act
from tests.support.environments import MIRROR
from tests.support.promoting import Stage


@pytest.fixture
def stage(request: pytest.FixtureRequest, tmp_path: Path, act: Act) -> Iterator[Stage]:
    stage = Stage(tmp_path, act, *request.param)
    stage.release(1, version=1)
    yield stage
    stage.close()


@pytest.mark.parametrize("stage", [(), ("--mirror", MIRROR)], indirect=True, ids=["local", "mirror"])
def test_the_kill_switch_logs_in_with_the_environments_secrets(stage: Stage) -> None:
    run = stage.dispatch("disable", environment="uat", reason="It repeats card numbers.")
    assert run.exit_code == 0, run.log
    assert (stage.live("uat"), stage.live("production")) == (None, 1)
    assert stage.leaked(run) == []


@pytest.mark.parametrize("stage", [("--mirror", "wavegate/wavegate")], indirect=True, ids=["another owner"])
def test_a_workflow_of_another_owner_cannot_log_in_and_the_error_names_the_cause(stage: Stage) -> None:
    run = stage.dispatch("disable", environment="uat", reason="It repeats card numbers.")
    assert run.exit_code == 1
    assert stage.live("uat") == 1
    (error,) = (each.message for each in run.annotations if each.level == "error" and "credentials" in each.message)
    assert "There are no credentials for the org uat." in error
    assert "a workflow of another owner gets an environment's secrets empty" in error
    assert "`wavegate init`" in error
