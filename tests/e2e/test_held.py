"""Held environments, under `act`: what is not asked, run or deployed, and what a person can still do."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from tests.doubles.github.state import Pull
from tests.doubles.salesforce.sf import install
from tests.support.act import Act, ActRun
from tests.support.acts import MANIFEST, record_act
from tests.support.promoting import EVIDENCE, Stage, files

from wavegate.ledger.acts.act import ActKind, ReleaseId

OTHER = ReleaseId(name="wave-0", commit="0" * 40, content="0" * 64)
FREEZE = (
    b"freeze: [{from: 2020-01-01, to: 2098-01-01, timeZone: Europe/Berlin, reason: audit, environments: [uat]}]\n"
)


@pytest.fixture
def stage(tmp_path: Path, act: Act, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setenv("PATH", os.pathsep.join([str(install(tmp_path / "bin")), os.environ["PATH"]]))
    stage = Stage(tmp_path, act)
    yield stage
    stage.close()


def merged(stage: Stage, name: str, data: bytes) -> Pull:
    """A merged pull request that changes one file."""
    stage.github.seed({name: data}, branch="notes")
    answer = requests.post(
        f"{stage.github.api_url}/repos/{stage.github.repository}/pulls",
        json={"title": "Notes", "head": "notes", "base": "main"},
        headers={"Authorization": f"Bearer {stage.github.token}"},
        timeout=10,
    )
    stage.github.merge(answer.json()["number"])
    (pull,) = stage.github.pulls
    return pull


def newest(stage: Stage, environment: str) -> Any:
    """The payload of the newest release of an environment."""
    found = (each for each in stage.github.deployments if (each.task, each.environment) == ("wavegate", environment))
    return [*found][-1].payload


def assert_production_is_held(stage: Stage, run: ActRun) -> None:
    """Nothing was tested, deployed or asked there, and its comment says why."""
    production = run.calls["production"]
    assert production.jobs == {"plan": "success", "gate": "failure", "promotion": "failure"}
    assert production.outputs["admit"] == {
        "admitted": "false",
        "fast-lane": "false",
        "rules": "promotion/stopped,promotion/locked",
    }
    assert "## 🛑 STOPPED: an agent is stopped in production" in production.summary
    assert "wrong refunds" in production.summary
    assert stage.orgs["production"].deployments.jobs == {}
    assert stage.live("production") == 1
    assert not any(each.task == "wavegate" and each.environment == "production" for each in stage.github.deployments)


def test_held_environments(stage: Stage) -> None:
    # what is pushed was live and good in uat, and a rollback is open in production, whose agents are stopped
    stage.was_live("uat", stage.release(1, version=2))
    stopped = {"agents": {"Support_Agent": None}, "release": OTHER, "manifest": MANIFEST}
    record_act(stage.github, "production", ActKind.STOP, **stopped)
    record_act(stage.github, "production", ActKind.ROLLBACK, manifest=MANIFEST, release=OTHER)
    record_act(stage.github, "production", ActKind.LOCK)
    pull = merged(stage, "NOTES.md", b"Merged.\n")
    run = stage.promote()
    assert run.exit_code == 1, run.log

    # uat: the fast lane, without smoke tests or a decision before; verified as always
    uat = run.calls["uat"]
    assert uat.jobs == dict.fromkeys(("plan", "check-only", "gate", "deploy", "promotion"), "success")
    assert "gate" not in uat.outputs
    assert uat.outputs["verify"]["verdict"] == "pass"
    assert newest(stage, "uat")["evidence"] == EVIDENCE
    assert newest(stage, "uat")["cites"]
    assert stage.live("uat") == 2
    assert_production_is_held(stage, run)
    assert len(pull.comments) == 2

    # a person dispatches a release in uat's freeze: an override lifts the freeze, and neither stop nor lock
    texts = files(2, version=3)
    stage.release(2, version=3, **{MANIFEST: FREEZE + texts[MANIFEST]})
    run = stage.dispatch(override="the fix cannot wait", fast_lane=False)
    assert run.exit_code == 1, run.log
    uat = run.calls["uat"]
    assert uat.jobs == dict.fromkeys(("plan", "check-only", "gate", "deploy", "promotion"), "success")
    assert newest(stage, "uat")["override"]["rules"] == ["promotion/frozen"]
    assert newest(stage, "uat")["override"]["reason"] == "the fix cannot wait"
    assert stage.live("uat") == 3
    assert_production_is_held(stage, run)
