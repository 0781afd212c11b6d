"""Where an environment's secrets arrive: in workflows of the consumer's repository or owner, and nowhere else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce.sf import install
from tests.support.act import Act
from tests.support.environments import MIRROR
from tests.support.promoting import Stage


@pytest.fixture
def stage(
    request: pytest.FixtureRequest, tmp_path: Path, act: Act, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Stage]:
    monkeypatch.setenv("PATH", os.pathsep.join([str(install(tmp_path / "bin")), os.environ["PATH"]]))
    stage = Stage(tmp_path, act, *request.param)
    stage.release(1, version=2)
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
    assert "no environment secrets" in error
    assert "workflow of another owner" in error
    assert "`wavegate init`" in error


@pytest.mark.parametrize(
    "stage", [("--server", "https://github.acme.example")], indirect=True, ids=["enterprise server"]
)
def test_an_enterprise_servers_workflows_promote_with_the_artifacts_that_it_has(stage: Stage) -> None:
    run = stage.promote()
    assert run.exit_code == 0, run.log
    assert (stage.live("uat"), stage.live("production")) == (2, 2)
    # production's gate took the observations in uat, and nothing else that the run kept
    assert run.calls["production"].outputs["gate"]["verdict"] == "pass"
    assert "attest" not in run.calls["production"].jobs
