"""Makes tests of failures: one for each group of like ones, that demonstrably fails on its recorded conversation."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from msgspec.structs import replace as with_fields

from wavegate.capture.likeness import Shingles, are_alike, groups_of, most_typical, shingles
from wavegate.capture.naming import (
    definition_name,
    named_policies,
    test_id,
    test_name,
    usual_kind,
    usual_severity,
    violation_key,
)
from wavegate.capture.recorded import transcript_of, with_stand_ins
from wavegate.capture.redacting import RedactedFailure
from wavegate.capture.values import CapturedBefore, CapturedTest, Stated
from wavegate.conversations.values import Conversation
from wavegate.evidence.transcript import Transcript
from wavegate.release.pack import Policy
from wavegate.smoke.policies import Breach, Search, check

_ATTEMPTS = 20
"""Conversations of a group that are tried until one shows the failure without its personal data."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Composed:
    """tests: most often seen first. known: number of failures by the place of the test that they have already.

    unshown: number of failures that no longer show anything once personal data is removed. nameless: of those whose
    agent is unknown.
    """

    tests: tuple[CapturedTest, ...] = ()
    known: Mapping[str, int] = field(default_factory=dict)
    unshown: int = 0
    nameless: int = 0


def compose_tests(
    failures: Sequence[RedactedFailure],
    *,
    stated: Stated,
    agent: str,
    before: Sequence[CapturedBefore],
    policies: Sequence[Policy],
    live: Mapping[str, int],
    search: Search,
) -> Composed:
    """The tests of failures.

    agent: of conversations that name none, '' if it is unknown. before: captured tests. policies: of the pack that
    gets the tests. live: version by agent; a conversation with it is chosen where there is one.
    """
    by_key: dict[str, list[RedactedFailure]] = defaultdict(list)
    nameless = 0
    for each in failures:
        if own := each.agent or agent:
            by_key[violation_key(own, each.failure.violated, each.topic)].append(replace(each, agent=own))
        else:
            nameless += 1
    tests: list[CapturedTest] = []
    known: Counter[str] = Counter()
    unshown = 0
    for key, same in by_key.items():
        words = [shingles(_said(each.conversation)) for each in same]
        for members in groups_of(words):
            choice = most_typical(_preferred(members, same, live), words)
            if place := next((found.place for at in members if (found := _known_as(key, words[at], before))), ""):
                known[place] += len(members)
                continue
            ordered = [choice, *(each for each in members if each != choice)][:_ATTEMPTS]
            made = (_test(same[each], key, words[each], stated, policies, search) for each in ordered)
            test = next((each for each in made if each), None)
            if test is None:
                unshown += len(members)
                continue
            versions = Counter(same[each].conversation.version for each in members)
            tests.append(replace(test, seen=len(members), versions=dict(versions)))
            policies = (*policies, *test.policies)
    return Composed(
        tests=tuple(sorted(tests, key=lambda each: (-each.seen, each.name))),
        known=dict(known),
        unshown=unshown,
        nameless=nameless,
    )


def _known_as(key: str, words: Shingles, before: Iterable[CapturedBefore]) -> CapturedBefore | None:
    """The test that shows the same violation in nearly the same words."""
    return next((each for each in before if each.key == key and are_alike(words, each.words)), None)


def version_number(text: str) -> int | None:
    """The number of a version as a trace spells it: `v3`, `3`, `Support_Agent_v3`; None for anything else."""
    digits = text[len(text.rstrip("0123456789")) :]
    return int(digits) if 0 < len(digits) <= 6 else None


def _preferred(members: Sequence[int], same: Sequence[RedactedFailure], live: Mapping[str, int]) -> Sequence[int]:
    """The members with the live version, or else all."""
    versions = {name.casefold(): version for name, version in live.items()}
    on_live = [
        each
        for each in members
        if (version := version_number(same[each].conversation.version)) is not None
        and versions.get(same[each].agent.casefold()) == version
    ]
    return on_live or members


def _said(conversation: Conversation) -> Iterator[str]:
    return (each.text for each in conversation.turns if each.speaker == "user")


def _test(
    failure: RedactedFailure, key: str, words: Shingles, stated: Stated, taken: Iterable[Policy], search: Search
) -> CapturedTest | None:
    """The test of one failure; None if the redacted conversation does not violate what the original one does."""
    turns = failure.conversation.turns
    if not any(each.speaker == "user" and each.text.strip() for each in turns[:-1]):
        return None
    violated, identity = failure.failure.violated, test_id(key, words)
    name = test_name(failure.topic, failure.agent, violated, identity)
    recorded = transcript_of(turns, failure.failure.not_done, test=name)
    has_stand_ins = False
    for policy in (each for each in violated if each.pii):
        if not _breaches(recorded, replace(policy, name="-"), search):
            recorded, has_stand_ins = _disclosing(recorded, policy), True
    policies = named_policies(failure.failure.policies, taken)
    breaches = [message for each in policies for message in _breaches(recorded, each, search)]
    if not breaches:
        return None
    return CapturedTest(
        name=name,
        definition=definition_name(failure.topic, failure.agent, identity),
        key=key,
        agent=failure.agent,
        topic=failure.topic,
        kind=stated.kind or usual_kind(violated),
        severity=stated.severity or usual_severity(violated),
        policies=policies,
        conversation=failure.conversation,
        recorded=recorded,
        breaches=tuple(dict.fromkeys(breaches)),
        shortened=failure.shortened,
        has_stand_ins=has_stand_ins,
        counts_errors=bool(failure.failure.not_done),
    )


def _disclosing(recorded: Transcript, policy: Policy) -> Transcript:
    """A recorded conversation in which the last answer has published examples of personal data."""
    turns = recorded.turns
    last = with_fields(turns[-1], text=with_stand_ins(turns[-1].text, policy))
    return with_fields(recorded, turns=(*turns[:-1], last))


def _breaches(recorded: Transcript, policy: Policy, search: Search) -> list[str]:
    return [each.message for each in check(recorded, policy, search) if isinstance(each, Breach)]
