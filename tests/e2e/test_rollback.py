"""The rollback's process against the GitHub double: what it restores, twice, together, and killed at any request."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from tests.doubles.double import Served
from tests.support.hostile import HOSTILE
from tests.support.rollback_world import BUNDLE, PROMPTS, SMALL, World, git

from wavegate.text import code

MARK = "#CreateDeploymentStatus"
OUTPUTS = {"result", "pull-request", "pull-request-url", "issue-url", "branch", "live", "target", "conflicts"}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def changing(routes: Sequence[Served]) -> list[Served]:
    """Those requests to the API that are no reading."""
    written = (each for each in routes if "/repos/" in each.template or each.template.endswith(MARK))
    return [each for each in written if each.method != "GET"]


def test_restores_the_good_release_inside_the_scope_and_the_base_outside(world: World) -> None:
    done = world.run("--reason", "Wrong answers", "--incident", "INC-42")
    assert done.returncode == 0, done.stdout
    (branch,) = world.branches()
    (pull,) = world.github.pulls
    assert (pull.head, pull.base) == (branch, "main")
    world.assert_restored(branch)
    assert world.outputs() == {
        "result": "opened",
        "pull-request": str(pull.number),
        "pull-request-url": f"{world.github.server_url}/acme/support-agents/pull/{pull.number}",
        "issue-url": "",
        "branch": branch,
        "live": world.bad,
        "target": world.good,
        "conflicts": "0",
    }
    assert "Wrong answers" in (pull.body or "")
    assert "INC\\-42" in (pull.body or "")
    assert "No checks run on this pull request" in (pull.body or "")
    assert (pull.reviewers, pull.team_reviewers) == (["ada"], ["agents"])
    assert len(world.github.routes) <= 10
    assert changing(world.github.routes)[-1].template.endswith(MARK)


def test_a_second_run_changes_nothing(world: World) -> None:
    world.run()
    (branch,) = world.branches()
    before, seen = world.github.state.head(branch), len(world.github.routes)
    done = world.run()
    assert done.returncode == 0
    assert world.outputs()["result"] == "unchanged"
    assert world.github.state.head(branch) == before
    assert changing(world.github.routes[seen:]) == []


def test_merged_pull_request_gives_the_good_release_on_a_base_that_moved(world: World) -> None:
    world.run()
    (pull,) = world.github.pulls
    world.github.seed({"README.md": b"three\n"}, "Meanwhile")
    world.run()
    assert world.outputs()["result"] == "updated"
    world.assert_restored(pull.head)
    world.github.merge(pull.number)
    assert not [path for path in world.differing(world.good, "main") if path.startswith(BUNDLE)]
    assert git(world.github.git_dir, "show", "main:README.md") == "three\n"
    done = world.run()
    assert world.outputs()["result"] == "unchanged", done.stdout
    assert len(world.github.pulls) == 1


def test_the_branch_of_a_merged_rollback_works_again(world: World) -> None:
    world.run()
    world.github.merge(world.github.pulls[0].number)
    reverted = {f"{PROMPTS}/support_resolution_v5.genAiPromptTemplate-meta.xml": None}
    bad = git(world.github.git_dir, "show", f"{world.bad}:{next(iter(reverted))}").encode()
    world.github.seed({next(iter(reverted)): bad}, "Ship it again")
    world.release(world.bad, "agentforce-wave-3")
    done = world.run()
    assert world.outputs()["result"] == "opened", done.stdout
    assert [pull.state for pull in world.github.pulls] == ["closed", "open"]
    # the branch was as it should be, but GitHub had nothing to compare: a commit on top of the base mends that
    assert [each.status for each in world.github.routes if each.template.endswith("/pulls")][-2:] == [422, 201]
    assert len(world.branches()) == 1
    world.assert_restored(world.branches()[0])


def test_a_path_that_changed_on_the_base_since_is_named_and_kept(world: World) -> None:
    path = f"{PROMPTS}/support_resolution_v5.genAiPromptTemplate-meta.xml"
    world.github.seed({path: b"<mended/>"}, "Mend by hand")
    done = world.run()
    assert done.returncode == 0
    (branch,) = world.branches()
    world.assert_restored(branch, but=frozenset({path}))
    assert git(world.github.git_dir, "show", f"{branch}:{path}") == "<mended/>"
    assert code(path) in (world.github.pulls[0].body or "")
    assert world.outputs()["conflicts"] == "1"
    assert "::warning" in done.stdout


def test_a_pull_request_that_was_closed_is_opened_anew(world: World) -> None:
    world.run()
    world.github.close(world.github.pulls[0].number)
    world.run()
    assert [pull.state for pull in world.github.pulls] == ["closed", "open"]
    assert len(world.branches()) == 1


def test_a_branch_of_somebody_else_is_not_touched(world: World) -> None:
    world.run("--dry-run")
    name = world.outputs()["branch"]
    theirs = world.github.seed({"README.md": b"theirs"}, "Mine", branch=name)
    done = world.run()
    assert done.returncode == 2
    assert "wavegate did not create it" in done.stdout
    assert world.github.state.head(name) == theirs
    assert world.github.pulls == []


def test_when_everything_changed_since_nothing_is_opened(tmp_path: Path) -> None:
    world = World(tmp_path, bad=SMALL, later=dict.fromkeys(SMALL, b"changed since"))
    done = world.run()
    assert done.returncode == 2
    assert "every path that differs changed on main after the bad release" in done.stdout
    assert world.branches() == []
    world.close()


def test_what_is_live_ships_the_same_files_already(tmp_path: Path) -> None:
    world = World(tmp_path, bad={"README.md": b"not in scope"}, later={})
    done = world.run()
    assert done.returncode == 0
    assert world.outputs()["result"] == "unchanged"
    assert "name a release with --target" in done.stdout
    (bad,) = (each for each in world.github.deployments if each.id == world.bad_deployment)
    assert [status.state for status in bad.statuses] == ["success"]
    world.close()


def test_a_manifest_that_the_bad_release_broke_does_not_stop_its_rollback(tmp_path: Path) -> None:
    world = World(tmp_path, bad={**SMALL, "agentforce/release.yml": b"release: [broken"}, later={})
    done = world.run()
    assert done.returncode == 0, done.stdout
    assert "cannot be read" in done.stdout
    world.assert_restored(world.branches()[0])
    world.close()


def test_edits_of_a_reviewer_are_kept(world: World) -> None:
    world.run()
    (branch,) = world.branches()
    path = f"{BUNDLE}/input/schema.json"
    edited = world.github.seed({path: b'{"good": "better"}'}, "Better still", branch=branch)
    world.github.seed({f"{BUNDLE}/deleted.json": b"made anew"}, "Since then")
    done = world.run()
    assert world.outputs()["result"] == "updated"
    assert git(world.github.git_dir, "show", f"{branch}:{path}") == '{"good": "better"}'
    assert git(world.github.git_dir, "show", f"{branch}:{BUNDLE}/deleted.json") == "made anew"
    assert edited in git(world.github.git_dir, "rev-list", branch).split()
    assert f"kept as edited on the branch: {path}" in done.stdout


def test_a_base_of_its_own_gets_a_branch_of_its_own(world: World) -> None:
    world.github.seed({"README.md": b"maintained\n"}, "Maintain", branch="release/1.x")
    world.run("--base", "release/1.x")
    world.run("--base", "main")
    world.run()
    first, second = world.github.pulls
    assert (first.base, second.base) == ("release/1.x", "main")
    world.assert_restored(first.head, base="release/1.x")
    world.assert_restored(second.head)
    assert git(world.github.git_dir, "show", f"{first.head}:README.md") == "maintained\n"


def test_shallow_checkout_fetches_what_it_lacks(world: World) -> None:
    git(
        world.folder, "clone", "--quiet", "--depth=1", f"file://{world.github.git_dir}", str(world.folder / "shallow")
    )
    world.checkout = world.folder / "shallow"
    git(world.checkout, "remote", "set-url", "origin", world.github.clone_url)
    # what a checkout step leaves behind; a second header of the same name would be refused
    key = f"http.{world.github.server_url}/.extraheader"
    git(world.checkout, "config", key, "AUTHORIZATION: basic bm90OnRoaXM=")
    assert world.run().returncode == 0
    world.assert_restored(world.branches()[0])
    assert git(world.checkout, "rev-parse", "--is-shallow-repository") == "true\n"


def test_dry_run_writes_nothing(world: World) -> None:
    done = world.run("--dry-run")
    assert done.returncode == 0
    assert world.outputs()["result"] == "dry-run"
    assert world.branches() == []
    assert changing(world.github.routes) == []


def test_inputs_of_the_action_come_by_environment(world: World) -> None:
    given = {
        "TARGET": "agentforce-wave-2",
        "REASON": "Wrong answers",
        "DRY_RUN": "false",
        "INCIDENT": "",
        "BASE": "main",
    }
    done = world.run(**{f"WAVEGATE_ROLLBACK_{name}": value for name, value in given.items()})
    assert done.returncode == 0, done.stdout
    assert world.outputs()["result"] == "opened"
    assert "Wrong answers" in (world.github.pulls[0].body or "")
    assert world.run(WAVEGATE_ROLLBACK_TARGET="agentforce-wave-1").returncode == 2


def test_hostile_reasons_and_releases_change_no_output(tmp_path: Path) -> None:
    world = World(tmp_path, bad=SMALL, later={})
    for text in HOSTILE[::4]:
        world.github.deployments[-1].payload["release"] = text
        done = world.run("--reason", text.replace("\0", ""), "--incident", text.replace("\0", ""))
        assert done.returncode == 0, done.stdout
        assert set(world.outputs()) == OUTPUTS
        assert world.outputs()["result"] in {"opened", "updated"}
        assert not [line for line in done.stdout.splitlines() if line.lstrip().startswith("::") or "##[" in line]
        (pull,) = world.github.pulls
        shown = f"{pull.title}\n{pull.body}"
        assert "\n" not in pull.title
        assert not re.search(r"(?<![\w&;])@(?!ada\b|acme/agents\b)[A-Za-z0-9]", shown), text
        assert not re.search(r"(?<![&\w])#\d|<script|<img|https?://(?!127)", shown), text
    world.close()


def test_app_token_lets_checks_run(world: World) -> None:
    world.run(token=world.github.app_token)
    (pull,) = world.github.pulls
    assert pull.runs_checks
    assert "No checks run" not in (pull.body or "")


def test_target_by_name_and_by_commit(world: World) -> None:
    for target in ("agentforce-wave-2", world.good[:8], world.good):
        world.run("--target", target, "--dry-run")
        assert world.outputs()["target"] == world.good
    done = world.run("--target", "agentforce-wave-1")
    assert done.returncode == 2
    assert "agentforce-wave-2" in done.stdout
    assert world.run("--target", world.bad).returncode == 2


def test_without_a_good_release_there_is_nothing_to_roll_back_to(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.github.deployments.pop(0)
    done = world.run()
    assert done.returncode == 2
    assert "no earlier release" in done.stdout
    assert world.branches() == []
    world.close()
