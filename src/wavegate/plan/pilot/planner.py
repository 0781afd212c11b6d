"""Plans a pilot: who meets the release first, with copies of its agents where that keeps it from the others."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from wavegate.findings.finding import Finding, Location, error
from wavegate.pilot.cohorts import copies_agents, project_principals, resolve_cohorts
from wavegate.pilot.planned import PlannedPilot
from wavegate.pilot.reach.grants import project_grants
from wavegate.pilot.reach.limits import limit_findings, unresolved_findings
from wavegate.pilot.shown.words import not_limited, pilot_steps
from wavegate.plan.head import Head
from wavegate.plan.live_release import LiveRelease
from wavegate.plan.pilot.agents import pilot_agents
from wavegate.plan.pilot.copies import CopyRequest, copied_release
from wavegate.plan.pilot.swap import plan_of_copies
from wavegate.plan.values import Plan
from wavegate.release.manifest import Environment, Manifest

NO_LIVE_RELEASE = "pilot/no-live-release"


def with_pilot(
    plan: Plan,
    head: Head,
    manifest: Manifest,
    environment: Environment,
    live: LiveRelease,
    *,
    without_change: bool = False,
) -> Plan:
    """The plan as its pilot is deployed: of copies where the cohorts get copies. Without a canary, the plan itself.

    What everybody has is never piloted, whatever its manifest says: a rollback may restore one that says canary.

    plan: of the release under its own names. live: what is live in the environment. without_change: plan copies of
    all that the agents need, as if nothing changed.
    """
    is_live = plan.content == live.everybodys_content and not without_change
    if environment.rollout != "canary" or not environment.current_cohorts or is_live:
        return plan
    agents = pilot_agents(head.project, manifest, environment, plan.scope)
    names = [each.name for each in agents]
    known = project_principals(head.project, names)
    was_live = bool(live.was_live) or without_change
    cohorts = resolve_cohorts(manifest, environment, known, was_live=was_live)
    locate, index = head.locate(manifest), manifest.environments.index(environment)
    pilot = PlannedPilot(cohorts=cohorts, not_limited=not_limited(cohorts))
    findings = list(unresolved_findings(cohorts, known, locate("environments", index, "pilotUsers")))
    if not copies_agents(cohorts) and not without_change:
        grants = project_grants(head.project, names)
        findings += limit_findings(manifest, cohorts, grants, locate, was_live=was_live)
        return _with(replace(plan, pilot=pilot, steps=(*plan.steps, *pilot_steps(pilot))), findings)
    if live.scope is None and not without_change:
        findings.append(_unknown(live, locate("environments", index, "rollout")))
        return _with(replace(plan, pilot=pilot), findings)
    request = CopyRequest(
        plan=plan,
        manifest=manifest,
        environment=environment,
        agents=agents,
        cohorts=cohorts,
        changed_paths=frozenset() if without_change else frozenset(_changed_paths(plan, head, live)),
        maximum_at=locate("environments", index, "canary", "maximumCopiedClasses"),
        everything=without_change,
    )
    copied, found = copied_release(request)
    findings += found
    if copied is None:
        return _with(replace(plan, pilot=pilot), findings)
    planned = plan_of_copies(request, replace(pilot, copied=copied))
    grants = project_grants(planned.project, copied.copy.agents.values())
    findings += limit_findings(manifest, cohorts, grants, locate, was_live=True, generated=copied.copy.permission_set)
    return _with(planned, findings)


def _changed_paths(plan: Plan, head: Head, live: LiveRelease) -> Iterator[str]:
    before = live.tree.files if live.tree else {}
    for path in plan.scope.paths:
        if head.tree.files.get(head.prefix + path) != before.get(head.prefix + path):
            yield path


def _with(plan: Plan, findings: Sequence[Finding]) -> Plan:
    return replace(plan, findings=(*plan.findings, *findings))


def _unknown(live: LiveRelease, place: Location) -> Finding:
    message = f"The cohorts get a copy of what the release changes, but that is unknown. {live.note}"
    fix = (
        "Pass the commit that is live with --live, or record what the org runs with `wavegate adopt`. Where no agent "
        "of the release was ever live, use the strategy `first-launch`."
    )
    return error(NO_LIVE_RELEASE, place, message, fix)
