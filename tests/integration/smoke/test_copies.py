"""After a pilot's deployment, its copies are tested, not the live agent, and count for the release."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.salesforce.testing import center_case
from tests.support.pilot_world import COPY, PilotWorld

from wavegate.evidence.transcript import Transcript
from wavegate.smoke.transcripts import with_own_actions


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PilotWorld]:
    made = PilotWorld(tmp_path)
    made.begin_pilot()
    # the definition of the live agent would fail
    made.org.testing.define("quality", cases=[center_case(1, "FAILURE")])
    yield made
    made.close()


def smoke(world: PilotWorld) -> tuple[int, str, list[dict[str, Any]]]:
    output = world.desk.folder / "verify.jsonl"
    done = world.desk.run("smoke", "production", "--post-deploy", "--poll-interval", "1s", "--output", str(output))
    lines = output.read_text(encoding="utf-8").splitlines() if output.exists() else []
    return done.code, done.log, [json.loads(each) for each in lines]


def test_the_copied_definition_runs_and_its_observations_are_the_releases(world: PilotWorld) -> None:
    world.org.testing.define("quality_Pilot", subject=COPY)
    code, log, observed = smoke(world)
    assert code == 0, log
    assert "Testing the pilot's copies: Support_Agent_Pilot" in log
    assert {run.definition.name for run in world.org.testing.runs.values()} == {"quality_Pilot"}
    assert {each["outcome"] for each in observed} == {"pass"}
    assert {json.dumps(each["subject"]["agents"]) for each in observed} == {'{"Support_Agent": 3}'}


def test_the_live_agents_definition_never_stands_in_for_a_copy(world: PilotWorld) -> None:
    _, log, observed = smoke(world)
    assert {each["outcome"] for each in observed} == {"error"}, log
    assert not world.org.testing.runs


def test_a_result_about_the_live_agent_is_a_problem(world: PilotWorld) -> None:
    world.org.testing.define("quality_Pilot", subject="Support_Agent")
    _, log, observed = smoke(world)
    assert {each["outcome"] for each in observed} == {"error"}, log
    assert "about the agent Support_Agent, which the release does not have" in log


def test_policies_know_the_actions_of_copies_by_their_own_names() -> None:
    transcript = Transcript(test="t", case="1", run=1, actions=("Pay_Pilot", "Track"))
    assert with_own_actions(transcript).actions == ("Pay", "Track")
    assert with_own_actions(Transcript(test="t", case="1", run=1)).actions is None
