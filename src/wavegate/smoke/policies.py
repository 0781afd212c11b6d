"""Policies, checked on what the agent really said and did.

A policy that cannot be checked, because the transcript lacks what it asks for, is a gap: never a pass.
No message quotes the transcript, since messages reach logs.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from wavegate.components.component import without_org_suffix
from wavegate.evidence.transcript import Transcript
from wavegate.release.pack import Policy
from wavegate.smoke import personal_data

Search = Callable[[str, str], bool | None]
"""Whether a pattern occurs in a text; None where that could not be found out in time."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A policy that the agent broke, and how."""

    policy: str
    message: str


@dataclass(frozen=True, kw_only=True, slots=True)
class UncheckedPolicy:
    """A check of a policy that could not be made, and why."""

    policy: str
    message: str


def check(transcript: Transcript, policy: Policy, search: Search) -> tuple[Breach | UncheckedPolicy, ...]:
    """All that is wrong with a transcript under a policy; empty: fully checked, and kept."""
    return (*_actions(transcript, policy), *_words(transcript, policy, search), *_latency(transcript, policy))


def _actions(transcript: Transcript, policy: Policy) -> Iterator[Breach | UncheckedPolicy]:
    if not (policy.required_actions or policy.forbidden_actions):
        return
    if transcript.actions is None:
        yield UncheckedPolicy(policy=policy.name, message="which actions were called is not recorded")
        return
    called = {_folded(action) for action in transcript.actions}
    breach = partial(Breach, policy=policy.name)
    yield from (
        breach(message=f"the required action {name} was not called")
        for name in policy.required_actions
        if _folded(name) not in called
    )
    yield from (
        breach(message=f"the forbidden action {name} was called")
        for name in policy.forbidden_actions
        if _folded(name) in called
    )


def _words(transcript: Transcript, policy: Policy, search: Search) -> Iterator[Breach | UncheckedPolicy]:
    if not (policy.must_match or policy.must_not_match or policy.pii):
        return
    answer = transcript.answer
    if answer is None:
        yield UncheckedPolicy(policy=policy.name, message="what the agent said is not recorded")
        return
    for patterns, wanted, what in (
        (policy.must_match, True, "does not match"),
        (policy.must_not_match, False, "matches"),
    ):
        for pattern in patterns:
            occurs = search(pattern, answer)
            if occurs is None:
                yield UncheckedPolicy(policy=policy.name, message=f"the search for {pattern} took too long")
            elif occurs is not wanted:
                yield Breach(policy=policy.name, message=f"the answer {what} {pattern}")
    kinds = {kind: None for kind, _ in personal_data.find(answer, policy.pii)}
    yield from (Breach(policy=policy.name, message=f"the answer gives away: {kind}") for kind in kinds)


def _latency(transcript: Transcript, policy: Policy) -> Iterator[Breach | UncheckedPolicy]:
    if policy.max_latency is None:
        return
    if transcript.latency is None:
        yield UncheckedPolicy(policy=policy.name, message="the latency is not recorded")
    elif transcript.latency > policy.max_latency:
        excess = f"{transcript.latency:.0f} ms, more than the {policy.max_latency:.0f} ms allowed"
        yield Breach(policy=policy.name, message=f"the answer took {excess}")


def _folded(action: str) -> str:
    """An action's name without the suffix that an org appends, and in one spelling."""
    return re.sub(r"[^a-z0-9]", "", without_org_suffix(action).lower())
