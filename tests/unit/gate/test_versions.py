"""Which version was tested: what a decision says about it, and what it requires."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace as changed
from tests.support.questions import question_of
from tests.support.releases import environment

from wavegate.census.values import Census, ExpectedCases
from wavegate.evidence.observation import Observation, Outcome, Subject, VersionBasis
from wavegate.gate.as_markdown import decision_markdown
from wavegate.gate.as_text import decision_text
from wavegate.gate.decision import Criterion, Decision, Verdict
from wavegate.gate.judge import judge
from wavegate.gate.tally import empty_tally
from wavegate.gate.tested.versions import is_proved, version_line
from wavegate.promotion.decision.consistency import inconsistencies
from wavegate.promotion.decision.pack_check import deviations
from wavegate.release.manifest import Agent, Manifest
from wavegate.release.pack import Criteria, Pack, PackTest

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MANIFEST = Manifest(
    release="wave-3",
    environments=(environment("uat"), environment("production")),
    agents=(Agent(name="Support", version=3),),
    digest="m" * 64,
)
CRITERIA = Criteria(minimum_success_rate=0.5)
PROVED = Criteria(minimum_success_rate=0.5, require_version="proved")


def pack(criteria: Criteria = CRITERIA) -> Pack:
    return Pack(suite="s", tests=(PackTest(name="a"),), criteria=criteria, runs=4, digest="p" * 64)


def decide(
    subjects: Sequence[Subject | None], criteria: Criteria = CRITERIA, census: Census | None = None
) -> Decision:
    judged = pack(criteria)
    question = question_of((judged,), NOW, manifest=MANIFEST, census=census)
    tally = empty_tally((judged,), subjects={"s": question.subject(judged)}, now=NOW)
    tally.add_all(
        Observation(suite="s", test="a", run=run, outcome=Outcome.PASS, subject=subject)
        for run, subject in enumerate(subjects, 1)
    )
    return judge(question, tally)


def support(basis: VersionBasis, version: int = 3) -> Subject:
    return Subject(agents={"Support": version}, version_basis=basis)


def required(decision: Decision) -> Criterion:
    return next(each for each in decision.criteria if each.name == "requireVersion")


@pytest.mark.parametrize(
    ("subjects", "line"),
    [
        ([support("proved")] * 4, "version tested: Support v3 (proved: the evidence names the version that ran)"),
        ([support("pinned")] * 4, "version tested: Support v3 (pinned by the test's definition)"),
        (
            [support("assumed")] * 4,
            "version tested: Support v3 (assumed: it was the active one before and after the run)",
        ),
        (
            [support("")] * 4,
            "version tested: Support v3 (stated by the evidence, which does not say how it is known)",
        ),
        (
            [None] * 4,
            "version tested: unknown for evidence that names none; results of Salesforce's test runners never do",
        ),
        (
            [support("proved"), support("pinned"), None, Subject(commit="a" * 40)],
            (
                "version tested: Support v3 (pinned by the test's definition); "
                "Support v3 (proved: the evidence names the version that ran); "
                "unknown for evidence that names none; results of Salesforce's test runners never do"
            ),
        ),
        ([], ""),
    ],
)
def test_one_line_says_which_version_was_tested_and_how_that_is_known(
    subjects: list[Subject | None], line: str
) -> None:
    decision = decide(subjects)
    assert version_line(decision) == line
    assert (f"  {line}" in decision_text(decision).splitlines()) is bool(line)
    assert ("Version tested: " in decision_markdown(decision)) is bool(line)


def test_a_rejected_observation_says_nothing_about_what_was_tested() -> None:
    decision = decide([support("assumed"), support("proved", version=1)])
    assert "v1" not in version_line(decision)
    assert "foreign" in {reason.code for reason in decision.reasons}


@pytest.mark.parametrize(
    ("subjects", "verdict", "passed"),
    [
        ([support("proved")] * 4, Verdict.PASS, 4),
        ([support("proved"), support("proved"), support("proved"), support("pinned")], Verdict.INCONCLUSIVE, 3),
        ([support("assumed"), support("proved"), support("assumed"), support("proved")], Verdict.INCONCLUSIVE, 2),
        ([support("")] * 4, Verdict.INCONCLUSIVE, 0),
        ([None] * 4, Verdict.INCONCLUSIVE, 0),
        ([Subject(version_basis="proved")] * 4, Verdict.INCONCLUSIVE, 0),
        # the agent that is pinned is the one that counts
        ([Subject(agents={"Other": 1}, version_basis="proved")] * 4, Verdict.INCONCLUSIVE, 0),
    ],
)
def test_a_pack_may_require_that_the_version_is_proved(
    subjects: list[Subject | None], verdict: Verdict, passed: int
) -> None:
    decision = decide(subjects, PROVED)
    criterion = required(decision)
    assert (criterion.verdict, criterion.passed, criterion.total) == (verdict, passed, 4)
    assert criterion.claim == f"{passed} of 4 observations prove which version ran."
    assert decision.verdict is verdict
    if verdict is not Verdict.PASS:
        reason = next(each for each in decision.reasons if each.code == "requireVersion")
        assert "versionBasis" in reason.fix
    assert list(inconsistencies(decision)) == []
    assert list(deviations(decision, (pack(PROVED),))) == []


def test_a_version_is_proved_by_observations_and_by_naming_it() -> None:
    nothing = required(decide([], PROVED))
    assert (nothing.verdict, nothing.total, nothing.observed) == (Verdict.INCONCLUSIVE, 0, None)
    assert "versionBasis" in nothing.settle
    one = required(decide([support("proved")], PROVED))
    assert (one.verdict, one.observed, one.settle) == (Verdict.PASS, 1.0, "")
    some = required(decide([*[support("proved")] * 3, support("pinned")], PROVED))
    assert (some.verdict, some.observed) == (Verdict.INCONCLUSIVE, 0.75)
    # where no agent is pinned, the evidence must name some version
    assert not is_proved(Subject(), Subject(version_basis="proved"))
    assert is_proved(Subject(), support("proved"))


def test_no_pack_requires_it_unasked() -> None:
    assert "requireVersion" not in {each.name for each in decide([None] * 4).criteria}


def test_a_decision_that_does_not_judge_it_deviates_from_its_pack() -> None:
    decision = decide([support("proved")] * 4, PROVED)
    without = tuple(each for each in decision.criteria if each.name != "requireVersion")
    assert list(deviations(changed(decision, criteria=without), (pack(PROVED),))) == [
        "it does not judge requireVersion, which pack s requires."
    ]


@pytest.mark.parametrize(("passed", "total"), [(3, 4), (3, 3), (0, 0)])
def test_a_pass_that_its_own_counts_contradict_is_edited(passed: int, total: int) -> None:
    decision = decide([support("proved")] * 4, PROVED)
    forged = changed(required(decision), passed=passed, total=total)
    criteria = tuple(forged if each.name == "requireVersion" else each for each in decision.criteria)
    assert list(inconsistencies(changed(decision, criteria=criteria))) == [
        "s/requireVersion passes, which its own numbers contradict."
    ]


@pytest.mark.parametrize(
    ("subject", "version", "found"),
    [
        ("Support", 1, True),
        ("SUPPORT", 1, True),
        ("Support", 3, False),
        ("Support", None, False),
        ("Other", 1, False),
    ],
)
def test_a_definition_of_another_version_than_the_pinned_one_cannot_pass(
    subject: str, version: int | None, *, found: bool
) -> None:
    cases = ExpectedCases(count=1, source="defs/A.xml", subject=subject, subject_version=version)
    decision = decide([None] * 4, census=Census(tests={("s", "a"): cases}))
    reasons = [each for each in decision.reasons if each.code == "other-version"]
    assert bool(reasons) is found
    assert decision.verdict is (Verdict.INCONCLUSIVE if found else Verdict.PASS)
    if found:
        assert reasons[0].text == (
            f"defs/A.xml: It tests version 1 of {subject}, but the manifest pins version 3 in uat."
        )
