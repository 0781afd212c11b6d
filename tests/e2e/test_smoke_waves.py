"""The smoke command with a pack that runs until it is settled: its waves, their ends, and earlier attempts."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.support.forked import Forked
from tests.support.smoke_world import checkout, observed, org, shape, smoke, start

__all__ = ["checkout", "org"]

# five observations without a failure settle it, 15 with two
CRITERIA = {"minimumSuccessRate": 0.5, "confidence": 0.9, "perTestMinimum": 0}
SETTLING = {"suite": "readiness", "tests": ["Quality", "Pii"], "runs": "until-settled", "passCriteria": CRITERIA}
PROGRAM = """
import json, os, pathlib, signal
name, number = os.environ["WAVEGATE_RUN_TEST"], int(os.environ["WAVEGATE_RUN_NUMBER"])
told = json.loads(pathlib.Path("told.json").read_text())
if [name, number] in told["kill"]:
    os.kill(os.getppid(), signal.SIGKILL)
print(json.dumps({"outcome": "fail" if [name, number] in told["fail"] else "pass"}))
"""


@pytest.fixture(autouse=True)
def pack(checkout: Path) -> None:
    write_pack(checkout)
    tell(checkout)


def write_pack(checkout: Path, **changes: Any) -> None:
    path = checkout / "agentforce" / "packs" / "readiness.json"
    path.write_text(
        json.dumps({**{key: SETTLING[key] for key in ("suite", "tests", "runs", "passCriteria")}, **changes})
    )


def tell(checkout: Path, *, fail: Any = (), kill: Any = ()) -> None:
    """What the program does in which runs of which test."""
    (checkout / "run.py").write_text(PROGRAM)
    (checkout / "told.json").write_text(json.dumps({"fail": list(fail), "kill": list(kill)}))


def run(checkout: Path, *arguments: str) -> tuple[int | None, str]:
    command = {"WAVEGATE_SMOKE_COMMAND": f"{sys.executable}\nrun.py\n"}
    return smoke(checkout, command, "--runner", "command", *arguments)


def gate(checkout: Path, *paths: str) -> str:
    """The gate's verdict on observation files."""
    arguments = [argument for path in paths for argument in ("--observations", path)]
    environment = {"PATH": os.environ["PATH"], "GITHUB_SHA": "a" * 40}
    output, _ = Forked(["gate", "production", *arguments], environment, folder=checkout).communicate()
    return output.partition(":")[0].lower()


def test_a_good_agent_stops_after_the_wave_that_settles_it(checkout: Path) -> None:
    status, output = run(checkout)
    assert status == 0, output
    # the first run counts the cases
    assert [number for name, number, *_ in shape(checkout) if name == "Quality"] == [1, 2, 3]
    assert "readiness, wave 1: 2 of 2 observations passed; 3 more observations without a failure would" in output
    assert "readiness, wave 2: 6 of 6 observations passed; settled: pass, a rate ≥ 50 % at 90 % confidence" in output
    assert "settled: pass" in (checkout / "summary.md").read_text()
    assert gate(checkout, "observations.jsonl") == "pass"
    status, output = run(checkout, "--earlier", "observations.jsonl", "--output", "more.jsonl")
    assert (status, "settled: pass" in output) == (0, True), output
    assert not (checkout / "more.jsonl").exists(), "nothing is left to run"


def test_a_bad_agent_stops_after_the_wave_that_proves_it(checkout: Path) -> None:
    tell(checkout, fail=[[name, number] for name in ("Quality", "Pii") for number in range(1, 50)])
    status, output = run(checkout)
    assert status == 0, output
    assert len(shape(checkout)) == 14
    assert "readiness, wave 2: 0 of 14 observations passed; settled: fail, a rate < 50 % at 90 % confidence" in output
    assert gate(checkout, "observations.jsonl") == "fail"


def test_a_crash_keeps_the_finished_waves_and_the_next_attempt_goes_on_from_them(checkout: Path) -> None:
    tell(checkout, fail=[["Quality", 1]], kill=[["Pii", 4]])
    status, output = run(checkout, "--output", "first.jsonl")
    assert status == -9, output
    first = (checkout / "first.jsonl").read_text().splitlines()
    assert [(each["test"], each.get("run", 1)) for each in map(json.loads, first)] == [("Pii", 1), ("Quality", 1)]
    assert gate(checkout, "first.jsonl") == "inconclusive"
    tell(checkout)
    status, output = run(checkout, "--earlier", "first.jsonl")
    assert status == 0, output
    assert output.startswith("readiness, earlier: 1 of 2 observations passed; ")
    assert min(each["run"] for each in observed(checkout)) == 2, "run numbers go on, and nothing is written twice"
    assert gate(checkout, "first.jsonl", "observations.jsonl") == "pass"
    # what was left out would be missing
    assert gate(checkout, "observations.jsonl") == "inconclusive"


def test_a_budget_that_is_spent_is_inconclusive_and_may_be_added_to(checkout: Path) -> None:
    write_pack(checkout, budget={"maxMinutes": 0.001})
    status, output = run(checkout, "--output", "first.jsonl")
    assert status == 0, output
    assert "at this pace another run would end after the 0.001 minutes of the budget" in output
    assert gate(checkout, "first.jsonl") == "inconclusive"
    status, output = run(checkout, "--earlier", "first.jsonl")
    assert status == 0, output
    assert gate(checkout, "first.jsonl", "observations.jsonl") == "pass"


def test_a_replay_has_only_what_was_recorded(checkout: Path) -> None:
    said = [{"speaker": "agent", "text": "I cannot tell."}]
    lines = [
        {"test": test, "run": number, "rating": "pass", "turns": said, "actions": []}
        for test in ("Quality", "Pii")
        for number in (1, 2)
    ]
    (checkout / "recorded.jsonl").write_text("\n".join(map(json.dumps, lines)))
    status, output = smoke(checkout, {}, "--runner", "replay", "--recorded", "recorded.jsonl")
    assert status == 0, output
    assert len(shape(checkout)) == 4
    assert "1 more observation without a failure would settle it, but no further run is recorded." in output


@pytest.mark.parametrize("k", [8, 14])
def test_killed_in_an_org_the_waves_are_resumed_and_nothing_is_started_twice(
    checkout: Path, org: SalesforceDouble, k: int
) -> None:
    write_pack(checkout, passCriteria={**CRITERIA, "minimumSuccessRate": 0.8})
    org.crash_at(k)
    org.client = start(checkout, org.environment())
    org.client.communicate(timeout=60)
    org.client = None
    status, output = smoke(checkout, org.environment())
    assert status == 0, output
    started = [served for served in org.routes if served.method == "POST"]
    assert len({(test, number) for test, number, *_ in shape(checkout)}) == len(started)
    assert "settled: pass" in output
    assert list((checkout / ".wavegate").glob("*.jsonl")) == [], "a finished run is not resumed"


def test_another_version_between_two_attempts_is_refused(checkout: Path, org: SalesforceDouble) -> None:
    status, output = smoke(checkout, org.environment(), "--output", "first.jsonl")
    assert status == 0, output
    org.records.bots["Support_Agent"].activate(2)
    runs = len(org.testing.runs)
    status, output = smoke(checkout, org.environment(), "--earlier", "first.jsonl")
    assert status == 2, output
    assert "was recorded for another agent Support_Agent" in output
    assert len(org.testing.runs) == runs
