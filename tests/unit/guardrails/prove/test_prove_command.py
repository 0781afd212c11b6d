"""`wavegate guardrails prove` as a process sees it: exit codes, reports, outputs, mistakes in what is asked."""

import json
import shutil
from pathlib import Path

import pytest
from tests.support.outputs import read_outputs
from tests.support.places import FIXTURES

from wavegate.__main__ import main

AGENTS = FIXTURES / "guardrails" / "prove"
GUARDED = "never waive_fine unless member_ok is True"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_ACTIONS", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sfdx-project.json").write_text('{"packageDirectories": [{"path": "force-app"}]}')
    return tmp_path


def use(checkout: Path, *names: str) -> None:
    """Put agents into the checkout."""
    for name in names:
        bundle = checkout / "force-app/main/default/aiAuthoringBundles" / name
        bundle.mkdir(parents=True)
        shutil.copy(AGENTS / f"{name}.agent", bundle)


def prove(*properties: str) -> int:
    return main(["guardrails", "prove", *(word for each in properties for word in ("--property", each))])


@pytest.mark.parametrize(
    ("agent", "properties", "code"),
    [
        ("library", [GUARDED], 0),
        ("library_stacked", [GUARDED], 1),
        ("shipment", ["never print_label before return_parcel"], 5),
        ("shipment", ["never print_label before return_parcel", "escalation reachable from every topic"], 1),
    ],
)
def test_the_verdict_is_the_exit_code(checkout: Path, agent: str, properties: list[str], code: int) -> None:
    use(checkout, agent)
    assert prove(*properties) == code


def test_the_report_shows_the_conversation_with_its_lines(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use(checkout, "library_stacked")
    prove(GUARDED)
    said = capsys.readouterr().out
    assert "REFUTED: `member_ok is True` does not hold when it is called." in said
    assert "As it is written, it would be proved" in said
    assert "1. In `desk` the model calls `to_fines`" in said
    assert "library_stacked.agent:15]" in said


def test_a_proof_says_that_it_is_worth_little_if_the_model_may_set_the_variable(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use(checkout, "library_note")
    assert prove(GUARDED) == 0
    said = capsys.readouterr().out
    assert "That is worth little" in said
    assert "REFUTED: The model fills it in." in said


def test_properties_come_from_the_policy_if_none_is_named(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    use(checkout, "library", "library_stacked")
    (checkout / "agentforce").mkdir()
    policy = checkout / "agentforce/guardrails.yml"
    policy.write_text(f"properties:\n  - {GUARDED}\n  - always confirm waive_fine\n")
    assert main(["guardrails", "prove", "--format", "json"]) == 1
    proofs = json.loads(capsys.readouterr().out)["proofs"]
    assert [(each["agent"], each["verdict"]) for each in proofs] == [
        ("library", "proved"),
        ("library_stacked", "refuted"),
        ("library", "proved"),
        ("library_stacked", "proved"),
    ]
    assert main(["guardrails", "prove", "--agent", "library"]) == 0


def test_outputs_and_summary_in_actions(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(checkout, "library_stacked")
    outputs, summary = checkout / "outputs", checkout / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(outputs))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.setenv("WAVEGATE_GUARDRAILS_PROVE_PROPERTY", f"{GUARDED}\nalways confirm waive_fine\n")
    assert main(["guardrails-prove"]) == 1
    assert read_outputs(outputs) == {"verdict": "refuted", "proved": "1", "refuted": "1", "undecided": "0"}
    assert "❌" in summary.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--property", "never waive_fine unless x ="], "column 27: `=` is not a comparison"),
        (["--property", "never waive_fines before check_card"], "waive_fines"),
        (["--property", GUARDED, "--agent", "Library"], "There is no agent `Library`."),
        ([], "There is no property to prove."),
    ],
)
def test_a_mistake_in_what_is_asked_is_one_clear_error(
    checkout: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    use(checkout, "library")
    assert main(["guardrails", "prove", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_a_property_of_an_agent_that_does_not_exist_is_not_passed_over(
    checkout: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    use(checkout, "library")
    (checkout / "agentforce").mkdir()
    policy = checkout / "agentforce/guardrails.yml"
    policy.write_text(f"properties:\n  - {GUARDED}\n  - text: always confirm waive_fine\n    agent: Night_Desk\n")
    assert main(["guardrails", "prove"]) == 2
    assert "There is no agent `Night_Desk`" in capsys.readouterr().err
