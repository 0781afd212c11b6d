"""Which agents a restart turns on, and at which version."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from wavegate.errors import InputError
from wavegate.kill_switch.restarts import check_not_rolled_back, not_stopped, restart_versions, stopped_agents
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import Holds, OpenStop
from wavegate.ledger.deployment import Deployment, Release, State, Status
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.ledger.publication import Publication
from wavegate.release.manifest import Agent, Environment, Manifest, PackGate
from wavegate.salesforce.org_values import AgentState, AgentVersion

MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
PATH = "agentforce/release.yml"
MANIFEST = Manifest(
    release="wave-3",
    environments=(Environment(name="uat", org="uat", verify=PackGate()),),
    agents=(Agent(name="Support_Agent"),),
    path=PATH,
)
CONTENT = "c" * 64


def deployment(
    live: Mapping[str, int | None],
    *,
    content: str = CONTENT,
    states: tuple[State, ...] = (State.SUCCESS,),
    org: str = "",
) -> Deployment:
    return Deployment(
        id="DE",
        environment="uat",
        commit="a" * 40,
        created_at=MOMENT,
        statuses=tuple(Status(state=each, created_at=MOMENT) for each in states),
        release=Release(name="wave-3", manifest=PATH, content=content, org=org),
        live=live,
        released={name: version for name, version in live.items() if version is not None},
    )


def ledger(*deployments: Deployment, holds: Holds | None = None, acts: tuple[Act, ...] = ()) -> EnvironmentLedger:
    """The ledger of uat. deployments: newest first."""
    return EnvironmentLedger(
        environment="uat", manifest=PATH, deployments=deployments, acts=acts, holds=holds or Holds()
    )


def stop(agent: str, *, manifest: str = PATH) -> OpenStop:
    act = Act(kind=ActKind.STOP, time=MOMENT, actor="ada", reason="x", manifest=manifest, agents={agent: None})
    return OpenStop(agent=agent, version=None, act=act)


def test_the_agents_that_may_be_stopped() -> None:
    live = deployment({"Support_Agent": 3, "Sales_Agent": 1, "Off_Agent": None})
    stops = (
        stop("SUPPORT_agent"),
        stop("Gone_Agent"),
        stop("Off_Agent", manifest="other.yml"),
        stop("Other_Agent", manifest="other.yml"),
        stop("Any_Agent", manifest=""),
    )
    found = stopped_agents(ledger(live, holds=Holds(stops=stops)), MANIFEST)
    # an agent has the name that its stop has
    assert found == ("SUPPORT_agent", "Sales_Agent", "Gone_Agent", "Off_Agent", "Any_Agent")
    assert stopped_agents(ledger(holds=Holds(stops=stops[:1])), MANIFEST) == ("SUPPORT_agent",)
    assert stopped_agents(ledger(), MANIFEST) == ()
    restart = replace(stops[0].act, kind=ActKind.RESTART, agents={"Off_Agent": 2, "Old_Agent": None})
    assert stopped_agents(ledger(live, acts=(restart,)), MANIFEST) == ("Support_Agent", "Sales_Agent", "Off_Agent")
    assert stopped_agents(ledger(acts=(replace(restart, manifest="other.yml"),)), MANIFEST) == ()


def test_the_version_is_the_one_that_the_live_release_left() -> None:
    live = deployment({"Support_Agent": 3})
    older = deployment({"Support_Agent": 2})
    assert restart_versions(["support_agent"], ledger(live, older), pinned={"Support_Agent": 9}) == {
        "support_agent": 3
    }


@pytest.mark.parametrize(
    ("older", "expected"),
    [
        (deployment({"Support_Agent": 2}), 2),
        (deployment({"Support_Agent": 2}, content="d" * 64), 9),
        (deployment({"Support_Agent": 2}, states=(State.IN_PROGRESS,)), 9),
        (deployment({"Support_Agent": 2}, org="00D"), 9),
        (deployment({"Support_Agent": None}), 9),
        (replace(deployment({"Support_Agent": 2}), release=None), 9),
    ],
)
def test_a_release_that_left_the_agent_inactive(older: Deployment, expected: int) -> None:
    live = deployment({"Support_Agent": None})
    assert restart_versions(["Support_Agent"], ledger(live, older), pinned={"Support_Agent": 9}) == {
        "Support_Agent": expected
    }


def test_the_release_has_its_version_whatever_a_stop_left_when_it_was_deployed_again() -> None:
    live = replace(deployment({"Support_Agent": None}), released={"Support_Agent": 5})
    older = deployment({"Support_Agent": 2})
    assert restart_versions(["Support_Agent"], ledger(live, older), pinned={}) == {"Support_Agent": 5}
    elsewhere = replace(deployment({"Support_Agent": 3}), released={})
    assert restart_versions(["Support_Agent"], ledger(elsewhere, older), pinned={}) == {"Support_Agent": 2}


def test_without_a_content_no_other_deployment_counts() -> None:
    live, older = deployment({}, content=""), deployment({"Support_Agent": 2}, content="")
    with pytest.raises(InputError, match="does not say which version of Support_Agent wave-3 left live"):
        restart_versions(["Support_Agent"], ledger(live, older), pinned={})


def test_a_script_has_the_version_that_it_was_published_as() -> None:
    script = Publication(agent="Support_Agent", digest="1" * 12, after=3, version=4)
    live = replace(deployment({"Support_Agent": None}), published=(script,))
    assert restart_versions(["Support_Agent"], ledger(live), pinned={}) == {"Support_Agent": 4}


def test_before_the_first_release_a_version_is_named() -> None:
    with pytest.raises(InputError) as caught:
        restart_versions(["Support_Agent"], ledger(), pinned={})
    assert caught.value.fix == "Name it with --agent and --to-version."


@pytest.mark.parametrize("page", ["", "https://github.com/acme/agents/pull/7"])
def test_a_release_that_is_rolled_back_is_not_restarted(page: str) -> None:
    rollback = Act(
        kind=ActKind.ROLLBACK,
        time=MOMENT,
        actor="ada",
        reason="x",
        release=ReleaseId(name="wave-3", commit="b" * 40, content=CONTENT),
        page=page,
    )
    holds = Holds(rollback=rollback, rolled_back=(rollback,))
    with pytest.raises(InputError, match="wave-3 is rolled back in uat") as caught:
        check_not_rolled_back(ledger(deployment({}), holds=holds))
    assert (f"({page})" in caught.value.fix) == bool(page)
    check_not_rolled_back(ledger(deployment({}, content="d" * 64), holds=holds))
    check_not_rolled_back(ledger(holds=holds))
    # an older ledger has only the failure
    failed = deployment({}, states=(State.SUCCESS, State.FAILURE))
    with pytest.raises(InputError):
        check_not_rolled_back(ledger(failed))


def test_an_agent_that_is_active_and_that_nobody_stopped() -> None:
    def agent(name: str, *, active: bool) -> AgentState:
        return AgentState(id="0Xx", name=name, versions=(AgentVersion(id="0X9", number=3, active=active),))

    states = [agent("A", active=True), agent("B", active=False), agent("C", active=True)]
    assert not_stopped(states, [stop("c")]) == {"A"}
