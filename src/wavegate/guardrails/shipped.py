"""What a release ships, as its readiness needs it: agents, topics, actions, and what those actions change."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from wavegate.components.checks.project_check import ReleaseCheck
from wavegate.components.component import ComponentId, without_org_suffix
from wavegate.files.source import Source
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.actions import read_action
from wavegate.guardrails.metadata.code import read_code
from wavegate.guardrails.metadata.files import MetadataFiles
from wavegate.guardrails.model import Action, AgentModel, Effect, Guardrails
from wavegate.guardrails.policy.effects import effects_of, hands_over
from wavegate.guardrails.reach import Reach, reach_of_action
from wavegate.guardrails.read import read_guardrails
from wavegate.release.manifest import Manifest
from wavegate.release.readiness.listed import listed
from wavegate.release.readiness.values import Shipped

_SCHEMES = {"GenAiPromptTemplate": "generatePromptResponse", "ExternalServiceRegistration": "externalService"}
"""Of what an action may be without a flow or class, by type."""
_CODE = ("flow", "apex", "")


def shipped_by(manifest: Manifest, checked: ReleaseCheck, source: Source) -> Shipped:
    """What a release ships, by its Salesforce project. Only what its agents and actions reach is read."""
    shipped = replace(listed(manifest), kinds=checked.kinds)
    guardrails = read_guardrails(source, agents=shipped.agents) if shipped.agents else Guardrails()
    models = [each.emitted for each in guardrails.agents.values()]
    offered = [(without_org_suffix(each.name), each) for model in models for each in _actions_of(model)]
    impact = _Impact()
    if shipped.actions:
        files = MetadataFiles(source)
        actions = list(_listed_actions(shipped.actions, checked, offered, files))
        if not shipped.agents and any(each.target.partition("://")[0] not in _CODE for _, each in actions):
            guardrails = read_guardrails(source, agents=())
        code = read_code(files, [each.target for _, each in actions])
        impact.add(actions, replace(guardrails, code={**guardrails.code, **code}, namespace=files.project.namespace))
    own = list(_own_actions(offered, checked, shipped))
    impact.add(own, guardrails)
    return replace(
        shipped,
        topics=tuple(dict.fromkeys(without_org_suffix(topic.name) for model in models for topic in model.topics)),
        actions=tuple(dict.fromkeys((*shipped.actions, *(name for name, _ in own)))),
        changing=impact.changing,
        unclear={name: why for name, why in impact.unclear.items() if name not in impact.changing},
    )


def _actions_of(model: AgentModel) -> Iterator[Action]:
    yield from model.everywhere_actions
    for topic in model.topics:
        yield from topic.actions


def _listed_actions(
    names: Iterable[str], checked: ReleaseCheck, offered: Sequence[tuple[str, Action]], files: MetadataFiles
) -> Iterator[tuple[str, Action]]:
    """The actions that the manifest lists, once for each flow or class, else by their own file or as an agent's."""
    by_name = {_folded(name): action for name, action in offered}
    for name in names:
        targets = checked.targets.get(name) or tuple(_defined(checked.actions.get(name, ()), files))
        if targets:
            yield from ((name, _action(name, target)) for target in targets)
        else:
            yield name, by_name.get(_folded(name)) or _action(name, "")


def _defined(actions: Collection[ComponentId], files: MetadataFiles) -> Iterator[str]:
    """What these actions call, where that is not a flow or class of the project."""
    yield from (f"{_SCHEMES[each.type]}://{each.name}" for each in actions if each.type in _SCHEMES)
    components = [each for each in files.of_type("GenAiFunction") if each.id in actions]
    for _, path, root in files.each_definition(components):
        if target := read_action(root, path, "", "", {}).action.target:
            yield target


def _action(name: str, target: str) -> Action:
    return Action(
        name=name, target=target, confirmed=False, inputs=(), outputs=(), description="", location=Location("")
    )


def _own_actions(
    offered: Iterable[tuple[str, Action]], checked: ReleaseCheck, shipped: Shipped
) -> Iterator[tuple[str, Action]]:
    """The actions of agents, by name, without those that the manifest lists, if under another spelling."""
    listed_names = {_folded(each) for each in shipped.actions}
    listed_code = {target.casefold() for targets in checked.targets.values() for target in targets}
    for name, action in offered:
        if _folded(name) not in listed_names and action.target.casefold() not in listed_code:
            yield name, action


def _folded(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


class _Impact:
    """What actions change, and why it is not known, by the name of the action."""

    def __init__(self) -> None:
        self.changing: dict[str, str] = {}
        self.unclear: dict[str, str] = {}

    def add(self, actions: Iterable[tuple[str, Action]], guardrails: Guardrails) -> None:
        """Judge actions by the code that they run. What a name says counts for nothing."""
        for name, action in actions:
            reach = reach_of_action(action, guardrails)
            effects = effects_of(action, reach, guardrails)
            words = [effects.shown] if effects.changes and not effects.assumed else []
            if Effect.CALLS_OUT in reach.effects:
                words.append("calls out")
            if not words:
                if why := _unknown(action, reach):
                    self.unclear[name] = why
            elif not hands_over(action):
                self.changing[name] = " and ".join(words)


def _unknown(action: Action, reach: Reach) -> str:
    """Why it is not known what an action changes; '' if it is."""
    if not action.target:
        return "its metadata names nothing that it calls"
    if reach.assumed:
        more = f" and {len(reach.assumed) - 1} more" if len(reach.assumed) > 1 else ""
        return f"the project has no code of {reach.assumed[0]}{more}"
    return "its code calls what is only named when it runs" if Effect.UNKNOWN in reach.effects else ""
