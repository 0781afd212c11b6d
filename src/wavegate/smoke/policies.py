"""Checks policies against what the agent said and did.

A policy that cannot be checked, because the transcript lacks the data, never counts as a pass.
No message quotes the transcript, because messages reach logs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from wavegate.components.action_names import folded_action, folded_topic
from wavegate.evidence.transcript import Transcript
from wavegate.redaction import personal_data
from wavegate.release.pack import Policy

Search = Callable[[str, str], bool | None]
"""Whether a pattern occurs in a text; None if the search did not finish in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A policy that the agent violated, and how."""

    policy: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UncheckedPolicy:
    """A policy that could not be checked, and why."""

    policy: str
    message: str


def check(transcript: Transcript, policy: Policy, search: Search) -> tuple[Breach | UncheckedPolicy, ...]:
    """All problems of a transcript under a policy; empty if the policy was fully checked and not violated."""
    return (
        *_topic(transcript, policy),
        *_actions(transcript, policy),
        *_words(transcript, policy, search),
        *_latency(transcript, policy),
    )


def _topic(transcript: Transcript, policy: Policy) -> Iterator[Breach | UncheckedPolicy]:
    if not policy.topics:
        return
    if not transcript.topic:
        yield UncheckedPolicy(policy=policy.name, message="the agent's topic was not recorded")
    elif folded_topic(transcript.topic) not in map(folded_topic, policy.topics):
        expected = " or ".join(policy.topics)
        yield Breach(policy=policy.name, message=f"the agent did not choose the topic {expected}")


def _actions(transcript: Transcript, policy: Policy) -> Iterator[Breach | UncheckedPolicy]:
    if not (policy.required_actions or policy.forbidden_actions):
        return
    if transcript.actions is None:
        yield UncheckedPolicy(policy=policy.name, message="the agent's actions were not recorded")
        return
    called = {folded_action(action) for action in transcript.actions}
    breach = partial(Breach, policy=policy.name)
    yield from (
        breach(message=f"the required action {name} was not called")
        for name in policy.required_actions
        if folded_action(name) not in called
    )
    yield from (
        breach(message=f"the forbidden action {name} was called")
        for name in policy.forbidden_actions
        if folded_action(name) in called
    )


def _words(transcript: Transcript, policy: Policy, search: Search) -> Iterator[Breach | UncheckedPolicy]:
    if not (policy.must_match or policy.must_not_match or policy.pii):
        return
    answer = transcript.answer
    if answer is None:
        yield UncheckedPolicy(policy=policy.name, message="the agent's answer was not recorded")
        return
    for patterns, must_occur, problem in (
        (policy.must_match, True, "does not match"),
        (policy.must_not_match, False, "matches"),
    ):
        for pattern in patterns:
            occurs = search(pattern, answer)
            if occurs is None:
                yield UncheckedPolicy(policy=policy.name, message=f"the search for {pattern} took too long")
            elif occurs is not must_occur:
                yield Breach(policy=policy.name, message=f"the answer {problem} `{pattern}`")
    kinds = {kind: None for kind, _ in personal_data.find(answer, policy.pii)}
    yield from (Breach(policy=policy.name, message=f"the answer discloses: {kind}") for kind in kinds)


def _latency(transcript: Transcript, policy: Policy) -> Iterator[Breach | UncheckedPolicy]:
    if policy.max_latency is None:
        return
    if transcript.latency is None:
        yield UncheckedPolicy(policy=policy.name, message="the latency was not recorded")
    elif transcript.latency > policy.max_latency:
        excess = f"{transcript.latency:.0f} ms, more than the {policy.max_latency:.0f} ms allowed"
        yield Breach(policy=policy.name, message=f"the answer took {excess}")
