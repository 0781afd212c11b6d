"""Tables of what makes a rollback impossible."""

import pytest
from tests.support.projects import manifest

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId, Contents
from wavegate.components.scope import Edge, ReleaseScope
from wavegate.findings.finding import Location
from wavegate.release.manifest import Agent, Cohort, Kind, RollbackProcedure, RollbackStrategy, Strategy
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.rehearsal import blocked, first_release, not_undone, refused
from wavegate.rollback.rehearsal_report import rehearsal_lines, rehearsal_markdown
from wavegate.rollback.rehearsal_values import Rehearsal
from wavegate.rollback.values import Rollback, RollbackPlan

PLACE = Location(file="agentforce/release.yml", line=3)
GOOD = ReleaseRef(commit="a" * 40, name="wave-2")


def procedure(kind: Kind, strategy: RollbackStrategy, runbook: str | None = None) -> RollbackProcedure:
    return RollbackProcedure(kind=kind, strategy=strategy, runbook=runbook)


def component(type_: str, name: str) -> Component:
    return Component(id=ComponentId(type=type_, name=name), path="x", paths=("x",))


RESTORE, DISABLE = RollbackStrategy.RESTORE, RollbackStrategy.DISABLE


@pytest.mark.parametrize(
    ("described", "fix"),
    [
        (
            {},
            (
                "Add this line to agentforce/release.yml: `rollback: {prompts: {strategy: restore}, "
                "apex: {strategy: restore}, agents: {strategy: disable}}`"
            ),
        ),
        (
            {Kind.PROMPTS: RESTORE, Kind.AGENTS: RollbackStrategy.ACTIVATE_PREVIOUS},
            (
                "Add to `rollback` in agentforce/release.yml: `apex: {strategy: restore}` "
                "and `agents: {strategy: disable}`."
            ),
        ),
        ({Kind.AGENTS: DISABLE, Kind.PROMPTS: RESTORE}, None),
        (
            {Kind.PROMPTS: RESTORE, Kind.APEX: RESTORE},
            "Add to `rollback` in agentforce/release.yml: `agents: {strategy: disable}`.",
        ),
        ({Kind.PROMPTS: RESTORE, Kind.APEX: RESTORE, Kind.AGENTS: DISABLE}, None),
    ],
)
def test_a_first_release_needs_a_procedure_that_disables_it_and_its_fix_is_complete(
    described: dict[Kind, RollbackStrategy], fix: str | None
) -> None:
    procedures = tuple(procedure(kind, strategy) for kind, strategy in described.items())
    given = manifest(rollback=procedures, agents=(Agent(name="Support_Agent"),))
    found = first_release(given, [Kind.PROMPTS, Kind.APEX], "uat", place=PLACE, procedures=PLACE)
    assert [(each.rule, each.fix) for each in found] == ([("rehearsal/nothing-to-restore", fix)] if fix else [])


def test_a_rollback_without_a_procedure_for_what_ships_is_not_whole() -> None:
    plan = RollbackPlan(restored=("a",))
    back = Rollback(environment="uat", bad=GOOD, good=GOOD, base="HEAD", branch="x", plan=plan)
    rehearsal = Rehearsal(environment="uat", rollback=back, missing=(Kind.FLOWS, Kind.APEX))
    assert not rehearsal.passed
    (line,) = rehearsal_lines([rehearsal])
    assert line.startswith("uat: CANNOT be rolled back: to wave-2 (aaaaaaaaaaaa): would restore 1 file; ")
    assert line.endswith("; no procedure for flows, apex")


def test_disabling_a_release_without_agents_is_a_warning() -> None:
    given = manifest(rollback=(procedure(Kind.AGENTS, DISABLE),))
    (found,) = first_release(given, [], "uat", place=PLACE, procedures=PLACE)
    assert (found.rule, found.severity) == ("rehearsal/nothing-to-turn-off", "warning")


@pytest.mark.parametrize(
    ("type_", "runbook", "complete"),
    [
        ("NamedCredential", None, False),
        ("ExternalCredential", None, False),
        ("NamedCredential", "agentforce/runbooks/rotate.md", True),
        ("PermissionSet", None, False),
        ("GenAiFunction", None, True),
        ("ApexClass", None, True),
    ],
)
def test_a_deletion_that_metadata_cannot_restore_is_an_error(type_: str, runbook: str | None, complete: bool) -> None:
    given = manifest(rollback=(procedure(Kind.CREDENTIALS, RollbackStrategy.MANUAL, runbook),))
    found = list(not_undone(given, [component(type_, "Shipments")], GOOD, PLACE))
    assert [each.rule for each in found] == ([] if complete else ["rehearsal/not-undone"])
    assert complete or f"{type_}:Shipments" in found[0].message


def test_a_cohorts_permission_set_is_assigned_again_by_the_deployment() -> None:
    given = manifest(cohorts=(Cohort(name="pilot", strategy=Strategy.FIRST_LAUNCH, permission_set="Pilot"),))
    removed = [component("PermissionSet", "Pilot"), component("PermissionSet", "Other")]
    assert [each.message for each in not_undone(given, removed, GOOD, PLACE) if "Pilot" in each.message] == []
    assert len(list(not_undone(given, removed, GOOD, PLACE))) == 1


def test_a_path_that_cannot_be_restored_is_an_error() -> None:
    (found,) = blocked(RollbackPlan(conflicts=("a/b",)), GOOD, PLACE)
    assert (found.rule, "`a/b`" in found.message) == ("rehearsal/blocked", True)
    assert list(blocked(RollbackPlan(restored=("a/b",)), GOOD, PLACE)) == []


def scope(*components: Component, edges: tuple[Edge, ...] = ()) -> ReleaseScope:
    contents = {each.id: Contents() for each in components}
    return ReleaseScope(environment="uat", components=components, edges=edges, contents=contents)


@pytest.mark.parametrize(
    ("user", "removed", "warns"),
    [
        (component("GenAiFunction", "Track"), True, False),
        (component("GenAiPlannerBundle", "Agent_v4"), False, True),
        (component("PermissionSet", "Pilot"), False, False),
    ],
)
def test_a_class_that_stays_in_use_after_the_rollback_is_a_warning(
    user: Component, removed: bool, warns: bool
) -> None:
    apex = component("ApexClass", "Track")
    bad = scope(apex, user, edges=(Edge(source=user.id, target=apex.id, location=PLACE),))
    kind = ChangeKind.REMOVED if removed else ChangeKind.KEPT
    changes = [ComponentChange(component=apex, kind=ChangeKind.REMOVED), ComponentChange(component=user, kind=kind)]
    found = list(refused(manifest(), good=scope(), bad=bad, changes=changes))
    assert [(each.rule, each.severity) for each in found] == ([("rehearsal/in-use", "warning")] if warns else [])
    # what the manifest lacks is no part of what the org refuses
    kept = scope(component("Flow", "Kept"))
    assert list(refused(manifest(readiness="enforce"), good=kept, bad=bad, changes=changes)) == found


def test_each_environment_has_a_line_and_a_row() -> None:
    plan = RollbackPlan(restored=("a", "b"), deleted=("c",))
    back = Rollback(environment="uat", bad=GOOD, good=GOOD, base="HEAD", branch="x", plan=plan)
    error = next(first_release(manifest(), [], "production", place=PLACE, procedures=PLACE))
    rehearsals = [
        Rehearsal(environment="uat", rollback=back),
        Rehearsal(environment="<img>|production", findings=(error,)),
    ]
    assert list(rehearsal_lines(rehearsals)) == [
        "uat: can be rolled back: to wave-2 (aaaaaaaaaaaa): would restore 2 files and remove 1",
        "<img>|production: CANNOT be rolled back: no release can be restored",
    ]
    text = rehearsal_markdown(rehearsals)
    assert text.count("✅") == text.count("❌") == 1
    assert "<img>" not in text
