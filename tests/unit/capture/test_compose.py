"""Tests of failures: which conversation stands for a group, and what it is compared with."""

import re
from collections.abc import Mapping

import pytest

from wavegate.capture.compose import Composed, compose_tests, version_number
from wavegate.capture.likeness import shingles
from wavegate.capture.pull_request import live_sentence
from wavegate.capture.redacting import redact_failures
from wavegate.capture.values import Capture, CapturedBefore, LiveVersions, ProductionFailure, Stated
from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.findings.finding import Location
from wavegate.release.manifest import Environment, Manifest, PackGate
from wavegate.release.pack import Policy

FORBIDDEN = Policy(name="", forbidden_actions=("Pay",))


def search(pattern: str, text: str) -> bool | None:
    return re.search(pattern, text) is not None


def failure(said: str, *, version: str = "", agent: str = "Desk", topic: str = "Refunds") -> ProductionFailure:
    answer = ConversationTurn(speaker="agent", text="Paid.", topic=topic, actions=(ActionCall(name="Pay"),))
    conversation = Conversation(
        id="s",
        turns=(ConversationTurn(speaker="user", text=said), answer),
        place=Location("c.jsonl"),
        agent=agent,
        version=version,
    )
    return ProductionFailure(
        conversation=conversation, end=2, policies=(FORBIDDEN,), violated=(FORBIDDEN,), topic=topic
    )


def composed(
    *failures: ProductionFailure,
    live: Mapping[str, int] | None = None,
    before: tuple[CapturedBefore, ...] = (),
    agent: str = "",
) -> Composed:
    redacted, stated = redact_failures(failures, Stated(expected=FORBIDDEN))
    return compose_tests(
        redacted, stated=stated, agent=agent, before=before, policies=(), live=live or {}, search=search
    )


def test_names_come_from_topic_and_policy_and_are_stable() -> None:
    one = composed(failure("pay me at once", topic="Money_Back_16jWt000000ABcd")).tests[0]
    assert re.fullmatch(r"money-back-never-pay-[0-9a-f]{8}", one.name)
    assert re.fullmatch(r"Captured_Money_Back_[0-9a-f]{8}", one.definition)
    # without a topic, the agent; without anything in ASCII, still a valid name
    assert composed(failure("pay me", topic="")).tests[0].name.startswith("desk-never-pay-")
    odd = composed(failure("pay me", topic="退款")).tests[0]
    assert re.fullmatch(r"[A-Za-z](_?[A-Za-z0-9])*", odd.definition)
    assert len(odd.definition) <= 40
    assert composed(failure("pay me at once", topic="Money_Back_16jWt000000ABcd")).tests[0].name == one.name


def test_other_agents_topics_and_words_are_other_failures() -> None:
    result = composed(
        failure("pay me at once"),
        failure("pay me at once!"),
        failure("pay me at once", agent="Other"),
        failure("pay me at once", topic="Orders"),
        failure("send the money to my brother"),
    )
    assert sorted(each.seen for each in result.tests) == [1, 1, 1, 2]
    assert len({each.name for each in result.tests}) == 4


def test_a_conversation_with_the_live_version_stands_for_its_group() -> None:
    failures = [failure("pay me at once", version="v2")] * 5 + [failure("pay me at once please", version="Desk_v3")]
    (test,) = composed(*failures, live={"desk": 3}).tests
    assert (test.conversation.version, test.seen, test.versions) == ("Desk_v3", 6, {"v2": 5, "Desk_v3": 1})
    (test,) = composed(*failures, live={"Desk": 9}).tests
    assert test.conversation.version == "v2"


def test_what_is_known_is_counted_and_not_captured() -> None:
    (test,) = composed(failure("pay me at once")).tests
    before = (CapturedBefore(key=test.key, words=shingles(["pay me at once now"]), place="specs/x.yaml in #4"),)
    result = composed(failure("pay me at once"), failure("pay me at once!"), failure("another matter"), before=before)
    assert (len(result.tests), result.known) == (1, {"specs/x.yaml in #4": 2})
    other = (CapturedBefore(key="0" * 16, words=shingles(["pay me at once"]), place="specs/x.yaml"),)
    assert len(composed(failure("pay me at once"), before=other).tests) == 1


def test_an_unknown_agent_is_named_by_a_person_or_left_out() -> None:
    nameless = failure("pay me", agent="Jane's agent!")
    assert (composed(nameless).tests, composed(nameless).nameless) == ((), 1)
    assert composed(nameless, agent="Desk").tests[0].agent == "Desk"
    assert composed(failure("pay me", agent="Desk_Pilot")).tests[0].agent == "Desk"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("v3", 3),
        ("3", 3),
        ("Desk_v12", 12),
        ("Desk#4", 4),
        ("", None),
        ("latest", None),
        ("v", None),
        ("9" * 9, None),
    ],
)
def test_a_version_has_a_number(text: str, number: int | None) -> None:
    assert version_number(text) == number


@pytest.mark.parametrize(
    ("version", "live", "words"),
    [
        ("v3", LiveVersions(name="wave", versions={"desk": 3}), "with version 3 of .*, \\*\\*the live version\\*\\*"),
        (
            "v2",
            LiveVersions(name="wave", versions={"Desk": 3}),
            "not the live one.*version 3.*may be fixed there",
        ),
        ("v4", LiveVersions(name="wave", versions={"Desk": 3}, pilot={"Desk": 4}), "version of the pilot's cohorts"),
        (
            "",
            LiveVersions(name="wave", versions={"Desk": 3}),
            "in a version that no trace names.*has version 3",
        ),
        ("v3", LiveVersions(name="wave"), "is not recorded"),
        ("v3", None, "GitHub records no release there"),
    ],
)
def test_it_says_whether_it_was_the_live_version(version: str, live: LiveVersions | None, words: str) -> None:
    (test,) = composed(failure("pay me", version=version)).tests
    environment = Environment(name="production", org="production", verify=PackGate())
    capture = Capture(
        environment="production",
        manifest=Manifest(release="wave", environments=(environment,)),
        pack="agentforce/packs/p.json",
        suite="p",
        tests=(test,),
        files={},
        stated=Stated(),
        live=live,
    )
    assert re.search(words, live_sentence(test, capture))
