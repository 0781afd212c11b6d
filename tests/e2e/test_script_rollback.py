"""An Agent Script through its life: published in two orgs, rolled back before the merge, promoted again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.salesforce import SalesforceDouble
from tests.support.promotion_world import PromotionWorld, script_files
from tests.support.rollback_world import git

GOOD, BAD = "You plan visits.", "You promise refunds."


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PromotionWorld]:
    """Production has the good script as version 4, deployed by wavegate, and a draft from Setup as version 9."""
    made = PromotionWorld(tmp_path, scripts=("You say nothing.", GOOD))
    made.gate()
    done = made.deploy()
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 4}'), done.log
    made.org.records.add_version("Support_Agent", 9)
    yield made
    made.close()


def ship(world: PromotionWorld, text: str, name: str) -> None:
    """Promote a commit with that script to production."""
    files = script_files(text)
    manifest = "agentforce/release.yml"
    files[manifest] = files[manifest].replace(b"release: wave-3", f"release: {name}".encode())
    world.commit = world.github.seed(files)
    world.record("uat", world.commit, name, org="00D000000000002AAA")
    git(world.desk.checkout, "fetch", "--quiet", f"file://{world.github.git_dir}", world.commit)
    git(world.desk.checkout, "checkout", "--quiet", "--detach", world.commit)
    world.desk.extra["GITHUB_RUN_ID"] = f"47{len(world.github.deployments)}"
    world.gate()
    done = world.deploy()
    assert done.code == 0, done.log


def live(org: SalesforceDouble) -> int | None:
    return org.records.bots["Support_Agent"].active


def to_release(world: PromotionWorld, release: str = "last-good") -> str:
    given = ("--to-release", release, "--reason", "It promises refunds")
    done = world.desk.run("disable", "production", *given)
    assert done.code == 0, done.log
    return done.log


def test_the_good_version_is_live_before_any_merge_and_is_not_published_again(world: PromotionWorld) -> None:
    good = world.commit
    ship(world, BAD, "wave-4")
    assert (live(world.org), sorted(world.org.authoring.published)) == (
        10,
        [("Support_Agent", 4), ("Support_Agent", 10)],
    )
    log = to_release(world)
    assert live(world.org) == 4
    assert "Support_Agent: version 4 is live (before: version 10)" in log
    assert f"wave-3 ({good[:12]})" in log
    # twice is as once
    assert "unchanged" in to_release(world)
    done = world.desk.run("rollback", "production", "--reason", "It promises refunds")
    assert done.code == 0, done.log
    (pull,) = world.github.pulls
    assert "Support\\_Agent v4" in (pull.body or "") or "Support_Agent v4" in (pull.body or "")
    # also once the bad release is marked as failed
    assert "unchanged" in to_release(world)
    merged = world.github.merge(pull.number)
    git(world.desk.checkout, "fetch", "--quiet", f"file://{world.github.git_dir}", merged)
    git(world.desk.checkout, "checkout", "--quiet", "--detach", merged)
    world.commit = merged
    world.record("uat", merged, "wave-3", org="00D000000000002AAA")
    world.desk.extra["GITHUB_RUN_ID"] = "4799"
    world.gate()
    done = world.deploy()
    assert (done.code, done.outputs["agents"]) == (0, '{"Support_Agent": 4}'), done.log
    assert len(world.org.authoring.published) == 2
    said = [each.description for each in world.newest().statuses]
    assert any(each.startswith("script: Support_Agent v4 ") for each in said)
    assert said[-1] == "live: Support_Agent v4"


def test_a_release_is_named_by_its_name_or_commit(world: PromotionWorld) -> None:
    good = world.commit
    ship(world, BAD, "wave-4")
    for name in ("wave-3", good[:10]):
        world.org.records.bots["Support_Agent"].activate(10)
        to_release(world, name)
        assert live(world.org) == 4


@pytest.mark.parametrize(
    ("release", "said"),
    [("wave-9", "--to-release wave-9 was never live"), ("wave-2", "does not say which versions were live")],
)
def test_a_release_without_versions_is_refused_and_nothing_changes(
    world: PromotionWorld, release: str, said: str
) -> None:
    ship(world, BAD, "wave-4")
    done = world.desk.run("disable", "production", "--to-release", release, "--reason", "x")
    assert done.code == 2
    assert said in done.log
    assert live(world.org) == 10


def test_an_environment_that_moved_to_another_org_gets_no_numbers_of_the_old_one(world: PromotionWorld) -> None:
    ship(world, BAD, "wave-4")
    payloads = [each.payload for each in world.github.deployments if each.environment == "production"]
    for payload in payloads:
        payload["org"] = "00D000000000009AAA"
    done = world.desk.run("disable", "production", "--to-release", "last-good", "--reason", "x")
    assert done.code == 2
    assert "in another org" in done.log
    assert live(world.org) == 10
