"""The names by which transcripts can show the actions of a project's agents.

A transcript names the action, never what the action calls: `Issue_Credit`, not the flow behind it. A flow, class or
prompt template without an action around it counts as one, since the org names the action after it by default.
Source: results of Testing Center, whose `expectedActions` are the names of actions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from wavegate.components.component import (
    AGENT_TYPES,
    ComponentId,
    Contents,
    Project,
    own_local_name,
    without_org_suffix,
)
from wavegate.components.manifest_names.resolve import own_name

_ACTION, _TOPIC = "GenAiFunction", "GenAiPlugin"
_AGENTS = (
    "AiAuthoringBundle",
    "GenAiPlannerBundle",
    "GenAiPlanner",
    "GenAiPlugin",
    "AiAgentDefinition",
    "AiAgentDefinitionVersion",
)
"""The types whose files define actions, or name those of an org."""
_CALLED = ("Flow", "ApexClass", "GenAiPromptTemplate", "ExternalServiceRegistration")
_EXTERNAL = re.compile(r"[A-Za-z][A-Za-z0-9]*__.")


def folded_action(name: str) -> str:
    """An action's name in the form that is compared: no org suffix, only lower-case letters and digits."""
    return re.sub(r"[^a-z0-9]", "", without_org_suffix(name).lower())


def folded_topic(name: str) -> str:
    """A topic's name in the form that is compared, in any language: no org suffix, case, spaces or punctuation."""
    return re.sub(r"[\W_]+", "", without_org_suffix(name).casefold())


@dataclass(frozen=True, kw_only=True, slots=True)
class ActionNames:
    """What a project knows of actions.

    actions: names as written, by their folded form. callers: the actions that call a flow, class or prompt template,
    by the folded name of the latter. callable: folded names of those without an action. namespace: the project's own.
    """

    actions: Mapping[str, str] = field(default_factory=dict)
    callers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    callable: frozenset[str] = frozenset()
    namespace: str = ""

    def may_occur(self, name: str) -> bool:
        """Whether a transcript may show this name. A namespace marks an action of the platform or of a package."""
        local = own_local_name(name, self.namespace)
        folded = folded_action(local)
        if folded in self.actions:
            return True
        return bool(_EXTERNAL.match(local)) or (folded in self.callable and folded not in self.callers)


def action_names(project: Project) -> ActionNames:
    """The names in a project's actions, topics, planners and Agent Scripts, of all versions."""
    own = project.of_type(_ACTION)
    found = project.read((*own, *project.of_type(*_AGENTS)))
    actions: dict[str, str] = {}
    callers: dict[str, dict[str, None]] = {}
    for component, contents in found.items():
        for action, inside in _with_inline(component, contents):
            for name in _names(action, inside):
                actions.setdefault(folded_action(name), without_org_suffix(name))
            for target in _calls(inside) if action.type == _ACTION else ():
                callers.setdefault(folded_action(target), {})[without_org_suffix(own_name(action))] = None
    return ActionNames(
        actions=actions,
        callers={target: tuple(names) for target, names in callers.items()},
        callable=frozenset(folded_action(each.id.name) for each in project.of_type(*_CALLED)),
        namespace=project.namespace,
    )


def agent_names(project: Project) -> Iterator[str]:
    """Every name that a project gives to topics, actions and agents, or by which its agents refer to them."""
    yield from (own_name(each.id) for each in project.of_type(*_CALLED, *AGENT_TYPES))
    found = project.read(project.of_type(_ACTION, *_AGENTS))
    for component, contents in found.items():
        for inner, inside in _with_inline(component, contents):
            yield own_name(inner)
            if inside.script:
                yield from (*inside.script.topics, *inside.script.tools)
            targets = (each.targets[0] for each in inside.references)
            yield from (own_name(each) for each in targets if each.type in (_ACTION, _TOPIC))


def _with_inline(component: ComponentId, contents: Contents) -> Iterator[tuple[ComponentId, Contents]]:
    yield component, contents
    for inner, inside in contents.inline.items():
        yield from _with_inline(inner.id, inside)


def _names(component: ComponentId, contents: Contents) -> Iterator[str]:
    """The action's own name, and the names of the actions that a topic or planner refers to, wherever they are."""
    if component.type == _ACTION:
        yield own_name(component)
    if contents.script:
        yield from contents.script.tools
    targets = (each.targets[0] for each in contents.references)
    yield from (own_name(each) for each in targets if each.type == _ACTION)


def _calls(contents: Contents) -> Iterable[str]:
    return (each.targets[0].name for each in contents.references if each.targets[0].type in _CALLED)
