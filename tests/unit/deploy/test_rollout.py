"""Which versions a deployment turns off and on, who gets pilot access, and who may use the kill switch."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from tests.support.deploying import release
from tests.support.releases import environment

from wavegate.components.component import ComponentId, Project
from wavegate.components.project import read_project
from wavegate.deploy.cohorts import CohortAssignment, admissions, cohort_change, unmanaged
from wavegate.deploy.journal import DeployJournal, DeployJournalEntry
from wavegate.deploy.rollout import (
    Switch,
    check_versions,
    rejected_while_active,
    to_deactivate,
    to_make_live,
    to_restore,
    touched_agents,
    unpublished,
)
from wavegate.deploy.rollout_values import ComponentFailure, DeployJob
from wavegate.errors import InputError
from wavegate.files.folder import FolderSource
from wavegate.kill_switch.decisions import (
    Authorization,
    TargetState,
    authorization_of,
    failure_policy,
    target_states,
    teams,
)
from wavegate.release.manifest import (
    Agent,
    Cohort,
    Environment,
    Kind,
    Manifest,
    Owners,
    RollbackProcedure,
    RollbackStrategy,
    Strategy,
)
from wavegate.salesforce.org_values import AgentState, AgentVersion


def state(*numbers: int, live: int | None = None, name: str = "Support_Agent") -> AgentState:
    versions = tuple(AgentVersion(id=f"0X9{each}", number=each, active=each == live) for each in numbers)
    return AgentState(id="0Xx1", name=name, versions=versions)


def shown(switches: tuple[Switch, ...]) -> list[tuple[str, int, bool]]:
    return [(each.agent, each.version.number, each.on) for each in switches]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A project with versions 2 and 3 of one agent."""
    for name, text in release(pinned=None).items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return read_project(FolderSource(tmp_path))


@pytest.mark.parametrize(
    ("package", "live", "off"),
    [
        (["GenAiPlannerBundle:Support_Agent_v2"], 2, [2]),
        (["GenAiPlannerBundle:support_agent_V2"], 2, [2]),
        (["GenAiPlannerBundle:Support_Agent_v3"], 2, []),
        (["GenAiPlannerBundle:Support_Agent_v2"], None, []),
        (["GenAiPromptTemplate:Support_Agent_v2", "GenAiPlugin:Support_Agent_v2"], 2, []),
        # version 1 is not in the project: its planner follows from the platform's naming, in every generation
        (["GenAiPlannerBundle:Support_Agent_v1"], 1, [1]),
        (["AiAgentDefinitionVersion:Support_Agent#1"], 1, [1]),
        (["GenAiPlannerBundle:Sales_Agent_v1"], 1, []),
    ],
)
def test_a_live_version_is_turned_off_if_its_own_planner_changes(
    project: Project, package: list[str], live: int | None, off: list[int]
) -> None:
    members = [ComponentId(type=kind, name=name) for kind, _, name in (each.partition(":") for each in package)]
    switches = to_deactivate([state(1, 2, 3, live=live)], members, project)
    assert shown(switches) == [("Support_Agent", each, False) for each in off]


def test_a_deployment_touches_agents_of_the_manifest_or_with_a_planner(project: Project) -> None:
    names = ("Support_Agent_v2", "Unknown_v1", "No_Version")
    members = [ComponentId(type="GenAiPlannerBundle", name=each) for each in names]
    assert touched_agents([Agent(name="Sales_Agent")], members, project) == ("Sales_Agent", "Support_Agent")
    assert touched_agents([Agent(name="support_agent")], members, project) == ("support_agent",)


@pytest.mark.parametrize(
    ("agents", "live", "before", "on"),
    [
        ([Agent(name="Support_Agent", version=2)], None, {"Support_Agent": 1}, [2]),
        ([Agent(name="Support_Agent", version=2)], 3, {"Support_Agent": 3}, [2]),
        ([Agent(name="Support_Agent", version=2)], 2, {"Support_Agent": 1}, []),
        # never the org's newest, which may be a draft that somebody made there
        ([Agent(name="support_agent")], 1, {"Support_Agent": 1}, []),
        ([Agent(name="support_agent")], None, {"Support_Agent": 1}, [1]),
        # an agent that the manifest does not name gets its previous version
        ([], None, {"Support_Agent": 1}, [1]),
        ([], None, {"Support_Agent": None}, []),
        ([], None, {}, []),
    ],
)
def test_the_version_of_the_release_is_made_live_else_the_one_from_before(
    agents: list[Agent], live: int | None, before: Mapping[str, int | None], on: list[int]
) -> None:
    switches = to_make_live([state(1, 2, 3, live=live)], agents, before)
    assert shown(switches) == [("Support_Agent", each, True) for each in on]


@pytest.mark.parametrize(
    ("agent", "message"),
    [
        (Agent(name="Support_Agent", version=9), "no version 9 of agent Support_Agent; it has 1, 2"),
        (Agent(name="Sales_Agent"), "no agent Sales_Agent"),
        (Agent(name="Empty_Agent", version=1), "it has none"),
    ],
)
def test_a_version_that_the_org_lacks_is_rejected(agent: Agent, message: str) -> None:
    with pytest.raises(InputError, match=message):
        to_make_live([state(1, 2, live=1), state(name="Empty_Agent")], [agent], {})


@pytest.mark.parametrize(
    ("live", "before", "switches"),
    [
        (3, 2, [("Support_Agent", 2, True)]),
        (None, 2, [("Support_Agent", 2, True)]),
        (2, 2, []),
        (3, None, [("Support_Agent", 3, False)]),
        (None, None, []),
    ],
)
def test_the_versions_from_before_are_restored(
    live: int | None, before: int | None, switches: list[tuple[str, int, bool]]
) -> None:
    assert shown(to_restore([state(1, 2, 3, live=live)], {"Support_Agent": before})) == switches


def test_what_the_project_does_not_have_is_not_called_a_draft(project: Project) -> None:
    assert unpublished([ComponentId(type="AiAuthoringBundle", name="Unknown")], project, ()) == ()


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ([], "no agent"),
        (["Bot:Sales_Agent"], ""),
        (["AiAgentDefinition:sales_agent"], ""),
        (["BotVersion:Sales_Agent.v1"], ""),
        (["Bot:Support_Agent", "GenAiPlugin:Sales_Agent", "AiAuthoringBundle:Sales_Agent"], "no agent"),
    ],
)
def test_an_agent_is_in_the_org_or_in_the_package(package: list[str], said: str) -> None:
    members = {ComponentId(type=kind, name=name) for kind, _, name in (each.partition(":") for each in package)}
    agents = [Agent(name="Sales_Agent"), Agent(name="Support_Agent", version=2)]
    if not said:
        check_versions([state(1, 2)], agents, members)
        return
    with pytest.raises(InputError, match=said):
        check_versions([state(1, 2)], agents, members)


def test_only_an_agent_that_blocked_the_planner_is_turned_off() -> None:
    def failure(name: str, problem: str) -> ComponentFailure:
        return ComponentFailure(component=ComponentId(type="GenAiPlannerBundle", name=name), problem=problem)

    refused = failure("Support_Agent_v2", "Cannot update record as Agent is Active")
    other = failure("Sales_Agent_v1", "Invalid field")
    job = DeployJob(id="0Af1", status="Failed", failures=(refused, other))
    states = [state(2, live=2), state(1, live=1, name="Sales_Agent")]
    assert shown(rejected_while_active(job, states)) == [("Support_Agent", 2, False)]
    assert rejected_while_active(job, [state(2)]) == ()


def with_cohorts(*pilot_users: str) -> tuple[Manifest, Environment]:
    entered = environment("production", pilot_users=pilot_users)
    cohorts = (
        Cohort(name="a", strategy=Strategy.FIRST_LAUNCH, permission_set="P", group="A", users=("kim@x",)),
        Cohort(name="b", strategy=Strategy.FIRST_LAUNCH, permission_set="P", group="B"),
        Cohort(name="c", strategy=Strategy.FIRST_LAUNCH, permission_set="Q", group="C"),
        Cohort(name="d", strategy=Strategy.ROUTING_FLOW),
    )
    return Manifest(release="wave", environments=(entered,), cohorts=cohorts), entered


@pytest.mark.parametrize(
    ("pilot_users", "expected", "manual"),
    [
        ((), [], ()),
        (("a",), [("P", ("A",), ("kim@x",)), ("Q", (), ())], ()),
        (("a", "b", "d", "e"), [("P", ("A", "B"), ("kim@x",)), ("Q", (), ())], ("d", "e")),
    ],
)
def test_a_permission_set_is_assigned_to_the_pilot_cohorts(
    pilot_users: tuple[str, ...],
    expected: list[tuple[str, tuple[str, ...], tuple[str, ...]]],
    manual: tuple[str, ...],
) -> None:
    manifest, environment = with_cohorts(*pilot_users)
    assert list(admissions(manifest, environment)) == [
        CohortAssignment(permission_set=name, groups=groups, users=users) for name, groups, users in expected
    ]
    assert unmanaged(manifest, environment) == manual


def test_a_cohort_change_adds_missing_and_removes_surplus_users() -> None:
    change = cohort_change("P", {"1": "kim", "2": "lee"}, {"2": "lee", "3": "sam"})
    assert (change.added, change.removed) == (("kim",), ("sam",))


@pytest.mark.parametrize(
    ("listed", "actor", "authorization"),
    [
        ((), "", Authorization.OPEN),
        (("@kim",), "KIM", Authorization.LISTED),
        (("@kim",), "eve", Authorization.REFUSED),
        (("@kim",), "", Authorization.REFUSED),
        (("@acme/sre", "@kim"), "kim", Authorization.LISTED),
        (("@acme/sre",), "eve", Authorization.NEEDS_TEAM_LOOKUP),
    ],
)
def test_who_may_use_the_kill_switch(listed: tuple[str, ...], actor: str, authorization: Authorization) -> None:
    assert authorization_of(Owners(kill_switch=listed), actor) is authorization


@pytest.mark.parametrize(
    ("procedures", "policy"),
    [
        ({}, None),
        ({Kind.PROMPTS: RollbackStrategy.RESTORE}, None),
        ({Kind.FLOWS: RollbackStrategy.ACTIVATE_PREVIOUS}, None),
        ({Kind.AGENTS: RollbackStrategy.ACTIVATE_PREVIOUS}, RollbackStrategy.ACTIVATE_PREVIOUS),
        ({Kind.PROMPTS: RollbackStrategy.RESTORE, Kind.AGENTS: RollbackStrategy.DISABLE}, RollbackStrategy.DISABLE),
        (
            {Kind.AGENTS: RollbackStrategy.ACTIVATE_PREVIOUS, Kind.APEX: RollbackStrategy.DISABLE},
            RollbackStrategy.DISABLE,
        ),
    ],
)
def test_what_becomes_of_the_agents_of_a_failed_release(
    procedures: dict[Kind, RollbackStrategy], policy: RollbackStrategy | None
) -> None:
    rollback = tuple(RollbackProcedure(kind=kind, strategy=strategy) for kind, strategy in procedures.items())
    assert failure_policy(Manifest(release="wave", environments=(), rollback=rollback)) is policy


@pytest.mark.parametrize(
    ("live", "version", "switch"),
    [
        (2, None, [("Support_Agent", 2, False)]),
        (None, None, []),
        (2, 1, [("Support_Agent", 1, True)]),
        (None, 1, [("Support_Agent", 1, True)]),
        (1, 1, []),
        (2, 9, []),
    ],
)
def test_an_agent_is_switched_only_where_it_is_not_so_already(
    live: int | None, version: int | None, switch: list[tuple[str, int, bool]]
) -> None:
    wanted = TargetState(agent=state(1, 2, live=live), version=version).switch
    assert shown((wanted,) if wanted else ()) == switch


def test_a_team_is_an_organization_and_a_slug() -> None:
    assert teams(Owners(kill_switch=("@kim", "@acme/sre", "@acme/on-call"))) == (("acme", "sre"), ("acme", "on-call"))


@pytest.mark.parametrize(
    ("live", "pinned", "version"),
    [(3, 3, 2), (2, 3, 2), (None, 3, 2), (5, None, 3), (3, None, 3), (3, 2, 1)],
)
def test_the_previous_version_stays_the_same_when_requested_again(
    live: int | None, pinned: int | None, version: int
) -> None:
    agents = [Agent(name="support_agent", version=pinned)]
    (target,) = target_states([state(1, 2, 3, 5, live=live)], agents, to_previous=True, to_version=None)
    assert target.version == version
    assert (target.switch is None) == (live == version)


def test_to_version_needs_exactly_one_agent() -> None:
    states = [state(1), state(1, name="Sales_Agent")]
    with pytest.raises(InputError, match="one agent"):
        target_states(states, (), to_previous=False, to_version=1)


def test_a_journal_remembers_what_was_live_before_an_unfinished_deployment(tmp_path: Path) -> None:
    path = tmp_path / "deploy.json"
    entry = DeployJournal(path).begin("one", {"A": 2, "B": None})
    assert entry.before == {"A": 2, "B": None}
    DeployJournal(path).note(DeployJournalEntry(subject="one", before=entry.before, job="0Af1", previous_job=""))
    # killed while A was off; the same deployment resumes, and somebody turned B on meanwhile
    again = DeployJournal(path).begin("one", {"A": None, "B": 1})
    assert (again.before, again.job) == ({"A": 2, "B": None}, "0Af1")
    # another deployment starts over, but still knows what this one turned off
    other = DeployJournal(path).begin("two", {"A": None, "B": 1})
    assert (other.before, other.job) == ({"A": 2, "B": 1}, None)
    journal = DeployJournal(path)
    journal.end()
    assert DeployJournal(path).entry is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"subject": "x"}', '{"subject": "x", "before": {"A": "two"}}'])
def test_a_damaged_journal_is_an_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "deploy.json"
    path.write_text(text)
    with pytest.raises(InputError, match="damaged"):
        DeployJournal(path)
