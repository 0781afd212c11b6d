"""A rollback in the ledger: one open rollback, what it remembers, how a later one replaces it, and its withdrawal."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.acts import record_act
from tests.support.rollback_world import BAD_CONTENT, GOOD_CONTENT, SMALL, World

from wavegate.ledger.acts.act import ACT_TASK, ActKind
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.reader import read_commit

API = ("/repos/", "/graphql")
LAPTOP = dict.fromkeys(("GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_ACTOR"), "")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, bad=SMALL, later={})
    yield made
    made.close()


def on_laptop(world: World, *arguments: str, **more: str) -> "tuple[int, str]":
    done = world.run(*arguments, token=world.github.admin_token, **{**LAPTOP, **more})
    return done.returncode, done.stdout


def open_pulls(world: World) -> list[int]:
    return [each.number for each in world.github.pulls if each.state == "open"]


def is_rolled_back(world: World) -> bool:
    deployments = read_commit(world.client(), world.github.repository, world.bad)
    return any(each.rolled_back for each in deployments)


def test_the_act_says_who_rolled_what_back_and_why(world: World) -> None:
    world.run("--reason", "Wrong answers", "--incident", "INC-1")
    (act,) = world.acts()
    (pull,) = world.github.pulls
    assert act.kind is ActKind.ROLLBACK
    assert (act.actor, act.reason, act.incident, act.manifest) == (
        "ada",
        "Wrong answers",
        "INC-1",
        "agentforce/release.yml",
    )
    assert act.run.endswith("/actions/runs/4711/attempts/1")
    assert act.release
    assert act.target
    assert (act.release.name, act.release.commit, act.release.content) == (
        "agentforce-wave-3",
        world.bad,
        BAD_CONTENT,
    )
    assert (act.target.commit, act.target.content) == (world.good, GOOD_CONTENT)
    assert (act.number, act.page) == (pull.number, f"{world.github.server_url}/acme/support-agents/pull/1")


@pytest.mark.parametrize("differs", [False, True])
def test_the_pull_request_promises_the_fast_lane_only_to_what_was_live_as_git_has_it(
    world: World, *, differs: bool
) -> None:
    good = next(each for each in world.github.deployments if each.sha == world.good)
    good.payload["adoption"] = {"reason": "We start", "differences": ["Flow:A"] if differs else []}
    world.run("--reason", "Wrong answers")
    (pull,) = world.github.pulls
    body = pull.body or ""
    assert ("in the fast lane" in body) != differs
    assert ("with smoke tests and gate as for every release" in body) == differs


def test_a_laptop_needs_ten_requests_at_most(world: World) -> None:
    code, output = on_laptop(world, "--reason", "Wrong answers")
    assert code == 0, output
    api = [each for each in world.github.routes if each.path.startswith(API)]
    assert len(api) <= 10, [f"{each.method} {each.path}" for each in api]
    # the token's owner did it, whatever the machine's user is called
    assert world.acts()[0].actor == "ada"
    assert world.acts()[0].run == ""
    assert not is_open_without(world, output)


def is_open_without(world: World, output: str) -> bool:
    """Whether the output lacks where to go, or what is live until then."""
    page = f"{world.github.server_url}/acme/support-agents/pull/1"
    needed = (
        "agentforce-wave-3 is live in production and its agents answer until pull request #1 is merged and promoted.",
        "1. Stop the agents (",
        ': wavegate disable production --reason "…".',
        f"opened: {page}",
    )
    return not all(each in output for each in needed)


def test_a_second_run_adds_no_act_and_keeps_what_is_not_given_again(world: World) -> None:
    world.run("--reason", "Wrong answers", "--incident", "INC-1")
    before = len(world.github.routes)
    world.run()
    assert world.outputs()["result"] == "unchanged"
    assert len(world.acts()) == 1
    assert {each.method for each in world.github.routes[before:] if "/repos/" in each.path} <= {"GET"}
    world.run("--reason", "Wrong prices")
    newest, _ = world.acts()
    assert (newest.reason, newest.incident, newest.number) == ("Wrong prices", "INC-1", 1)
    assert "INC\\-1" in (world.github.pulls[0].body or "")
    assert open_pulls(world) == [1]
    assert world.github.pulls[0].comments == []


def further_back(world: World) -> str:
    """A release before the good one, so that there are two to go back to."""
    older = world.github.seed({"agentforce/packs/older.json": b"older"}, "Older", branch="older")
    number = world.release(older, "agentforce-wave-1", content="c" * 64)
    deployments = world.github.deployments
    deployments.insert(0, deployments.pop(next(i for i, each in enumerate(deployments) if each.id == number)))
    deployments[0].created_at = deployments[0].created_at.replace(year=2020)
    for status in deployments[0].statuses:
        status.created_at = deployments[0].created_at
    return older


def test_a_later_rollback_closes_the_older_one_and_says_so(world: World) -> None:
    older = further_back(world)
    world.run("--reason", "Wrong answers", "--incident", "INC-1")
    world.run("--target", "agentforce-wave-1")
    first, second = world.github.pulls
    assert (first.state, second.state) == ("closed", "open")
    (comment,) = first.comments
    assert "**Superseded by #2**" in comment.body
    assert "agentforce\\-wave\\-1" in comment.body
    newest, earlier = world.acts()
    assert (newest.number, earlier.number) == (2, 1)
    assert newest.target
    assert newest.target.commit == older
    # nobody has to type them twice
    assert (newest.reason, newest.incident) == ("Wrong answers", "INC-1")
    assert holds_of(world.acts()).rollback == newest
    world.run("--target", "agentforce-wave-1")
    assert world.outputs()["result"] == "unchanged"
    assert len(first.comments) == 1


def test_superseding_is_completed_after_a_crash_at_any_request(tmp_path: Path) -> None:
    # those before are the same as of a rollback that replaces none
    crashed = first = 6
    while True:
        folder = tmp_path / f"{crashed}"
        folder.mkdir()
        world = World(folder, bad=SMALL, later={})
        further_back(world)
        world.run("--reason", "Wrong answers")
        world.github.crash_at(crashed + 1, when="after")
        done = world.run("--target", "agentforce-wave-1")
        if done.returncode == 0:
            world.close()
            break
        assert world.run("--target", "agentforce-wave-1").returncode == 0
        assert open_pulls(world) == [2], f"request {crashed + 1}"
        assert [len(each.comments) for each in world.github.pulls] == [1, 0], f"request {crashed + 1}"
        assert [each.number for each in world.acts()] == [2, 1]
        world.close()
        crashed += 1
    assert crashed >= first + 6


@pytest.mark.parametrize(
    "route", ["POST .*/git/refs", "POST .*/pulls$", "POST .*/deployments$", "GET .*/deployments$"]
)
def test_two_different_rollbacks_at_once_leave_one_open(world: World, route: str) -> None:
    further_back(world)
    world.github.hold(route)
    processes = [world.start(), world.start("--target", "agentforce-wave-1")]
    outputs = [each.communicate(timeout=120)[0] for each in processes]
    assert [each.returncode for each in processes] == [0, 0], outputs
    rollback = holds_of(world.acts()).rollback
    assert rollback
    assert open_pulls(world) == [rollback.number]
    assert len(world.github.pulls) == 2


def test_a_branch_that_a_crash_left_behind_is_found(world: World) -> None:
    """The act is written after the pull request, so nothing but the branch itself says that it exists."""
    world.github.crash_at(5, when="after")
    assert world.run().returncode == -9
    assert world.run().returncode == 0
    assert (len(world.branches()), open_pulls(world), len(world.acts())) == (1, [1], 1)


def test_a_release_of_a_rolled_back_content_is_passed_over(world: World) -> None:
    """The bad content came in under another commit first, and was rolled back there."""
    world.run("--reason", "Wrong answers")
    world.github.merge(1)
    restored = world.github.state.head("main")
    assert restored
    world.release(restored, "agentforce-wave-2", content=GOOD_CONTENT)
    again = world.github.seed({**SMALL, "agentforce/packs/again.json": b"x"}, "Again")
    world.release(again, "agentforce-wave-3", content=BAD_CONTENT)
    worse = world.github.seed({"agentforce/packs/worse.json": b"x"}, "Worse")
    world.release(worse, "agentforce-wave-4", content="d" * 64)
    world.run()
    assert world.outputs()["target"] == restored


def test_withdrawing_closes_the_pull_request_and_makes_the_release_good_again(world: World) -> None:
    world.run("--reason", "Wrong answers")
    assert is_rolled_back(world)
    code, output = on_laptop(world, "--withdraw", "--reason", "The data was wrong", "--dry-run")
    assert (code, "would be withdrawn by ada" in output, len(world.acts())) == (0, True, 1), output
    assert open_pulls(world) == [1]
    code, output = on_laptop(world, "--withdraw", "--reason", "The data was wrong")
    assert code == 0, output
    assert "the rollback of agentforce-wave-3" in output
    assert "may be promoted again" in output
    (pull,) = world.github.pulls
    assert pull.state == "closed"
    assert "**Withdrawn by" in pull.comments[0].body
    newest, _ = world.acts()
    assert (newest.kind, newest.actor, newest.reason) == (
        ActKind.ROLLBACK_WITHDRAWN,
        "ada",
        "The data was wrong",
    )
    holds = holds_of(world.acts())
    assert holds.rollback is None
    assert holds.rollback_of(BAD_CONTENT) is None
    assert not is_rolled_back(world)
    code, output = on_laptop(world, "--withdraw", "--reason", "Again")
    assert (code, "was withdrawn before by ada: The data was wrong" in output) == (0, True), output
    assert len(world.acts()) == 2


def test_what_is_good_after_all_is_so_for_every_manifest_that_ships_it(world: World) -> None:
    world.run("--reason", "Wrong answers")
    (ours,) = world.acts()
    theirs: dict[str, Any] = {"release": ours.release, "manifest": "agentforce/other.yml"}
    record_act(world.github, "production", ActKind.ROLLBACK, **theirs)
    record_act(world.github, "production", ActKind.ROLLBACK_DONE, **theirs)
    assert world.run("--withdraw", "--reason", "The data was wrong").returncode == 0
    assert holds_of(world.acts(), manifest=ours.manifest).rollback_of(BAD_CONTENT) is None
    assert [each.manifest for each in world.acts() if each.kind is ActKind.ROLLBACK_WITHDRAWN] == [
        "agentforce/other.yml",
        "agentforce/release.yml",
    ]


def reopen(world: World) -> None:
    """A person reopens the pull request."""
    world.github.state.issues[0].change_state("open", login="ada", now=world.github.pulls[0].created_at)


def test_reopening_the_pull_request_opens_the_rollback_again_and_the_next_run_records_it(world: World) -> None:
    world.run("--reason", "Wrong answers", "--incident", "INC-1")
    world.run("--withdraw", "--reason", "The data was wrong")
    reopen(world)
    assert not is_rolled_back(world)
    assert world.run("--dry-run").returncode == 0
    assert holds_of(world.acts()).rollback is None
    world.run()
    (pull,) = world.github.pulls
    rollback = holds_of(world.acts()).rollback
    assert rollback
    assert (rollback.number, rollback.reason, rollback.incident) == (pull.number, "Wrong answers", "INC-1")
    assert holds_of(world.acts()).rollback_of(BAD_CONTENT)
    assert is_rolled_back(world)
    assert pull.state == "open"


def test_a_reopened_rollback_can_be_withdrawn_again(world: World) -> None:
    world.run("--reason", "Wrong answers")
    for _ in range(2):
        assert world.run("--withdraw", "--reason", "The data was wrong").returncode == 0
        assert world.outputs()["result"] == "withdrawn"
        assert open_pulls(world) == []
        reopen(world)
    assert holds_of(world.acts()).rollback is None


def test_a_reopened_pull_request_of_a_rollback_that_was_replaced_opens_nothing(world: World) -> None:
    world.run("--reason", "Wrong answers")
    world.run("--withdraw", "--reason", "The data was wrong")
    older = further_back(world)
    world.run("--reason", "Wrong after all", "--target", older)
    reopen(world)
    before = len(world.acts())
    world.run("--target", older)
    assert len(world.acts()) == before
    assert open_pulls(world) == [2]


def test_a_run_that_activates_beside_it_says_so_in_the_pull_request(world: World) -> None:
    world.run("--reason", "Wrong answers", "--activating")
    run = f"{world.github.server_url}/{world.github.repository}/actions/runs/4711/attempts/1"
    body = world.github.pulls[0].body or ""
    assert f"until [the job Activate](<{run}>) has succeeded" in body
    world.run("--activating")
    assert world.outputs()["result"] == "unchanged"


def test_a_withdrawal_is_completed_after_a_crash_at_any_request(tmp_path: Path) -> None:
    crashed = 0
    while True:
        folder = tmp_path / f"{crashed}"
        folder.mkdir()
        world = World(folder, bad=SMALL, later={})
        world.run("--reason", "Wrong answers")
        world.github.crash_at(crashed + 1, when="after")
        if world.run("--withdraw", "--reason", "Good").returncode == 0:
            world.close()
            break
        assert world.run("--withdraw", "--reason", "Good").returncode == 0
        assert open_pulls(world) == [], f"request {crashed + 1}"
        assert [each.kind for each in world.acts()] == [ActKind.ROLLBACK_WITHDRAWN, ActKind.ROLLBACK]
        acts = [each for each in world.github.deployments if each.task == ACT_TASK]
        assert [[each.state for each in act.statuses] for act in acts] == [["inactive"]] * 2
        assert len(world.github.pulls[0].comments) == 1
        assert not is_rolled_back(world)
        world.close()
        crashed += 1
    assert crashed >= 8


def test_a_second_withdrawal_is_completed_after_a_crash_at_any_request(tmp_path: Path) -> None:
    crashed = 0
    while True:
        folder = tmp_path / f"{crashed}"
        folder.mkdir()
        world = World(folder, bad=SMALL, later={})
        world.run("--reason", "Wrong answers")
        world.run("--withdraw", "--reason", "Good")
        reopen(world)
        world.github.crash_at(crashed + 1, when="after")
        is_done = world.run("--withdraw", "--reason", "Good after all").returncode == 0
        if not is_done:
            assert world.run("--withdraw", "--reason", "Good after all").returncode == 0
        reasons = [each.reason for each in world.acts()]
        assert reasons == ["Good after all", "Wrong answers", "Good", "Wrong answers"], f"request {crashed + 1}"
        assert (open_pulls(world), is_rolled_back(world)) == ([], False)
        world.close()
        if is_done:
            break
        crashed += 1
    assert crashed >= 12


def test_a_rollback_of_an_older_ledger_is_withdrawn_by_name(world: World) -> None:
    world.run()
    world.github.state.deployments = [each for each in world.github.deployments if each.task == "wavegate"]
    code, output = on_laptop(world, "--withdraw", "--reason", "Good")
    assert (code, "has no open rollback." in output) == (2, True)
    assert f"--target: `agentforce-wave-3 ({world.bad[:12]})`" in output
    code, output = on_laptop(world, "--withdraw", "--reason", "Good", "--target", "agentforce-wave-3")
    assert code == 0, output
    assert not is_rolled_back(world)


def test_an_issue_that_stood_in_is_closed_once_the_pull_request_is_open(world: World) -> None:
    world.github.state.settings.actions_may_open_pulls = False
    world.run("--reason", "Wrong answers")
    assert world.acts()[0].page.endswith("/issues/1")
    world.github.state.settings.actions_may_open_pulls = True
    world.run()
    (issue,) = world.github.issues
    assert (issue.state, open_pulls(world)) == ("closed", [2])
    assert world.acts()[0].number == 2
    assert world.acts()[0].reason == "Wrong answers"
