"""Names in recorded conversations that are a project's own words, and those that may be a person's.

A trace names topics, actions and how a session ended in any words. Only a name that the project has is known to be
nobody's personal data; any other one is replaced before anything reads it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from wavegate.components.action_names import agent_names, folded_topic
from wavegate.components.component import COPY_SUFFIX, Project
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack, Policy
from wavegate.telemetry.discover.vocabulary import meaning_of_end
from wavegate.text import pluralize

_VERSION = re.compile(r"[vV]?[0-9]{1,6}(?:\.[0-9]{1,6}){0,3}", re.ASCII)
_API_NAME = re.compile(r"[A-Za-z]\w{0,79}", re.ASCII)


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnNames:
    """The conversations with known names only. topics, actions: number of different names that were replaced."""

    conversations: tuple[Conversation, ...]
    topics: int = 0
    actions: int = 0

    @property
    def notes(self) -> Iterator[str]:
        """What was replaced, in sentences."""
        counts = ((self.topics, "topic"), (self.actions, "action"))
        if any(count for count, _ in counts):
            found = " and ".join(pluralize(count, noun) for count, noun in counts if count)
            yield f"The project does not have {found} of the conversations: a name that is not its own is not shown."


def known_names(
    project: Project, manifest: Manifest, packs: Iterable[Pack], stated: Policy | None = None
) -> frozenset[str]:
    """The names of a project, its manifest and its packs, folded. stated: what a person expects."""
    policies = [*(policy for pack in packs for policy in pack.policies), *([stated] if stated else [])]
    environments = manifest.environments
    names = [
        *agent_names(project),
        *(each.name for each in manifest.agents),
        *(each.name for each in manifest.details),
        *(name for each in environments for name in (*(each.prompts or ()), *(each.actions or ()))),
        *(name for each in policies for name in (*each.topics, *each.required_actions, *each.forbidden_actions)),
    ]
    if project.namespace:
        names += [f"{project.namespace}__{each}" for each in names]
    return frozenset(filter(None, map(folded_topic, names)))


def with_own_names(conversations: Sequence[Conversation], known: frozenset[str]) -> OwnNames:
    """The conversations with `[topic 1]` and `[action 1]` in place of unknown names, the same for the same name."""
    topics, actions = _Names("topic", known), _Names("action", known)
    found = tuple(_with_own_names(each, topics, actions, known) for each in conversations)
    return OwnNames(conversations=found, topics=len(topics.replaced), actions=len(actions.replaced))


class _Names:
    def __init__(self, noun: str, known: frozenset[str]) -> None:
        self._noun = noun
        self._known = known
        self.replaced: dict[str, str] = {}

    def shown(self, name: str) -> str:
        folded = folded_topic(name)
        if not name or (folded in self._known and name.isprintable()):
            return name
        return self.replaced.setdefault(folded or name, f"[{self._noun} {len(self.replaced) + 1}]")


def _with_own_names(
    conversation: Conversation, topics: _Names, actions: _Names, known: frozenset[str]
) -> Conversation:
    agent = conversation.agent.removesuffix(COPY_SUFFIX)
    is_agent = folded_topic(agent) in known or _API_NAME.fullmatch(agent)
    # an org spells a version as `v3`, or as `Support_Agent_v3`
    version = conversation.version.removeprefix(f"{conversation.agent}_")
    return replace(
        conversation,
        turns=tuple(_turn(each, topics, actions) for each in conversation.turns),
        agent=conversation.agent if is_agent else "",
        version=version if _VERSION.fullmatch(version) else "",
        ended=conversation.ended if meaning_of_end(conversation.ended) else "",
    )


def _turn(turn: ConversationTurn, topics: _Names, actions: _Names) -> ConversationTurn:
    calls = turn.actions
    return replace(
        turn,
        topic=topics.shown(turn.topic),
        actions=None if calls is None else tuple(_call(each, actions) for each in calls),
    )


def _call(call: ActionCall, actions: _Names) -> ActionCall:
    return replace(call, name=actions.shown(call.name))
