"""Which agents a deployment leaves as they are: those that a person stopped, with or without a record."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from wavegate.deploy.acts.held import HeldAgents
from wavegate.deploy.rollout import to_make_live, to_restore
from wavegate.errors import ServiceError
from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.holds import OpenStop, holds_of
from wavegate.ledger.deployment import Deployment, Release, State, Status
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.ledger.found import found_inactive
from wavegate.release.manifest import Agent
from wavegate.salesforce.org_values import AgentState, AgentVersion

T0 = datetime(2026, 11, 27, 12, tzinfo=UTC)
ORG = "00D000000000001AAA"


def state(live: int | None, *, name: str = "A", versions: tuple[int, ...] = (1, 2, 3)) -> AgentState:
    found = tuple(AgentVersion(id=f"0X9{each}", number=each, active=each == live) for each in versions)
    return AgentState(id="0Xx1", name=name, versions=found)


@pytest.mark.parametrize(
    ("live", "before", "held", "expected"),
    [
        # as the stop left it
        (None, 2, None, []),
        (1, 2, 1, []),
        # what this deployment deactivated, or activated in the second of the stop
        (None, 2, 1, [(1, True)]),
        (3, 2, None, [(3, False)]),
        (3, 2, 1, [(1, True)]),
        # active before the deployment in spite of the stop: a person did that in the org
        (2, 2, None, []),
        (2, 2, 1, []),
        # a version that the org no longer has
        (None, 2, 9, []),
    ],
)
def test_a_stopped_agent_is_left_as_the_stop_left_it(
    live: int | None, before: int | None, held: int | None, expected: list[tuple[int, bool]]
) -> None:
    states, agents = [state(live), state(None, name="B")], [Agent(name="a", version=3), Agent(name="B", version=3)]
    switches = to_make_live(states, agents, {"A": before}, {"a": held})
    assert [(each.version.number, each.on) for each in switches if each.agent == "A"] == expected
    # any other agent is activated
    assert [(each.version.number, each.on) for each in switches if each.agent == "B"] == [(3, True)]
    restored = to_restore(states, {"A": before, "B": 1}, {"a": held})
    assert [(each.version.number, each.on) for each in restored] == [*expected, (1, True)]


def stop(agent: str, version: int | None = None, *, time: datetime = T0) -> Act:
    return Act(kind=ActKind.STOP, time=time, actor="eve", reason="x", id="S", agents={agent: version})


def held(*stops: OpenStop, active: tuple[str, ...] = ()) -> HeldAgents:
    return HeldAgents(environment="production", read_stops=lambda: stops, began=dict.fromkeys(active, 2))


def test_what_somebody_else_deactivated_is_held_and_what_this_run_deactivated_is_not() -> None:
    agents = held(active=("A", "B"))
    agents.compare([state(None), state(None, name="B"), state(None, name="C")], switched_off=["b"])
    assert (agents.versions, agents.unexplained) == ({"a": None}, True)
    assert [each.stop for each in agents.agents([state(None)], {"a": 3})] == [None]


def test_a_stop_that_is_read_explains_what_was_found() -> None:
    act = stop("A")
    agents = held(OpenStop(agent="A", version=None, act=act), active=("A",))
    agents.compare([state(None)], switched_off=[])
    assert not agents.read()
    assert not agents.unexplained
    assert [each.stop for each in agents.agents([state(None)], {"a": 3})] == [act]
    # at the wanted version, nothing is kept from anybody
    assert agents.agents([state(3)], {"a": 3}) == ()


def test_an_unread_ledger_keeps_what_was_inactive_and_forgets_no_stop() -> None:
    answers: list[list[OpenStop]] = [[OpenStop(agent="A", version=None, act=stop("A"))]]

    def read() -> list[OpenStop]:
        if not answers:
            raise ServiceError("No answer.", fix="Again.")
        return answers.pop()

    began = {"B": None, "C": 2, "D": 2, "E": 2}
    agents = HeldAgents(environment="production", read_stops=read, began=began)
    assert agents.read()
    assert agents.read(), "the org has to be looked at again"
    assert agents.versions == {"a": None}
    assert "whether somebody has stopped an agent during this deployment is unknown. No answer." in agents.notes[0]
    # inactive before, deactivated by the deployment, moved by somebody else, activated by the deployment
    states = [state(None, name="B"), state(None, name="C"), state(1, name="D"), state(1, name="E")]
    pinned = [Agent(name=name, version=3) for name in began]
    switches = to_make_live(states, pinned, began)
    allowed = agents.allowed(switches, states, began, activated={"E": 1})
    assert [each.agent for each in allowed] == ["C", "E"]
    assert "whether somebody has stopped `C` and `E` during" in agents.notes[0]


def deployment(
    number: int, *descriptions: tuple[State, str], live: Mapping[str, int | None] | None = None, org: str = ORG
) -> Deployment:
    began = T0 + timedelta(hours=number)
    statuses = tuple(Status(state=each, created_at=began, description=text) for each, text in descriptions)
    release = Release(name=f"wave-{number}", manifest="r.yml", org=org)
    return Deployment(
        id=str(number),
        environment="production",
        commit=f"{number}" * 40,
        created_at=began,
        statuses=statuses,
        release=release,
        live=live or {},
    )


LIVE = deployment(1, (State.SUCCESS, "live: A v2"), live={"A": 2})
NOTED = (State.IN_PROGRESS, "was: A v2")
UNNOTED = (State.IN_PROGRESS, "Deploying")


def ledger(*deployments: Deployment, acts: tuple[Act, ...] = ()) -> EnvironmentLedger:
    return EnvironmentLedger(environment="production", deployments=deployments, acts=acts, holds=holds_of(acts))


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        # under way, or ended without a success: it notes which versions were live before it deactivates any
        (deployment(2, NOTED), ()),
        (deployment(2, NOTED, (State.FAILURE, "No")), ()),
        (deployment(2, UNNOTED), ("A",)),
        # what succeeded left no agent inactive without saying so, and what ended before explains nothing
        (deployment(2, NOTED, (State.SUCCESS, "live: A v2")), ("A",)),
        (deployment(0, NOTED, (State.FAILURE, "No")), ("A",)),
        (deployment(2, NOTED, (State.FAILURE, "restored: A v2")), ("A",)),
    ],
)
def test_a_deployment_of_another_manifest_explains_an_inactive_agent_too(
    theirs: Deployment, expected: tuple[str, ...]
) -> None:
    known = replace(ledger(LIVE), others=(theirs,))
    assert found_inactive([state(None)], known, org=ORG, resumed={}) == expected


def restart(version: int | None, *, hours: int) -> Act:
    time = T0 + timedelta(hours=hours)
    return Act(kind=ActKind.RESTART, time=time, actor="eve", reason="x", agents={"a": version})


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (ledger(), ()),
        (ledger(LIVE), ("A",)),
        (ledger(deployment(1, (State.SUCCESS, ""), live={"A": 2}, org="00D000000000009AAA")), ()),
        (ledger(deployment(1, (State.SUCCESS, ""), live={"A": None})), ()),
        (ledger(deployment(1, (State.SUCCESS, ""), live={"A": None}), acts=(restart(2, hours=2),)), ("A",)),
        (ledger(deployment(1, (State.SUCCESS, ""), live={"A": None}), acts=(restart(2, hours=0),)), ()),
        (ledger(LIVE, acts=(stop("a"),)), ()),
        # an attempt since then notes which versions were live before it deactivates any
        (ledger(deployment(2, NOTED), LIVE), ()),
        (ledger(deployment(2, NOTED, (State.FAILURE, "No")), LIVE), ()),
        (ledger(deployment(2, NOTED, (State.INACTIVE, "Superseded")), LIVE), ()),
        (ledger(deployment(2, UNNOTED), LIVE), ("A",)),
        (ledger(LIVE, deployment(0, NOTED)), ("A",)),
        # a further attempt of the live release itself
        (ledger(deployment(1, (State.SUCCESS, ""), NOTED, live={"A": 2})), ()),
        (ledger(deployment(1, NOTED, (State.SUCCESS, ""), live={"A": 2})), ("A",)),
    ],
)
def test_an_agent_is_found_stopped_if_the_ledger_left_it_active_and_no_attempt_explains_it(
    known: EnvironmentLedger, expected: tuple[str, ...]
) -> None:
    states = [state(None), state(2, name="B"), state(None, name="New")]
    assert found_inactive(states, known, org=ORG[:15], resumed={}) == expected
    assert found_inactive(states, known, org=ORG, resumed={"a": 2}) == ()
    assert found_inactive([state(2)], known, org=ORG, resumed={}) == ()
