"""The version that an observation of a smoke run names, and how it is known."""

from datetime import UTC, datetime

import pytest

from wavegate.census.values import Census, ExpectedCases
from wavegate.errors import InputError
from wavegate.evidence.observation import Observation, Outcome, Subject
from wavegate.smoke.earlier import check_subjects
from wavegate.smoke.report import RunReport, observations
from wavegate.smoke.runs import JudgedCase
from wavegate.smoke.values import PlannedRun, Runner
from wavegate.smoke.versions import completed, with_active, with_pinned

JOB = Subject(commit="a" * 40, environment="uat", org="00D000000000001")
ACTIVE = with_active(JOB, {"Support_Agent": 3})
PLANNED = PlannedRun(suite="s", test="a", run=1, definition="A", runner=Runner.TESTING_CENTER)
TIME = datetime(2026, 3, 1, tzinfo=UTC)


def cases(subject: str = "Support_Agent", version: int | None = 1) -> ExpectedCases:
    return ExpectedCases(count=1, source="defs/A.xml", subject=subject, subject_version=version)


@pytest.mark.parametrize(
    ("declared", "agents", "basis"),
    [
        (None, {"Support_Agent": 3}, "assumed"),
        (cases(version=None), {"Support_Agent": 3}, "assumed"),
        (cases(subject=""), {"Support_Agent": 3}, "assumed"),
        (cases(), {"Support_Agent": 1}, "pinned"),
        (cases("support_agent"), {"Support_Agent": 1}, "pinned"),
        (cases("Other_Agent"), {"Other_Agent": 1}, "pinned"),
    ],
)
def test_a_definition_tests_the_version_that_it_pins(
    declared: ExpectedCases | None, agents: dict[str, int], basis: str
) -> None:
    found = with_pinned(ACTIVE, declared)
    assert (found.agents, found.version_basis, found.commit) == (agents, basis, JOB.commit)


def test_without_an_agent_no_version_is_assumed() -> None:
    assert with_active(JOB, {}) == JOB


def one(subject: Subject | None, pinned: Census) -> Subject:
    judged = JudgedCase(observation=Observation(suite="s", test="a", outcome=Outcome.PASS, subject=subject))
    report = RunReport(planned=PLANNED, judged=(judged,), problem="", resumable=False)
    (found,) = observations([report], {"s": ACTIVE}, unsettled=False, pinned=pinned)
    assert found.subject
    return found.subject


def test_a_runner_that_names_the_version_proves_it() -> None:
    stated = Subject(agents={"Support_Agent": 4}, version_basis="proved")
    found = one(stated, Census(tests={("s", "a"): cases()}))
    assert (found.agents, found.version_basis) == ({"Support_Agent": 4}, "proved")
    assert (found.commit, found.org, found.environment) == (JOB.commit, JOB.org, "uat")


def test_what_a_runner_states_of_its_subject_stands() -> None:
    assert completed(Subject(commit="b" * 40), ACTIVE).commit == "b" * 40
    assert completed(Subject(commit="b" * 40), ACTIVE).agents == {"Support_Agent": 3}
    assert one(None, Census()) == ACTIVE


def test_earlier_observations_of_a_pinned_version_go_on() -> None:
    earlier = Observation(suite="s", test="a", outcome=Outcome.PASS, subject=with_pinned(ACTIVE, cases()))
    check_subjects([earlier], {"s": ACTIVE}, Census(tests={("s", "a"): cases()}))
    with pytest.raises(InputError, match="another agent Support_Agent"):
        check_subjects([earlier], {"s": ACTIVE})
