"""What a smoke run runs, and how a case is judged by policies."""

import pytest
from tests.support.releases import environment

from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Outcome
from wavegate.evidence.transcript import Expectation, Transcript, Turn
from wavegate.release.manifest import Manifest, PackGate
from wavegate.release.pack import Criteria, Pack, PackTest, Policy, ViolationSeverity
from wavegate.smoke.runs import Selection, judge_case, packs_to_run, plan_runs
from wavegate.smoke.values import CaseResult, Runner

CENTER, STUDIO, COMMAND = Runner.TESTING_CENTER, Runner.AGENTFORCE_STUDIO, Runner.COMMAND
CRITERIA = Criteria(minimum_success_rate=0.95)
PACK = Pack(
    suite="s",
    criteria=CRITERIA,
    runs=3,
    tests=(
        PackTest(name="a"),
        PackTest(name="b", runs=1, definition="Test_B"),
        PackTest(name="c", definition="AiTestingDefinition:Test_C"),
    ),
)


def test_every_run_is_planned_once() -> None:
    planned = plan_runs(PACK, Selection(), runner=CENTER)
    assert [(each.test, each.run) for each in planned] == [
        ("a", 1), ("a", 2), ("a", 3), ("b", 1), ("c", 1), ("c", 2), ("c", 3)
    ]  # fmt: skip


@pytest.mark.parametrize("of", range(1, 10))
def test_shards_are_a_partition(of: int) -> None:
    whole = plan_runs(PACK, Selection(), runner=CENTER)
    shards = [plan_runs(PACK, Selection(shard=shard, shards=of), runner=CENTER) for shard in range(1, of + 1)]
    assert sorted(each for shard in shards for each in shard) == sorted(whole)
    assert max(map(len, shards)) - min(map(len, shards)) <= 1


@pytest.mark.parametrize(
    ("runner", "expected"),
    [
        (CENTER, [("a", CENTER), ("Test_B", CENTER), ("Test_C", STUDIO)]),
        (STUDIO, [("a", STUDIO), ("Test_B", STUDIO), ("Test_C", STUDIO)]),
        (COMMAND, [("a", COMMAND), ("Test_B", COMMAND), ("Test_C", COMMAND)]),
    ],
)
def test_where_a_definition_runs(runner: Runner, expected: list[tuple[str, Runner]]) -> None:
    planned = plan_runs(PACK, Selection(runs=range(1, 2)), runner=runner)
    assert [(each.definition, each.runner) for each in planned] == expected


def test_tests_by_name() -> None:
    assert {each.test for each in plan_runs(PACK, Selection(tests=("b", "c")), runner=CENTER)} == {"b", "c"}


KEPT = Policy(name="kept", must_match=("hello",))
BROKEN = Policy(name="broken", must_match=("goodbye",))
UNKNOWN = Policy(name="unknown", forbidden_actions=("Refund",))
EMPTY = Policy(name="empty")


def case(
    outcome: Outcome, *, rated: bool = True, expect: Expectation | None = None, said: str = "hello"
) -> CaseResult:
    turns = (Turn(speaker="agent", text=said),)
    return CaseResult(
        observation=Observation(suite="s", test="a", outcome=outcome),
        transcript=Transcript(test="a", turns=turns, expect=expect),
        rated=rated,
    )


PASS, FAIL, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.ERROR


@pytest.mark.parametrize(
    ("given", "policies", "outcome", "violations"),
    [
        (case(PASS), (), PASS, []),
        (case(PASS), (KEPT,), PASS, []),
        (case(PASS), (KEPT, BROKEN), FAIL, ["broken"]),
        (case(PASS), (UNKNOWN,), ERROR, []),
        (case(PASS), (UNKNOWN, BROKEN), FAIL, ["broken"]),
        (case(FAIL), (KEPT,), FAIL, []),
        (case(FAIL), (UNKNOWN,), FAIL, []),
        (case(ERROR), (KEPT,), ERROR, []),
        (case(ERROR), (BROKEN,), FAIL, ["broken"]),
        (case(ERROR, rated=False), (), ERROR, []),
        (case(ERROR, rated=False), (EMPTY,), ERROR, []),
        (case(ERROR, rated=False), (KEPT,), PASS, []),
        (case(ERROR, rated=False), (UNKNOWN,), ERROR, []),
        (case(ERROR, rated=False, expect=Expectation(must_match=("hello",))), (), PASS, []),
        (case(ERROR, rated=False, expect=Expectation()), (), ERROR, []),
        (case(PASS, expect=Expectation(must_not_match=("hello",))), (KEPT,), FAIL, ["expectation"]),
    ],
)
def test_judgement(given: CaseResult, policies: tuple[Policy, ...], outcome: Outcome, violations: list[str]) -> None:
    test = PackTest(name="a", severity=ViolationSeverity.CRITICAL, policies=tuple(policy.name for policy in policies))
    judged = judge_case(given, test, policies, lambda pattern, text: pattern in text)
    assert judged.observation.outcome is outcome
    assert [each.policy for each in judged.observation.violations] == violations
    assert all(each.severity is ViolationSeverity.CRITICAL for each in judged.observation.violations)


def test_without_a_transcript_no_policy_is_kept() -> None:
    given = CaseResult(observation=Observation(suite="s", test="a", outcome=PASS))
    judged = judge_case(given, PackTest(name="a", policies=("kept",)), (KEPT,), lambda _pattern, _text: True)
    assert judged.observation.outcome is ERROR


def test_only_a_failure_quotes_the_agent() -> None:
    test = PackTest(name="a", policies=("kept", "broken"))

    def quoted(given: CaseResult, *policies: Policy) -> str:
        return judge_case(given, test, policies, lambda pattern, text: pattern in text).observation.quote

    assert quoted(case(PASS, said="hello, 4111 1111 1111 1111"), KEPT) == ""
    assert quoted(case(PASS, said="hello, 4111 1111 1111 1111"), BROKEN) == "hello, [credit-card]"
    assert quoted(case(ERROR), UNKNOWN) == ""


def test_a_violation_says_how_without_quoting_the_agent() -> None:
    given = case(PASS, said="4111 1111 1111 1111", expect=Expectation(must_not_match=("4111 1111 1111 1111",)))
    judged = judge_case(given, PackTest(name="a"), (), lambda pattern, text: pattern in text)
    assert [each.detail for each in judged.observation.violations] == ["the answer matches `[credit-card]`"]


def test_only_the_policies_that_a_test_names_apply() -> None:
    judged = judge_case(case(PASS), PackTest(name="a"), (BROKEN,), lambda _pattern, _text: False)
    assert judged.observation.outcome is PASS


def environments(*gates: PackGate | None) -> Manifest:
    return Manifest(
        release="r",
        environments=tuple(
            environment(f"e{index}", gate=gate, verify=PackGate(packs=("v",))) for index, gate in enumerate(gates)
        ),
    )


PACKS = tuple(Pack(suite=suite, criteria=CRITERIA, tests=(PackTest(name="t"),)) for suite in ("g", "v", "x"))


@pytest.mark.parametrize(
    ("index", "verify", "suites"),
    [
        (0, False, ["g"]),
        (0, True, ["v"]),
        (1, False, ["g", "v", "x"]),
        (2, False, ["v"]),
    ],
)
def test_packs_prove_that_the_release_may_go_on(index: int, verify: bool, suites: list[str]) -> None:
    manifest = environments(None, PackGate(packs=("g",)), None)
    chosen = packs_to_run(manifest, manifest.environments[index], PACKS, verify=verify)
    assert [pack.suite for pack in chosen] == suites


def test_a_pack_that_there_is_not() -> None:
    manifest = environments(None, PackGate(packs=("g", "missing")))
    with pytest.raises(InputError, match="missing"):
        packs_to_run(manifest, manifest.environments[0], PACKS, verify=False)
