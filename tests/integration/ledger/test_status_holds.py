"""What `status` says first: stops, a lock, an open rollback and drift; and what was so at a past moment."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.doubles.github.state import Approval, Pull
from tests.support.acts import recorded_acts
from tests.support.deploying import Done
from tests.support.ledger_story import Story, check_status, hours
from tests.support.promotion_world import PromotionWorld

from wavegate.ledger.acts.act import ActKind
from wavegate.ledger.deployment import Override
from wavegate.ledger.payload import attempt_line


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    made = PromotionWorld(tmp_path)
    made.github.deployments.clear()
    yield made
    made.close()


@pytest.fixture
def story(world: PromotionWorld) -> Story:
    """Two releases in production, of which the second one is bad."""
    made = Story(github=world.github)
    made.promote("production", "wave-1", hours(0), letter="a", live="live: Support_Agent v2")
    made.promote("production", "wave-2", hours(24), letter="b", actor="chi")
    return made


def show(world: PromotionWorld, *arguments: str, form: str = "text") -> Done:
    done = world.desk.run("status", "--environment", "production", "--format", form, *arguments)
    assert done.code == 0, done.log
    return done


def values(world: PromotionWorld, *arguments: str) -> Any:
    shown = json.loads(show(world, *arguments, form="json").outputs["status"])
    check_status(shown)
    return shown["environments"][0]


def lines(world: PromotionWorld, *arguments: str) -> list[str]:
    return [each for each in show(world, *arguments).log.splitlines() if not each.startswith("::add-mask::")]


def test_a_stop_comes_first_and_says_who_and_why(world: PromotionWorld, story: Story) -> None:
    bad = story.release("wave-2", "b")
    agents = {"Support_Agent": None, "Returns_Agent": 2}
    run = f"{story.run(9)}/attempts/2"
    story.act(
        "production", ActKind.STOP, hours(30), agents=agents, release=bad, reason="It promises refunds", run=run
    )
    heading, stopped, fix, *_ = lines(world)
    assert heading == "production: STOPPED; wave-2 is live"
    assert stopped.split(maxsplit=1) == [
        "STOPPED",
        "Support_Agent, Returns_Agent at v2, since 2026-03-03 15:00 UTC by bo: It promises refunds " + run,
    ]
    assert fix.strip() == '→ wavegate enable production --agent Support_Agent --agent Returns_Agent --reason "…"'
    assert "  agents        Support_Agent stopped (released v3), Returns_Agent v2" in lines(world)
    assert [(each["agent"], each["leftAt"], each["by"]) for each in values(world)["holds"]["stops"]] == [
        ("Support_Agent", None, "bo"),
        ("Returns_Agent", 2, "bo"),
    ]
    assert f"[run](<{run}>)" in show(world).summary


def test_after_a_restart_nothing_holds(world: PromotionWorld, story: Story) -> None:
    bad = story.release("wave-2", "b")
    story.act("production", ActKind.STOP, hours(30), agents={"Support_Agent": None}, release=bad)
    story.act("production", ActKind.RESTART, hours(31), agents={"Support_Agent": 3}, release=bad)
    assert lines(world)[0] == "production: wave-2 is live"
    assert values(world)["holds"] == {"stops": [], "lock": None, "freeze": None, "rollback": None}


def test_a_lock_shows_who_holds_it(world: PromotionWorld, story: Story) -> None:
    story.act("production", ActKind.LOCK, hours(30), reason="quarter end", actor="chi")
    heading, lock, fix, *_ = lines(world)
    assert heading == "production: LOCKED; wave-2 is live"
    assert "by chi: quarter end" in lock
    assert fix.strip() == '→ wavegate unlock production --reason "…"'
    story.act("production", ActKind.UNLOCK, hours(31))
    assert values(world)["holds"]["lock"] is None


def roll_back(story: Story) -> None:
    bad, good = story.release("wave-2", "b"), story.release("wave-1", "a")
    page: dict[str, Any] = {"page": story.pull(7), "number": 7, "incident": "INC-1", "reason": "It promises refunds"}
    story.act("production", ActKind.ROLLBACK, hours(30), release=bad, target=good, **page)
    story.status(story.github.deployments[1], "failure", hours(30), "Rolled back by pull request #7", story.pull(7))


def test_an_open_rollback_says_that_the_bad_release_is_live(world: PromotionWorld, story: Story) -> None:
    roll_back(story)
    heading, line, *_ = lines(world)
    assert heading == "production: ROLLBACK OPEN; wave-2 is live"
    assert f"wave-2 ({story.commits['wave-2'][:12]}) → wave-1" in line
    assert (
        "by bo: It promises refunds (incident: INC-1). The bad release is live until the rollback is merged and"
        in line
    )
    assert line.endswith(story.pull(7))
    assert f"[pull request 7](<{story.pull(7)}>)" in show(world).summary
    assert values(world)["holds"]["rollback"]["badIsLive"] is True


def open_pull(world: PromotionWorld, story: Story) -> Pull:
    """The pull request of the rollback."""
    return world.github.open_pull(story.commits["wave-2"], number=7)


def test_the_pull_request_of_a_rollback_shows_how_far_it_is(world: PromotionWorld, story: Story) -> None:
    roll_back(story)
    pull = open_pull(world, story)
    assert values(world)["holds"]["rollback"]["pullRequest"] == "open"
    pull.state, pull.closed_at, pull.closed_by = "closed", world.github.state.now(), "chi"
    pull.merged_at = pull.closed_at
    assert "The pull request is merged, and the bad release is live until that is promoted." in lines(world)[1]
    pull.merged_at = None
    assert (
        "chi closed the pull request without merging it: the next promotion withdraws the rollback."
        in lines(world)[1]
    )
    pull.closed_by = "stale[bot]"
    assert "The app stale[bot] closed the pull request: reopen it, or withdraw the rollback." in lines(world)[1]
    world.github.permit("issues", "none")
    world.github.permit("pull-requests", "none")
    assert values(world)["holds"]["rollback"]["pullRequest"] is None


def test_a_rollback_whose_release_was_replaced_is_not_said_to_be_live(world: PromotionWorld, story: Story) -> None:
    roll_back(story)
    story.promote("production", "wave-3", hours(32), letter="c")
    assert "The bad release is no longer live" in lines(world)[1]
    story.act("production", ActKind.ROLLBACK_DONE, hours(33), release=story.release("wave-2", "b"))
    shown = values(world)
    assert (shown["holds"]["rollback"], shown["lastRollback"]["release"]) == (None, "wave-2")


def test_the_same_content_under_another_commit_is_the_bad_release(world: PromotionWorld, story: Story) -> None:
    roll_back(story)
    story.promote("production", "wave-2-again", hours(32), letter="b")
    assert values(world)["holds"]["rollback"]["badIsLive"] is True


def test_a_rollback_of_another_manifest_is_not_this_ones(world: PromotionWorld, story: Story) -> None:
    bad = story.release("wave-2", "b")
    story.act("production", ActKind.ROLLBACK, hours(30), release=bad, manifest="agentforce/other.yml")
    assert values(world)["holds"]["rollback"] is None


def test_an_older_ledger_without_acts_shows_its_rollback(world: PromotionWorld, story: Story) -> None:
    story.status(story.github.deployments[-1], "failure", hours(30), "Rolled back by pull request #7", story.pull(7))
    heading, line, *_ = lines(world)
    assert heading == "production: ROLLBACK OPEN; wave-2 is live"
    assert "Rolled back by pull request #7" in line
    assert line.endswith(story.pull(7))


def test_an_act_that_was_recorded_late_says_so(world: PromotionWorld, story: Story) -> None:
    story.act("production", ActKind.STOP, hours(33), said=hours(30), agents={"Support_Agent": None})
    assert "since 2026-03-03 15:00 UTC (recorded 2026-03-03 18:00 UTC) by bo" in lines(world)[1]


def test_an_act_that_cannot_be_read_is_not_passed_over(world: PromotionWorld, story: Story) -> None:
    assert story.commits
    world.github.deploy("production", world.commit, task="wavegate:act", payload={"schema": 99, "kind": "stop"})
    heading, line, *_ = lines(world)
    assert heading == "production: UNREADABLE; wave-2 is live"
    assert "1 act of the ledger cannot be read" in line
    assert values(world)["unreadableActs"] == 1


def test_an_open_pull_request_means_that_the_rollback_is_open_again(world: PromotionWorld, story: Story) -> None:
    roll_back(story)
    page: dict[str, Any] = {"page": story.pull(7), "number": 7}
    bad = story.release("wave-2", "b")
    story.act("production", ActKind.ROLLBACK_WITHDRAWN, hours(31), release=bad, **page)
    story.status(story.github.deployments[1], "success", hours(31), "Rollback withdrawn", story.pull(7))
    pull = world.github.open_pull(world.commit, number=7, created_at=hours(30))
    pull.change_state("closed", login="bo", now=hours(31))
    assert "ROLLBACK OPEN" not in lines(world)[0]
    pull.change_state("open", login="bo", now=hours(32))
    assert "ROLLBACK OPEN" in lines(world)[0]
    assert values(world)["holds"]["rollback"]["pullRequest"] == "open"
    # at that time, it was withdrawn
    assert values(world, "--at", hours(31.5).isoformat())["holds"]["rollback"] is None
    # an override leaves the pull request as it is, and opens nothing
    story.act("production", ActKind.ROLLBACK_WITHDRAWN, hours(33), release=bad)
    assert "ROLLBACK OPEN" not in lines(world)[0]


def test_who_reran_a_promotion_is_who_did_it(world: PromotionWorld, story: Story) -> None:
    story.status(story.github.deployments[-1], "in_progress", hours(24), attempt_line("bo"))
    assert values(world)["live"]["by"] == "bo"


@pytest.mark.parametrize(
    ("approved", "shown", "text"),
    [
        ({"production": "bo", "uat": "chi"}, ["bo"], "approved by bo"),
        ({"Production": "bo"}, ["bo"], "approved by bo"),
        ({"prod-eu": "bo", "uat": "chi"}, ["bo"], "approved by bo (GitHub environment prod-eu)"),
        ({"uat": "chi"}, [], "no approval was recorded (none may have been required)"),
    ],
)
def test_the_approver_is_found_under_another_environment_name(
    world: PromotionWorld, story: Story, approved: dict[str, str], shown: list[str], text: str
) -> None:
    assert story.commits
    for name, login in approved.items():
        world.github.state.approvals.append(Approval(run_id=1, environment=name, login=login))
    assert values(world)["approvedBy"] == shown
    assert text in show(world).log


def drift(world: PromotionWorld, version: int | None) -> list[str]:
    """The drift if this version of the agent is active in the org, for a token that may not write."""
    world.github.permit("deployments", "read")
    world.org.records.bots["Support_Agent"].activate(version)
    found: list[str] = values(world)["drift"]
    return found


def test_drift_is_measured_against_the_stop(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    story.promote("production", "wave-2", hours(24), letter="b", org="00D000000000001AAA")
    story.act("production", ActKind.STOP, hours(30), agents={"Support_Agent": None})
    assert drift(world, None) == []
    assert drift(world, 3) == ["Support_Agent is at version 3, but its stop left it inactive; no restart is recorded"]
    story.act("production", ActKind.RESTART, hours(31), agents={"Support_Agent": 2})
    assert drift(world, 2) == []
    assert drift(world, None) == ["Support_Agent is off in the org; no stop is recorded (it was left at version 2)"]
    assert lines(world)[1].startswith("  DRIFT")
    assert lines(world)[2].strip() == '→ wavegate disable production --agent Support_Agent --reason "…"'


def test_the_org_says_nothing_about_an_environment_that_was_renamed(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    live = "live: Support_Agent v3"
    story.promote("production-eu", "wave-2", hours(24), letter="b", org="00D000000000001AAA", live=live)
    story.act("production-eu", ActKind.LOCK, hours(30))
    world.org.records.bots["Support_Agent"].activate(None)
    done = world.desk.run("status")
    assert "production-eu (no longer in the manifest): LOCKED; wave-2 is live" in done.log
    assert [each.kind for each in recorded_acts(world.github, "production-eu")] == [ActKind.LOCK]


def test_a_stop_whose_record_failed_is_recorded_by_a_token_that_may_write(world: PromotionWorld) -> None:
    story = Story(github=world.github)
    live = "live: Support_Agent v3"
    story.promote("production", "wave-2", hours(24), letter="b", org="00D000000000001AAA", live=live)
    world.org.records.bots["Support_Agent"].activate(None)
    # a deployment under way explains it
    story.promote("production", "wave-3", hours(25), letter="c", statuses={"in_progress": 0})
    attempt = world.github.deployments[-1]
    attempt.statuses[-1].description = "was: Support_Agent v3"
    assert "DRIFT" in lines(world)[0]
    assert recorded_acts(world.github, "production") == []
    story.status(attempt, "failure", hours(26), "restored: Support_Agent v3")
    for _ in range(2):
        assert "STOPPED" in lines(world)[0]
        (stop,) = recorded_acts(world.github, "production")
    assert (stop.kind, stop.agents, stop.actor) == (ActKind.STOP, {"Support_Agent": None}, "")
    assert (stop.reason, stop.release) == ("found inactive in the org", story.release("wave-2", "b"))
    assert "by an unknown user: found inactive in the org" in lines(world)[1]


@pytest.mark.parametrize(
    ("at", "live", "stopped", "locked"),
    [
        ("2026-03-02T09:04Z", None, False, False),
        ("2026-03-02T09:05:00+00:00", "wave-1", False, False),
        ("2026-03-03T10:05+01:00", "wave-2", False, False),
        ("2026-03-03T15:00", "wave-2", True, False),
        ("2026-03-03T17:00Z", "wave-2", True, True),
        ("2026-03-04T00:00Z", "wave-3", False, True),
        ("2026-03-05", "wave-3", False, False),
    ],
)
def test_what_was_so_at_a_past_moment(
    world: PromotionWorld, story: Story, at: str, live: str | None, *, stopped: bool, locked: bool
) -> None:
    story.act("production", ActKind.STOP, hours(30), agents={"Support_Agent": None})
    # named an hour before it was recorded: GitHub's clock decides
    story.act("production", ActKind.LOCK, hours(32), said=hours(31))
    story.promote("production", "wave-3", hours(34), letter="c")
    story.act("production", ActKind.RESTART, hours(34.5), agents={"Support_Agent": 3})
    story.act("production", ActKind.UNLOCK, hours(60))
    story.promote("production", "wave-4", hours(100), letter="d")
    shown = values(world, "--at", at)
    assert (shown["live"] or {}).get("release") == live
    assert (bool(shown["holds"]["stops"]), bool(shown["holds"]["lock"])) == (stopped, locked)


def test_a_past_moment_is_that_of_the_statuses_too(world: PromotionWorld, story: Story) -> None:
    roll_back(story)
    wave_2 = story.github.deployments[1]
    story.status(wave_2, "success", hours(40), "evidence: " + "f" * 64)
    story.status(wave_2, "success", hours(41), "live: Support_Agent v9")
    before = values(world, "--at", (hours(30) - timedelta(minutes=1)).isoformat())
    assert (before["state"], before["live"]["agents"], before["live"]["evidence"]) == (
        "live",
        {"Support_Agent": 3},
        "e" * 64,
    )
    assert values(world, "--at", hours(31).isoformat())["state"] == "rolled back"
    now = values(world)["live"]
    assert (now["agents"], now["evidence"]) == ({"Support_Agent": 9}, "f" * 64)


def test_a_past_moment_is_found_behind_many_newer_releases(world: PromotionWorld, story: Story) -> None:
    for number in range(120):
        story.promote("production", "wave-2", hours(200 + number), letter="b")
    assert values(world, "--at", "2026-03-02T12:00Z")["live"]["release"] == "wave-1"


def test_what_was_assumed_about_the_moment_is_said(world: PromotionWorld, story: Story) -> None:
    assert story.commits
    note = "As of 2026-03-03 00:00 UTC (start of the day, UTC assumed), by GitHub's clock."
    done = show(world, "--at", "2026-03-03")
    assert note in done.log
    assert "As of 2026" in done.summary
    assert "drift         unknown: what the org had then was not recorded" in done.log


@pytest.mark.parametrize(
    "at", ["yesterday", "2026-13-01", "2999-01-01", "0001-01-01T00:00+14:00", "2026-03-02T25:00Z"]
)
def test_a_moment_that_is_not_one_is_refused(world: PromotionWorld, at: str) -> None:
    done = world.desk.run("status", "--at", at)
    assert (done.code, "--at" in done.log) == (2, True)


def test_nothing_live_says_what_to_do(world: PromotionWorld) -> None:
    heading, step = lines(world)
    assert heading == "production: nothing live"
    assert "`wavegate adopt production`" in step
    Story(github=world.github).promote(
        "production", "wave-1", hours(0), letter="a", statuses={"in_progress": 0, "failure": 3}
    )
    heading, attempt, step = lines(world)
    assert heading == "production: failed"
    assert "failed 2026-03-02 09:03 UTC: The org rejected it" in attempt
    assert "promote it again" in step


def test_a_freeze_shows_until_when_and_who_may_pass(world: PromotionWorld, story: Story) -> None:
    assert story.commits
    manifest = world.desk.checkout / "agentforce/release.yml"
    window = '{from: "2026-03-05", to: "2026-03-08", timeZone: Europe/Berlin, reason: year end, pass: ["@Ada"]}'
    manifest.write_text(f"{manifest.read_text()}freeze: [{window}]\n")
    heading, frozen, *_ = lines(world, "--at", "2026-03-06")[1:]
    assert heading == "production: FROZEN; wave-2 is live"
    assert frozen.split(maxsplit=1) == [
        "FROZEN",
        "until Mon 2026-03-09 00:00 Europe/Berlin: year end. May pass: Ada.",
    ]
    assert values(world, "--at", "2026-03-06")["holds"]["freeze"] == {
        "until": "2026-03-08T23:00:00+00:00",
        "reasons": ["year end"],
    }
    assert values(world, "--at", "2026-03-09")["holds"]["freeze"] is None


def test_the_next_freeze_is_announced(world: PromotionWorld, story: Story) -> None:
    assert story.commits
    manifest = world.desk.checkout / "agentforce/release.yml"
    manifest.write_text(
        f"{manifest.read_text()}freeze: "
        '[{from: "2098-12-18", to: "2099-01-04", timeZone: Europe/Berlin, reason: year end}]\n'
    )
    assert "  next freeze   from Thu 2098-12-18 00:00 Europe/Berlin: year end" in lines(world)


def test_an_override_is_shown_with_its_rules(world: PromotionWorld) -> None:
    override = Override(reason="the fix cannot wait", actor="ada", rules=("promotion/order",))
    Story(github=world.github).promote("production", "wave-1", hours(0), letter="a", override=override)
    assert "  override      by ada (rules: promotion/order): the fix cannot wait" in lines(world)
