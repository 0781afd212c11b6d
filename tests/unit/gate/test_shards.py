"""Lost, incomplete, repeated and cancelled shards are named and never a pass."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.support.questions import question_of

from wavegate.census.values import NOTHING_KNOWN, Census, ExpectedCases
from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Outcome, Subject
from wavegate.gate.decision import Decision, Verdict
from wavegate.gate.judge import judge
from wavegate.gate.shard_reasons import job_reasons, shard_reasons
from wavegate.gate.shards import read_shards
from wavegate.gate.tally import empty_tally
from wavegate.plan.as_json import shards_json
from wavegate.plan.shards import divide
from wavegate.plan.values import Shard
from wavegate.release.pack import Criteria, Pack, PackTest
from wavegate.smoke.runs import Selection, plan_runs
from wavegate.smoke.values import Runner

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PACK = Pack(
    suite="readiness",
    tests=(PackTest(name="a"), PackTest(name="b")),
    criteria=Criteria(minimum_success_rate=0.5, zero_critical_policy_violations=True),
    path="agentforce/packs/readiness.json",
    digest="p" * 64,
    runs=30,
)
SHARDS = divide((PACK,), "uat")
SURE = replace(PACK, criteria=Criteria(minimum_success_rate=0.9, confidence=0.95), runs="auto")


def seen(part: int, *, cut: int = 0) -> list[Observation]:
    """What one shard of three saw; without its last runs."""
    runs = plan_runs(PACK, Selection(shard=part, shards=3), runner=Runner.COMMAND)
    return [
        Observation(suite=run.suite, test=run.test, run=run.run, outcome=Outcome.PASS)
        for run in runs[: len(runs) - cut]
    ]


def decide(
    observations: Sequence[Observation],
    result: str,
    pack: Pack = PACK,
    *,
    shards: Sequence[Shard] = SHARDS,
    census: Census | None = None,
) -> Decision:
    question = question_of(
        (pack,),
        NOW,
        release="wave-4",
        shards=read_shards(shards_json(shards, prefix="wavegate"), (pack,)),
        shards_result=result,
        census=census,
    )
    tally = empty_tally((pack,), subjects={pack.suite: question.subject(pack)}, now=NOW)
    tally.add_all(observations)
    return judge(question, tally)


@pytest.mark.parametrize(
    ("observations", "result", "code", "named"),
    [
        ([*seen(1), *seen(3)], "success", "lost-shard", "Shard 2/3 of readiness left no observations"),
        ([*seen(1), *seen(2), *seen(3, cut=4)], "success", "lost-shard", "Shard 3/3 of readiness lost 4 of its 20"),
        (
            [*seen(1), *seen(2), *seen(2), *seen(3)],
            "success",
            "repeated-shard",
            "Shard 2/3 of readiness ran twice",
        ),
        ([*seen(1), *seen(2), *seen(3)], "cancelled", "shards-ended", "ended with result cancelled"),
        ([*seen(1), *seen(2), *seen(3)], "failure", "shards-ended", "ended with result failure"),
        ([*seen(1), *seen(2), *seen(3)], "skipped", "shards-ended", "ended with result skipped"),
        ([], "skipped", "lost-shard", "Shard 1/3 of readiness left no observations"),
    ],
)
def test_a_lost_or_repeated_shard_is_named_and_never_a_pass(
    observations: Sequence[Observation], result: str, code: str, named: str
) -> None:
    decision = decide(observations, result)
    assert decision.verdict is Verdict.INCONCLUSIVE
    assert any(each.code == code and named in each.text for each in decision.reasons), decision.reasons
    others = {f"Shard {part}/3" for part in (1, 2, 3) if observations} - {named[:9]}
    texts = " ".join(each.text for each in decision.reasons)
    assert not [other for other in others if other in texts]


@pytest.mark.parametrize("result", ["success", ""])
def test_complete_shards_are_a_pass(result: str) -> None:
    assert len(SHARDS) == 3
    assert decide([*seen(3), *seen(1), *seen(2)], result).verdict is Verdict.PASS


def listed(**changes: object) -> str:
    shard = json.loads(shards_json(SHARDS, prefix="wavegate"))[0] | changes
    return json.dumps([shard])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "Cannot read the shards"),
        ("[" * 100_000, "Cannot read the shards"),
        ('[{"suite": 1}]', "Cannot read the shards"),
        (listed(suite="other"), "belongs to pack other, which this gate does not judge"),
        (listed(shard="3/2"), "Invalid shard 3/2"),
        (listed(shard="0/2"), "Invalid shard 0/2"),
        (listed(shard="1"), "Invalid shard 1"),
    ],
)
def test_malformed_shards_are_rejected(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_shards(text, (PACK,))


def test_each_shard_has_an_artifact_of_its_own_with_a_name_that_github_takes() -> None:
    packs = [replace(PACK, suite=suite) for suite in ("a/b", 'a"b', "a b")]
    names = [each["artifact"] for each in json.loads(shards_json(divide(packs, "u/at"), prefix="wavegate-uat"))]
    assert len(set(names)) == 9
    assert not set('":<>|*?\r\n\\/').intersection("".join(names))


@pytest.mark.parametrize(
    ("result", "code"), [("", None), ("success", None), ("failure", "job-ended"), ("skipped", "job-ended")]
)
def test_a_job_that_did_not_succeed_is_not_a_pass(result: str, code: str | None) -> None:
    found = [reason.code for reason in job_reasons(result)]
    assert found == ([code] if code else [])


def test_plan_smoke_and_gate_run_a_pack_equally_often() -> None:
    known = Census(tests={("readiness", test): ExpectedCases(count=13, source="x") for test in "ab"})
    shards = divide((SURE,), "uat", census=known, today=NOW.date())
    assert [(each.runs, each.conversations) for each in shards] == [(6, 78)]
    cases = known.counts("readiness")
    runs = plan_runs(SURE, Selection(), runner=Runner.COMMAND, cases=cases, today=NOW.date())
    assert len(runs) == 6
    evidence = [
        Observation(suite=run.suite, test=run.test, case=str(case), run=run.run, outcome=Outcome.PASS)
        for run in runs
        for case in range(13)
    ]
    decision = decide(evidence, "success", SURE, shards=shards, census=known)
    assert decision.verdict is Verdict.PASS
    assert decision.reasons == ()
    lost = decide(evidence[:-13], "success", SURE, shards=shards, census=known)
    assert {each.code for each in lost.reasons if each.weight} >= {"lost-shard", "missing-runs"}


def test_a_pack_that_runs_until_it_is_settled_stays_in_one_job() -> None:
    many = replace(PACK, tests=tuple(PackTest(name=f"t{number}") for number in range(50)), runs="until-settled")
    (shard,) = json.loads(shards_json(divide([many], "uat"), prefix="wavegate"))
    assert (shard["shard"], shard["until-settled"]) == ("1/1", True)


def test_only_the_shard_that_ran_twice_is_named_and_a_clean_one_is_not() -> None:
    twice = [*seen(1), *seen(2), *seen(3), *(each for each in seen(2) if each.test == "a")]
    named = [each.text for each in decide(twice, "success").reasons if each.code == "repeated-shard"]
    assert named == ["Shard 2/3 of readiness ran twice."]


def test_without_shards_no_shard_job_ended() -> None:
    tally = empty_tally((PACK,), subjects={PACK.suite: Subject()}, now=NOW)
    assert list(shard_reasons((), "failure", tally, NOTHING_KNOWN)) == []
