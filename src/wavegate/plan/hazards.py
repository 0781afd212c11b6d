"""What is known to go wrong when a release is deployed, seen before it is.

Source of the rules: Salesforce's Metadata API and Agentforce documentation, and what users report
(forcedotcom/cli issue 3637 on topics that deploy without effect).
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from wavegate.components.agent_versions import agent_version, drafts
from wavegate.components.changes import SHIPPED, ChangeKind, ComponentChange
from wavegate.components.component import Component, ComponentId
from wavegate.components.names import at_file
from wavegate.components.scope import ReleaseScope
from wavegate.findings.finding import Finding, Locate, Location, error, warning
from wavegate.release.manifest import Manifest
from wavegate.text import join_names

PLANNERS = ("GenAiPlannerBundle", "GenAiPlanner", "AiAgentDefinitionVersion")


def pitfalls(
    manifest: Manifest,
    now: ReleaseScope,
    before: ReleaseScope | None,
    changes: Sequence[ComponentChange],
    locate: Locate | None = None,
) -> Iterator[Finding]:
    """What will go wrong (errors) or may surprise (warnings) when these changes are deployed.

    before: the scope of what is live. Without it nothing is known to be changed, and only the way back is judged.
    locate: places of the manifest's entries; without it findings about them point at the file.
    """
    changed = [each.component for each in changes if each.kind is ChangeKind.CHANGED]
    removed = [each.component for each in changes if each.kind is ChangeKind.REMOVED]
    places = locate or at_file(manifest.path)
    if before:
        shipped = frozenset(each.component.id for each in changes if each.kind in SHIPPED)
        for component in changed:
            yield from _changed(component, now, before, shipped)
        gone = {each.id for each in removed}
        for component in removed:
            yield from _removed(component, before, gone, places())
        for component in drafts((each.component for each in changes if each.kind in SHIPPED), now.contents):
            message = f"{component.id} is deployed as a draft: no running agent changes until it is published."
            fix = f"Publish it in the org ({publish(component)}), and pin the version that this makes."
            yield warning("deploy/unpublished-script", Location(file=component.path), message, fix)


def _changed(
    component: Component, now: ReleaseScope, before: ReleaseScope, shipped: frozenset[ComponentId]
) -> Iterator[Finding]:
    place = Location(file=component.path)
    match component.id.type:
        case type_ if type_ in PLANNERS:
            message = f"{component.id} is live and changes: the org refuses that while its agent is active."
            fix = "Deploy at a quiet hour, since the agent is off meanwhile; or ship the change as a new version."
            yield warning("deploy/active-planner", place, message, fix)
        case "GenAiPlugin":
            planners = _users(component.id, now)
            if planners and shipped.isdisjoint(planners):
                message = f"{component.id} changes alone: such a deployment succeeds and changes no running agent."
                fix = "ComponentChange the planner that uses it as well, best as a new version of the agent."
                yield warning("deploy/topic-alone", place, message, fix)
        case "GenAiPromptTemplate":
            yield from _prompt(component, now, before, place)
        case "AiAuthoringBundle":
            if before.contents[component.id].target or agent_version(component.id.name):
                message = f"{component.id} is a published version and locked: a changed one fails to deploy."
                fix = "ComponentChange the draft without a version, and publish that."
                yield error("deploy/locked-bundle", place, message, fix)


def _prompt(component: Component, now: ReleaseScope, before: ReleaseScope, place: Location) -> Iterator[Finding]:
    old = before.contents[component.id].prompt_versions
    for identifier, digest in now.contents[component.id].prompt_versions.items():
        if old.get(identifier, digest) != digest:
            message = f"{component.id} changes its published version {identifier}, which the org ignores in silence."
            fix = "Put the change into a new version, and make that one active."
            yield error("deploy/published-prompt", place, message, fix)


def _removed(
    component: Component, before: ReleaseScope, gone: AbstractSet[ComponentId], place: Location
) -> Iterator[Finding]:
    if component.id.type == "ApexClass":
        staying = _users(component.id, before) - gone
        users = sorted(str(each) for each in staying if each.type != "PermissionSet")
        if users:
            message = f"{component.id} is deleted, but versions that stay in the org use it: {join_names(users, 3)}."
            fix = "Keep the class until no version of an agent or flow in the org uses it."
            yield error("deploy/apex-in-use", place, message, fix)


def publish(script: Component) -> str:
    """The command that makes a version of an Agent Script's draft."""
    return f"sf agent publish authoring-bundle --api-name {script.id.name}"


def _users(target: ComponentId, scope: ReleaseScope) -> set[ComponentId]:
    """What refers to a component."""
    return {each.source for each in scope.edges if each.target == target}
