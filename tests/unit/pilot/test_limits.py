"""Whether a pilot keeps a release from everybody else, as far as a project tells."""

import pytest
from tests.support.sources import project_of, xml

from wavegate.components.component import Project
from wavegate.findings.finding import Finding, Location, Severity
from wavegate.pilot.cohorts import project_principals, resolve_cohorts
from wavegate.pilot.reach.grants import project_grants
from wavegate.pilot.reach.limits import limit_findings, unresolved_findings
from wavegate.release.manifest import Cohort, Environment, Manifest, PackGate, Strategy

ACCESS = "<agentAccesses><agentName>{}</agentName><enabled>{}</enabled></agentAccesses>"
GRANT = ACCESS.format("Support_Agent", "true")
MANIFEST = Location(file="agentforce/release.yml", line=4)
LAUNCH = Cohort(name="tier2", strategy=Strategy.FIRST_LAUNCH, permission_set="Pilot", group="Tier2")


def at(*parts: str | int, key: bool = False) -> Location:  # noqa: ARG001
    return MANIFEST


def findings(project: Project, *described: Cohort, was_live: bool = False, generated: str = "") -> list[Finding]:
    environment = Environment(
        name="production", org="production", rollout="canary", pilot_users=("tier2",), verify=PackGate()
    )
    manifest = Manifest(release="wave-3", environments=(environment,), cohorts=described)
    known = project_principals(project, ["Support_Agent"])
    cohorts = resolve_cohorts(manifest, environment, known, was_live=was_live)
    grants = project_grants(project, ["Support_Agent"])
    return list(limit_findings(manifest, cohorts, grants, at, was_live=was_live, generated=generated))


def permission_set(name: str, body: str = GRANT) -> dict[str, bytes | str]:
    return {f"permissionsets/{name}.permissionset-meta.xml": xml("PermissionSet", body)}


def group(name: str, *sets: str) -> dict[str, bytes | str]:
    body = "".join(f"<permissionSets>{each}</permissionSets>" for each in sets)
    return {f"permissionsetgroups/{name}.permissionsetgroup-meta.xml": xml("PermissionSetGroup", body)}


def test_a_first_launch_by_the_cohorts_own_permission_set_is_limited() -> None:
    project = project_of({**permission_set("Pilot"), **permission_set("Other", ACCESS.format("Desk", "true"))})
    assert findings(project, LAUNCH) == []


@pytest.mark.parametrize(
    ("more", "what"),
    [
        (permission_set("Everybody"), "permission set Everybody"),
        (group("Desk", "Pilot"), "permission set group Desk"),
        (group("Desk", "Everybody", "Pilot") | permission_set("Everybody"), "permission set group Desk"),
        ({"profiles/Standard.profile-meta.xml": xml("Profile", GRANT)}, "profile Standard"),
        (permission_set("Everybody", ACCESS.format("support_agent", "true")), "permission set Everybody"),
    ],
)
def test_whatever_else_grants_the_agent_is_an_error_at_its_place(more: dict[str, bytes | str], what: str) -> None:
    found = findings(project_of({**permission_set("Pilot"), **more}), LAUNCH)
    assert {(each.rule, each.severity) for each in found} == {("canary/not-limited", Severity.ERROR)}
    assert any(f"The {what} gives access to Support_Agent" in each.message for each in found)
    assert all(each.location.file.startswith("force-app/p") and each.location.line == 1 for each in found)


@pytest.mark.parametrize(
    "more",
    [
        permission_set("Disabled", ACCESS.format("Support_Agent", "false")),
        permission_set("Copies", ACCESS.format("Support_Agent_Pilot", "true")),
        group("Desk", "Unrelated"),
    ],
)
def test_what_does_not_grant_the_agent_is_no_finding(more: dict[str, bytes | str]) -> None:
    assert findings(project_of({**permission_set("Pilot"), **more}), LAUNCH) == []


def test_the_permission_sets_of_cohorts_of_later_steps_and_of_the_copies_are_the_pilots_own() -> None:
    later = Cohort(name="everyone-else", permission_set="Later", group="All")
    project = project_of({**permission_set("Pilot"), **permission_set("Later"), **permission_set("Copies_Access")})
    assert findings(project, LAUNCH, later, generated="Copies_Access") == []


def test_an_agent_that_is_live_cannot_be_launched_first() -> None:
    project = project_of(permission_set("Pilot"))
    (found,) = findings(project, LAUNCH, was_live=True)
    assert (found.rule, found.location) == ("canary/not-limited", MANIFEST)
    assert "everybody who has it would get the release" in found.message
    assert findings(project, Cohort(name="tier2", permission_set="Pilot", group="Tier2"), was_live=True) == []


@pytest.mark.parametrize("strategy", [Strategy.TIME_BOXED, Strategy.PILOT_ORG])
def test_a_strategy_that_says_that_everybody_gets_it_is_no_error(strategy: Strategy) -> None:
    project = project_of(permission_set("Everybody"))
    assert findings(project, Cohort(name="tier2", strategy=strategy), was_live=True) == []


def test_a_first_launch_without_a_permission_set_uses_the_only_one_that_grants_the_agent() -> None:
    described = Cohort(name="tier2", group="Tier2")
    assert findings(project_of(permission_set("Desk_Access")), described) == []
    assert len(findings(project_of(permission_set("Desk_Access") | permission_set("Other")), described)) == 2


def test_an_unknown_cohort_is_a_notice_that_suggests_a_name() -> None:
    project = project_of({"groups/Tier2_Support.group-meta.xml": xml("Group")})
    environment = Environment(
        name="production", org="production", rollout="canary", pilot_users=("tier2-suport",), verify=PackGate()
    )
    manifest = Manifest(release="wave-3", environments=(environment,))
    known = project_principals(project)
    (found,) = unresolved_findings(resolve_cohorts(manifest, environment, known, was_live=True), known, MANIFEST)
    assert (found.rule, found.severity) == ("cohort/unresolved", Severity.NOTICE)
    assert found.fix.endswith("Did you mean `Tier2_Support`?")
