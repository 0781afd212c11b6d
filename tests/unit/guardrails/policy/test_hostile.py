"""Files that are meant to break the check end in findings, each in a short time."""

from datetime import date

import pytest
from tests.support.places import FIXTURES
from tests.support.policies import Files

from wavegate.guardrails.policy.check import CheckedGuardrails, PolicyVerdict, check_guardrails
from wavegate.guardrails.policy.rules.texts import is_record_id
from wavegate.guardrails.prove.proof import Bounds

GOOD = (FIXTURES / "guardrails/property-violated/valid-never-before").rglob("*.agent")
SCRIPT = next(GOOD).read_text("utf-8")
BUNDLE = "force-app/main/default/aiAuthoringBundles/Library_Desk/Library_Desk.agent"


def check(policy: str = "", script: str = SCRIPT) -> CheckedGuardrails:
    files = {BUNDLE: script, "sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}]}'}
    if policy:
        files["agentforce/guardrails.yml"] = policy
    return check_guardrails(Files(files), today=date(2026, 11, 27))


def test_the_script_of_these_tests_is_a_good_one() -> None:
    checked = check()
    assert checked.findings == ()
    assert checked.verdict(strict=True) is PolicyVerdict.PASS


@pytest.mark.parametrize(
    "sentence",
    [
        "never waive_fine unless " + "(" * 400 + "member_ok" + ")" * 400,
        "never waive_fine unless " + "not " * 200 + "member_ok",
        "waive_fine at most 99999999999999999999 times",
        "waive_fine only from " + "fines, " * 100,
        "never \u202ewaive_fine before member_ok is True",
        "escalation reachable from",
        "member_ok set only by ::error::x",
    ],
)
def test_a_hostile_sentence_never_passes(sentence: str) -> None:
    checked = check(f"properties: ['{sentence}']\n")
    assert checked.findings
    assert {each.location.file for each in checked.findings} <= {"agentforce/guardrails.yml", BUNDLE}
    assert checked.verdict(strict=True) is not PolicyVerdict.PASS


def test_a_proof_beyond_its_bounds_is_unknown_and_no_pass() -> None:
    files = {
        BUNDLE: SCRIPT,
        "sfdx-project.json": '{"packageDirectories": [{"path": "force-app"}]}',
        "agentforce/guardrails.yml": "properties: [never waive_fine before member_ok is True]\n",
    }
    late = check_guardrails(Files(files), today=date(2026, 11, 27), bounds=lambda: Bounds(states=1, work=1))
    assert [each.rule for each in late.findings] == ["property/unknown"]
    assert late.verdict(strict=False) is PolicyVerdict.INCONCLUSIVE


@pytest.mark.parametrize(
    "condition",
    [
        "(" * 2000 + "@variables.member_ok" + ")" * 2000,
        "not " * 2000 + "@variables.member_ok",
        " and ".join(["@variables.member_ok == True"] * 2000),
        "@variables." + "a" * 50_000,
        "\u202e@variables.member_ok",
        '"',
    ],
)
def test_a_hostile_condition_never_passes(condition: str) -> None:
    script = SCRIPT.replace("available when @variables.member_ok == True", f"available when {condition}")
    checked = check("properties: [never waive_fine before member_ok is True]\n", script)
    assert checked.findings or " and " in condition
    assert len(checked.findings) < 20


def test_a_cycle_of_topics_ends() -> None:
    topics = "".join(
        f'\nsubagent t{number}:\n    description: "x"\n    reasoning:\n        instructions: ->\n            | Go.\n'
        f"        actions:\n            on: @utils.transition to @subagent.t{(number + 1) % 300}\n"
        for number in range(300)
    )
    found = check("properties: [escalation reachable from every topic]\n", SCRIPT + topics).findings
    assert [each.rule for each in found if each.rule.startswith("property/")] == []


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("0035g00000XyZ12AAF", True),
        ("0035g00000XyZ12AAG", False),
        ("0035g00000XyZ12", True),
        ("000000000000000AAA", False),
        ("999999999999999", False),
        ("Q1FiscalYear2026", False),
        ("abcdefghijklmno", False),
        ("00Dabcdefghijkl", False),
    ],
)
def test_what_is_an_id_of_a_record(word: str, *, expected: bool) -> None:
    assert is_record_id(word) is expected
