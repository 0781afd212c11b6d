"""What evidence counts: its subject, its age, and how much of it there may be."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from wavegate.evidence.observation import CLOCK_SKEW, Observation, Outcome, Subject, VersionBasis
from wavegate.gate import tally as limits
from wavegate.gate.tally import Tally, empty_tally
from wavegate.release.pack import Criteria, Pack, PackTest

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
TESTS = (PackTest(name="a"), PackTest(name="b"))
PACK = Pack(suite="s", tests=TESTS, criteria=Criteria(minimum_success_rate=0.9))


ANYTHING = Subject()


def tally_of(*, subject: Subject = ANYTHING, max_age: timedelta | None = None) -> Tally:
    return empty_tally((PACK,), subjects={"s": subject}, now=NOW, max_age=max_age)


def seen(**more: Any) -> Observation:
    values: dict[str, Any] = {"suite": "s", "test": "a", "outcome": Outcome.PASS, "time": NOW}
    return Observation(**values | more)


def counted(tally: Tally, *observations: Observation) -> list[str]:
    """Count them; the codes of what was rejected."""
    tally.add_all(observations)
    return [code for code, _ in tally.rejected]


def test_the_limits_are_those_that_the_documentation_names() -> None:
    assert (limits.MAX_CASES, limits.MAX_CELLS) == (20_000, 64 * 1024 * 1024)
    assert (limits.MAX_ORGS, limits.MAX_VERSIONS, limits.MAX_FINDINGS) == (20, 20, 50)


@pytest.mark.parametrize(
    ("age", "codes"),
    [
        (DAY, []),
        (DAY + timedelta(microseconds=1), ["stale"]),
        (-CLOCK_SKEW, []),
        (-CLOCK_SKEW - timedelta(microseconds=1), ["future"]),
    ],
)
def test_evidence_may_be_just_as_old_as_the_limit(age: timedelta, codes: list[str]) -> None:
    assert counted(tally_of(max_age=DAY), seen(time=NOW - age)) == codes
    assert counted(tally_of(), seen(time=NOW - age)) == []


def test_the_oldest_that_counts_is_named() -> None:
    tally = tally_of(max_age=DAY)
    hours = (3, 7, 5, 30)
    tally.add_all(seen(run=run, time=NOW - timedelta(hours=hour)) for run, hour in enumerate(hours, start=1))
    assert tally.oldest == NOW - timedelta(hours=7)
    assert tally_of(max_age=DAY).oldest is None


def test_orgs_are_named_up_to_a_limit_and_only_where_their_evidence_counts() -> None:
    tally = tally_of(subject=Subject(environment="uat"))
    tally.add_all(seen(run=run, subject=Subject(environment="uat", org=f"00D{run:02}")) for run in range(1, 31))
    tally.add(seen(run=40, subject=Subject(environment="elsewhere", org="foreign")))
    tally.add(seen(run=41, subject=Subject(environment="uat")))
    assert tally.orgs == {f"00D{run:02}" for run in range(1, 21)}
    one = tally_of()
    without = Subject(environment="uat")
    assert counted(one, seen(subject=Subject(org="o")), seen(run=2, subject=None), seen(run=3, subject=without)) == []
    assert one.orgs == {"o"}
    foreign = tally_of(subject=Subject(environment="uat"))
    assert counted(foreign, seen(subject=Subject(environment="x", org="o"))) == ["foreign:environment"]
    assert foreign.orgs == set()


@pytest.mark.parametrize(
    ("subject", "code"),
    [
        (None, "unbound:commit and org"),
        (Subject(commit="c"), "unbound:org"),
        (Subject(org="o"), "unbound:commit"),
        (Subject(commit="x", org="o"), "foreign:commit"),
        (Subject(commit="c", org="o"), None),
    ],
)
def test_evidence_names_the_commit_and_org_that_are_judged(subject: Subject | None, code: str | None) -> None:
    tally = tally_of(subject=Subject(commit="c", org="o"))
    assert counted(tally, seen(subject=subject)) == ([code] if code else [])


def test_runs_and_cases_are_counted_against_their_limits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wavegate.gate.tally.MAX_CELLS", 20)
    tally = tally_of()
    # run 9 needs cells 0 to 9, and a lower or repeated run no more
    assert counted(tally, seen(run=9), seen(run=3), seen(run=9), seen(case="2", run=9)) == []
    assert counted(tally, seen(case="2", run=10), seen(case="3")) == ["too-many-cases"]
    assert tally.rejected["too-many-cases", "s/a"].count == 2
    monkeypatch.setattr("wavegate.gate.tally.MAX_CASES", 2)
    tally = tally_of()
    assert counted(tally, seen(), seen(run=2), seen(test="b"), seen(test="b", run=3)) == []
    assert counted(tally, seen(case="2")) == ["too-many-cases"]


def test_what_is_rejected_does_not_use_up_the_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wavegate.gate.tally.MAX_CASES", 1)
    tally = tally_of(max_age=DAY)
    assert counted(tally, seen(case="old", time=NOW - 2 * DAY), seen(case="new")) == ["stale"]


def test_rejected_runs_of_known_tests_are_kept_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wavegate.gate.tally.MAX_CASES", 2)
    tally = tally_of(max_age=DAY)
    old = NOW - 2 * DAY
    counted(tally, seen(test="x", time=old), *(seen(run=run, time=old) for run in (4, 5, 6)))
    assert tally.rejected_runs == {("s", "a", 4), ("s", "a", 5)}
    assert tally.rejected["unknown-test", ""].count == 1


def version(number: int, basis: VersionBasis = "proved") -> Subject:
    return Subject(agents={"Support": number}, version_basis=basis)


def test_versions_are_named_up_to_a_limit_and_only_where_their_evidence_counts() -> None:
    tally = tally_of()
    tally.add_all(seen(run=number, subject=version(number)) for number in range(1, 31))
    assert tally.versions == {((("Support", number),), "proved") for number in range(1, 21)}
    tally = tally_of(subject=Subject(agents={"Support": 3}))
    tally.add_all([seen(subject=version(2)), seen(subject=version(3, "pinned")), seen(run=2, subject=None)])
    assert tally.versions == {((("Support", 3),), "pinned"), ((), "")}


def test_every_observation_that_proves_no_version_is_counted_where_a_pack_requires_it() -> None:
    pinned = Subject(agents={"Support": 3}, environment="uat")
    strict = replace(PACK, criteria=Criteria(minimum_success_rate=0.9, require_version="proved"))
    other = replace(PACK, suite="other")
    tally = empty_tally((strict, other), subjects={"s": pinned, "other": pinned}, now=NOW)
    proved, assumed = version(3), version(3, "assumed")
    for run, subject in enumerate((proved, assumed, assumed, proved, None), start=1):
        tally.add_all([seen(run=run, subject=subject), seen(suite="other", run=run, subject=subject)])
    # what is rejected is counted as rejected only
    tally.add(seen(run=6, subject=Subject(environment="elsewhere", version_basis="assumed")))
    assert tally.unproved == {"s": 3}
    assert tally.rejected["foreign:environment", "s/a"].count == 1
