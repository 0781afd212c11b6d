"""The smoke command as a process: in an org, killed and run again, by a program, and from recordings."""

import contextlib
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.salesforce import SalesforceDouble, Script, center_case
from tests.support.definitions import definition, definition_path, spec
from tests.support.smoke_world import SECRET, checkout, environment_of, observed, org, shape, smoke, start

__all__ = ["checkout", "org"]

WHOLE = [
    ("Quality", 1, "1", "pass"),
    ("Quality", 1, "2", "pass"),
    ("Quality", 2, "1", "pass"),
    ("Quality", 2, "2", "pass"),
    ("pii-check", 1, "1", "pass"),
    ("pii-check", 2, "1", "pass"),
]


def test_observations_are_bound_to_what_was_tested(checkout: Path, org: SalesforceDouble) -> None:
    status, output = smoke(checkout, org.environment())
    assert status == 0, output
    assert shape(checkout) == WHOLE
    for each in observed(checkout):
        subject = each["subject"]
        assert subject["commit"] == "a" * 40
        assert subject["environment"] == "uat"
        assert subject["agents"] == {"Support_Agent": 3}
        assert subject["versionBasis"] == "assumed"
        assert subject["org"].startswith("00D")
        assert len(subject["manifest"]) == len(subject["pack"]) == 64
        assert each["runner"] == "testing-center"
        assert each["runId"]
        assert each["time"]
    assert list((checkout / ".wavegate").glob("*.jsonl")) == [], "a finished run is not resumed"
    assert "complete<<" in (checkout / "outputs").read_text()


def test_a_definition_that_pins_a_version_is_evidence_of_that_version(checkout: Path, org: SalesforceDouble) -> None:
    path = checkout / "force-app/main/default" / definition_path("Quality")
    path.parent.mkdir(parents=True)
    path.write_text(definition(2, version="v1"))
    (checkout / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    status, output = smoke(checkout, org.environment())
    assert status == 0, output
    known = {
        (each["test"], each["subject"]["agents"]["Support_Agent"], each["subject"]["versionBasis"])
        for each in observed(checkout)
    }
    assert known == {("Quality", 1, "pinned"), ("pii-check", 3, "assumed")}


def test_results_of_another_agent_are_no_evidence(checkout: Path, org: SalesforceDouble) -> None:
    org.testing.define("Pii", subject="Other_Agent")
    status, output = smoke(checkout, org.environment(), "--test", "pii-check")
    assert status == 0, output
    assert {each["outcome"] for each in observed(checkout)} == {"error"}
    assert "the agent Other_Agent, which the release does not have" in output


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_every_request_nothing_is_started_twice(
    checkout: Path, org: SalesforceDouble, when: Any, subtests: pytest.Subtests
) -> None:
    killed_at: list[int] = []
    # how often a run asks whether its tests have ended depends on the machine, so the last request is found by trying
    for k in count(1):
        with subtests.test(k=k):
            (checkout / "observations.jsonl").unlink(missing_ok=True)
            org.testing.runs.clear()
            for definition in org.testing.definitions.values():
                definition.started = 0
            before = len(org.routes)
            org.crash_at(k, when=when)
            org.client = start(checkout, org.environment())
            org.client.communicate(timeout=60)
            org.client = None
            killed = org.routes[-1]
            if killed.status:
                break
            killed_at.append(k)
            assert not (checkout / "observations.jsonl").exists()
            status, output = smoke(checkout, org.environment())
            assert status == 0, output
            posts = [served for served in org.routes[before:] if served.method == "POST"]
            assert len(posts) == 4
            assert all(definition.started <= 2 for definition in org.testing.definitions.values())
            lost = killed.method == "POST"
            outcomes = [outcome for *_, outcome in shape(checkout)]
            assert outcomes.count("error") == lost, "only a start that nobody can tell about is lost"
            assert shape(checkout) == WHOLE or lost
            assert len({(test, run) for test, run, *_ in shape(checkout)}) == 4
    assert len(killed_at) >= 12


def test_a_breach_of_a_policy_is_a_violation_and_the_data_in_it_stays_in_the_org(
    checkout: Path, org: SalesforceDouble
) -> None:
    org.testing.define("Pii", cases=[center_case(1, response=f"Ask {SECRET}.")])
    status, output = smoke(checkout, org.environment())
    assert status == 0, output
    violations = [each["violations"] for each in observed(checkout) if each["test"] == "pii-check"]
    assert violations == [[{"policy": "no-pii", "severity": "critical", "detail": "the answer discloses: email"}]] * 2
    assert "discloses: email" in output
    assert "no\\-pii" in (checkout / "summary.md").read_text()
    left = [path.read_text() for path in checkout.rglob("*") if path.is_file()]
    assert not any(
        SECRET in text or org.token in text for text in [*left, output.replace(f"::add-mask::{org.token}", "")]
    )


def test_transcripts_are_kept_where_asked_for_and_redacted(checkout: Path, org: SalesforceDouble) -> None:
    org.testing.define("Pii", cases=[center_case(1, response=f"Ask {SECRET}.")])
    smoke(checkout, org.environment(), "--transcripts", "said.jsonl", "--test", "pii-check")
    lines = (checkout / "said.jsonl").read_text().splitlines()
    assert [json.loads(line)["turns"][1]["text"] for line in lines] == ["Ask [email]."] * 2
    assert (checkout / "said.jsonl").stat().st_mode & 0o077 == 0


def processes() -> list[str]:
    """The command line of every process of this machine."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_text(errors="replace"))
    return found


def test_another_version_during_the_run_leaves_no_pass(checkout: Path, org: SalesforceDouble) -> None:
    org.testing.define("Quality", Script(statuses=("IN_PROGRESS", "COMPLETED")))
    org.hold(r"GET .*/results", clients=2)
    # a process of its own, whose command line is real
    process = subprocess.Popen(
        [sys.executable, "-m", "wavegate", "smoke", "uat", "--poll-interval", "1s"],
        cwd=checkout,
        env=environment_of(checkout, org.environment()),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    while not any(served.method == "POST" for served in org.routes):
        assert process.poll() is None
        time.sleep(0.01)
    assert not any(org.token in command for command in processes())
    org.records.bots["Support_Agent"].activate(2)
    with pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"{org.url}/services/data/v66.0/einstein/ai-evaluations/runs/x/results")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 0, output
    assert {each["outcome"] for each in observed(checkout)} == {"error"}
    assert "the active version changed during the run: Support_Agent" in output


def test_a_version_that_changed_while_nobody_looked_leaves_no_pass(checkout: Path, org: SalesforceDouble) -> None:
    org.crash_at(6)
    org.client = start(checkout, org.environment())
    org.client.communicate(timeout=60)
    org.client = None
    org.records.bots["Support_Agent"].activate(2)
    status, output = smoke(checkout, org.environment())
    assert status == 0, output
    assert {each["outcome"] for each in observed(checkout)} == {"error"}
    status, output = smoke(checkout, org.environment())
    assert (status, shape(checkout)) == (0, WHOLE), output
    assert {each["subject"]["agents"]["Support_Agent"] for each in observed(checkout)} == {2}


def test_a_time_out_is_taken_up_again(checkout: Path, org: SalesforceDouble) -> None:
    definition = org.testing.define("Pii", Script(statuses=(*["IN_PROGRESS"] * 9, "COMPLETED")))
    arguments = ("--test", "pii-check", "--runs", "1")
    status, output = smoke(checkout, org.environment(), *arguments, "--timeout", "1s")
    assert status == 4, output
    assert shape(checkout) == [("pii-check", 1, "1", "error")]
    status, output = smoke(checkout, org.environment(), *arguments)
    assert status == 0, output
    assert shape(checkout) == [("pii-check", 1, "1", "pass")]
    assert definition.started == 1


def test_a_token_that_expires_on_the_way_keeps_what_is_known(checkout: Path, org: SalesforceDouble) -> None:
    org.faults.add(r"GET .*/runs/\w+$", status=401, skip=5, times=0)
    status, output = smoke(checkout, org.environment())
    assert status == 2, output
    assert "Log in again" in output
    assert {outcome for *_, outcome in shape(checkout)} == {"pass", "error"}
    org.faults.clear()
    status, output = smoke(checkout, org.environment())
    assert (status, shape(checkout)) == (0, WHOLE), output


@pytest.mark.parametrize("total", [2, 3])
def test_shards_together_are_the_whole(checkout: Path, org: SalesforceDouble, total: int) -> None:
    seen = []
    for index in range(1, total + 1):
        status, output = smoke(checkout, org.environment(), "--shard", f"{index}/{total}")
        assert status == 0, output
        seen += shape(checkout)
    assert sorted(seen) == WHOLE


def record(checkout: Path) -> None:
    said = [{"speaker": "agent", "text": "I cannot tell."}]
    lines = [
        {"test": test, "run": run, "rating": "pass", "turns": said, "actions": []}
        for test in ("Quality", "pii-check")
        for run in (1, 2)
    ]
    (checkout / "recorded.jsonl").write_text("\n".join(map(json.dumps, lines)))


def test_replay_needs_no_org(checkout: Path) -> None:
    record(checkout)
    status, output = smoke(checkout, {}, "--runner", "replay", "--recorded", "recorded.jsonl")
    assert status == 0, output
    assert [outcome for *_, outcome in shape(checkout)] == ["pass"] * 4
    assert all("org" not in each["subject"] for each in observed(checkout))


def test_a_program_of_the_team_needs_no_org(checkout: Path) -> None:
    (checkout / "run.py").write_text(
        "import json, os\nprint(json.dumps({'outcome': 'pass', 'latency': 10}))\n"
        "print(json.dumps({'case': '2', 'turns': [{'speaker': 'agent', 'text': 'ask a@b.org'}], 'actions': []}))\n"
    )
    command = f"{sys.executable}\nrun.py\n"
    status, output = smoke(checkout, {"WAVEGATE_SMOKE_COMMAND": command}, "--runner", "command", "--runs", "1")
    assert status == 0, output
    assert shape(checkout) == [
        ("Quality", 1, "1", "pass"), ("Quality", 1, "2", "error"),
        ("pii-check", 1, "1", "error"), ("pii-check", 1, "2", "fail"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--test", "Qualty"), "Did you mean `Quality`?"),
        (("--shard", "3/2"), "INDEX/TOTAL"),
        (("--runs", "0"), "FIRST-LAST"),
        (("--runner", "replay"), "--recorded"),
        (("--runner", "command"), "--command"),
        (("--shard", "90/99"), "nothing to run"),
        ((), "no credentials"),
    ],
)
def test_wrong_input_is_one_clear_message(checkout: Path, arguments: tuple[str, ...], message: str) -> None:
    status, output = smoke(checkout, {}, *arguments)
    assert status == 2
    assert message in output
    assert "Traceback" not in output
    assert not (checkout / "observations.jsonl").exists()


def test_a_login_to_another_org_than_the_manifests_runs_nothing(checkout: Path, org: SalesforceDouble) -> None:
    manifest = checkout / "agentforce/release.yml"
    manifest.write_text(manifest.read_text().replace("{name: uat,", "{name: uat, expectedOrg: 00D000000000002,"))
    status, output = smoke(checkout, org.environment())
    assert status == 2
    assert "but the manifest expects 00D000000000002" in output
    assert not org.testing.runs


def test_a_case_that_did_not_come_back_is_said_and_two_sources_that_differ_start_nothing(
    checkout: Path, org: SalesforceDouble
) -> None:
    (checkout / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    place = checkout / "force-app" / definition_path("Quality")
    place.parent.mkdir(parents=True)
    place.write_text(definition(3))
    status, output = smoke(checkout, org.environment())
    assert status == 0, output
    assert "Quality run 1: 1 of 3 cases missing: 3" in output
    assert "1 of 3 cases missing" in (checkout / "summary.md").read_text()
    started = len(org.testing.runs)
    spec_file = checkout / "specs" / "Quality-testSpec.yaml"
    spec_file.parent.mkdir()
    spec_file.write_text(spec("Quality", 2))
    status, output = smoke(checkout, org.environment())
    assert status == 2
    assert "declared twice, and differently: 3 cases in force-app/" in output
    assert len(org.testing.runs) == started
