"""What a laptop prints at each wrong turn of a rollback: what is wrong, and what to do instead."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.rollback_world import SMALL, World, git

LAPTOP = dict.fromkeys(("GITHUB_ACTIONS", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_ACTOR"), "")
WRITES = {"POST", "PATCH", "PUT", "DELETE"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, bad=SMALL, later={})
    yield made
    made.close()


def laptop(world: World, *arguments: str, **more: str) -> "tuple[int, str]":
    """Exit code, and all that is printed on one line."""
    done = world.run(*arguments, **{**LAPTOP, "GITHUB_TOKEN": world.github.admin_token, **more})
    return done.returncode, " ".join(done.stdout.split())


def assert_stopped_with(world: World, said: "tuple[int, str]", *words: str) -> None:
    """It stopped, changed nothing, and said these words; no secret is among them."""
    code, output = said
    assert code == 2, output
    for each in words:
        assert each in output, output
    assert "Traceback" not in output
    assert world.github.admin_token not in output
    written = [each for each in world.github.routes if each.method in WRITES and "/repos/" in each.path]
    assert written == []
    assert world.github.pulls == []


@pytest.mark.parametrize(("name", "meant"), [("prodcution", "production"), ("production-stop", "production")])
def test_a_wrong_environment_lists_the_right_ones(world: World, name: str, meant: str) -> None:
    world.release(world.good, "agentforce-wave-2", environment="uat")
    said = laptop(world, WAVEGATE_ROLLBACK_ENVIRONMENT=name)
    assert_stopped_with(
        world,
        said,
        f"wavegate has not deployed any release to {name}.",
        "The manifest has `uat` and `production`.",
        "Releases are recorded in `production` and `uat`.",
        f"Did you mean `{meant}`?",
    )


def test_an_environment_in_another_case_is_found_and_its_right_name_given(world: World) -> None:
    said = laptop(world, WAVEGATE_ROLLBACK_ENVIRONMENT="Production")
    assert_stopped_with(world, said, "has no environment Production.", "Did you mean `production`?")


def test_an_environment_without_a_release_is_not_called_a_wrong_one(world: World) -> None:
    said = laptop(world, WAVEGATE_ROLLBACK_ENVIRONMENT="uat")
    assert_stopped_with(
        world, said, "wavegate has not deployed any release to uat.", "Releases are recorded in `production`."
    )
    assert "Did you mean" not in said[1]


def test_a_wrong_repository_is_named(world: World) -> None:
    world.github.deployments.clear()
    assert_stopped_with(world, laptop(world), "No release is recorded in acme/support-agents.")


def test_a_wrong_manifest_is_said_to_be_the_reason(world: World) -> None:
    said = laptop(world, "--manifest", "agentforce/other.yml")
    assert_stopped_with(
        world, said, "any release of agentforce/other.yml to production", "has releases of another manifest"
    )


def test_without_a_token_it_says_how_to_get_one_and_how_to_go_on_without(world: World) -> None:
    said = laptop(world, "--target", world.good, GITHUB_TOKEN="")
    assert_stopped_with(
        world,
        said,
        "GITHUB_TOKEN is not set, so wavegate cannot open the pull request.",
        "Run `export GITHUB_TOKEN=$(gh auth token)`",
        "Without GitHub, --local creates the branch in this checkout; it needs --target and --live.",
    )
    assert git(world.checkout, "for-each-ref", "refs/heads/wavegate") == ""


def test_the_github_clis_token_is_enough(world: World) -> None:
    code, output = laptop(world, "--dry-run", GITHUB_TOKEN="", GH_TOKEN=world.github.admin_token)
    assert code == 0, output


def test_an_origin_elsewhere_is_named(world: World) -> None:
    git(world.checkout, "remote", "set-url", "origin", "git@gitlab.com:acme/support-agents.git")
    assert_stopped_with(world, laptop(world), "origin is on gitlab.com", "Set GITHUB_REPOSITORY to OWNER/NAME.")


def test_a_rejected_token_is_said(world: World) -> None:
    assert_stopped_with(
        world, laptop(world, GITHUB_TOKEN="ghp_expired"), "GitHub rejected the token", "Set GITHUB_TOKEN"
    )


def test_a_target_that_was_never_live_lists_those_that_were(world: World) -> None:
    assert_stopped_with(
        world,
        laptop(world, "--target", "agentforce-wave-9"),
        "--target agentforce-wave-9 was never live in production before agentforce-wave-3",
        f"Name one that was: agentforce-wave-2 ({world.good[:12]}).",
    )


def test_the_bad_release_is_no_target_by_name_or_commit(world: World) -> None:
    for target in ("agentforce-wave-3", world.bad, world.bad[:9]):
        said = laptop(world, "--target", target)
        assert_stopped_with(
            world, said, f"--target {target} is the release that is to be rolled back.", "Name an earlier"
        )


def test_with_nothing_good_before_it_names_the_kill_switch(world: World) -> None:
    del world.github.deployments[0]
    assert_stopped_with(
        world,
        laptop(world),
        "production has no earlier release of agentforce/release.yml that was live and not rolled back.",
        "wavegate disable production",
    )


def test_a_base_that_does_not_exist_is_said(world: World) -> None:
    git(world.checkout, "tag", "release")
    said = laptop(world, "--base", "release")
    assert_stopped_with(
        world, said, "acme/support-agents has no branch release.", "Name the release branch with --base."
    )


def test_options_of_a_local_rollback_need_it(world: World) -> None:
    assert_stopped_with(world, laptop(world, "--live", world.bad), "--live needs --local.")
    assert_stopped_with(world, laptop(world, "--local"), "Name the good commit with --target")


def test_withdrawing_needs_a_reason_and_a_rollback(world: World) -> None:
    assert_stopped_with(world, laptop(world, "--withdraw"), "--withdraw needs --reason.")
    assert_stopped_with(world, laptop(world, "--withdraw", "--local"), "--withdraw has no effect with --local.")
    assert_stopped_with(world, laptop(world, "--withdraw", "--reason", "x"), "production has no open rollback.")
    said = laptop(world, "--withdraw", "--reason", "x", "--target", "agentforce-wave-2")
    assert_stopped_with(world, said, "has no rollback of agentforce-wave-2 to withdraw.")


def test_a_branch_rule_is_named_with_a_way_round(world: World) -> None:
    world.github.faults.add(
        "POST .*/git/refs$", status=422, body={"message": "Repository rule violations found\n\nCannot create ref"}
    )
    code, output = laptop(world)
    assert code == 2
    assert "A branch rule does not let the token write the branch" in output
    assert "Exempt the branches `wavegate/**` from the rule" in output
    assert laptop(world)[0] == 0


def test_a_pull_request_that_was_closed_is_opened_again_as_another(world: World) -> None:
    assert laptop(world, "--reason", "Wrong answers")[0] == 0
    world.github.close(1, login="bo")
    code, output = laptop(world)
    assert code == 0
    assert "opened: " in output
    assert "/pull/2 (" in output
    newest = world.acts()[0]
    assert (newest.number, newest.reason) == (2, "Wrong answers")
    assert world.github.pulls[0].comments == []
