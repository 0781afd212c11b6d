"""The kinds of checks, their outcome together, and which of them count for a test."""

import pytest

from wavegate.evidence.checks import by_kind, confirmed, kind_of, none_counts, outcome_of
from wavegate.evidence.observation import MAX_CHECKS, MAX_NAME, Outcome
from wavegate.release.check_kinds import KNOWN, counts, is_known
from wavegate.release.pack import PackTest, TestKind

PASS, FAIL, ERROR = Outcome.PASS, Outcome.FAIL, Outcome.ERROR
QUALITY = PackTest(name="alpha")
SAFETY = PackTest(name="alpha", kind=TestKind.ACTION_SAFETY)
TOPIC_ONLY = PackTest(name="alpha", checks=("topic",))

_JUDGED = """
    outcome completeness coherence conciseness instruction-following task-resolution
    answer-relevance context-faithfulness context-recall context-relevance conversation-relevance factuality g-eval
    llm-rubric model-graded-closedqa model-graded-factuality pi search-rubric select-best similar similar:cosine
    similar:dot similar:euclidean trajectory:goal-success
"""
_COMPUTED = """
    topic actions handoff latency string-comparison numeric-comparison
    bleu classifier contains contains-all contains-any contains-html contains-json contains-sql contains-xml cost
    equals finish-reason gleu guardrails human icontains icontains-all icontains-any is-html is-json is-refusal is-sql
    is-valid-function-call is-valid-openai-function-call is-valid-openai-tools-call is-xml javascript levenshtein
    max-score meteor moderation perplexity perplexity-score python regex rouge-n ruby score skill-used starts-with
    tool-call-f1 trace-error-spans trace-span-count trace-span-duration trajectory:step-count
    trajectory:tool-args-match trajectory:tool-sequence trajectory:tool-used webhook word-count
"""
JUDGED, COMPUTED = _JUDGED.split(), _COMPUTED.split()


def test_the_kinds_that_readers_name_are_known() -> None:
    assert sorted(JUDGED + COMPUTED) == list(KNOWN)
    assert [kind for kind in KNOWN if not (is_known(kind) and is_known(f"not-{kind}"))] == []
    assert is_known("promptfoo:redteam:pii")
    assert is_known("not-promptfoo:redteam:pii")
    assert not is_known("brand-new")


def test_what_a_model_judges_does_not_count_for_safety() -> None:
    both = [each for kind in JUDGED for each in (kind, f"not-{kind}")]
    assert [kind for kind in both if counts(SAFETY, kind) or not counts(QUALITY, kind)] == []


def test_whatever_else_counts_for_safety() -> None:
    others = [each for kind in (*COMPUTED, "promptfoo:x", "brand-new", "policies") for each in (kind, f"not-{kind}")]
    assert [kind for kind in others if not (counts(SAFETY, kind) and counts(QUALITY, kind))] == []


def test_a_test_that_names_its_checks_counts_these_and_the_policies() -> None:
    assert [kind for kind in (*KNOWN, "brand-new", "policies") if counts(TOPIC_ONLY, kind)] == ["topic", "policies"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("topic_sequence_match", "topic"),
        ("topic_assertion", "topic"),
        ("action_sequence_match", "actions"),
        ("actions_assertion", "actions"),
        ("agent_handoff_match", "handoff"),
        ("bot_response_rating", "outcome"),
        ("output_validation", "outcome"),
        ("response_match", "outcome"),
        ("output_latency_milliseconds", "latency"),
        (" Topic_Assertion ", "topic"),
        ("instruction_following", "instruction-following"),
    ],
)
def test_old_and_new_names_of_an_evaluation_are_one_kind(name: str, kind: str) -> None:
    assert kind_of(name) == kind
    assert is_known(kind)


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        ((PASS, PASS), PASS),
        ((PASS, ERROR), ERROR),
        ((ERROR, PASS), ERROR),
        ((ERROR, FAIL), FAIL),
        ((FAIL, ERROR, PASS), FAIL),
    ],
)
def test_the_worst_outcome_of_a_kind_is_its_outcome(outcomes: tuple[Outcome, ...], worst: Outcome) -> None:
    assert by_kind(("topic", outcome) for outcome in outcomes) == {"topic": worst}
    assert outcome_of({str(number): outcome for number, outcome in enumerate(outcomes)}, QUALITY) is worst


def test_a_name_is_kept_within_the_limits_of_an_observation() -> None:
    assert by_kind([("", PASS)]) == {"unnamed": PASS}
    assert [len(name) for name in by_kind([("x" * 10_000, PASS)])] == [MAX_NAME]


def test_a_kind_that_was_seen_before_the_limit_stays_one() -> None:
    many = [(str(number), PASS) for number in range(MAX_CHECKS)]
    found = by_kind([*many, ("0", FAIL)])
    assert (len(found), found["0"], found["(further checks)"]) == (MAX_CHECKS, FAIL, PASS)


@pytest.mark.parametrize(
    ("outcome", "checks", "test", "expected"),
    [
        (PASS, {}, QUALITY, PASS),
        (PASS, {}, TOPIC_ONLY, ERROR),
        (PASS, {"coherence": PASS}, TOPIC_ONLY, ERROR),
        (PASS, {"coherence": FAIL}, QUALITY, FAIL),
        (PASS, {"coherence": PASS}, QUALITY, PASS),
        (PASS, {"coherence": PASS}, SAFETY, ERROR),
        (PASS, {"topic": PASS, "coherence": FAIL}, SAFETY, PASS),
        (FAIL, {"topic": PASS}, TOPIC_ONLY, FAIL),
        (ERROR, {"topic": FAIL}, QUALITY, ERROR),
    ],
)
def test_a_pass_is_one_only_if_its_checks_bear_it_out(
    outcome: Outcome, checks: dict[str, Outcome], test: PackTest, expected: Outcome
) -> None:
    assert confirmed(outcome, checks, test) is expected


@pytest.mark.parametrize(
    ("checks", "test", "expected"),
    [
        ((), QUALITY, False),
        ((), SAFETY, False),
        ((), TOPIC_ONLY, True),
        (("coherence",), TOPIC_ONLY, True),
        (("coherence", "topic"), TOPIC_ONLY, False),
        (("coherence",), QUALITY, False),
        (("coherence",), SAFETY, True),
        (("coherence", "topic"), SAFETY, False),
    ],
)
def test_whether_no_check_counts(checks: tuple[str, ...], test: PackTest, expected: bool) -> None:
    assert none_counts(dict.fromkeys(checks, PASS), test) is expected
