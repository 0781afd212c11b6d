"""Every fault at every request of a rollback: success, or one clear message and a code; then a run that mends it."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.rollback_world import SMALL, World

from wavegate.errors import ExitCode, WavegateError
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.rollback.on_github import roll_back
from wavegate.rollback.prepare import RollbackOptions
from wavegate.rollback.values import Result

READ = "POST /graphql#Ledger"
TREE, COMMIT, REF = "POST .*/git/trees$", "POST .*/git/commits$", "POST .*/git/refs$"
PULL, REVIEW = "POST .*/pulls$", "POST .*/requested_reviewers$"
STATUS = "POST /graphql#CreateDeploymentStatus"
ACT, ACTS = "POST .*/deployments$", "GET .*/deployments$"
REQUESTS = (READ, TREE, COMMIT, REF, PULL, REVIEW, ACT, STATUS, ACTS)
RATE = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."}
DENIED = {"message": "Resource not accessible by integration"}
FORBIDDEN = {"data": {"createDeploymentStatus": None}, "errors": [{"type": "FORBIDDEN", **DENIED}]}
SETTING = {"message": "GitHub Actions is not permitted to create or approve pull requests."}
WORKFLOW = {
    "message": "refusing to allow a GitHub App to create or update workflow `.github/workflows/x.yml`"
    " without `workflows` permission"
}


@dataclass
class Sleeper:
    """Counts the seconds that were to be waited, and waits a moment: at most cap."""

    cap: float = 0.02
    asked: list[float] = field(default_factory=list)

    def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        time.sleep(min(seconds, self.cap))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, bad=SMALL, later={})
    yield made
    made.close()


def run(world: World, sleeper: Sleeper | None = None, *, patience: float = 120, timeout: float = 5) -> Result:
    github = world.github
    client = GitHub(
        api_url=github.api_url,
        graphql_url=github.graphql_url,
        token=github.token,
        sleep=sleeper or Sleeper(),
        patience=patience,
        timeout=timeout,
    )
    asked = RollbackOptions(
        environment="production",
        root=world.checkout,
        manifest="",
        target="",
        live="",
        base="",
        reason="",
        incident="",
        withdraw=False,
        activating=False,
        dry_run=False,
        local=False,
        timeout=timedelta(seconds=patience),
    )
    result = roll_back(asked, GitHubAccess.from_environment(world.checkout, github.environment()), client)
    if result.incomplete:
        raise result.incomplete
    return result


def assert_whole(world: World) -> None:
    (branch,) = world.branches()
    (pull,) = world.github.pulls
    world.assert_restored(branch)
    assert (pull.head, pull.state) == (branch, "open")
    (bad,) = (each for each in world.github.deployments if each.id == world.bad_deployment)
    assert [status.state for status in bad.statuses] == ["success", "failure"]
    (act,) = (each for each in world.github.deployments if each.task == "wavegate:act")
    assert (act.payload["number"], act.state) == (pull.number, "inactive")


PASSING: dict[str, dict[str, Any]] = {
    "server error before": {"status": 502},
    "server error after": {"status": 500, "when": "after"},
    "dropped before": {"drop": True},
    "dropped after": {"drop": True, "when": "after"},
    "malformed": {"malformed": True, "when": "after"},
    "conflict before": {"status": 409, "body": {"message": "Git Repository is busy."}},
    "rate limit with retry-after": {"status": 429, "headers": {"retry-after": "7"}},
    "secondary limit with retry-after": {"status": 403, "body": RATE, "headers": {"retry-after": "7"}},
    "secondary limit without": {"status": 403, "body": RATE},
    "primary limit": {
        "status": 403,
        "body": {"message": "API rate limit exceeded"},
        "headers": {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1"},
    },
}


@pytest.mark.parametrize("request_", REQUESTS)
def test_what_passes_leaves_one_whole_result(request_: str, tmp_path: Path) -> None:
    for name, fault in PASSING.items():
        folder = tmp_path / name
        folder.mkdir()
        world = World(folder, bad=SMALL, later={})
        sleeper = Sleeper()
        world.github.faults.add(request_, **fault)
        run(world, sleeper)
        assert_whole(world)
        assert sleeper.asked, f"{name}: no fault was met"
        if "retry-after" in name:
            assert 7 in sleeper.asked
        world.close()


@pytest.mark.parametrize("request_", REQUESTS)
def test_a_slow_reply_is_not_waited_for_and_not_made_twice(request_: str, world: World) -> None:
    world.github.faults.add(request_, delay=2.2)
    run(world, Sleeper(cap=0.5), timeout=2)
    assert_whole(world)


@pytest.mark.parametrize("request_", REQUESTS)
@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": True}, {"drop": True, "when": "after"}, {"status": 429}])
def test_what_lasts_is_one_message_and_mended_by_the_next_run(
    request_: str, fault: dict[str, Any], world: World
) -> None:
    world.github.faults.add(request_, times=20, **fault)
    try:
        run(world)
    except WavegateError as error:
        assert error.exit_code is ExitCode.SERVICE
        assert error.message.count("\n") == 0
        assert "Run the command again" in error.fix
    world.github.faults.clear()
    run(world)
    assert_whole(world)


@pytest.mark.parametrize(
    ("request_", "status", "body", "said"),
    [
        (READ, 401, {"message": "Bad credentials"}, "rejected the token"),
        (READ, 403, DENIED, "deployments: read"),
        (TREE, 403, DENIED, "contents: write"),
        (TREE, 404, {"message": "Not Found"}, "contents: write"),
        (COMMIT, 403, DENIED, "contents: write"),
        (REF, 403, DENIED, "contents: write"),
        (REF, 403, WORKFLOW, "workflows: write"),
        (REF, 422, {"message": "Repository rule violations found"}, "Repository rule violations found"),
        (PULL, 404, {"message": "Not Found"}, "pull-requests: write"),
        (PULL, 422, {"message": "Validation Failed", "errors": [{"message": "odd"}]}, "odd"),
        (STATUS, 403, DENIED, "deployments: write"),
        (STATUS, 200, FORBIDDEN, "deployments: write"),
    ],
)
def test_a_refusal_names_what_to_change(
    request_: str, status: int, body: dict[str, Any], said: str, world: World
) -> None:
    world.github.faults.add(request_, status=status, body=body)
    with pytest.raises(WavegateError) as raised:
        run(world)
    # once the pull request is open, running it again completes the rollback
    assert raised.value.exit_code is (ExitCode.SERVICE if request_ == STATUS else ExitCode.INPUT)
    assert said in f"{raised.value.message} {raised.value.fix}"
    assert world.github.token not in f"{raised.value.message} {raised.value.fix}"
    run(world)
    assert_whole(world)


@pytest.mark.parametrize("body", [SETTING, DENIED])
def test_without_permission_for_a_pull_request_an_issue_asks_for_it_once(body: dict[str, Any], world: World) -> None:
    for number in range(230):
        post_issue(world, f"Other {number}")
    for _ in range(2):
        world.github.faults.add(PULL, status=403, body=body)
        result = run(world)
        assert result.name == "issue"
        assert result.proposed
        assert body["message"] in " ".join(result.proposed.notes)
    (issue,) = (each for each in world.github.issues if each.title.startswith("Roll back"))
    (branch,) = world.branches()
    world.assert_restored(branch)
    assert f"/compare/main...{branch}?quick_pull=1&title=" in (issue.body or "")
    assert "Allow GitHub Actions to create and approve pull requests" in (issue.body or "")
    run(world)
    assert [pull.head for pull in world.github.pulls] == [branch]


def test_without_any_permission_for_pull_requests_an_issue_asks_for_it(world: World) -> None:
    world.github.permit("pull-requests", "none")
    assert run(world).name == "issue"
    assert len(world.github.issues) == 1
    world.assert_restored(world.branches()[0])


def test_when_no_issue_may_be_opened_either_the_message_has_the_link(world: World) -> None:
    world.github.faults.add(PULL, status=403, body=SETTING)
    world.github.permit("issues", "none")
    with pytest.raises(WavegateError) as raised:
        run(world)
    assert raised.value.exit_code is ExitCode.INPUT
    assert f"/compare/main...{world.branches()[0]}" in raised.value.fix


def test_reviews_that_are_refused_do_not_stop_a_rollback(world: World) -> None:
    world.github.state.teams.clear()
    result = run(world)
    assert result.proposed
    assert "Reviews were requested from ada, but not from the teams" in result.proposed.notes[0]
    assert world.github.pulls[0].reviewers == ["ada"]
    world.github.pulls[0].reviewers.clear()
    world.github.state.users.clear()
    result = run(world)
    assert result.proposed
    assert "Reviews could not be requested" in result.proposed.notes[0]
    assert_whole(world)


def test_a_limit_beyond_the_patience_says_how_long_to_wait(world: World) -> None:
    world.github.faults.add(TREE, status=429, headers={"retry-after": "900"})
    with pytest.raises(WavegateError) as raised:
        run(world)
    assert raised.value.exit_code is ExitCode.SERVICE
    assert "900 seconds" in raised.value.fix


def test_the_ledger_is_read_page_by_page(world: World) -> None:
    for _ in range(120):
        world.github.deploy("production", world.good, task="deploy", statuses=("success",))
    run(world)
    assert_whole(world)


def post_issue(world: World, title: str) -> None:
    from tests.doubles.github.state import Issue

    state = world.github.state
    state.issues.append(
        Issue(
            id=state.next_id(),
            number=len(state.issues) + 1,
            title=title,
            body="",
            creator="ada",
            created_at=state.now(),
            updated_at=state.now(),
        )
    )
