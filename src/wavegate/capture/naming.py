"""Names and keys of captured tests: from what failed, never from what people said."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace

from wavegate.capture.likeness import Shingles
from wavegate.components.action_names import folded_topic
from wavegate.components.component import without_org_suffix
from wavegate.release.pack import Policy, TestKind, ViolationSeverity
from wavegate.text import slug

_NAME = 60
_DEFINITION = 24
"""Characters of an API name that come from a topic: a whole one has at most 40."""


def violation_key(agent: str, violated: Iterable[Policy], topic: str) -> str:
    """What makes two failures the same, apart from the words: 16 hexadecimal digits."""
    policies = sorted(json.dumps(policy_entry(each), sort_keys=True) for each in violated)
    about = json.dumps([agent.casefold(), policies, folded_topic(topic)])
    return hashlib.sha256(about.encode()).hexdigest()[:16]


def test_id(key: str, words: Shingles) -> str:
    """Eight hexadecimal digits that tell tests of one violation apart."""
    return hashlib.sha256("\n".join([key, *sorted(words)]).encode("utf-8", "replace")).hexdigest()[:8]


def test_name(topic: str, agent: str, violated: Iterable[Policy], identity: str) -> str:
    """A test's name: topic, or else agent, and what was violated."""
    what = "-".join(dict.fromkeys(policy_words(each) for each in violated))
    about = _slug(without_org_suffix(topic) or agent)
    return f"{about[:_NAME]}-{what[:_NAME].strip('-')}-{identity}"


def definition_name(topic: str, agent: str, identity: str) -> str:
    """The API name of a test definition: letters, digits and single underscores."""
    about = slug(without_org_suffix(topic) or agent).replace("-", "_")
    parts = [part for part in about[:_DEFINITION].split("_") if part]
    return "_".join(["Captured", *parts, identity])


def policy_words(policy: Policy) -> str:
    """A name for a policy by its contents; its own name if a pack gave it one."""
    if policy.name:
        return _slug(policy.name)
    parts = [
        *(f"topic-{_slug(without_org_suffix(each))}" for each in policy.topics[:1]),
        *(f"calls-{_slug(each)}" for each in policy.required_actions[:2]),
        *(f"never-{_slug(each)}" for each in policy.forbidden_actions[:2]),
        *(["says-pattern"] if policy.must_match else []),
        *(["never-says-pattern"] if policy.must_not_match else []),
        *(f"no-{each}" for each in policy.pii),
        *(["in-time"] if policy.max_latency is not None else []),
    ]
    return "-".join(parts) or "policy"


def named_policies(policies: Iterable[Policy], taken: Iterable[Policy]) -> tuple[Policy, ...]:
    """Policies with the names that they get in a pack. taken: its own, which are used again if they are the same."""
    known = {each.name: each for each in taken}
    found: list[Policy] = []
    for policy in policies:
        same = next((each for each in known.values() if policy_entry(each) == policy_entry(policy)), None)
        name = policy.name or policy_words(policy)[:_NAME].strip("-")
        if same is None and name in known:
            digest = hashlib.sha256(json.dumps(policy_entry(policy), sort_keys=True).encode()).hexdigest()
            name = f"{name}-{digest[:6]}"
        named = same or replace(policy, name=name)
        known[named.name] = named
        found.append(named)
    return tuple(dict.fromkeys(found))


def policy_entry(policy: Policy) -> dict[str, object]:
    """A policy as its value in a pack."""
    entry: dict[str, object] = {
        "topics": list(policy.topics),
        "requiredActions": list(policy.required_actions),
        "forbiddenActions": list(policy.forbidden_actions),
        "mustMatch": list(policy.must_match),
        "mustNotMatch": list(policy.must_not_match),
        "pii": [each.value for each in policy.pii],
    }
    filled = {key: value for key, value in entry.items() if value}
    return filled if policy.max_latency is None else {**filled, "maxLatency": policy.max_latency}


def usual_kind(violated: Iterable[Policy]) -> TestKind:
    """action-safety if the agent did or said something that it must not, else answer-quality."""
    unsafe = any(each.pii or each.forbidden_actions or each.must_not_match for each in violated)
    return TestKind.ACTION_SAFETY if unsafe else TestKind.ANSWER_QUALITY


def usual_severity(violated: Iterable[Policy]) -> ViolationSeverity:
    """critical for personal data, high for what must not be done or said, else medium."""
    violated = tuple(violated)
    if any(each.pii for each in violated):
        return ViolationSeverity.CRITICAL
    return ViolationSeverity.HIGH if usual_kind(violated) is TestKind.ACTION_SAFETY else ViolationSeverity.MEDIUM


def _slug(text: str) -> str:
    return slug(text).replace("_", "-").lower()
