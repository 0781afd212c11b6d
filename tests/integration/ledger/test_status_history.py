"""`status --history` of a long story: every entry, the numbers, and how much is read."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.support.deploying import Done
from tests.support.ledger_story import Story, check_history, content, hours, long_story
from tests.support.promotion_world import PromotionWorld

from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import ActKind
from wavegate.ledger.trail.read import read_history


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PromotionWorld]:
    """The world after the long story; tests that use it only read."""
    made = PromotionWorld(tmp_path_factory.mktemp("world"))
    made.github.deployments.clear()
    long_story(made.github)
    yield made
    made.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    made.github.deployments.clear()
    yield made
    made.close()


def show(world: PromotionWorld, *arguments: str, form: str = "text") -> Done:
    done = world.desk.run("status", "--history", "--format", form, *arguments)
    assert done.code == 0, done.log
    return done


def read(world: PromotionWorld, *arguments: str) -> Any:
    shown = json.loads(show(world, *arguments, form="json").log)
    check_history(shown)
    return shown


def test_every_kind_of_entry_is_there_newest_first(told: PromotionWorld) -> None:
    shown = [(each["kind"], each["outcome"], each["actor"]) for each in read(told)["entries"]]
    assert shown == [
        ("stop", None, None),
        ("unlock", None, "chi"),
        ("lock", None, "chi"),
        ("promotion", "live", "ada"),
        ("promotion", "failed", "ada"),
        ("promotion", "live", "ada"),
        ("restart", None, "bo"),
        ("rollback-done", None, None),
        ("promotion", "live", "ada"),
        ("rollback", None, "bo"),
        ("stop", None, "bo"),
        ("verification", "fail", "chi"),
        ("override", None, "ada"),
        ("promotion", "rolled back", "ada"),
        ("gate", "fail", "chi"),
        ("gate", "inconclusive", "chi"),
        ("promotion", "live", "ada"),
    ]


def test_an_entry_has_who_why_what_and_where(told: PromotionWorld) -> None:
    entries = read(told)["entries"]
    rollback = next(each for each in entries if each["kind"] == "rollback")
    assert (rollback["reason"], rollback["incident"], rollback["release"]) == ("it is so", "INC-1", "wave-2")
    assert rollback["content"] == content("b")
    assert rollback["target"].startswith("wave-1 (")
    assert rollback["page"].endswith("/pull/7")
    override = next(each for each in entries if each["kind"] == "override")
    assert (override["reason"], override["rules"]) == ("the fix cannot wait", ["evidence/not-a-pass"])
    gate = next(each for each in entries if each["kind"] == "gate")
    assert (gate["attempt"], gate["release"]) == (2, "wave-2")
    failed = next(each for each in entries if each["outcome"] == "failed")
    assert (failed["reason"], failed["ended"]) == ("The org rejected it", "2026-03-10T17:03:00+00:00")
    found = entries[0]
    assert (found["time"], found["namedTime"]) == ("2026-03-19T01:00:00+00:00", "2026-03-19T00:00:00+00:00")
    assert found["agents"] == {"Support_Agent": None}


def test_the_numbers_are_those_of_the_story(told: PromotionWorld) -> None:
    """Five went live, two failed: one restored after 10.2 hours, one not yet. Commits: 1, 4, 2, 20 hours before."""
    uat, production = read(told)["metrics"]
    assert production["deploymentFrequency"]["live"] == 5
    days = (datetime.fromisoformat(production["to"]) - hours(0)) / timedelta(days=1)
    assert production["deploymentFrequency"]["perWeek"] == pytest.approx(5 / (days / 7))
    assert production["leadTimeForChanges"] == {"changes": 4, "medianSeconds": (2 + 4) / 2 * 3600 + 300}
    assert production["changeFailureRate"] == {"live": 5, "failed": 2, "rate": 0.4}
    assert production["timeToRestore"] == {"restored": 1, "notRestored": 1, "medianSeconds": 10.2 * 3600}
    assert [uat[name] for name in ("deploymentFrequency", "leadTimeForChanges", "timeToRestore")] == [
        {"live": 0, "perWeek": None},
        {"changes": 0, "medianSeconds": None},
        {"restored": 0, "notRestored": 0, "medianSeconds": None},
    ]
    assert uat["changeFailureRate"]["rate"] is None


def test_the_period_begins_where_it_is_asked_to(told: PromotionWorld) -> None:
    shown = read(told, "--environment", "production", "--start", "2026-03-06T12:00Z")
    assert [each["kind"] for each in shown["entries"]] == ["stop", "unlock", "lock", *["promotion"] * 3]
    (production,) = shown["metrics"]
    assert (production["from"], production["deploymentFrequency"]["live"]) == ("2026-03-06T12:00:00+00:00", 2)
    assert (shown["start"], shown["complete"]) == ("2026-03-06T12:00:00+00:00", True)


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_people_read_the_same(told: PromotionWorld, form: str) -> None:
    done = show(told, form=form)
    log = done.log.replace("\\", "")
    for words in (
        "stop: Support_Agent inactive",
        "found inactive in the org; says 2026-03-19 00:00 UTC",
        "promotion of wave-4: failed 2026-03-10 17:03 UTC",
        "promotion of wave-2: live 2026-03-03 09:05 UTC, later rolled back",
        "gate of wave-2: fail, attempt 2",
        "override for wave-2: evidence/not-a-pass",
        "40 % (2 of 5)",
        "median 10 h 12 min (1 failure, 1 failure not yet restored)",
        f"{told.github.url}/acme/support-agents/pull/7",
    ):
        assert words in log
    assert f"[page](<{told.github.url}/acme/support-agents/pull/7>)" in done.summary


def test_the_schema_refuses_another_shape(told: PromotionWorld) -> None:
    shown = read(told)
    for change in ({"complete": "yes"}, {"entries": [{**shown["entries"][0], "kind": "party"}]}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            check_history({**shown, **change})


def test_it_is_one_query_for_all_environments(told: PromotionWorld) -> None:
    before = len(told.github.routes)
    show(told)
    assert [each.template.rpartition("/")[2] for each in told.github.routes[before:]] == ["graphql#History"]


def test_a_long_history_is_read_page_by_page(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    for number in range(150):
        story.promote("production", "wave-1", hours(number), letter="a")
    story.promote("uat", "wave-1", hours(0), letter="a")
    for _ in range(100):
        world.github.deploy("production", world.commit, task="deploy")
    before = len(world.github.routes)
    assert len(read(world)["entries"]) == 151
    assert len(world.github.routes) - before == 3
    before = len(world.github.routes)
    read(world, "--start", hours(148).isoformat())
    assert len(world.github.routes) - before == 2, "older pages are not read"


def client(world: PromotionWorld) -> GitHub:
    github = world.github
    return GitHub(api_url=github.api_url, graphql_url=github.graphql_url, token=github.token)


def test_a_history_that_is_too_long_is_not_said_to_be_complete(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    for number in range(150):
        story.promote("production", "wave-1", hours(number), letter="a")
    cut = read_history(client(world), world.github.repository, ["production"], pages=1)
    assert (len(cut.records), cut.complete) == (100, False)
    whole = read_history(client(world), world.github.repository, ["production"], pages=2)
    assert (len(whole.records), whole.complete) == (150, True)


def test_what_cannot_be_read_is_an_entry_and_not_left_out(world: PromotionWorld) -> None:
    world.github.deploy("production", world.commit, task="wavegate:act", payload={"schema": 99})
    world.github.deploy("production", world.commit, task="wavegate:gate:" + "a" * 40, payload="?")
    world.github.deploy("production", world.commit, payload="not ours")
    world.github.deploy("production", world.commit, task="deploy")
    entries = read(world)["entries"]
    assert sorted(each["kind"] for each in entries) == ["promotion", "unreadable", "unreadable"]
    assert all("unreadable" in each["reason"] for each in entries)


def test_a_decision_under_the_task_of_another_content_is_unreadable(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    story.commit("wave-1", hours(0))
    story.decide("production", "gate", "pass", hours(1), name="wave-1", letter="a")
    world.github.deployments[-1].task = "wavegate:gate:" + "b" * 40
    assert [each["kind"] for each in read(world)["entries"]] == ["unreadable"]


def test_other_manifests_are_left_out(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    story.promote("production", "wave-1", hours(0), letter="a")
    story.promote("production", "other-1", hours(1), letter="b", manifest="agentforce/other.yml")
    story.act("production", ActKind.ROLLBACK, hours(2), manifest="agentforce/other.yml")
    # it holds the agents of the org, whichever manifest ships them
    story.act("production", ActKind.STOP, hours(3), manifest="agentforce/other.yml", agents={"Support_Agent": None})
    shown = read(world)
    assert [each["kind"] for each in shown["entries"]] == ["stop", "promotion"]


def test_a_rollback_of_a_ledger_without_acts_is_an_entry(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    wave_1 = story.promote("production", "wave-1", hours(0), letter="a")
    story.status(wave_1, "failure", hours(3), "Rolled back by pull request #7", story.pull(7))
    rollback, _ = read(world)["entries"]
    assert (rollback["kind"], rollback["time"], rollback["page"]) == (
        "rollback",
        "2026-03-02T12:00:00+00:00",
        story.pull(7),
    )


def test_hostile_words_stay_words(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    story.promote("production", "::error::x | <img src=x> @ada", hours(0), letter="a", run="javascript:alert(1)")
    reason = "[x](javascript:alert(1)) ##[error]x\n| a | b |"
    story.act("production", ActKind.LOCK, hours(1), reason=reason, actor="`ada`")
    for form in ("text", "markdown", "json"):
        done = show(world, form=form)
        assert not any(line.lstrip().startswith("::error") or "##[" in line for line in done.log.splitlines())
    for text in ("<img", "[x](", "](<javascript", "\n| a |", "@ada"):
        assert text not in done.summary


@pytest.mark.parametrize(
    "arguments",
    [("--history", "--at", "2026-03-02"), ("--start", "2026-03-02"), ("--history", "--start", "soon")],
)
def test_options_that_do_not_go_together_are_refused(told: PromotionWorld, arguments: tuple[str, ...]) -> None:
    done = told.desk.run("status", *arguments)
    assert (done.code, "--start" in done.log or "--at" in done.log) == (2, True)
