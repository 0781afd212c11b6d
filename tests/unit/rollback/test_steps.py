"""The steps in the org and after the merge, and what git cannot restore."""

from wavegate.components.component import Component, ComponentId
from wavegate.release.manifest import Kind, Manifest, RollbackProcedure, RollbackStrategy
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.steps import checklist, order
from wavegate.rollback.values import RollbackPlan

GOOD = ReleaseRef(commit="a" * 40, name="wave-2", agents={"Support_Agent": "v2"})


def component(kind: str, name: str) -> Component:
    return Component(id=ComponentId(type=kind, name=name), path=f"f/{name}", paths=(f"f/{name}",))


COMPONENTS = [
    component("BotVersion", "Support_Agent.v2"),
    component("ApexClass", "Shipments"),
    component("Flow", "Get_Status"),
    component("Flow", "Untouched"),
    component("GenAiFunction", "Get_Shipment"),
]


def manifest(**strategies: RollbackStrategy) -> Manifest:
    procedures = tuple(
        RollbackProcedure(kind=Kind(kind), strategy=strategy, runbook=f"runbooks/{kind}.md", owner="@acme/it")
        for kind, strategy in strategies.items()
    )
    return Manifest(release="wave-3", environments=(), rollback=procedures)


def test_the_good_versions_go_live_first_and_dependencies_are_deployed_first() -> None:
    plan = RollbackPlan(restored=("f/Support_Agent.v2", "f/Get_Status"), deleted=("f/Get_Shipment", "f/Shipments"))
    steps = order(plan, COMPONENTS, GOOD, "production", manifest(flows=RollbackStrategy.ACTIVATE_PREVIOUS))
    assert steps[0].startswith("At once: activate the versions that were live with wave-2 (Support_Agent v2).")
    assert f"wavegate disable production --to-release {'a' * 12}" in steps[0]
    assert steps[1].startswith("Deactivate the agent")
    deploy = steps[2]
    assert [deploy.index(name) for name in ("apex (", "flows (", "actions (", "agents (")] == sorted(
        deploy.index(name) for name in ("apex (", "flows (", "actions (", "agents (")
    )
    assert steps[3:] == ("Activate the previous version of Flow:Get_Status.",)
    assert "Untouched" not in " ".join(steps)


def test_paths_below_a_folder_of_the_repository_are_found() -> None:
    plan = RollbackPlan(restored=("salesforce/f/Get_Status",))
    steps = order(plan, COMPONENTS, GOOD, "production", manifest(), prefix="salesforce/")
    assert "Flow:Get_Status" in steps[1]


def test_a_manual_procedure_is_on_the_checklist_even_without_a_runbook() -> None:
    procedures = (
        RollbackProcedure(kind=Kind.APEX, strategy=RollbackStrategy.MANUAL),
        RollbackProcedure(kind=Kind.FLOWS, strategy=RollbackStrategy.RESTORE),
    )
    lines = checklist(Manifest(release="wave-3", environments=(), rollback=procedures), [Kind.APEX, Kind.FLOWS])
    assert "apex: manual: the manifest names no runbook." in lines
    assert not any("flows: restore" in line for line in lines)


def test_many_components_are_counted() -> None:
    flows = [component("Flow", f"Flow_{number:02}") for number in range(20)]
    plan = RollbackPlan(restored=tuple(each.path for each in flows))
    _, deploy = order(plan, flows, GOOD, "production", manifest())
    assert "Flow:Flow_07 and 12 more" in deploy


def test_the_checklist_says_what_git_cannot_restore_and_whose_runbook_to_follow() -> None:
    found = checklist(
        manifest(credentials=RollbackStrategy.MANUAL, apex=RollbackStrategy.RESTORE), {Kind.CREDENTIALS, Kind.APEX}
    )
    assert found[0].startswith("credentials: Metadata never contains secrets")
    assert found[1] == "credentials: manual: follow runbooks/credentials.md (owner: acme/it)."
    assert found[2] == "apex: restore: follow runbooks/apex.md (owner: acme/it)."
    assert checklist(manifest(), {Kind.APEX}) == ()
