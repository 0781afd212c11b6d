"""The plan of a promotion, made from a commit and written as files; shared by `plan`, `brief` and `deploy`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from pathlib import Path

from wavegate.census.pack_check import pack_findings_in
from wavegate.census.pins import pin_findings
from wavegate.census.read import definition_names, read_census, read_specs
from wavegate.census.values import Census
from wavegate.components.apex_tests import untested_classes
from wavegate.components.changes import SHIPPED, compare
from wavegate.components.checks.org_fit import api_version_findings, org_bound_findings
from wavegate.components.checks.project_check import version_findings
from wavegate.components.outside import outside_findings
from wavegate.components.package_file import AFTER, NAME
from wavegate.components.package_xml import package_xml, stage_file
from wavegate.files.whole import write_whole
from wavegate.findings.finding import Finding, Location, Severity, notice
from wavegate.plan.as_json import plan_json
from wavegate.plan.deletions import deletion_findings
from wavegate.plan.flow_definitions import left_out_definitions
from wavegate.plan.hazards import deploy_hazards
from wavegate.plan.head import Head
from wavegate.plan.in_use import leave_what_is_used
from wavegate.plan.live_release import LiveRelease
from wavegate.plan.pilot.planner import with_pilot
from wavegate.plan.pilot.reached import with_reached
from wavegate.plan.scripts import released_agents, script_bundles
from wavegate.plan.shards import divide
from wavegate.plan.stages import divide_into_stages
from wavegate.plan.steps import plan_steps, verification_steps
from wavegate.plan.values import Plan
from wavegate.release.criteria_rules import idle_findings
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack
from wavegate.release.readiness.procedures import procedure_findings
from wavegate.smoke.runs import packs_to_run
from wavegate.statistics.canary.power import canary_powers
from wavegate.statistics.power import power_of

_PLAN = "plan.json"
_OUTPUTS = {"package": NAME, "destructive": AFTER, "plan": _PLAN}
"""The step's outputs that name the files of a plan."""


def plan_promotion(
    head: Head,
    manifest: Manifest,
    environment: Environment,
    live: LiveRelease,
    *,
    pack_files: Sequence[str] = (),
    pilot_without_change: bool = False,
) -> Plan:
    """The plan of a promotion.

    head: the commit to promote. manifest: the commit's. live: what is live in the environment. pack_files: paths of
    smoke packs, () for all. pilot_without_change: plan the pilot as if nothing changed. Raises InputError.
    """
    project = head.project
    locate, scope = head.locate(manifest), head.scope(manifest, environment.name)
    compared = compare(scope, live.scope, project, head=head.tree, live=live.tree, prefix=head.prefix)
    changes = with_reached(leave_what_is_used(compared, live.scope, project), scope, live.reaching)
    shipped = frozenset(each.component.id for each in changes if each.kind in SHIPPED)
    content = head.content(manifest, environment.name)
    packs = head.packs(pack_files)
    before = manifest.before(environment.name)
    specs = read_specs(packs, head.source)
    census = read_census(packs, project, head.source, specs)
    today = datetime.now(UTC).date()
    proving = packs_to_run(manifest, before, packs, verify=False) if before else ()
    verifying = packs_to_run(manifest, environment, packs, verify=True)
    agents = released_agents(manifest.agents_in(environment.name), project)
    scripts = script_bundles(project, agents, shipped)
    stages = divide_into_stages(scope, changes, scripts)
    pins = [
        finding
        for place, run in ((before, proving), (environment, verifying))
        if place
        for finding in pin_findings(census, run, manifest.pinned_versions(place.name), environment=place.name)
    ]
    findings = [
        *head.uncommitted_findings(manifest),
        *scope.findings,
        *outside_findings(scope, shipped),
        *untested_classes(scope, shipped),
        *version_findings(manifest, scope, locate),
        *api_version_findings(project, scope),
        *org_bound_findings(manifest, scope),
        *deploy_hazards(scope, live.scope, changes, scripts=scripts),
        *left_out_definitions(changes, project),
        *procedure_findings(manifest, locate, scope.kinds),
        *_pack_findings(head, dict.fromkeys((*proving, *verifying)), census, definition_names(project, specs), today),
        *stages.findings,
        *census.problems,
        *pins,
        *deletion_findings(
            manifest, changes, live.scope, locate("release"), was_live=content in live.earlier_contents
        ),
    ]
    if live.note:
        fix = (
            "Pass the commit that is live with --live, or record what the org runs already with `wavegate adopt`, so "
            "that only the changes are shipped and judged."
        )
        findings.append(notice("plan/nothing-to-compare", Location(file=manifest.path), live.note, fix))
    plan = Plan(
        release=manifest.release,
        environment=environment.name,
        commit=head.commit,
        since=live.commit,
        api_version=project.api_version,
        source=head.source,
        project=project,
        scope=scope,
        content=content,
        changes=changes,
        shards=divide(proving, before.name, census=census, today=today) if before else (),
        verify_shards=divide(verifying, environment.name, census=census, today=today),
        powers=tuple(
            power_of(pack, cases=census.counts(pack.suite), today=today, price=manifest.price_per_conversation)
            for pack in (proving or verifying)
        ),
        steps=plan_steps(manifest, changes, stages, agents=agents, scripts=scripts),
        findings=tuple(findings),
        stages=stages.stages,
        after_publishing=stages.after_publishing,
        census=census,
        agents=agents,
        canary_powers=canary_powers(environment.canary) if environment.rollout == "canary" else (),
    )
    planned = with_pilot(plan, head, manifest, environment, live, without_change=pilot_without_change)
    return replace(planned, steps=(*planned.steps, *verification_steps(environment)))


def _pack_findings(
    head: Head, packs: Iterable[Pack], census: Census, definitions: Mapping[str, Sequence[str]], today: date
) -> Iterator[Finding]:
    """What `validate` warns of in the commit's packs. Errors have stopped the plan; notices are for their author."""
    located = [(pack, head.locate(pack)) for pack in packs]
    found = [finding for pack, locate in located for finding in idle_findings(pack, locate)]
    found += pack_findings_in(located, head.project, head.source, census, definitions=definitions, today=today)
    yield from (each for each in found if each.severity is not Severity.NOTICE)


def plan_manifests(plan: Plan) -> dict[str, str]:
    """The manifests of a plan's deployment by file name.

    With several stages, each has a package manifest of its own beside that of the whole plan.
    """
    stages = plan.stages if len(plan.stages) > 1 else ()
    return {
        NAME: package_xml(plan.shipped, plan.api_version),
        AFTER: package_xml(plan.deleted, plan.api_version),
        **{stage_file(number): package_xml(each, plan.api_version) for number, each in enumerate(stages, 1)},
    }


def write_plan(folder: Path, plan: Plan) -> dict[str, str]:
    """Write the plan's files, replacing an earlier plan's. Returns their paths by the name of the step's output."""
    manifests = plan_manifests(plan)
    for name, text in {**manifests, _PLAN: plan_json(plan) + "\n"}.items():
        write_whole(folder / name, text.encode())
    # an earlier plan had more stages
    numbers = (number for number in count(1) if stage_file(number) not in manifests)
    (folder / stage_file(next(numbers))).unlink(missing_ok=True)
    return {output: str(folder / name) for output, name in _OUTPUTS.items()}
