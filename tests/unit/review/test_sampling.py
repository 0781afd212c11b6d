"""Which conversations are chosen to be read, and which topics are handed over more often."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from wavegate.conversations.values import ActionCall, Conversation, ConversationTurn
from wavegate.findings.finding import Location
from wavegate.review.period import ReviewPeriod
from wavegate.review.sampling import sample
from wavegate.review.topics import rising_topics
from wavegate.review.values import Transcripts

START = datetime(2026, 3, 2, tzinfo=UTC)
PERIOD = ReviewPeriod(since=START, until=START + timedelta(days=7), due=START + timedelta(days=14))


def talk(
    number: int,
    *,
    turns: int = 4,
    topic: str = "Shipping",
    error: str = "",
    latency: float = 900,
    at: float = 1,
    **more: Any,
) -> Conversation:
    given: dict[str, Any] = {"escalated": False, "started": START + timedelta(days=at)} | more
    said = [
        ConversationTurn(
            speaker="agent" if index % 2 else "user",
            text=f"{number}",
            topic=topic if index % 2 else "",
            latency=latency if index % 2 else None,
            actions=(ActionCall(name="Update_Case", error=error),) if index % 2 else None,
        )
        for index in range(turns)
    ]
    return Conversation(id=f"s{number}", turns=tuple(said), place=Location("t.jsonl", number + 1), **given)


def chosen(found: Transcripts) -> dict[str, list[str]]:
    return {each.title: [one.conversation.id for one in each.sampled] for each in found.strata}


def totals(found: Transcripts) -> dict[str, int]:
    return {each.title: each.total for each in found.strata}


def whole(found: Sequence[Conversation]) -> Transcripts:
    return sample(found, {7: "policy no-data: the answer discloses: email"}, PERIOD, seed="s")


MANY = [
    *(talk(number, error="timeout" if number < 30 else "") for number in range(50)),
    *(talk(number, escalated=True) for number in range(50, 80)),
    *(talk(number) for number in range(80, 300)),
    talk(300, turns=60),
    talk(301, latency=30_000),
    talk(302, topic="Rare_Topic"),
    talk(303, topic=""),
    talk(304, turns=2),
    talk(305, at=-1),
    talk(306, started=None),
]


def test_every_conversation_is_of_one_kind_and_some_of_each_are_chosen() -> None:
    found = whole(MANY)
    assert totals(found) == {"Failures": 30, "Escalations": 30, "Edge cases": 5, "Ordinary": 241}
    assert {title: len(ids) for title, ids in chosen(found).items()} == {
        "Failures": 10,
        "Escalations": 5,
        "Edge cases": 5,
        "Ordinary": 5,
    }
    assert set(chosen(found)["Edge cases"]) == {"s300", "s301", "s302", "s303", "s304"}
    reasons = {one.conversation.id: one.why for each in found.strata for one in each.sampled}
    assert reasons["s300"] == "among the longest: 60 turns"
    assert reasons["s301"] == "among the slowest: an answer took 30 s"
    assert reasons["s302"] == "rare topic Rare_Topic: 1 of 246"
    assert reasons["s303"] == "unknown topic"
    assert reasons["s304"].startswith("short")
    assert set(reasons.values()) >= {"the action Update_Case failed", "handed over to a person"}
    assert "1 conversation of another time left out." in found.notes
    assert any(each.startswith("1 conversation without a time") for each in found.notes)


def test_a_broken_policy_is_a_failure_even_where_a_person_took_over() -> None:
    found = sample([talk(1, escalated=True)], {0: "policy no-data: the answer discloses: email"}, PERIOD, seed="s")
    assert totals(found) == {"Failures": 1, "Escalations": 0, "Edge cases": 0, "Ordinary": 0}
    assert found.strata[0].sampled[0].why == "policy no-data: the answer discloses: email"


def test_neither_the_order_of_the_files_nor_the_run_changes_the_sample() -> None:
    forwards, backwards = (sample(each, {}, PERIOD, seed="s") for each in (MANY, MANY[::-1]))
    assert chosen(forwards) == chosen(backwards)
    others = sample(MANY, {}, PERIOD, seed="next period")
    assert chosen(others) != chosen(forwards)


def test_what_is_not_recorded_is_said() -> None:
    silent = talk(1, topic="", escalated=None)
    turns = tuple(ConversationTurn(speaker=each.speaker, text=each.text) for each in silent.turns)
    found = sample([Conversation(id="x", turns=turns, place=silent.place)], {}, PERIOD, seed="s")
    assert totals(found) == {"Failures": 0, "Escalations": 0, "Edge cases": 0, "Ordinary": 1}
    assert [each.split()[0] for each in found.notes] == ["1", "No", "Whether", "No"]


def test_a_topic_that_is_handed_over_more_often_is_found_and_noise_is_not() -> None:
    def week(at: float, rates: dict[str, int]) -> list[Conversation]:
        return [
            talk(number, topic=topic, at=at, escalated=number < count)
            for topic, count in rates.items()
            for number in range(100)
        ]

    before, now = week(-1, {"Refunds": 5, "Shipping": 10, "Gone": 1}), week(1, {"Refunds": 40, "Shipping": 13})
    found, unknown = rising_topics([*before, *now], PERIOD)
    assert [(each.topic, each.now, each.before) for each in found] == [("Refunds", (40, 100), (5, 100))]
    assert unknown == ""
    assert rising_topics(now, PERIOD)[0] == ()
    assert "is unknown" in rising_topics(now, PERIOD)[1]
    assert rising_topics([talk(1, escalated=None), talk(2, at=-1)], PERIOD)[1] != ""
