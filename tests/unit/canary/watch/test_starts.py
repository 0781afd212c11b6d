"""When each cohort got the pilot that runs, in tables of deployment histories."""

from datetime import UTC, datetime, timedelta

import pytest

from wavegate.canary.watch.starts import is_start_known, running_pilot
from wavegate.ledger.deployment import Deployment, Pilot, Release, State, Status
from wavegate.release.manifest import Cohort, Strategy

START = datetime(2026, 1, 1, tzinfo=UTC)
STATES = {
    "+": [State.IN_PROGRESS, State.SUCCESS],
    "!": [State.IN_PROGRESS, State.FAILURE],
    "x": [State.IN_PROGRESS, State.SUCCESS, State.FAILURE],
    ">": [State.IN_PROGRESS],
    "?": [State.QUEUED],
}
COPIES = {"Support_Agent": "Support_Agent_Pilot"}
AGENTS = {"Support_Agent": "Support_Agent"}


def history(text: str) -> list[Deployment]:
    """Deployments, newest first, from oldest-first words: content, sign, `c` or `f` and letters of the cohorts.

    Signs: + live, ! failed, x live then rolled back, > under way, ? waiting. c: copies; f: the agents themselves;
    neither: everybody. Each one is a day after the one before.
    """
    made = []
    for number, word in enumerate(text.split()):
        content, sign, kind, cohorts = word[0], word[1], word[2:3], word[3:]
        at = START + timedelta(days=number)
        pilot = Pilot(cohorts=tuple(cohorts), copies=COPIES if kind == "c" else {}) if kind else None
        made.append(
            Deployment(
                id=str(number),
                environment="production",
                commit=str(number) * 40,
                created_at=at,
                statuses=tuple(
                    Status(state=state, created_at=at + timedelta(hours=hour))
                    for hour, state in enumerate(STATES[sign])
                ),
                release=Release(name=f"wave-{content}", manifest="m.yml", content=content * 64, pilot=pilot),
            )
        )
    return made[::-1]


def days(moment: datetime) -> int:
    """The day of a history on which something went live."""
    return (moment - START - timedelta(hours=1)).days


@pytest.mark.parametrize(
    ("text", "started"),
    [
        ("", None),
        ("a+", None),
        ("a+ b?cx", None),
        ("a+ b>cx", None),
        ("a+ b!cx", None),
        ("a+ b+cx", {"x": 1}),
        ("a+ b+cx b+cx", {"x": 1}),
        ("a+ b+cx b+cxy", {"x": 1, "y": 2}),
        ("a+ b+cxy b+cxy b+cxyz", {"x": 1, "y": 1, "z": 3}),
        # an attempt that failed neither starts nor ends anything
        ("a+ b!cx b+cx", {"x": 2}),
        ("a+ b+cx b!cxy", {"x": 1}),
        ("a+ b+cx c!cx", {"x": 1}),
        ("a+ b+cx b!cxy b+cxy", {"x": 1, "y": 3}),
        # another content restarts the canary for every cohort
        ("a+ b+cx c+cx", {"x": 2}),
        ("a+ b+cx c+cx c+cxy", {"x": 2, "y": 3}),
        ("a+ b+cx c+cx b+cx", {"x": 3}),
        # a cohort that was taken out and joins again starts again
        ("a+ b+cxy b+cx b+cxy", {"x": 1, "y": 3}),
        ("a+ b+cxy b+cx", {"x": 1}),
        # rolled back, replaced for everybody, or rolled back and tried again
        ("a+ b+cx bxcx", None),
        ("a+ bxcx", None),
        ("a+ b+cx c+", None),
        ("a+ b+cx b+", None),
        ("a+ bxcx b+cx", {"x": 2}),
        # a first launch has the agents themselves
        ("b+fx", {"x": 0}),
        ("b+fx b+fxy", {"x": 0, "y": 1}),
        ("b+fx b+", None),
        ("bxfx", None),
        ("b+fx c+fx", {"x": 1}),
        # a copy beside a first launch: the copy is the pilot
        ("b+fx c+cx", {"x": 1}),
        ("b+fx b+cx", {"x": 1}),
        # a pilot of nobody
        ("a+ b+c", None),
    ],
)
def test_when_each_cohort_got_the_pilot(text: str, started: dict[str, int] | None) -> None:
    pilot = running_pilot(history(text), manifest="m.yml", agents=["Support_Agent"])
    assert (pilot and {each.name: days(each.since) for each in pilot.cohorts}) == started


@pytest.mark.parametrize(("text", "agents"), [("a+ b+cx", COPIES), ("b+fx", AGENTS)])
def test_what_the_cohorts_use(text: str, agents: dict[str, str]) -> None:
    pilot = running_pilot(history(text), manifest="m.yml", agents=["Support_Agent"])
    assert pilot
    assert dict(pilot.agents) == agents
    assert pilot.has_copies == (agents == COPIES)
    assert not pilot.everybody


def test_another_manifest_has_pilots_of_its_own() -> None:
    assert running_pilot(history("a+ b+cx"), manifest="other.yml", agents=[]) is None


def test_a_time_boxed_cohort_means_everybody() -> None:
    boxed = [Cohort(name="x", strategy=Strategy.TIME_BOXED)]
    found = running_pilot(history("a+ b+fx"), manifest="m.yml", agents=["Support_Agent"], cohorts=boxed)
    assert found
    assert found.everybody
    copied = running_pilot(history("a+ b+cx"), manifest="m.yml", agents=["Support_Agent"], cohorts=boxed)
    assert copied
    assert not copied.everybody, "copies reach only those who have them"


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("", False),
        ("a!", False),
        ("a+", True),
        ("b+cx", False),
        ("b+cx b+cxy", False),
        ("a+ b+cx b+cxy", True),
        ("c+cx b+cx", True),
        ("b+fx", False),
        ("b+fx c!", False),
        ("a+ b+fx", True),
    ],
)
def test_how_far_the_ledger_has_to_be_read(text: str, known: bool) -> None:
    assert is_start_known(history(text), manifest="m.yml") == known
