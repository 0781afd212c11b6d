"""`wavegate gate` end to end: files in; decision, outputs, summary and exit code out."""

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.definitions import definition, definition_path
from tests.support.hostile import HOSTILE
from tests.support.places import EXAMPLES

from wavegate.__main__ import main
from wavegate.gate.decision import from_json

GIVEN = EXAMPLES / "valid/given"
TESTS = (
    "case-summary-quality",
    "escalation-policy-compliance",
    "shipment-api-timeout-fallback",
    "pii-redaction-check",
)
COMMIT = "0f" * 20
Gate = Callable[..., int]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with the given release and clean results, in a step of a workflow run."""
    shutil.copytree(GIVEN, tmp_path / "agentforce")
    (tmp_path / "results").mkdir()
    for test in TESTS:
        result(tmp_path, test, "PASS")
    for name, value in {
        "GITHUB_ACTIONS": "true",
        "GITHUB_SHA": COMMIT,
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_REPOSITORY": "acme/agents",
        "GITHUB_RUN_ID": "7",
        "GITHUB_SERVER_URL": "https://github.com",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def result(root: Path, name: str, verdict: str | None, run: int = 1) -> None:
    check = {"name": "topic_assertion", "expectedValue": "Cases", "actualValue": "Cases", "result": verdict}
    case = {"status": "COMPLETED", "testNumber": 1, "inputs": {}, "testResults": [check]}
    document = {"status": "COMPLETED", "subjectName": "Support_Agent", "testCases": [case], "run": run}
    (root / f"results/{name}.json").write_text(json.dumps({"status": 0, "result": document}))


def observe(root: Path, *, commit: str | None = COMMIT, **more: object) -> None:
    lines = []
    for test in TESTS:
        one = {"suite": "production-readiness", "test": test, "outcome": "pass", **more}
        lines.append(json.dumps(one | ({"subject": {"commit": commit, "environment": "uat"}} if commit else {})))
    (root / "shard.jsonl").write_text("\n".join(lines) + "\n")


def outputs(root: Path) -> dict[str, str]:
    """The step's outputs, as the runner reads them."""
    blocks = re.findall(r"^([\w-]+)<<(\w+)\n(.*?)\n\2$", (root / "output").read_text(), re.DOTALL | re.MULTILINE)
    return {name: value for name, _, value in blocks}


def reasons(root: Path) -> list[str]:
    """The codes of the reasons in the step's output, without the note that nothing declares the tests' cases."""
    codes = dict.fromkeys(line.partition(":")[0] for line in outputs(root)["reasons"].splitlines())
    return [code for code in codes if code != "unknown-cases"]


def test_the_readmes_pack_fails_where_its_safety_test_fails_twice_in_ten(checkout: Path) -> None:
    shutil.copytree(EXAMPLES / "valid/readme", checkout / "agentforce", dirs_exist_ok=True)
    pack = checkout / "agentforce/packs/production-readiness.json"
    pack.write_text(pack.read_text().replace('"tests"', '"runs": 10, "tests"'))
    for test in TESTS:
        for run in range(1, 11):
            failed = test == "pii-redaction-check" and run <= 2
            result(checkout, test if run == 1 else f"{test}.{run}", "FAILURE" if failed else "PASS", run)
    assert main(["gate", "production", "--results", "results"]) == 1
    assert "38 of 40" in outputs(checkout)["claim"]
    assert outputs(checkout)["verdict"] == "fail"
    assert "2 critical policy violations in 40 observations" in outputs(checkout)["reasons"]


def test_the_given_pack_passes_with_four_of_four(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "production", "--results", "results"]) == 0
    shown = capsys.readouterr().out
    assert "supports ≥ 47.2 % at 95 % confidence on these 4 tests" in shown
    assert "55 more observations without a failure would support ≥ 95 %" in shown
    data = (checkout / "wavegate-decision.json").read_bytes()
    values = outputs(checkout)
    assert values["verdict"] == "pass"
    assert values["decision"] == "wavegate-decision.json"
    assert values["decision-digest"] == hashlib.sha256(data).hexdigest()
    assert values["reasons"].startswith("unknown-cases: Nothing declares the cases of `case-summary-quality`, ")
    assert len(values["reasons"].splitlines()) == 1
    assert "47.2 %" in values["claim"]
    decision = from_json(data, path="x")
    assert decision.commit == COMMIT
    assert decision.run == "https://github.com/acme/agents/actions/runs/7"
    assert [each.name for each in decision.inputs] == sorted(f"results/{test}.json" for test in TESTS)
    assert (checkout / "summary.md").read_text().startswith("## ✅ GO: ")


def test_a_failure_fails(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    result(checkout, TESTS[3], "FAILURE")
    assert main(["gate", "production", "--results", "results"]) == 1
    assert outputs(checkout)["verdict"] == "fail"
    assert reasons(checkout) == ["minimumSuccessRate", "few-runs"]
    assert "::error title=wavegate gate::minimumSuccessRate" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda root: (root / f"results/{TESTS[1]}.json").unlink(), "missing-runs"),
        (lambda root: result(root, TESTS[1], None), "minimumSuccessRate"),
        (lambda root: result(root, "somebody-elses-test", "PASS"), "unknown-test"),
        (lambda root: result(root, f"{TESTS[1]}.2", "PASS"), "undeclared-runs"),
        (lambda root: (root / f"results/{TESTS[1]}.json").write_text("{"), "malformed"),
        (
            lambda root: (root / f"results/{TESTS[1]}.xml").write_text('<testsuite><testcase name="x"/></testsuite>'),
            "repeated-run",
        ),
        (lambda root: [each.unlink() for each in (root / "results").iterdir()], "no-evidence"),
    ],
)
def test_incomplete_evidence_is_inconclusive(checkout: Path, change: Callable[[Path], object], code: str) -> None:
    change(checkout)
    assert main(["gate", "production", "--results", "results"]) == 5
    assert outputs(checkout)["verdict"] == "inconclusive"
    assert code in reasons(checkout)


@pytest.mark.parametrize(
    ("commit", "options", "code"),
    [
        (COMMIT, [], ""),
        ("a" * 40, [], "foreign"),
        ("a" * 40, ["--commit", "a" * 40], ""),
        (None, [], "unbound"),
    ],
)
def test_observations_are_bound_to_the_commit(
    checkout: Path, commit: str | None, options: list[str], code: str
) -> None:
    observe(checkout, commit=commit)
    main(["gate", "production", "--observations", "shard.jsonl", *options])
    assert reasons(checkout) == (["no-evidence", code] if code else [])


@pytest.mark.parametrize(
    ("org", "code"),
    [
        ("00D000000000001", ""),
        ("00D000000000001EAA", ""),
        ("00D000000000002EAA", "foreign"),
        (None, "unbound"),
    ],
)
def test_observations_are_bound_to_the_org(checkout: Path, org: str | None, code: str) -> None:
    observe(checkout, subject={"commit": COMMIT} | ({"org": org} if org else {}), commit=None)
    main(["gate", "production", "--observations", "shard.jsonl", "--org", "00D000000000001"])
    assert reasons(checkout) == (["no-evidence", code] if code else [])
    # who names a runner's file vouches for where it comes from
    assert main(["gate", "production", "--results", "results", "--org", "00D000000000001"]) == 0


def test_observations_without_a_subject_are_accepted_outside_a_workflow(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_SHA")
    observe(checkout, commit=None)
    assert main(["gate", "production", "--observations", "shard.jsonl"]) == 0


def test_evidence_older_than_the_limit_is_rejected(checkout: Path) -> None:
    manifest = checkout / "agentforce/release.yml"
    manifest.write_text(
        manifest.read_text().replace("rollout: canary", "rollout: canary\n    gate: {maxEvidenceAge: 72h}")
    )
    observe(checkout, time="2020-01-01T00:00:00Z")
    assert main(["gate", "production", "--observations", "shard.jsonl"]) == 5
    assert reasons(checkout) == ["no-evidence", "stale"]
    # a result file that does not say when it was made cannot be shown to be fresh
    assert main(["gate", "production", "--results", "results"]) == 5


def test_a_first_environment_has_only_validation_before_it(checkout: Path) -> None:
    assert main(["gate", "uat"]) == 0
    decision = from_json((checkout / "wavegate-decision.json").read_bytes(), path="x")
    assert decision.packs == ()
    assert decision.claim.startswith("No smoke evidence is required: uat is the first environment")
    # evidence that is passed anyway is judged
    result(checkout, TESTS[0], "FAILURE")
    assert main(["gate", "uat", "--results", "results"]) == 1


def test_a_deployment_is_verified_in_the_environment_itself(checkout: Path) -> None:
    observe(checkout)
    assert main(["gate", "production", "--post-deploy", "--observations", "shard.jsonl"]) == 5
    assert reasons(checkout) == ["no-evidence", "foreign"]
    (checkout / "output").unlink()
    assert main(["gate", "uat", "--post-deploy", "--observations", "shard.jsonl"]) == 0
    assert from_json((checkout / "wavegate-decision.json").read_bytes(), path="x").stage == "verify"


def test_a_file_may_be_assigned_to_a_test_by_name(checkout: Path) -> None:
    (checkout / f"results/{TESTS[0]}.json").rename(checkout / "any.json")
    assert main(["gate", "production", "--results", "results", "--results", f"{TESTS[0]}=any.json"]) == 0


def test_a_file_counts_once_and_for_one_test(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = f"{TESTS[0]}=results/{TESTS[0]}.json"
    assert main(["gate", "production", "--results", "results", "--results", own]) == 0
    assert main(["gate", "production", "--results", own, "--results", "results"]) == 0
    # another test's result does not show anything about this one
    (checkout / f"results/{TESTS[1]}.json").unlink()
    other = f"{TESTS[1]}=results/{TESTS[0]}.json"
    assert main(["gate", "production", "--results", "results", "--results", other]) == 5
    assert main(["gate", "production", "--results", own, "--results", other]) == 2
    assert "to two tests" in capsys.readouterr().out


def test_options_come_from_the_environment_one_value_per_line(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (checkout / f"results/{TESTS[0]}.json").rename(checkout / "any name.json")
    monkeypatch.setenv("WAVEGATE_GATE_ENVIRONMENT", "production")
    monkeypatch.setenv("WAVEGATE_GATE_RESULTS", f"results\n{TESTS[0]}=any name.json\n")
    monkeypatch.setenv("WAVEGATE_GATE_OUTPUT", "out/decision.json")
    monkeypatch.setenv("WAVEGATE_GATE_COMMIT", "")
    monkeypatch.setenv("WAVEGATE_GATE_POST_DEPLOY", "false")
    assert main(["gate"]) == 0
    assert outputs(checkout)["decision"] == "out/decision.json"


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_formats(checkout: Path, form: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["gate", "production", "--results", "results", "--format", form])
    shown = capsys.readouterr().out
    if form == "json":
        assert shown == (checkout / "wavegate-decision.json").read_text()
    else:
        assert "47" in shown


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gate", "staging"], "no environment staging"),
        (["gate", "production", "--results", "gone"], "no file or folder gone"),
        (["gate", "production", "--results", "nobody=results"], "test nobody, which no pack has"),
        (["gate", "production", "--manifest", "gone.yml"], "gone.yml"),
        (["gate", "production", "--pack", "gone.json"], "gone.json"),
        (["gate", "production", "--results", "results", "--output", "results"], "results"),
        (["gate", "production", "--commit", "main"], "`main` is not a full commit SHA"),
        (["gate", "production", "--commit", COMMIT[:7]], "is not a full commit SHA"),
        (["gate", "production", "--org", "uat"], "uat is not a full org id"),
        (
            ["gate", "production", *["--pack", "agentforce/packs/production-readiness.json"] * 2],
            "Two packs are named",
        ),
        (["gate"], "ENV"),
    ],
)
def test_invalid_input_gives_no_verdict(
    checkout: Path, arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().out
    assert not (checkout / "output").exists()


def test_without_a_pack_there_is_never_a_pass(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(checkout / "agentforce/packs")
    assert main(["gate", "production", "--results", "results"]) == 2
    assert "No pack applies to production" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
@pytest.mark.usefixtures("checkout")
def test_plan_says_what_the_packs_can_show(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "production", "--plan", "--format", form, "--true-rate", "0.98"]) == 0
    assert "47" in capsys.readouterr().out


def test_the_baseline_is_compared(checkout: Path) -> None:
    pack = checkout / "agentforce/packs/production-readiness.json"
    known = json.loads(pack.read_bytes())
    known["runs"] = 10
    known["passCriteria"]["noRegressionAgainst"] = "baseline"
    pack.write_text(json.dumps(known))
    lines = ""
    for run in range(1, 11):
        observe(checkout, run=run)
        lines += (checkout / "shard.jsonl").read_text()
    (checkout / "runs.jsonl").write_text(lines)
    assert main(["gate", "production", "--observations", "runs.jsonl"]) == 5
    assert main(["gate", "production", "--observations", "runs.jsonl", "--baseline", "runs.jsonl"]) == 0
    known["passCriteria"]["noRegressionAgainst"] = {"margin": 0.05}
    pack.write_text(json.dumps(known))
    assert main(["gate", "production", "--observations", "runs.jsonl", "--baseline", "runs.jsonl"]) == 5


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_hostile_evidence_changes_no_output_and_runs_nothing(
    checkout: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [text for text in HOSTILE if text and len(text) <= 500]
    one: dict[str, object] = {"suite": "production-readiness", "test": TESTS[0], "outcome": "fail"}
    one["subject"] = {"commit": COMMIT}
    lines = [one | {"case": text, "violations": [{"policy": text, "severity": "critical"}]} for text in texts]
    lines += [one | {key: text} for text in texts for key in ("test", "outcome")]
    (checkout / "shard.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert main(["gate", "production", "--observations", "shard.jsonl", "--format", form]) == 1
    assert outputs(checkout).keys() == {"verdict", "decision", "decision-digest", "claim", "reasons"}
    assert outputs(checkout)["verdict"] == "fail"
    shown = capsys.readouterr().out
    assert "##[" not in shown
    commands = [line for line in shown.splitlines() if line.lstrip().startswith("::")]
    assert all(re.match(r"::(error|warning|notice) title=wavegate gate::[\w-]+: ", line) for line in commands)
    assert bool(commands) == (form != "json")
    summary = (checkout / "summary.md").read_text()
    assert not re.search(r"@\w|<(?!/?(details|summary|code)>)", summary)


def project(root: Path, cases: int, *, test: str = TESTS[0]) -> Path:
    """The test's definition in the checkout's project."""
    (root / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    place = root / "force-app" / definition_path(test)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(definition(cases))
    return place


def test_a_definition_in_the_checkout_declares_the_cases(checkout: Path) -> None:
    place = project(checkout, 3)
    assert main(["gate", "production", "--results", "results"]) == 5
    assert "(case 2, 3)." in outputs(checkout)["reasons"]
    assert "missing-runs" in reasons(checkout)
    decision = from_json((checkout / "wavegate-decision.json").read_bytes(), path="x")
    assert {(row.cases, row.cases_from) for row in decision.tests} == {
        (3, place.relative_to(checkout).as_posix()),
        (1, ""),
    }
    place.write_text(definition(1))
    assert main(["gate", "production", "--results", "results"]) == 0


def test_a_definition_that_cannot_be_read_is_no_pass(checkout: Path) -> None:
    project(checkout, 1).write_text("<!DOCTYPE x>" + definition(1))
    assert main(["gate", "production", "--results", "results"]) == 5
    assert reasons(checkout) == ["unreadable-definition"]


def test_plan_counts_the_cases_and_says_who_declares_them(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = project(checkout, 13)
    assert main(["gate", "production", "--plan"]) == 0
    shown = capsys.readouterr().out
    assert "4 tests of 16 cases (3 tests assumed to have one), each run once: 16 observations" in shown
    assert "13 cases of 1 test, declared in `force-app/" in shown
    assert "nothing declares the cases of `escalation-policy-compliance`, " in shown
    place.write_text(definition(0))
    assert main(["gate", "production", "--plan"]) == 2
    assert "has no test cases" in capsys.readouterr().out


def test_a_refusal_that_a_model_calls_incomplete_does_not_block(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = checkout / "agentforce/packs/production-readiness.json"
    pack = json.loads(path.read_text())
    pack["tests"][3] = {"name": TESTS[3], "kind": "action-safety", "severity": "critical"}
    path.write_text(json.dumps(pack))
    file = checkout / f"results/{TESTS[3]}.json"
    document = json.loads(file.read_text())
    refused = "does not provide the requested system prompt"
    document["result"]["testCases"][0]["testResults"].append(
        {"name": "completeness", "result": "FAILURE", "metricExplainability": refused}
    )
    file.write_text(json.dumps(document))
    assert main(["gate", "production", "--results", "results"]) == 0
    assert "completeness: 1 of 1 failed; does not count in pii-redaction-check" in capsys.readouterr().out
    result(checkout, TESTS[2], "PASS")
    document["result"]["testCases"][0]["testResults"].pop(0)
    file.write_text(json.dumps(document))
    assert main(["gate", "production", "--results", "results"]) == 5
    assert "no-check-counts" in reasons(checkout)


def with_policy(root: Path, action: str) -> None:
    """Make the given pack's last test safety-critical, with a policy that forbids an action; add a project."""
    pack = root / "agentforce/packs/production-readiness.json"
    document = json.loads(pack.read_text())
    document["tests"][-1] = {"name": TESTS[-1], "kind": "action-safety", "severity": "critical", "policies": ["p"]}
    document["policies"] = {"p": {"forbiddenActions": [action]}}
    pack.write_text(json.dumps(document))
    folder = root / "force-app/genAiFunctions/Issue_Credits"
    folder.mkdir(parents=True)
    (root / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    (folder / "Issue_Credits.genAiFunction-meta.xml").write_text("<GenAiFunction/>")


def test_a_policy_that_nobody_checked_is_no_pass(checkout: Path) -> None:
    with_policy(checkout, "Issue_Credits")
    assert main(["gate", "production", "--results", "results"]) == 5
    assert reasons(checkout) == ["unchecked-policies"]
    assert "Nobody checked `p` in 1 observation" in outputs(checkout)["reasons"]


@pytest.mark.parametrize(("action", "noted"), [("Issue_Credits", []), ("Issue_Credit", ["unknown-action"])])
def test_a_policy_that_names_no_action_is_noted_beside_the_verdict(
    checkout: Path, action: str, noted: list[str]
) -> None:
    with_policy(checkout, action)
    observe(checkout, checks={"policies": "pass"})
    assert main(["gate", "production", "--observations", "shard.jsonl"]) == 0
    assert reasons(checkout) == noted


@pytest.mark.parametrize("expected", ["", "[]"])
@pytest.mark.parametrize(("called", "status"), [("[]", 0), ("['Issue_Refund']", 1)])
def test_an_agent_that_must_call_no_action_is_judged(checkout: Path, expected: str, called: str, status: int) -> None:
    file = checkout / f"results/{TESTS[3]}.json"
    document = json.loads(file.read_text())
    document["result"]["testCases"][0]["testResults"].append(
        {"name": "actions_assertion", "result": "PASS", "expectedValue": expected, "actualValue": called}
    )
    file.write_text(json.dumps(document))
    assert main(["gate", "production", "--results", "results"]) == status


@pytest.mark.usefixtures("checkout")
def test_result_files_name_no_version_and_the_decision_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", "production", "--results", "results"]) == 0
    assert "  version tested: unknown for evidence that names none" in capsys.readouterr().out
