"""A deployment that people outside of its pilot would get is refused before anything changes in the org."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.doubles.salesforce.sf import install
from tests.support.deploying import Desk, Run, in_process, release
from tests.support.pilot_world import ACCESS, COHORT, EVERYBODY, PilotWorld, piloting

LAUNCH = "cohorts: {tier2: {strategy: first-launch, permissionSet: Pilot, group: Tier2}}\n"
OUTSIDE = EVERYBODY[2:]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An org that knows the agent, inactive: 50 users of whom two are the cohort, and the cohort's permission set."""
    with SalesforceDouble() as org:
        records = org.records
        records.add_bot("Support_Agent", versions=3)
        records.add_permission_set("Pilot")
        records.grants["Pilot"] = ("Support_Agent",)
        for name in EVERYBODY:
            records.add_user(name)
        for name in COHORT:
            records.add_user(name, "Tier2")
        desk = Desk(folder=tmp_path, org=org, path=(install(tmp_path / "bin"),))
        desk.write(launching(LAUNCH))
        yield desk


@pytest.fixture
def run(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    return in_process(desk, monkeypatch, capsys)


def launching(cohorts: str, names: str = "[tier2]") -> dict[str, str]:
    files = release(pinned=3, more=cohorts)
    files["agentforce/release.yml"] += f"    rollout: canary\n    pilotUsers: {names}\n"
    return files


def by_permission_set(org: SalesforceDouble) -> None:
    org.records.add_permission_set("Desk")
    org.records.grants["Desk"] = ("Support_Agent",)
    org.records.assign("Desk", *EVERYBODY)


def by_group(org: SalesforceDouble) -> None:
    org.records.add_group_of_sets("Desk_Group", ("Pilot",), *EVERYBODY)


def by_profile(org: SalesforceDouble) -> None:
    org.records.add_profile("Desk Profile", *EVERYBODY)
    org.records.grants["Desk Profile"] = ("Support_Agent",)


@pytest.mark.parametrize(
    ("give", "what"),
    [
        (by_permission_set, "permission set Desk"),
        (by_group, "permission set group Desk_Group"),
        (by_profile, "profile Desk Profile"),
    ],
)
def test_fifty_users_who_have_the_agent_otherwise_are_an_error_before_anything_changes(
    desk: Desk, run: Run, give: object, what: str
) -> None:
    assert callable(give)
    give(desk.org)
    held = dict(desk.org.records.assignments)
    for options in ((), ("--check-only",)):
        done = run("deploy", "uat", *options)
        assert done.code == 2, done.log
        assert f"48 users outside of the pilot have Support_Agent by the {what}" in done.log
        assert "[canary/not-limited]" in done.log
    assert not desk.org.deployments.jobs
    assert (desk.org.records.bots["Support_Agent"].active, desk.org.records.assignments) == (None, held)


def test_a_launch_that_only_the_cohort_can_reach_is_deployed(desk: Desk, run: Run) -> None:
    records = desk.org.records
    records.assign("Pilot", OUTSIDE[0])
    records.add_permission_set("Desk")
    records.grants["Desk"] = ("Support_Agent",)
    records.assign("Desk", *COHORT, OUTSIDE[1])
    records.inactive = {OUTSIDE[1]}
    done = run("deploy", "uat")
    assert done.code == 0, done.log
    assert records.assigned("Pilot") == set(COHORT)


def test_a_live_agent_that_nothing_grants_is_no_first_launch(desk: Desk, run: Run) -> None:
    desk.org.records.grants.clear()
    desk.org.records.bots["Support_Agent"].activate(2)
    done = run("deploy", "uat")
    assert (done.code, "no permission set or profile limits who gets the release" in done.log) == (2, True), done.log
    assert not desk.org.deployments.jobs


def test_an_org_that_does_not_say_who_has_access_is_no_limit(desk: Desk, run: Run) -> None:
    desk.org.records.may_view_setup = False
    done = run("deploy", "uat")
    assert done.code == 2, done.log
    assert "View Setup and Configuration" in done.log
    assert not desk.org.deployments.jobs


def test_everybody_may_get_it_where_the_strategy_says_so(desk: Desk, run: Run) -> None:
    by_permission_set(desk.org)
    desk.write(launching("cohorts: {tier2: {strategy: time-boxed}}\n"))
    done = run("deploy", "uat")
    assert done.code == 0, done.log


def test_a_first_launch_of_what_everybody_has_is_refused_before_anything_changes(tmp_path: Path) -> None:
    world = PilotWorld(tmp_path)
    try:
        before = world.live_state()
        launch = f"{{strategy: first-launch, permissionSet: {ACCESS}, group: Tier2_Support}}"
        world.release(piloting("new", cohort=launch), "wave-3")
        world.gate()
        done = world.deploy()
        assert (done.code, "an agent of the release is live already" in done.log) == (2, True), done.log
        assert (world.live_state(), world.with_live) == (before, set(EVERYBODY))
        assert not world.org.deployments.jobs
    finally:
        world.close()
