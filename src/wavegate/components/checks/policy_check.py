"""Checks the actions that policies name against those of the Salesforce project."""

from collections.abc import Iterator

from wavegate.components.action_names import ActionNames, action_names, folded_action
from wavegate.components.component import Project
from wavegate.findings.finding import Finding, Locate, notice, warning
from wavegate.findings.suggestions import suggestion
from wavegate.release.pack import Pack
from wavegate.text import join_names

_HARM = {
    "forbiddenActions": "so nothing can violate this policy",
    "requiredActions": "so nothing can meet this policy",
}


def policy_findings(pack: Pack, locate: Locate, project: Project) -> Iterator[Finding]:
    """A warning for each action that no transcript of the project's agents can show.

    The platform or a package may have it nevertheless, so it is not an error. A project without any action keeps its
    agents elsewhere, which is one notice.
    """
    named = [
        (policy.name, key, index, action)
        for policy in pack.policies
        for key, actions in (
            ("requiredActions", policy.required_actions),
            ("forbiddenActions", policy.forbidden_actions),
        )
        for index, action in enumerate(actions)
    ]
    if not named:
        return
    known = action_names(project)
    if not known.actions:
        message = "The project has no actions, so the actions that the policies name were not checked."
        yield notice("policy/actions-not-checked", locate("policies", key=True), message, _RETRIEVE)
        return
    for policy, key, index, action in named:
        if not known.may_occur(action):
            message, fix = _problem(action, known)
            place = locate("policies", policy, key, index)
            yield warning("policy/unknown-action", place, f"{message}, {_HARM[key]}.", fix)


_RETRIEVE = "To check them, retrieve the agents and their actions into the project."


def _problem(action: str, known: ActionNames) -> tuple[str, str]:
    callers = known.callers.get(folded_action(action), ())
    if callers:
        message = f"Transcripts name the action {join_names(callers)}, not `{action}`"
        return message, f"Name the action that calls it, such as `{callers[0]}`."
    fix = "Correct the name, unless the action comes from the platform or a package."
    return f"The project has no action `{action}`", fix + suggestion(action, known.actions.values())
