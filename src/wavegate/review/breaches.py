"""Which conversations break what the smoke packs forbid any answer to say."""

from collections.abc import Sequence

from wavegate.conversations.values import Conversation
from wavegate.evidence.transcript import Transcript, Turn
from wavegate.release.pack import Pack, Policy
from wavegate.review.sampling import Breaches
from wavegate.smoke.policies import Breach, Search, check
from wavegate.text import pluralize


def find_breaches(
    conversations: Sequence[Conversation], packs: Sequence[Pack], search: Search
) -> tuple[Breaches, tuple[str, ...]]:
    """By position, which policy is broken, and what could not be checked, in sentences.

    What a test requires of its own question says nothing about another one. So only what an answer must not disclose
    or say is checked.
    """
    policies = {each.name: _forbidding(each) for pack in packs for each in pack.policies}
    used = [each for each in policies.values() if each.must_not_match or each.pii]
    found, unchecked = {}, 0
    for at, conversation in enumerate(conversations):
        transcript = _transcript(conversation)
        problems = [problem for each in used for problem in check(transcript, each, search)]
        broken = [f"policy {each.policy}: {each.message}" for each in problems if isinstance(each, Breach)]
        if broken:
            found[at] = "; ".join(broken[:3])
        elif problems:
            unchecked += 1
    notes = [f"A policy could not be checked in {pluralize(unchecked, 'conversation')}."] if unchecked else []
    if not used:
        notes.append("No smoke pack has a policy with `mustNotMatch` or `pii`, so broken policies are unknown.")
    return found, tuple(notes)


def _forbidding(policy: Policy) -> Policy:
    return Policy(name=policy.name, must_not_match=policy.must_not_match, pii=policy.pii)


def _transcript(conversation: Conversation) -> Transcript:
    turns = (Turn(speaker=each.speaker, text=each.text) for each in conversation.turns)
    return Transcript(test="conversation", turns=tuple(turns))
