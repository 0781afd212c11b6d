"""Which attempt a decision is, and how the attempts before it change what it may conclude."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from tests.support.decisions import decision
from tests.support.hostile import HOSTILE
from tests.support.releases import environment

from wavegate.evidence.observation import Observation, Outcome
from wavegate.evidence.resource import Resource
from wavegate.gate.as_markdown import decision_markdown
from wavegate.gate.as_text import decision_text
from wavegate.gate.attempt.attempts import Attempts, attempt_number, earlier_decisions
from wavegate.gate.decision import AttemptRelation, Decision, EarlierDecision, Verdict, from_json, to_json
from wavegate.gate.judge import Question, judge
from wavegate.gate.tally import empty_tally
from wavegate.ledger.gate_entry import GateEntry, GateVerdict, digest_of, listed
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Criteria, Pack, PackTest

RUN = "https://github.com/acme/agents/actions/runs/7"
OTHER_RUN = "https://github.com/acme/agents/actions/runs/3/attempts/1"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
A, B, C, D = ("a" * 64, "b" * 64, "c" * 64, "9" * 64)
QUESTION, OTHER = "1" * 64, "2" * 64
PACK = Pack(
    suite="readiness",
    tests=(PackTest(name="a"),),
    criteria=Criteria(minimum_success_rate=0.95, confidence=0.95),
    runs=150,
    digest="d" * 64,
)


def entry(verdict: GateVerdict = "fail", *evidence: str, run: str = OTHER_RUN, **changes: Any) -> GateEntry:
    """An entry of the ledger on that evidence."""
    made = GateEntry(
        stage="gate",
        release="wave-3",
        content="0" * 64,
        question=QUESTION,
        verdict=verdict,
        attempt=1,
        decision="e" * 64,
        time=NOW - timedelta(days=1),
        run=run,
        evidence=listed(evidence),
        evidence_digest=digest_of(evidence),
    )
    return replace(made, **changes)


MANY = tuple(f"{number:064x}" for number in range(300))


@pytest.mark.parametrize(
    ("entries", "run", "number", "relations"),
    [
        ((), "", 1, ""),
        ((), f"{RUN}/attempts/1", 1, ""),
        ((entry("fail", B),), f"{RUN}/attempts/1", 2, "counts"),
        ((entry("pass", B),), f"{RUN}/attempts/1", 1, "passed"),
        ((entry("fail", B), entry("pass", C), entry("fail", D)), "", 2, "passed passed counts"),
        ((entry("pass", B, question=OTHER), entry("fail", C)), "", 2, "other-packs counts"),
        ((entry("fail", C), entry("pass", B, question=OTHER)), "", 2, "counts other-packs"),
        ((entry("fail", B, question=OTHER), entry("pass", C)), "", 1, "other-packs passed"),
        ((entry("fail", A), entry("fail", B), entry("pass", A)), "", 1, "included passed included"),
        ((entry("pass", B), entry("fail", C), entry("pass", D)), "", 1, "passed passed passed"),
        ((entry("inconclusive", B), entry("fail", C)), "", 3, "counts counts"),
        ((entry("fail", A),), "", 1, "included"),
        ((entry("fail", A, B),), "", 2, "counts"),
        ((entry("inconclusive"),), "", 1, "included"),
        ((entry("fail", B, question=OTHER),), "", 1, "other-packs"),
        ((None,), "", 2, "counts"),
        ((entry("fail", *MANY),), "", 2, "counts"),
        # the earlier attempts of this run: on the same evidence, on other evidence, without a decision
        ((entry("fail", A, run=f"{RUN}/attempts/1"),), f"{RUN}/attempts/2", 1, "included"),
        ((entry("fail", B, run=f"{RUN}/attempts/1"),), f"{RUN}/attempts/2", 2, "counts"),
        ((), f"{RUN}/attempts/2", 2, "counts"),
        ((entry("fail", B, run=f"{RUN}/attempts/2"),), f"{RUN}/attempts/3", 3, "counts counts"),
        ((entry("fail", B),), f"{RUN}/attempts/2", 3, "counts counts"),
        (None, "", 1, None),
        (None, RUN, 1, None),
        (None, f"{RUN}/attempts/3", 3, None),
    ],
)
def test_every_earlier_decision_counts_unless_its_evidence_is_judged_again(
    entries: tuple[GateEntry | None, ...] | None, run: str, number: int, relations: str | None
) -> None:
    attempts = Attempts(run=run, entries=entries)
    earlier = earlier_decisions(attempts, QUESTION, frozenset({A}))
    assert attempt_number(earlier, run) == number
    assert (None if earlier is None else " ".join(each.relation for each in earlier)) == relations


def test_more_evidence_than_an_entry_can_list_is_known_by_its_digest() -> None:
    many = entry("fail", *MANY)
    assert many.evidence == ()
    assert many.is_included_in(reversed(MANY))
    assert not many.is_included_in((*MANY, A))


def decide(failures: int, *entries: GateEntry | None, run: str = f"{RUN}/attempts/1", pack: Pack = PACK) -> Decision:
    """The decision on 150 runs of one test."""
    manifest = Manifest(release="wave-3", environments=(environment("uat"), environment("production")), path="r.yml")
    question = Question(
        stage="gate",
        manifest=manifest,
        environment="production",
        observed_in="uat",
        packs=[pack],
        now=NOW,
        inputs=(Resource(name="shard.jsonl", digest={"sha256": A}),),
    )
    asked = tuple(
        each and replace(each, question=each.question.replace(QUESTION, question.digest)) for each in entries
    )
    question = replace(question, attempts=Attempts(run=run, entries=asked))
    tally = empty_tally([pack], subjects={pack.suite: question.subject(pack)}, now=NOW)
    outcomes = [Outcome.FAIL] * failures + [Outcome.PASS] * (150 - failures)
    tally.add_all(
        Observation(suite="readiness", test="a", run=number, outcome=outcome)
        for number, outcome in enumerate(outcomes, 1)
    )
    return judge(question, tally)


@pytest.mark.parametrize(
    ("entries", "failures", "verdict", "confidence"),
    [
        ((), 2, Verdict.PASS, "95 %"),
        ((), 3, Verdict.INCONCLUSIVE, "95 %"),
        ((entry("fail", B),), 2, Verdict.INCONCLUSIVE, "99.2 %"),
        ((entry("fail", B),), 1, Verdict.PASS, "99.2 %"),
        ((entry("fail", A),), 2, Verdict.PASS, "95 %"),
        ((entry("fail", B), entry("fail", C)), 1, Verdict.PASS, "99.6 %"),
    ],
)
def test_a_later_attempt_must_prove_more(
    entries: tuple[GateEntry, ...], failures: int, verdict: Verdict, confidence: str
) -> None:
    made = decide(failures, *entries)
    assert made.verdict is verdict
    assert f" at {confidence} confidence" in made.claim
    assert ("For that reason judged at" in decision_text(made)) is (made.attempt > 1)
    # the plan's runs are neither missing nor undeclared at any attempt
    assert {each.code for each in made.reasons} <= {"minimumSuccessRate"}
    assert [*inconsistencies(made), *deviations(made, [PACK])] == []
    assert from_json(to_json(made), path="x") == made


def test_a_pack_judged_as_observed_is_only_told_apart_by_its_earlier_attempts() -> None:
    observed = replace(PACK, criteria=Criteria(minimum_success_rate=0.95))
    made = decide(7, entry("fail", B), pack=observed)
    assert (made.verdict, made.attempt) == (Verdict.PASS, 2)
    assert "Second attempt with this same content; the first: fail." in decision_text(made)
    assert "Judged at" not in decision_text(made)


@pytest.mark.parametrize(
    "change",
    [{"attempt": 1}, {"attempt": 3}, {"earlier": ()}, {"earlier": None, "run": f"{RUN}/attempts/5"}],
)
def test_a_decision_that_hides_an_attempt_is_inconsistent(change: dict[str, Any]) -> None:
    made = decide(1, entry("fail", B))
    assert list(inconsistencies(msgspec.structs.replace(made, **change))) != []


def test_a_decision_judged_at_the_confidence_of_another_attempt_is_refused() -> None:
    made = decide(2)
    hidden = msgspec.structs.replace(
        made, attempt=2, earlier=(EarlierDecision(relation=AttemptRelation.COUNTS, verdict=Verdict.FAIL),)
    )
    assert list(inconsistencies(hidden)) == []
    assert any("different threshold, confidence or rule" in each for each in deviations(hidden, [PACK]))


def test_the_earlier_attempts_are_named_and_linked() -> None:
    first = entry("fail", B, run=f"{RUN}/attempts/1")
    made = decide(1, first, entry("inconclusive", A), run=f"{RUN}/attempts/3")
    assert "Third attempt with this same content; the first two: fail, no readable decision." in decision_text(made)
    assert "Judges evidence of 1 earlier decision again, and leaves none of it out: inconclusive." in decision_text(
        made
    )
    shown = decision_markdown(made)
    assert f"⚠️ Third attempt with this same content; the first two: [fail]({RUN}/attempts/1) (" in shown
    assert f" UTC), [no readable decision]({RUN}/attempts/2)." in shown
    assert "judged by other packs or cases before: pass" in decision_text(decide(1, entry("pass", B, question=OTHER)))


@pytest.mark.parametrize(
    ("earlier", "attempt", "words"),
    [
        (None, 1, "Earlier attempts are unknown"),
        (None, 2, "Second attempt of this workflow run. Earlier attempts are unknown"),
        (12, 13, "13th attempt with this same content; the first 12: 2 more, fail, fail"),
        (20, 21, "21st attempt with this same content; the first 20: 10 more, fail"),
    ],
)
def test_unknown_and_many_attempts(earlier: int | None, attempt: int, words: str) -> None:
    failed = EarlierDecision(relation=AttemptRelation.COUNTS, verdict=Verdict.FAIL)
    made = decision(attempt=attempt, earlier=None if earlier is None else (failed,) * earlier)
    assert words in decision_text(made)


@pytest.mark.parametrize("text", HOSTILE)
def test_only_the_page_of_a_run_becomes_a_link(text: str) -> None:
    earlier = tuple(
        EarlierDecision(relation=each, verdict=Verdict.FAIL, run=text, actor=text) for each in AttemptRelation
    )
    without = tuple(msgspec.structs.replace(each, run="", actor="") for each in earlier)
    shown, expected = (decision_markdown(decision("x", earlier=each, attempt=2)) for each in (earlier, without))
    assert shown == expected
