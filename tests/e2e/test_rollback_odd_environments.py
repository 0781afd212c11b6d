"""What an on-call engineer meets at night: odd checkouts, ledgers, permissions. It works, or the way out is named."""

import base64
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from tests.support.rollback_world import BUNDLE, GOOD, SMALL, World, git

TASKS = ("wavegate:act", "wavegate")
SCHEMA = f"{BUNDLE}/input/schema.json"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, bad=SMALL, later={})
    yield made
    made.close()


def clone(world: World, *options: str, source: str = "") -> None:
    """Check out once more, as a step would that leaves no credentials behind."""
    world.checkout = world.folder / "another"
    basic = base64.b64encode(f"x:{world.github.token}".encode()).decode()
    header = f"http.{world.github.url}/.extraheader=AUTHORIZATION: basic {basic}"
    url = source or world.github.clone_url
    git(world.folder, "-c", header, "clone", "--quiet", *options, url, str(world.checkout))


@pytest.mark.parametrize("origin", ["", "git@127.0.0.1:acme/support-agents.git", "https://127.0.0.1:9/a/b"])
def test_commits_come_from_the_repository_whatever_the_origin_is(origin: str, world: World) -> None:
    clone(world, "--depth=1")
    git(world.checkout, "remote", *(("set-url", "origin", origin) if origin else ("remove", "origin")))
    done = world.run()
    assert done.returncode == 0, done.stdout
    world.assert_restored(world.branches()[0])


def test_a_partial_clone_gets_its_files_with_the_token(world: World) -> None:
    clone(world, "--filter=blob:none", "--no-checkout")
    done = world.run()
    assert done.returncode == 0, done.stdout
    world.assert_restored(world.branches()[0])


def test_a_sparse_checkout_of_no_branch_is_enough(world: World) -> None:
    git(world.checkout, "checkout", "--quiet", "--detach")
    git(world.checkout, "sparse-checkout", "set", "docs")
    assert world.run().returncode == 0
    world.assert_restored(world.branches()[0])


def test_a_good_commit_that_is_gone_is_named_with_a_way_out(world: World) -> None:
    world.github.deployments[0].sha = "1234567890" * 4
    done = world.run()
    assert done.returncode == 2
    assert "Commit 1234567890123456789012345678901234567890 is neither in the checkout" in done.stdout
    assert "--target" in done.stdout


def test_no_checkout_is_said(world: World) -> None:
    world.checkout = world.folder / "empty"
    world.checkout.mkdir()
    done = world.run()
    assert done.returncode == 2
    assert "actions/checkout" in done.stdout


def test_a_manifest_that_moved_is_found_by_name_and_both_places_are_put_right(tmp_path: Path) -> None:
    moved = {"agentforce/release.yml": None, "agentforce/two/release.yml": GOOD["agentforce/release.yml"]}
    world = World(tmp_path, bad={**SMALL, **moved}, later={})
    world.github.deployments[-1].payload["manifest"] = "agentforce/two/release.yml"
    refused = world.run()
    assert refused.returncode == 2
    assert f"Name one with --target: agentforce-wave-2 ({world.good[:12]})" in refused.stdout
    done = world.run("--target", "agentforce-wave-2")
    assert done.returncode == 0, done.stdout
    assert world.tree(world.branches()[0]) == world.tree(world.good)
    assert "also had releases of agentforce/release.yml" in done.stdout
    world.close()


def test_a_rollback_that_turned_out_bad_too_names_what_is_further_back(tmp_path: Path) -> None:
    world = World(tmp_path, bad=SMALL, later={})
    world.run()
    world.github.merge(1)
    merged = world.github.state.head("main")
    assert merged
    world.release(merged, "agentforce-wave-2")
    done = world.run()
    assert done.returncode == 0
    last = done.stdout.splitlines()[-1]
    assert last == "unchanged: there is nothing to restore"
    assert f"--target: agentforce-wave-3 ({world.bad[:12]}), rolled back" in done.stdout
    assert "::warning" in done.stdout
    assert world.outputs()["branch"] == ""
    assert len(world.branches()) == 1
    world.close()


def test_a_bad_release_deployed_twice_is_passed_over_as_one(world: World) -> None:
    world.release(world.bad, "agentforce-wave-3")
    assert world.run().returncode == 0
    assert world.outputs()["target"] == world.good


def test_what_a_form_adds_to_a_target_does_not_matter(world: World) -> None:
    for target in (" agentforce-wave-2 ", "AgentForce-Wave-2", world.good[:7].upper()):
        done = world.run("--target", target, "--dry-run")
        assert done.returncode == 0, done.stdout
        assert world.outputs()["target"] == world.good


def test_a_ledger_that_may_not_be_written_leaves_the_pull_request_and_says_so(world: World) -> None:
    world.github.permit("deployments", "read")
    done = world.run()
    assert done.returncode == 4
    (pull,) = world.github.pulls
    assert world.outputs()["pull-request"] == str(pull.number)
    assert f"opened, [#{pull.number}]" in (world.folder / "summary").read_text()
    error = next(line for line in done.stdout.splitlines() if line.startswith("::error"))
    assert f"/pull/{pull.number}, but it could not be recorded" in error
    assert "deployments: write" in error
    world.github.permit("deployments", "write")
    assert world.run().returncode == 0
    assert world.outputs()["result"] == "unchanged"
    act, bad = (next(each for each in reversed(world.github.deployments) if each.task == task) for task in TASKS)
    assert (act.state, bad.state) == ("inactive", "failure")


def test_the_issue_opens_a_pull_request_with_title_and_body_that_the_next_run_knows(world: World) -> None:
    world.github.state.settings.actions_may_open_pulls = False
    world.run("--reason", "Wrong answers & more")
    (issue,) = world.github.issues
    assert world.outputs()["issue-url"].endswith(f"/issues/{issue.number}")
    assert world.outputs()["pull-request-url"] == ""
    link = (issue.body or "").split("](")[1].split(")")[0]
    assert len(link) <= 7_000
    asked = parse_qs(urlsplit(link).query)
    (branch,) = world.branches()
    assert urlsplit(link).path.endswith(f"/compare/main...{branch}")
    assert asked["title"] == [issue.title]
    assert "Wrong answers &amp; more" in asked["body"][0]
    assert "No checks run" not in (issue.body or "") + asked["body"][0]
    form = {"title": asked["title"][0], "body": asked["body"][0].replace("\n", "\r\n")}
    opened = requests.post(
        f"{world.github.api_url}/repos/{world.github.repository}/pulls",
        json={**form, "head": branch, "base": "main"},
        headers={"Authorization": f"Bearer {world.github.admin_token}"},
        timeout=10,
    )
    assert opened.status_code == 201, opened.text
    # from now on, closing it withdraws the rollback, and its body says so
    world.run("--reason", "Wrong answers & more")
    assert world.outputs()["result"] == "updated"
    assert "without merging it withdraws the rollback" in (world.github.pulls[0].body or "")
    world.run("--reason", "Wrong answers & more")
    assert world.outputs()["result"] == "unchanged"
    assert len(world.github.pulls) == 1


def test_the_issue_is_brought_up_to_date(world: World) -> None:
    world.github.state.settings.actions_may_open_pulls = False
    world.run("--reason", "Wrong answers")
    world.github.issues[0].body = f"Seen by ada.\n\n{world.github.issues[0].body}"
    world.github.seed({SCHEMA: b'{"since": true}'}, "Since then")
    world.run("--reason", "Wrong prices")
    (issue,) = world.github.issues
    body = issue.body or ""
    assert body.startswith("Seen by ada.")
    assert "**Reason:** Wrong prices" in body
    assert "**Reason:** Wrong answers" not in body
    assert "1 conflict" in body
