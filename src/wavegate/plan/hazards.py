"""Known problems with deploying a release, found before the deployment.

Source of the rules: Salesforce's Metadata API and Agentforce documentation, and user reports
(forcedotcom/cli issue 3637 on topics that deploy without effect).
"""

from collections.abc import Collection, Iterator, Sequence

from wavegate.components.agent_versions import drafts, script_version
from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Location, error, warning
from wavegate.plan.scripts import ScriptBundle

PLANNERS = ("GenAiPlannerBundle", "GenAiPlanner", "AiAgentDefinitionVersion")


def deploy_hazards(
    now: ReleaseScope,
    before: ReleaseScope | None,
    changes: Sequence[ComponentChange],
    *,
    scripts: Collection[ScriptBundle] = (),
) -> Iterator[Finding]:
    """What will fail (errors) or may surprise (warnings) when these changes are deployed.

    before: the scope of the live release. Without it, changes are unknown and there are no hazards to find.
    scripts: bundles that the deployment publishes.
    """
    changed = [each.component for each in changes if each.kind is ChangeKind.CHANGED]
    if before:
        shipped = frozenset(each.component.id for each in changes if each.kind in SHIPPED)
        for component in changed:
            yield from _changed(component, now, before, shipped)
        for component in drafts((each.component for each in changes if each.kind in SHIPPED), now.contents):
            if component not in [each.component for each in scripts]:
                message = f"{component.id} changes, but is only deployed as a draft: {draft_reason(component)}"
                fix = "Remove the version from the manifest and from git, so that the release publishes the script."
                yield warning("deploy/unpublished-script", Location(file=component.path), message, fix)


def _changed(
    component: Component, now: ReleaseScope, before: ReleaseScope, shipped: frozenset[ComponentId]
) -> Iterator[Finding]:
    place = Location(file=component.path)
    match component.id.type:
        case type_ if type_ in PLANNERS:
            message = f"{component.id} changes, but the org rejects the change while its agent is active."
            fix = "Deploy at a quiet time (the agent is inactive meanwhile), or ship the change as a new version."
            yield warning("deploy/active-planner", place, message, fix)
        case "GenAiPlugin":
            planners = _users(component.id, now)
            if planners and shipped.isdisjoint(planners):
                message = f"{component.id} changes without its planner: it deploys, but running agents do not change."
                fix = "Also change the planner that uses it, preferably as a new version of the agent."
                yield warning("deploy/topic-alone", place, message, fix)
        case "GenAiPromptTemplate":
            yield from _prompt(component, now, before, place)
        case "AiAuthoringBundle":
            old = before.contents[component.id]
            if old.target or script_version(component, old) is not None:
                message = f"{component.id} is a published version and locked: a change to it fails to deploy."
                fix = "Change the draft without a version number, then publish it."
                yield error("deploy/locked-bundle", place, message, fix)


def _prompt(component: Component, now: ReleaseScope, before: ReleaseScope, place: Location) -> Iterator[Finding]:
    old = before.contents[component.id].prompt_versions
    for identifier, digest in now.contents[component.id].prompt_versions.items():
        if old.get(identifier, digest) != digest:
            message = (
                f"{component.id} changes its published version {identifier}: the org silently ignores the change."
            )
            fix = "Put the change into a new version and activate it."
            yield error("deploy/published-prompt", place, message, fix)


def draft_reason(script: Component) -> str:
    """Why a release does not publish a script."""
    return f"the release ships {script.id.name} by a version number, so its script is not published."


def _users(target: ComponentId, scope: ReleaseScope) -> set[ComponentId]:
    """The components that refer to a component."""
    return {each.source for each in scope.edges if each.target == target}
