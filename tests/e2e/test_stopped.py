"""What was stopped or rolled back stays so until a person says otherwise: the generated workflows, under `act`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce.sf import install
from tests.e2e.test_promote import newest, put_on_path, recorded, releases
from tests.support.act import Act, ActRun
from tests.support.promoting import Stage

NOTES = "agentforce/notes.md"


@pytest.fixture
def stage(tmp_path: Path, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """Two releases have been live in both environments, one after the other."""
    put_on_path(monkeypatch, install(tmp_path / "bin"))
    stage = Stage(tmp_path, act)
    for number in (1, 2):
        commit = stage.release(number, version=number + 1)
        for environment, org in stage.orgs.items():
            stage.was_live(environment, commit, name=f"wave-{number}", version=number + 1)
            org.records.bots["Support_Agent"].activate(number + 1)
    assert (stage.live("uat"), stage.live("production")) == (3, 3)
    yield stage
    stage.close()


SECRETS = {"DEPLOY_ENV": "TEAM_SECRET=sesame-street\n"}
VARIABLES = {"DEPLOY_ENV": "BRAND=Acme\nTEAM_SECRET\n"}


def push(stage: Stage, text: str) -> ActRun:
    """Push a commit that changes nothing of the release."""
    stage.github.seed({NOTES: text.encode()}, "Notes")
    return stage.promote(secrets=SECRETS, **VARIABLES)


def acts(stage: Stage) -> list[tuple[str, str, str]]:
    """The acts of the ledger: environment, kind and state, oldest first."""
    kept = (each for each in stage.github.deployments if each.task == "wavegate:act")
    return [(each.environment, each.payload["kind"], each.state) for each in kept]


def smoke_runs(stage: Stage) -> int:
    """The smoke-test runs that were started in either org."""
    return sum(len(org.testing.runs) for org in stage.orgs.values())


def test_a_push_does_not_turn_on_what_was_stopped(stage: Stage) -> None:
    stopped = stage.dispatch("disable", environment="production", reason="It tells lies.")
    assert (stopped.exit_code, stage.live("production"), stage.live("uat")) == (0, None, 3)
    assert acts(stage) == [("production", "stop", "inactive")]
    before, ran = recorded(stage), smoke_runs(stage)

    run = push(stage, "One more line.")
    assert run.exit_code != 0
    assert (stage.live("production"), stage.live("uat")) == (None, 3)
    # production asked no reviewer, ran no test and deployed nothing
    assert [each for each in recorded(stage)[len(before) :] if each[0] == "production"] == []
    assert "deploy" not in run.calls["production"].jobs
    assert "It tells lies." in run.calls["production"].summary.replace("\\", "")
    assert "promotion/stopped" in run.calls["production"].log
    assert smoke_runs(stage) == ran + 1, "uat's verification alone"

    enabled = stage.dispatch("enable", environment="production", reason="It was the network.")
    assert (enabled.exit_code, stage.live("production")) == (0, 3)
    assert acts(stage)[1:] == [("production", "restart", "inactive")]


def test_a_release_that_was_rolled_back_stays_out_and_its_rollback_takes_the_fast_lane(stage: Stage) -> None:
    opened = stage.dispatch("rollback", environment="production", reason="It tells lies.", incident="INC-1")
    assert opened.exit_code == 0
    (pull,) = stage.github.pulls
    assert ("production", "rollback", "inactive") in acts(stage)
    assert newest(stage, "production").state == "failure"

    held = push(stage, "One more line.")
    assert held.exit_code != 0
    assert "promotion/rolled-back" in held.calls["production"].log
    assert newest(stage, "production").state == "failure"
    again = stage.dispatch("rollback", environment="production", reason="Still.")
    assert again.exit_code == 0
    assert [each.number for each in stage.github.pulls if each.state == "open"] == [pull.number]
    assert "INC-1" in (pull.body or "").replace("\\", "")

    # one flaky test must not block it
    stage.script("uat", case_summary_quality="FAIL")
    stage.github.merge(pull.number)
    ran = smoke_runs(stage)
    run = stage.promote(secrets=SECRETS, **VARIABLES)
    assert (run.exit_code, stage.live("uat"), stage.live("production")) == (0, 2, 2)
    good = releases(stage)[-1]
    assert (good.environment, good.payload["release"], good.state) == ("production", "wave-1", "success")
    assert acts(stage)[-1] == ("production", "rollback-done", "inactive")
    assert smoke_runs(stage) > ran, "the verification afterwards still runs"
