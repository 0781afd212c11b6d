"""The smoke action under `act`: tests run in the org double, and the gate judges what was observed."""

import json
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble, center_case
from tests.support.act import Act, ActRun
from tests.support.consumer import RELEASE, consumer
from tests.support.product import REFERENCE

ACTIONS = "wavegate/wavegate/.github/actions"
WORKFLOW = f"""
on: workflow_dispatch
permissions: {{}}
jobs:
  prove:
    runs-on: ubuntu-latest
    permissions: {{contents: read}}
    env:
      SF_ACCESS_TOKEN: ${{{{ secrets.SF_ACCESS_TOKEN }}}}
      SF_ORG_INSTANCE_URL: ${{{{ secrets.SF_ORG_INSTANCE_URL }}}}
    steps:
      - uses: actions/checkout@v7
      - id: smoke
        uses: {ACTIONS}/smoke@{REFERENCE}
        with: {{environment: uat, poll-interval: 1s, output: evidence/uat.jsonl}}
      - id: gate
        uses: {ACTIONS}/gate@{REFERENCE}
        with: {{environment: production, observations: evidence}}
"""
TESTS = (
    "case-summary-quality",
    "escalation-policy-compliance",
    "shipment-api-timeout-fallback",
    "pii-redaction-check",
)


PACK = "agentforce/packs/production-readiness.json"


def prove(act: Act, folder: Path, org: SalesforceDouble, **changes: object) -> ActRun:
    """Smoke tests and gate, in a consumer's repository. changes: to its pack."""
    pack = json.dumps({**json.loads(RELEASE[PACK]), **changes}).encode()
    repository = consumer(folder, {**RELEASE, PACK: pack, ".github/workflows/prove.yml": WORKFLOW.encode()})
    return act.run(repository, "prove.yml", "workflow_dispatch", secrets=org.environment())


@pytest.mark.parametrize(("result", "verdict"), [("PASS", "pass"), ("FAILURE", "fail"), (None, "inconclusive")])
def test_what_the_org_shows_is_what_the_gate_judges(
    act: Act, tmp_path: Path, result: str | None, verdict: str
) -> None:
    with SalesforceDouble() as org:
        for name in TESTS[:3]:
            org.testing.define(name)
        org.testing.define(TESTS[3], cases=[center_case(1, result), center_case(2, result)])
        run = prove(act, tmp_path / "consumer", org)
        assert run.steps["smoke"] == "success", run.log
        assert run.outputs["smoke"]["complete"] == "true"
        assert run.outputs["smoke"]["observations"] == "evidence/uat.jsonl"
        assert run.outputs["gate"]["verdict"] == verdict, run.log
        assert "Smoke run in" in run.summary
        assert org.token not in run.log
        left = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != ".secrets"]
        assert [path for path in left if org.token.encode() in path.read_bytes()] == []


def test_a_test_that_the_org_does_not_have_is_not_a_pass(act: Act, tmp_path: Path) -> None:
    with SalesforceDouble() as org:
        for name in TESTS[:3]:
            org.testing.define(name)
        run = prove(act, tmp_path / "consumer", org)
        assert run.outputs["smoke"]["errors"] == "1"
        assert run.outputs["gate"]["verdict"] == "inconclusive", run.log
        assert any("pii-redaction-check was not started" in each.message for each in run.annotations)


@pytest.mark.parametrize(
    ("failing", "observed", "verdict", "said"),
    [
        # 4 tests of 6 cases: 72 observations are three runs, the first of which counts the cases
        (0, 72, "pass", "wave 2: 72 of 72 observations passed; settled: pass, a rate ≥ 95 % at 95 % confidence"),
        (2, 24, "fail", "wave 1: 16 of 24 observations passed; settled: fail, a rate < 95 % at 95 % confidence"),
    ],
)
def test_a_pack_runs_until_the_wave_that_settles_it(
    act: Act, tmp_path: Path, failing: int, observed: int, verdict: str, said: str
) -> None:
    with SalesforceDouble() as org:
        for name in TESTS:
            cases = [center_case(number, "FAILURE" if number <= failing else "PASS") for number in range(1, 7)]
            org.testing.define(name, cases=cases)
        run = prove(act, tmp_path / "consumer", org, runs="until-settled")
        assert run.outputs["smoke"]["complete"] == "true", run.log
        assert len(org.testing.runs) == observed / 6
        assert int(run.outputs["smoke"]["passed"]) + int(run.outputs["smoke"]["failed"]) == observed
        assert run.outputs["gate"]["verdict"] == verdict, run.log
        assert said in run.log
        assert said in run.summary.replace("\\", "").replace("&lt;", "<")
