"""Killed before and after every request and run again, and two at once: always the same single result."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.doubles.faults import When
from tests.support.rollback_world import BUNDLE, SMALL, World

from wavegate.ledger.acts.act import ACT_TASK

WHENS: tuple[When, When] = ("before", "after")


def fresh(_: World) -> None:
    """Nothing was done yet."""


def moved(world: World) -> None:
    """A rollback is open, and the base moved within the scope: the branch and the body are to be updated."""
    world.run()
    world.github.seed({f"{BUNDLE}/added.json": b"changed since"}, "Since then")


def not_permitted(world: World) -> None:
    """The repository does not let Actions open pull requests: an issue stands in."""
    world.github.state.settings.actions_may_open_pulls = False


@dataclass(frozen=True, kw_only=True)
class End:
    """What a rollback leaves behind, without what differs between two runs (ids and times)."""

    branches: list[str]
    trees: list[str]
    pulls: list[tuple[str, str, str | None]]
    issues: list[str]
    statuses: list[str]
    reviewers: list[list[str]]
    acts: list[tuple[str, str, list[str]]]


def end_of(world: World) -> End:
    (bad,) = (each for each in world.github.deployments if each.id == world.bad_deployment)
    return End(
        branches=world.branches(),
        trees=[world.tree(branch) for branch in world.branches()],
        pulls=[(pull.head, pull.state, plain(world, pull.body)) for pull in world.github.pulls],
        issues=[plain(world, issue.body) for issue in world.github.issues],
        statuses=[status.state for status in bad.statuses],
        reviewers=[[*pull.reviewers, *pull.team_reviewers] for pull in world.github.pulls],
        acts=[
            (
                each.payload["kind"],
                each.payload["page"].replace(world.github.url, "URL"),
                [s.state for s in each.statuses],
            )
            for each in world.github.deployments
            if each.task == ACT_TASK
        ],
    )


def plain(world: World, body: str | None) -> str:
    """A body without what differs between two worlds: the server's port, and the digest with it."""
    text = (body or "").replace(world.github.url, "URL")
    # a link to a prefilled pull request has both in its query
    differing = ("<!--", "**[Open the pull request](")
    return "\n".join(line for line in text.splitlines() if not line.startswith(differing))


@pytest.fixture(params=[fresh, moved, not_permitted], ids=lambda start: start.__name__)
def start(request: pytest.FixtureRequest) -> Callable[[World], None]:
    chosen: Callable[[World], None] = request.param
    return chosen


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[Callable[[str], World]]:
    made: list[World] = []

    def make(name: str) -> World:
        folder = tmp_path / name
        folder.mkdir()
        made.append(World(folder, bad=SMALL, later={}))
        return made[-1]

    yield make
    for world in made:
        world.close()


@pytest.mark.parametrize("when", WHENS)
def test_killed_at_any_request_and_run_again(
    when: When, start: Callable[[World], None], worlds: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    freeze(monkeypatch)
    whole = worlds("whole")
    start(whole)
    before = len(whole.github.routes)
    assert whole.run().returncode == 0
    wanted, requests = end_of(whole), len(whole.github.routes) - before
    api = [each for each in whole.github.routes[before:] if ".git/" not in each.path]
    # one more where an issue has to stand in
    assert 4 <= len(api) <= 11
    for k in range(1, requests + 1):
        world = worlds(f"{when}-{k}")
        start(world)
        world.github.crash_at(k, when=when)
        assert world.run().returncode == -9, f"{when} request {k}"
        again = world.run()
        assert again.returncode == 0, again.stdout
        assert end_of(world) == wanted, f"{when} request {k}"


def freeze(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed every world with the same commits, so that their branches have the same names."""
    from tests.doubles.github import github

    dates = {"GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}
    monkeypatch.setattr(github, "SEED_IDENTITY", github.SEED_IDENTITY | dates)


@pytest.mark.parametrize("route", ["POST .*/git/trees", "POST .*/git/refs", "POST .*/pulls$", "POST /graphql#Create"])
def test_two_started_together_open_one_pull_request(route: str, worlds: Callable[[str], World]) -> None:
    world = worlds("two")
    world.github.hold(route)
    first, second = world.start(), world.start()
    outputs = [each.communicate(timeout=120)[0] for each in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    (branch,) = world.branches()
    (pull,) = world.github.pulls
    world.assert_restored(branch)
    assert pull.head == branch
    assert sum("opened: " in output for output in outputs) == 1
    assert {
        (each.payload["kind"], each.payload["number"]) for each in world.github.deployments if each.task == ACT_TASK
    } == {("rollback", pull.number)}


def test_two_together_over_a_branch_that_has_to_move(worlds: Callable[[str], World]) -> None:
    world = worlds("two")
    moved(world)
    world.github.hold("PATCH .*/git/refs/.*")
    processes = [world.start(), world.start()]
    for process in processes:
        output, _ = process.communicate(timeout=120)
        assert process.returncode == 0, output
    (branch,) = world.branches()
    assert len(world.github.pulls) == 1
    world.assert_restored(branch, but=frozenset({f"{BUNDLE}/added.json"}))
