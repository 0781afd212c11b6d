"""The readiness of a release: what each area asks for, its reports, and how hostile names end there."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.support.hostile import HOSTILE
from tests.support.projects import manifest
from tests.support.releases import environment

from wavegate.findings.finding import Finding, Location, Severity
from wavegate.release.manifest import (
    Agent,
    Canary,
    CanaryMetric,
    CanaryStep,
    Capability,
    Detail,
    HealthSettings,
    Journey,
    Kind,
    Manifest,
    Owners,
    RollbackProcedure,
    RollbackStrategy,
    SupportReadiness,
    Threshold,
)
from wavegate.release.pack import Criteria, Pack, PackTest, Policy, TestKind
from wavegate.release.readiness.as_report import score_lines, score_markdown, score_values
from wavegate.release.readiness.assess import score_card
from wavegate.release.readiness.code_owners import code_owners_findings
from wavegate.release.readiness.findings import missing_support_runbook, readiness_findings, unknown_tests
from wavegate.release.readiness.listed import listed
from wavegate.release.readiness.values import ReadinessArea, Shipped

ANSWERS = PackTest(name="answers")
SAFE = PackTest(name="safe", kind=TestKind.ACTION_SAFETY)
FOUR = {"answer": "a", "act": "b", "ask": "c", "escalate": "d"}


def locate(*parts: str | int, key: bool = False) -> Location:  # noqa: ARG001 - the Locate protocol
    return Location(file="/".join(map(str, parts)))


def pack(*tests: PackTest, policies: tuple[Policy, ...] = ()) -> Pack:
    return Pack(suite="smoke", tests=tests, policies=policies, criteria=Criteria(minimum_success_rate=0.9))


def score(
    area: ReadinessArea, given: Manifest, *packs: Pack, shipped: Shipped | None = None
) -> tuple[int, tuple[str, ...]]:
    """What is met and what is missing in an area; (0, ()) if the card does not have it."""
    card = score_card(given, shipped or listed(given), packs)
    found = [(each.met, each.missing) for each in card.areas if each.area is area]
    return found[0] if found else (0, ())


def action(name: str, **fields: Any) -> Detail:
    return Detail(kind=Kind.ACTIONS, name=name, **fields)


def agent(name: str, **links: str) -> Capability:
    return Capability(kind="agents", name=name, acceptance=FOUR, acceptance_tests=links)


def agents(*names: str, **fields: Any) -> Manifest:
    return manifest(agents=tuple(Agent(name=each) for each in names), **fields)


def test_owners_are_those_of_the_release_of_actions_of_journeys_and_of_manual_procedures() -> None:
    manual = RollbackProcedure(kind=Kind.CREDENTIALS, strategy=RollbackStrategy.MANUAL, runbook="r.md")
    given = manifest(
        actions=("refund",),
        owners=Owners(release=("@a",), kill_switch=("@a",)),
        details=(action("refund", impact="high"),),
        rollback=(manual,),
        journeys=(Journey(name="pay", tests=("answers",)),),
    )
    missing = ("dashboards", "escalations", "refund", "rollback.credentials", "journeys.pay")
    assert score(ReadinessArea.OWNERS, given) == (2, missing)
    owned = replace(
        given,
        owners=Owners(release=("@a",), kill_switch=("@a",), dashboards=("@b",), escalations=("@b",)),
        details=(action("refund", impact="high", owner="@a"),),
        rollback=(replace(manual, owner="@a"),),
        journeys=(Journey(name="pay", tests=("answers",), owner="@a"),),
    )
    assert score(ReadinessArea.OWNERS, owned) == (7, ())


@pytest.mark.parametrize(
    ("given", "packs", "expected"),
    [
        (manifest(prompts=("p",)), [], (0, ("release: answer-quality", "release: action-safety"))),
        (manifest(prompts=("p",)), [pack(ANSWERS)], (1, ("release: action-safety",))),
        (manifest(prompts=("p",)), [pack(ANSWERS), pack(SAFE)], (2, ())),
        (agents("A"), [pack(ANSWERS, SAFE)], (2, ())),
        # with several agents, somebody has to say which test is about which
        (agents("A", "B", capabilities=(agent("A", answer="answers", act="safe"),)), [pack(ANSWERS, SAFE)],
         (2, ("B: answer-quality", "B: action-safety"))),
        (manifest(actions=("pay",), details=(action("pay", impact="high"),)), [pack(ANSWERS, SAFE)],
         (2, ("pay: answer-quality", "pay: action-safety"))),
        (manifest(actions=("pay",), details=(action("pay", impact="high", acceptance_tests={"act": "safe"}),)),
         [pack(ANSWERS, SAFE)], (3, ("pay: answer-quality",))),
        (manifest(actions=("pay",), details=(action("pay", impact="normal"),)), [pack(ANSWERS, SAFE)], (2, ())),
        (manifest(), [pack(ANSWERS)], (0, ())),
    ],
)  # fmt: skip
def test_both_kinds_of_tests_are_needed(
    given: Manifest, packs: list[Pack], expected: tuple[int, tuple[str, ...]]
) -> None:
    assert score(ReadinessArea.SMOKE_TESTS, given, *packs) == expected


def test_a_test_counts_for_the_action_that_its_policy_names_and_for_the_agent_of_its_definition() -> None:
    policy = Policy(name="asks", forbidden_actions=("Pay",))
    given = agents("A", "B", actions=("pay",), details=(action("pay", impact="high"),))
    shipped = replace(listed(given), tested={"answers": frozenset({"B"})})
    packs = pack(ANSWERS, replace(SAFE, policies=("asks",)), policies=(policy, replace(policy, name="unused")))
    assert score(ReadinessArea.SMOKE_TESTS, given, packs, shipped=shipped) == (
        2,
        ("A: answer-quality", "A: action-safety", "B: action-safety", "pay: answer-quality"),
    )


@pytest.mark.parametrize(
    ("tests", "expected"), [((), (0, ("a journey",))), (("answers",), (1, ())), (("answers", "gone"), (0, ("pay",)))]
)
def test_a_journey_is_covered_by_tests_that_exist(tests: tuple[str, ...], expected: tuple[int, Any]) -> None:
    given = manifest(journeys=(Journey(name="pay", tests=tests),) if tests else ())
    assert score(ReadinessArea.JOURNEYS, given, pack(ANSWERS)) == expected


def test_agents_and_high_impact_actions_need_four_criteria_others_one() -> None:
    given = manifest(
        actions=("pay", "look"),
        agents=(Agent(name="A"),),
        details=(action("pay", impact="high", acceptance={"act": "x"}), action("look", acceptance={"answer": "x"})),
        capabilities=(Capability(kind="agents", name="A", acceptance={"answer": "x", "act": "x", "ask": "x"}),),
    )
    shipped = replace(listed(given), topics=("Orders",))
    missing = ("pay (answer, ask, escalate)", "A (escalate)", "Orders")
    assert score(ReadinessArea.ACCEPTANCE, given, shipped=shipped) == (1, missing)
    complete = replace(
        given,
        details=(action("pay", impact="high", acceptance=FOUR), action("look", acceptance={"answer": "x"})),
        capabilities=(agent("A"), Capability(kind="topics", name="Orders", acceptance={"answer": "x"})),
    )
    assert score(ReadinessArea.ACCEPTANCE, complete, shipped=shipped) == (4, ())


def test_a_criterion_counts_as_tested_if_its_test_exists() -> None:
    given = agents("A", capabilities=(agent("A", answer="answers", act="gone"),))
    assert score(ReadinessArea.LINKED, given, pack(ANSWERS)) == (1, ("A.act", "A.ask", "A.escalate"))
    (finding,) = unknown_tests(given, locate, [pack(ANSWERS)])
    assert (finding.rule, finding.severity) == ("readiness/unknown-test", Severity.ERROR)
    assert finding.location.file == "components/agents/A/acceptance/act/test"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"canary": Canary(steps=(CanaryStep(cohorts=None),))}, (0, ("production",))),
        ({"canary": Canary(steps=(), metrics=(CanaryMetric(name="volume", guard=True),))}, (1, ())),
        ({"health": HealthSettings(thresholds=(Threshold(name="taskSuccess", minimum=0.9),))}, (1, ())),
    ],
)
def test_a_canary_needs_signals_that_somebody_chose(fields: dict[str, Any], expected: tuple[int, Any]) -> None:
    given = replace(manifest(), environments=(environment("production", rollout="canary", **fields),))
    assert score(ReadinessArea.SIGNALS, given) == expected
    assert score(ReadinessArea.SIGNALS, manifest()) == (0, ())


def test_support_and_review_are_what_people_write_down() -> None:
    given = manifest(support=SupportReadiness(trained="tier 2"), review_cadence=timedelta(days=7))
    assert score(ReadinessArea.SUPPORT, given) == (1, ("runbook",))
    assert score(ReadinessArea.REVIEW, given) == (1, ("owner",))
    wrong = manifest(support=SupportReadiness(runbook="gone.md"))
    (finding,) = missing_support_runbook(wrong, locate, lambda _: False)
    assert (finding.rule, finding.location.file) == ("readiness/runbook-missing", "support/runbook")
    assert not list(missing_support_runbook(wrong, locate, lambda _: True))


def test_an_action_whose_code_changes_something_needs_a_stated_impact() -> None:
    given = manifest(actions=("pay", "look"), details=(action("look", impact="normal"), action("pay", owner="@a")))
    shipped = replace(listed(given), changing={"pay": "moves money", "look": "calls out"}, unclear={})
    assert score(ReadinessArea.IMPACT, given, shipped=shipped) == (1, ("pay",))
    (found,) = [each for each in gaps(given, shipped=shipped) if each.rule == "readiness/impact-not-stated"]
    assert "`pay (moves money)`" in found.message


def gaps(given: Manifest, *packs: Pack, shipped: Shipped | None = None) -> list[Finding]:
    shipped = shipped or listed(given)
    return list(readiness_findings(given, score_card(given, shipped, packs), shipped, locate))


def test_an_empty_manifest_gets_a_short_list_and_all_of_it_as_errors_if_enforced() -> None:
    given = manifest(prompts=("p",), actions=("look",))
    assert [(each.rule, each.severity.value) for each in gaps(given)] == [
        ("readiness/no-rollback-procedure", "warning"),
        ("readiness/not-started", "notice"),
        ("readiness/no-owners", "warning"),
        ("readiness/impact-not-known", "notice"),
        ("readiness/no-smoke-tests", "warning"),
        ("readiness/no-acceptance-criteria", "notice"),
    ]
    enforced = gaps(replace(given, readiness="enforce"))
    assert {each.severity for each in enforced} == {Severity.ERROR}
    assert {each.rule for each in enforced} >= {
        "readiness/no-journeys",
        "readiness/no-support",
        "readiness/no-review",
    }
    assert "readiness/not-started" not in {each.rule for each in enforced}


def test_what_was_started_has_a_finding_of_its_own() -> None:
    given = manifest(support=SupportReadiness(trained="tier 2"), journeys=(Journey(name="pay", tests=("gone",)),))
    rules = {each.rule for each in gaps(given)}
    assert "readiness/no-support" in rules
    # the journey has a test that does not exist: an error of its own, and no second finding
    assert "readiness/no-journeys" not in rules


def test_owners_are_compared_with_code_owners_without_case() -> None:
    given = manifest(owners=Owners(release=("@Acme/Agents", "@octocat"), dashboards=("@acme/typo",)))
    text = "# @acme/typo\n* @acme/agents me@example.com\n@octocat # a pattern, not an owner\n/docs @OCTOCAT\n"
    (finding,) = code_owners_findings(given, locate, text)
    assert (finding.rule, finding.severity) == ("readiness/not-in-code-owners", Severity.NOTICE)
    assert finding.message.startswith("CODEOWNERS does not name `@acme/typo`, ")
    assert not list(code_owners_findings(given, locate, text + "x @acme/typo"))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(text: str) -> None:
    given = manifest(journeys=(Journey(name=text, tests=(text,)),), support=SupportReadiness(trained=text))
    card = score_card(given, listed(given), [])
    rows = [line for line in score_markdown([replace(card, path=text)]).split("\n") if line.startswith("|")]
    assert len(rows) == len(card.areas) + 2
    for row in rows:
        assert len(re.findall(r"(?<!\\)\|", row)) == 4
        assert not re.search(r"<(?!/?code>)", row)
        assert not re.search(r"(?<![\w`])@\w", row)
        assert not re.search(r"(?<!\\)[`\[]", row)
        assert row.count("<code>") == row.count("</code>")
    assert len("\n".join(score_lines([card])).splitlines()) == 1
    assert score_values([card])[0]["areas"][1] == {"area": "journeys", "met": 0, "total": 1, "missing": [text]}
