"""What a rollback restores, and what its promotion leaves to a person."""

from wavegate.components.component import Component, ComponentId
from wavegate.release.manifest import Kind, Manifest, RollbackProcedure, RollbackStrategy
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.steps import activation, checklist, other_files, restored, touched
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


def test_what_is_restored_is_listed_by_kind_with_dependencies_first() -> None:
    plan = RollbackPlan(restored=("f/Support_Agent.v2", "f/Get_Status"), deleted=("f/Get_Shipment", "f/Shipments"))
    assert restored(touched(plan, COMPONENTS)) == (
        "apex: ApexClass:Shipments",
        "flows: Flow:Get_Status",
        "actions: GenAiFunction:Get_Shipment",
        "agents: BotVersion:Support_Agent.v2",
    )


def test_paths_below_a_folder_of_the_repository_are_found() -> None:
    plan = RollbackPlan(restored=("salesforce/f/Get_Status",))
    assert restored(touched(plan, COMPONENTS, prefix="salesforce/")) == ("flows: Flow:Get_Status",)


def test_changed_files_that_belong_to_no_component_are_named_too() -> None:
    plan = RollbackPlan(restored=("s/f/Get_Status", "s/agentforce/release.yml"), deleted=("packs/new.json",))
    assert other_files(plan, COMPONENTS, prefix="s/") == ("other files: packs/new.json, s/agentforce/release.yml",)
    assert other_files(RollbackPlan(restored=("f/Get_Status",)), COMPONENTS) == ()


def test_a_version_is_activated_by_a_person_only_where_it_changes_and_is_not_pinned() -> None:
    changed = ReleaseRef(commit="b" * 40, name="wave-3", agents={"Support_Agent": "v3"})
    (line,) = activation(good=GOOD, bad=changed, pinned=(), environment="production")
    assert line.startswith("agents: activate Support_Agent v2, live with wave-2")
    assert f"wavegate disable production --to-release {'a' * 12}" in line
    assert activation(good=GOOD, bad=changed, pinned=("support_agent",), environment="production") == ()
    same = ReleaseRef(commit="b" * 40, name="wave-3", agents={"Support_Agent": "v2"})
    assert activation(good=GOOD, bad=same, pinned=(), environment="production") == ()


def test_what_is_to_be_disabled_is_named() -> None:
    procedures = (RollbackProcedure(kind=Kind.FLOWS, strategy=RollbackStrategy.DISABLE),)
    names = touched(RollbackPlan(restored=("f/Get_Status",)), COMPONENTS)
    found = checklist(Manifest(release="wave-3", environments=(), rollback=procedures), names, names=names)
    assert found == ("flows: disable Flow:Get_Status in the org.",)


def test_what_the_promotion_does_is_not_a_step() -> None:
    kinds = {Kind.FLOWS, Kind.AGENTS, Kind.PROMPTS}
    procedures = tuple(RollbackProcedure(kind=each, strategy=RollbackStrategy.ACTIVATE_PREVIOUS) for each in kinds)
    assert checklist(Manifest(release="wave-3", environments=(), rollback=procedures), kinds) == ()


def test_a_manual_procedure_is_on_the_checklist_even_without_a_runbook() -> None:
    procedures = (
        RollbackProcedure(kind=Kind.APEX, strategy=RollbackStrategy.MANUAL),
        RollbackProcedure(kind=Kind.FLOWS, strategy=RollbackStrategy.RESTORE),
    )
    lines = checklist(Manifest(release="wave-3", environments=(), rollback=procedures), [Kind.APEX, Kind.FLOWS])
    assert "apex: a manual step, but the manifest names no runbook." in lines
    assert not any("flows: restore" in line for line in lines)


def test_many_components_are_counted() -> None:
    flows = [component("Flow", f"Flow_{number:02}") for number in range(20)]
    (line,) = restored(touched(RollbackPlan(restored=tuple(each.path for each in flows)), flows))
    assert line.endswith("Flow:Flow_07 and 12 more")


def test_the_checklist_says_what_git_cannot_restore_and_whose_runbook_to_follow() -> None:
    found = checklist(
        manifest(credentials=RollbackStrategy.MANUAL, apex=RollbackStrategy.RESTORE), {Kind.CREDENTIALS, Kind.APEX}
    )
    assert found[0].startswith("credentials: Metadata never contains the secrets")
    assert found[1] == "credentials: follow runbooks/credentials.md (owner: @acme/it)."
    assert found[2] == "apex: restore: follow runbooks/apex.md (owner: @acme/it)."
    assert checklist(manifest(), {Kind.APEX}) == ()
