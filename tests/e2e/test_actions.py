"""The check workflow and the gate action, as consumers call them, under `act`."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.act import Act
from tests.support.consumer import RELEASE, consumer
from tests.support.git import commit
from tests.support.hostile import HOSTILE
from tests.support.product import REFERENCE

CHECK = "wavegate-check.yml"
GATE = f"""
on: workflow_dispatch
permissions: {{}}
jobs:
  gate:
    runs-on: ubuntu-latest
    permissions: {{contents: read}}
    outputs:
      verdict: ${{{{ steps.gate.outputs.verdict }}}}
    steps:
      - uses: actions/checkout@v7
      - id: gate
        uses: wavegate/wavegate/.github/actions/gate@{REFERENCE}
        with:
          environment: production
          results: results
      - id: decision
        if: always()
        env: {{DECISION: "${{{{ steps.gate.outputs.decision }}}}"}}
        run: printf 'file=%s\\n' "$(cat "$DECISION" | tr -d '\\n')" >> "$GITHUB_OUTPUT"
"""
ROOT_ACTION = f"""
on: push
permissions: {{}}
jobs:
  check:
    runs-on: ubuntu-latest
    permissions: {{contents: read}}
    steps:
      - uses: actions/checkout@v7
      - id: check
        uses: wavegate/wavegate@{REFERENCE}
        with: {{format: sarif, output: findings.sarif}}
      - id: findings
        run: printf 'version=%s\\n' "$(grep -m 1 -o '2\\.1\\.0' findings.sarif)" >> "$GITHUB_OUTPUT"
"""
TESTS = (
    "case-summary-quality",
    "escalation-policy-compliance",
    "shipment-api-timeout-fallback",
    "pii-redaction-check",
)


def result(*outcomes: str | None, status: str = "COMPLETED") -> bytes:
    """A Testing Center result with one case for each outcome: PASS, FAILURE or None."""
    cases = [
        {
            "status": "COMPLETED",
            "testNumber": number,
            "inputs": {"utterance": "Where is my parcel?"},
            "generatedData": {"topic": "Shipments", "outcome": "It is on its way."},
            "testResults": [{"name": "output_validation", "expectedValue": "a date", "result": outcome}],
        }
        for number, outcome in enumerate(outcomes, 1)
    ]
    return json.dumps({"status": status, "subjectName": "Support_Agent", "testCases": cases}).encode()


def results(**changed: bytes | None) -> dict[str, bytes]:
    """Result files of every test of the pack: all pass, but for those that are changed or, by None, missing."""
    files = {f"results/{test}.json": result("PASS") for test in TESTS}
    for name, data in changed.items():
        path = f"results/{name.replace('_', '-')}.json"
        files.pop(path) if data is None else files.update({path: data})
    return files


def test_the_check_passes_the_given_release(act: Act, tmp_path: Path) -> None:
    repository = consumer(tmp_path / "consumer", templates=("wavegate-check",))
    run = act.run(repository, CHECK, "pull_request")
    assert (run.exit_code, run.jobs) == (0, {"check": "success"}), run.log
    assert run.outputs["validate"]["verdict"] == "pass"
    assert run.outputs["validate"]["errors"] == "0"
    assert [each for each in run.annotations if each.level == "error"] == []
    assert run.summary


def test_the_check_annotates_a_bad_manifest_at_its_line_and_fails(act: Act, tmp_path: Path) -> None:
    lines = RELEASE["agentforce/release.yml"].decode().splitlines()
    at = next(number for number, line in enumerate(lines, 1) if "rollout: canary" in line)
    lines[at - 1] = lines[at - 1].replace("canary", "cannary")
    files = {**RELEASE, "agentforce/release.yml": "\n".join(lines).encode()}
    repository = consumer(tmp_path / "consumer", files, templates=("wavegate-check",))
    run = act.run(repository, CHECK, "pull_request")
    assert (run.exit_code, run.jobs) == (1, {"check": "failure"}), run.log
    errors = [each for each in run.annotations if each.level == "error"]
    assert [(each.file, each.line) for each in errors] == [("agentforce/release.yml", at)]
    assert "cannary" in errors[0].message
    assert run.outputs["validate"]["verdict"] == "fail"
    assert "cannary" in run.summary


def test_the_check_fails_where_there_is_nothing_to_check(act: Act, tmp_path: Path) -> None:
    repository = consumer(tmp_path / "consumer", {"README.md": b"nothing\n"}, templates=("wavegate-check",))
    run = act.run(repository, CHECK, "pull_request")
    assert (run.exit_code, run.jobs) == (1, {"check": "failure"}), run.log
    (error,) = run.annotations
    assert (error.level, "no manifest" in error.message) == ("error", True)


def test_hostile_names_are_only_shown(act: Act, tmp_path: Path) -> None:
    names = sorted({one for one in HOSTILE if one.strip() and "\0" not in one})
    manifest = {"release": names[0], "environments": [{"name": "uat", "prompts": names, "actions": []}]}
    files = {**RELEASE, "agentforce/release.yml": json.dumps(manifest, indent=1).encode()}
    files |= {f"agentforce/packs/{name}.json": b"{}" for name in ("::error::made up", "::stop-commands::x $(id)")}
    repository = consumer(tmp_path / "consumer", files, templates=("wavegate-check",))
    run = act.run(repository, CHECK, "pull_request")
    assert run.jobs == {"check": "failure"}, run.log
    assert run.outputs["validate"]["verdict"] == "fail"
    assert set(run.outputs["validate/validate"]) == {"verdict", "errors", "warnings", "notices"}
    assert [each for each in run.annotations if each.file not in files] == []
    errors = [each for each in run.annotations if each.level == "error"]
    assert len(errors) == min(10, int(run.outputs["validate"]["errors"]))
    assert not Path("/tmp/owned").exists()  # noqa: S108 - where the corpus would write
    assert "<img" not in run.summary
    assert "@octocat" not in run.summary


def test_the_action_of_the_root_checks_and_writes_findings(act: Act, tmp_path: Path) -> None:
    repository = consumer(tmp_path / "consumer", {**RELEASE, ".github/workflows/check.yml": ROOT_ACTION.encode()})
    run = act.run(repository, "check.yml", "push")
    assert run.jobs == {"check": "success"}, run.log
    assert run.outputs["check"]["verdict"] == "pass"
    assert run.outputs["findings"]["version"] == "2.1.0"
    assert "installing" not in run.log


@pytest.mark.parametrize(
    ("files", "verdict", "job"),
    [
        pytest.param(results(), "pass", "success", id="all pass"),
        pytest.param(
            results(pii_redaction_check=result("FAILURE", "FAILURE")), "fail", "failure", id="one test fails"
        ),
        pytest.param(results(pii_redaction_check=None), "inconclusive", "failure", id="one test is missing"),
        pytest.param(results(pii_redaction_check=result(None)), "inconclusive", "failure", id="a result is null"),
        pytest.param(
            results(pii_redaction_check=result("PASS", status="IN_PROGRESS")),
            "inconclusive",
            "failure",
            id="not done",
        ),
        pytest.param({}, "inconclusive", "failure", id="no evidence"),
    ],
)
def test_the_gate_gives_its_verdict(
    act: Act, tmp_path: Path, files: dict[str, bytes], verdict: str, job: str
) -> None:
    workflow = {".github/workflows/gate.yml": GATE.encode(), "results/.keep": b""}
    repository = consumer(tmp_path / "consumer", {**RELEASE, **files, **workflow})
    run = act.run(repository, "gate.yml", "workflow_dispatch")
    assert run.jobs == {"gate": job}, run.log
    assert run.outputs["gate"]["verdict"] == verdict, run.log
    assert json.loads(run.outputs["decision"]["file"])["predicate"]["verdict"] == verdict
    assert run.steps["gate"] == job
    assert verdict in run.summary.lower()


def test_an_input_that_cannot_be_read_gives_no_verdict(act: Act, tmp_path: Path) -> None:
    files: dict[str, Any] = {**RELEASE, "agentforce/release.yml": b"release: [\n", "results/.keep": b""}
    repository = consumer(tmp_path / "consumer", files)
    commit(repository, {".github/workflows/gate.yml": GATE.encode()}, "Gate")
    run = act.run(repository, "gate.yml", "workflow_dispatch")
    assert run.steps["gate"] == "failure"
    assert run.outputs["gate"]["verdict"] == ""
    assert "agentforce/release.yml" in {each.file for each in run.annotations if each.level == "error"}, run.log
