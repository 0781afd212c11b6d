"""Who is in a pilot's cohorts, and how each one gets the release."""

import pytest

from wavegate.pilot.cohorts import PilotCohort, Principals, copies_agents, fold, resolve_cohorts
from wavegate.release.manifest import Cohort, Environment, Manifest, PackGate, Strategy

KNOWN = Principals(
    groups=("Service_Ops_Supervisors", "Everyone"), permission_sets=("Tier2_Support", "Pilot_Access", "everyone")
)


def resolve(*names: str, described: tuple[Cohort, ...] = (), was_live: bool = True) -> tuple[PilotCohort, ...]:
    environment = Environment(
        name="production", org="production", rollout="canary", pilot_users=names, verify=PackGate()
    )
    manifest = Manifest(release="wave-3", environments=(environment,), cohorts=described)
    return resolve_cohorts(manifest, environment, KNOWN, was_live=was_live)


def test_a_cohort_without_details_is_the_public_group_else_the_permission_set_of_its_name() -> None:
    supervisors, tier2, everyone, unknown = resolve("service-ops-supervisors", "tier2 support", "everyone", "nobody")
    assert (supervisors.group, supervisors.holders_of, supervisors.permission_set) == (
        "Service_Ops_Supervisors",
        None,
        None,
    )
    assert (tier2.group, tier2.holders_of, tier2.permission_set) == (None, "Tier2_Support", "Tier2_Support")
    assert (everyone.group, everyone.permission_set) == ("Everyone", None)
    assert (unknown.group, unknown.holders_of, unknown.is_resolved) == (None, None, False)
    assert supervisors.is_resolved and tier2.is_resolved


@pytest.mark.parametrize(
    ("was_live", "stated", "strategy"),
    [
        (True, None, Strategy.PILOT_COPY),
        (False, None, Strategy.FIRST_LAUNCH),
        (True, Strategy.TIME_BOXED, Strategy.TIME_BOXED),
        (False, Strategy.ROUTING_FLOW, Strategy.ROUTING_FLOW),
    ],
)
def test_where_an_agent_was_live_a_cohort_gets_a_copy(
    was_live: bool, stated: Strategy | None, strategy: Strategy
) -> None:
    (cohort,) = resolve("everyone", described=(Cohort(name="everyone", strategy=stated),), was_live=was_live)
    assert (cohort.strategy, cohort.is_stated) == (strategy, stated is not None)


def test_what_the_manifest_says_of_a_cohort_comes_before_its_name() -> None:
    (named,) = resolve(
        "everyone", described=(Cohort(name="everyone", group="Tier_2", permission_set="Pilot_Access"),)
    )
    assert (named.group, named.holders_of, named.permission_set) == ("Tier_2", None, "Pilot_Access")
    (listed,) = resolve("everyone", described=(Cohort(name="everyone", users=("a@acme.example",)),))
    assert (listed.group, listed.holders_of, listed.permission_set) == (None, None, None)
    (holders,) = resolve("x", described=(Cohort(name="x", permission_set="Pilot_Access"),))
    assert (holders.group, holders.holders_of, holders.permission_set) == (None, "Pilot_Access", "Pilot_Access")


def test_a_strategy_that_reaches_everybody_or_routes_needs_no_members() -> None:
    for strategy in (Strategy.TIME_BOXED, Strategy.PILOT_ORG, Strategy.ROUTING_FLOW):
        (cohort,) = resolve("nobody", described=(Cohort(name="nobody", strategy=strategy),))
        assert cohort.is_resolved


def test_one_cohort_that_gets_a_copy_decides_for_the_promotion() -> None:
    launch = Cohort(name="everyone", strategy=Strategy.FIRST_LAUNCH)
    assert copies_agents(resolve("everyone", "tier2-support", described=(launch,)))
    assert not copies_agents(resolve("everyone", described=(launch,)))


def test_without_a_canary_there_are_no_cohorts() -> None:
    environment = Environment(name="uat", org="uat", pilot_users=("everyone",), verify=PackGate())
    manifest = Manifest(release="wave-3", environments=(environment,))
    assert resolve_cohorts(manifest, environment, KNOWN, was_live=True) == ()


def test_names_are_compared_without_case_and_kind_of_separator() -> None:
    assert fold("Service-Ops Supervisors") == fold("service_ops_SUPERVISORS")
    assert fold("ServiceOps") != fold("service-ops")
