"""What a release ships, as its readiness needs it: agents, topics, actions, and what those actions change."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from wavegate.components.checks.project_check import ReleaseCheck
from wavegate.components.component import without_org_suffix
from wavegate.files.source import Source
from wavegate.findings.finding import Location
from wavegate.guardrails.metadata.code import read_code
from wavegate.guardrails.metadata.files import MetadataFiles
from wavegate.guardrails.model import Action, AgentModel, Effect, Guardrails
from wavegate.guardrails.policy.effects import effects_of, hands_over
from wavegate.guardrails.reach import reach_of_action
from wavegate.guardrails.read import read_guardrails
from wavegate.release.manifest import Manifest
from wavegate.release.readiness.listed import listed
from wavegate.release.readiness.values import Shipped


def shipped_by(manifest: Manifest, checked: ReleaseCheck, source: Source) -> Shipped:
    """What a release ships, by its Salesforce project. Only what its agents and actions reach is read."""
    shipped = replace(listed(manifest), kinds=checked.kinds)
    changing: dict[str, str] = {}
    if any(checked.targets.values()):
        changing.update(_changing(_listed_actions(checked), _code_of(checked, source)))
    if not shipped.agents:
        return replace(shipped, changing=changing)
    guardrails = read_guardrails(source, agents=shipped.agents)
    models = [each.emitted for each in guardrails.agents.values()]
    actions = [each for model in models for each in _own_actions(model, checked, shipped)]
    changing.update(_changing(actions, guardrails))
    return replace(
        shipped,
        topics=tuple(dict.fromkeys(without_org_suffix(topic.name) for model in models for topic in model.topics)),
        actions=tuple(dict.fromkeys((*shipped.actions, *(name for name, _ in actions)))),
        changing=changing,
    )


def _listed_actions(checked: ReleaseCheck) -> list[tuple[str, Action]]:
    """The actions that the manifest lists and whose code is known, once for each flow or class."""
    return [(name, _action(name, target)) for name, targets in checked.targets.items() for target in targets]


def _action(name: str, target: str) -> Action:
    return Action(
        name=name, target=target, confirmed=False, inputs=(), outputs=(), description="", location=Location("")
    )


def _code_of(checked: ReleaseCheck, source: Source) -> Guardrails:
    files = MetadataFiles(source)
    targets = [target for each in checked.targets.values() for target in each]
    return Guardrails(code=read_code(files, targets), namespace=files.project.namespace)


def _own_actions(model: AgentModel, checked: ReleaseCheck, shipped: Shipped) -> Iterator[tuple[str, Action]]:
    """The actions of an agent, by name, without those that the manifest lists, if under another spelling."""
    listed_names = {_folded(each) for each in shipped.actions}
    listed_code = {target.casefold() for targets in checked.targets.values() for target in targets}
    for action in (*model.everywhere_actions, *(each for topic in model.topics for each in topic.actions)):
        name = without_org_suffix(action.name)
        if _folded(name) not in listed_names and action.target.casefold() not in listed_code:
            yield name, action


def _folded(name: str) -> str:
    return name.casefold().replace("-", "").replace("_", "")


def _changing(actions: Iterable[tuple[str, Action]], guardrails: Guardrails) -> Iterator[tuple[str, str]]:
    """The names of the actions that change something by the code that they run, and what they do."""
    for name, action in actions:
        reach = reach_of_action(action, guardrails)
        effects = effects_of(action, reach, guardrails)
        words = [effects.shown] if effects.changes and not effects.assumed else []
        if any(Effect.CALLS_OUT in guardrails.code[each].effects for each in reach.code):
            words.append("calls out")
        if words and not hands_over(action):
            yield name, " and ".join(words)
