"""`admit` as a process: what it says and writes of what holds an environment, and that it changes nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.acts import MANIFEST, record_act
from tests.support.deploying import Done
from tests.support.promotion_world import PromotionWorld, files
from tests.support.rollback_world import git

from wavegate.components.release_at_commit import content_at
from wavegate.ledger.acts.act import ActKind, ReleaseId
from wavegate.release.reading import load_manifest

OTHER = ReleaseId(name="wave-1", commit="9" * 40, content="9" * 64)
READS = 3
"""Requests: the newest deployments, the acts, the deployments of the commit."""


class HeldWorld(PromotionWorld):
    """The promotion world, with acts in its ledger."""

    def act(self, kind: ActKind, environment: str = "production", **more: Any) -> None:
        """Record an act of this release's manifest."""
        record_act(self.github, environment, kind, manifest=MANIFEST, **more)

    def content_in(self, environment: str, commit: str = "") -> str:
        """What a commit ships to an environment."""
        manifest = load_manifest(self.desk.checkout, None)
        return content_at(self.desk.checkout, commit or self.commit, manifest, environment)

    def named(self, commit: str) -> ReleaseId:
        """A commit's release as an act of production names it."""
        return ReleaseId(name="wave", commit=commit, content=self.content_in("production", commit))

    def admit(self, *arguments: str, event: str = "push", environment: str = "production") -> Done:
        """Ask whether the checkout may enter; nothing may be written."""
        self.desk.extra["GITHUB_EVENT_NAME"] = event
        before = len(self.github.deployments)
        done = self.desk.run("admit", environment, *arguments)
        assert len(self.github.deployments) == before
        return done


@pytest.fixture
def world(tmp_path: Path) -> Iterator[HeldWorld]:
    made = HeldWorld(tmp_path)
    yield made
    made.close()


def test_an_open_environment_admits(world: HeldWorld) -> None:
    world.github.routes.clear()
    done = world.admit()
    assert (done.code, done.outputs) == (0, {"admitted": "true", "fast-lane": "false", "rules": ""})
    assert (done.summary, len(world.github.routes)) == ("", READS)
    assert "production is open to this release." in done.log


def test_a_held_environment_says_who_when_why_and_what_to_do(world: HeldWorld) -> None:
    world.act(ActKind.STOP, agents={"support_agent": None}, release=world.named(world.before))
    world.act(ActKind.LOCK)
    done = world.admit("--override", "please", event="workflow_dispatch")
    assert (done.code, done.outputs["admitted"]) == (1, "false")
    assert done.outputs["rules"] == "promotion/stopped,promotion/locked"
    for text in (done.log, done.summary):
        assert "wrong refunds" in text
        assert "grace" in text
    assert done.summary.startswith("## 🛑 STOPPED: ")
    assert "wavegate enable production --agent support_agent --reason" in done.log
    assert "- Live in production: " in done.summary
    assert "[this run](<" in done.summary
    assert "::error title=wavegate::production is locked by @grace" in done.log
    # a hold of one environment is none of another
    assert world.admit(environment="uat").code == 0


def test_the_same_content_under_another_commit_is_refused_and_only_a_person_overrides(world: HeldWorld) -> None:
    world.act(ActKind.ROLLBACK, release=world.named(world.commit), target=world.named(world.before))
    git(world.desk.checkout, "commit", "--quiet", "--allow-empty", "--message", "Notes")
    world.github.deployments[1].payload["content"] = world.content_in("uat")
    done = world.admit("--override", "it is good after all")
    assert (done.code, done.outputs["rules"]) == (1, "promotion/rolled-back")
    assert "::warning title=wavegate::The override is ignored" in done.log
    done = world.admit("--override", "it is good after all", event="workflow_dispatch")
    assert (done.code, done.outputs["admitted"], done.outputs["rules"]) == (0, "true", "promotion/rolled-back")
    assert "⚠️ Overridden" in done.summary
    assert "ignored" not in done.log


def test_content_that_another_manifest_rolled_back_is_refused_until_that_is_withdrawn(world: HeldWorld) -> None:
    bad = replace(world.named(world.commit), commit=world.before)
    theirs: dict[str, Any] = {"release": bad, "manifest": "agentforce/other.yml"}
    record_act(world.github, "production", ActKind.ROLLBACK, **theirs)
    record_act(world.github, "production", ActKind.ROLLBACK_DONE, **theirs)
    done = world.admit()
    assert (done.code, done.outputs["rules"]) == (1, "promotion/rolled-back")
    assert "as a release of agentforce/other.yml by @grace" in done.log
    record_act(world.github, "production", ActKind.ROLLBACK_WITHDRAWN, **theirs)
    assert world.admit().code == 0
    # the same commit ships something else for another manifest
    record_act(world.github, "production", ActKind.ROLLBACK, **theirs | {"release": replace(bad, content="b" * 64)})
    assert world.admit().code == 0


def test_content_that_was_live_in_the_environment_before_keeps_the_order_under_another_commit(
    world: HeldWorld,
) -> None:
    world.github.deployments[-1].payload["content"] = world.content_in("uat")
    git(world.desk.checkout, "commit", "--quiet", "--allow-empty", "--message", "Notes")
    assert world.admit().code == 0
    (world.desk.checkout / "agentforce/release.yml").write_bytes(files(pinned=2)["agentforce/release.yml"])
    git(world.desk.checkout, "commit", "--quiet", "--all", "--message", "Another version")
    done = world.admit()
    assert (done.code, done.outputs["rules"]) == (1, "promotion/order")


def test_a_reopened_pull_request_refuses_what_its_rollback_refused(world: HeldWorld) -> None:
    bad = world.named(world.commit)
    world.act(ActKind.ROLLBACK, release=bad, number=1)
    world.act(ActKind.ROLLBACK_WITHDRAWN, release=bad, number=1)
    now = world.github.state.now()
    pull = world.github.open_pull(world.commit, number=1)
    assert world.admit().outputs["rules"] == "promotion/rolled-back"
    pull.change_state("closed", login="bo", now=now)
    assert world.admit().code == 0
    # who merges it after the withdrawal wants the rollback; one that was merged before it is withdrawn all the same
    pull.merged_at = pull.closed_at = now + timedelta(minutes=1)
    assert world.admit().outputs["rules"] == "promotion/rolled-back"
    pull.merged_at = pull.closed_at = now - timedelta(hours=1)
    assert world.admit().code == 0


def test_an_app_that_closes_the_pull_request_of_a_rollback_withdraws_nothing(world: HeldWorld) -> None:
    world.act(ActKind.ROLLBACK, release=world.named(world.commit), number=1)
    now = world.github.state.now()
    pull = world.github.open_pull(world.commit, number=1)
    pull.change_state("closed", login="stale[bot]", now=now)
    assert world.admit().outputs["rules"] == "promotion/rolled-back"
    pull.closed_by = "bo"
    assert world.admit().code == 0


def test_the_fast_lane_is_for_what_was_live_here_while_a_rollback_is_open(world: HeldWorld) -> None:
    git(world.desk.checkout, "checkout", "--quiet", world.before)
    done = world.admit("--fast-lane")
    assert done.outputs["fast-lane"] == "false"
    assert "::warning title=wavegate::The fast lane is not used: it counts only in a run" in done.log
    done = world.admit("--fast-lane", event="workflow_dispatch")
    assert done.outputs == {"admitted": "true", "fast-lane": "true", "rules": ""}

    world.act(ActKind.LOCK)
    world.act(ActKind.ROLLBACK, release=world.named(world.commit), target=world.named(world.before))
    done = world.admit()
    assert done.outputs == {"admitted": "true", "fast-lane": "true", "rules": ""}
    assert "⏩ Fast lane" in done.summary
    assert f"as wave-2 ({world.before[:12]})" in done.log

    git(world.desk.checkout, "checkout", "--quiet", world.commit)
    done = world.admit("--fast-lane", event="workflow_dispatch")
    assert done.outputs["rules"] == "promotion/locked,promotion/rolled-back"
    assert done.outputs["fast-lane"] == "false"
    assert "was never live and good in production" in done.log


def test_what_an_open_rollback_restores_has_the_fast_lane_however_long_ago_it_was_live(world: HeldWorld) -> None:
    git(world.desk.checkout, "checkout", "--quiet", world.before)
    world.github.deployments[0].payload["content"] = world.content_in("production", world.before)
    world.act(ActKind.ROLLBACK, release=world.named(world.commit), target=world.named(world.before))
    git(world.desk.checkout, "commit", "--quiet", "--allow-empty", "--message", "Roll back")
    for _ in range(60):
        world.github.deploy("production", world.commit, payload={}, task="other", statuses=())
    world.github.routes.clear()
    assert world.admit().outputs["fast-lane"] == "true"
    # the release that the rollback restores, and what is live: neither is among the newest entries; how the
    # verification of the former ended
    assert len(world.github.routes) == READS + 3


def test_a_freeze_holds(world: HeldWorld) -> None:
    manifest = world.desk.checkout / "agentforce/release.yml"
    freeze = (
        'freeze: [{from: 2020-01-01, to: 2098-01-01, timeZone: Europe/Berlin, reason: "audit", pass: ["@ada"]}]\n'
    )
    manifest.write_text(freeze + manifest.read_text())
    git(world.desk.checkout, "commit", "--quiet", "--all", "--message", "Freeze")
    override = ("--override", "cannot wait")
    found = world.admit()
    assert found.outputs.get("rules") == "promotion/frozen,promotion/order", found.log
    assert world.admit(*override, event="workflow_dispatch").code == 0
    world.desk.extra["GITHUB_TRIGGERING_ACTOR"] = "mallory"
    done = world.admit(*override, event="workflow_dispatch")
    assert done.code == 1
    assert "only `@ada` may override it" in done.log


@pytest.mark.parametrize("written", ["Production", "PRODUCTION", "production"])
def test_the_case_of_an_environment_does_not_matter(world: HeldWorld, written: str) -> None:
    for each in world.github.deployments:
        each.environment = {"production": written, "uat": "UAT"}[each.environment]
    world.act(ActKind.LOCK, written)
    done = world.admit()
    assert (done.code, done.outputs["rules"]) == (1, "promotion/locked")
    assert "- Live in production: wave\\-2" in done.summary
    assert world.desk.run("unlock", "production", "--reason", "audit is over").code == 0
    assert world.admit().code == 0


def test_a_renamed_environment_keeps_its_holds_until_they_are_lifted_under_the_old_name(world: HeldWorld) -> None:
    old = "production-eu"
    world.act(ActKind.STOP, old, agents={"Support_Agent": None}, release=world.named(world.before))
    world.act(ActKind.LOCK, old)
    world.act(ActKind.ROLLBACK, old, release=world.named(world.commit), target=world.named(world.before))
    for environment in ("production", "uat"):
        done = world.admit("--fast-lane", event="workflow_dispatch", environment=environment)
        assert done.code == 1
        assert done.outputs["rules"].startswith("promotion/stopped,promotion/locked,promotion/rolled-back")
    assert "stopped in production-eu, which the manifest no longer names, by @grace" in done.log
    assert 'wavegate unlock production-eu --reason "…"' in done.log
    assert "production-eu (no longer in the manifest): STOPPED, LOCKED, ROLLBACK OPEN" in world.desk.run("status").log
    assert "production-eu" not in world.desk.run("status", "--environment", "uat").log

    wrong = world.desk.run("unlock", "production-us", "--reason", "x")
    assert (wrong.code, "Choose one of: uat, production." in wrong.log) == (2, True)
    assert world.desk.run("unlock", "Production-EU", "--reason", "audit is over").code == 0
    enabled = world.desk.run("enable", old, "--agent", "Support_Agent", "--to-version", "3", "--reason", "It is good")
    assert enabled.code == 0, enabled.log
    done = world.desk.run("rollback", old, "--withdraw", "--reason", "It is good", "--target", world.commit)
    assert done.code == 0, done.log
    assert world.admit().code == 0
    assert "production-eu" not in world.desk.run("status").log


def test_what_another_manifest_holds_in_an_environment_of_its_own_holds_nothing_here(world: HeldWorld) -> None:
    theirs: dict[str, Any] = {"manifest": "agentforce/other.yml"}
    record_act(world.github, "dev", ActKind.LOCK, **theirs)
    record_act(world.github, "dev", ActKind.STOP, agents={"Support_Agent": None}, **theirs)
    record_act(world.github, "dev", ActKind.ROLLBACK, release=world.named(world.commit), **theirs)
    assert world.admit().code == 0
    assert "dev" not in world.desk.run("status").log


def test_a_freeze_holds_the_fast_lane_of_a_person_but_not_of_a_rollback(world: HeldWorld) -> None:
    manifest = world.desk.checkout / "agentforce/release.yml"
    git(world.desk.checkout, "checkout", "--quiet", world.before)
    freeze = "freeze: [{from: 2020-01-01, to: 2098-01-01, timeZone: Europe/Berlin, reason: audit}]\n"
    manifest.write_text(freeze + manifest.read_text())
    git(world.desk.checkout, "commit", "--quiet", "--all", "--message", "Freeze")
    world.github.deployments[0].payload["content"] = world.content_in("production", world.before)
    done = world.admit("--fast-lane", event="workflow_dispatch")
    assert (done.code, done.outputs["rules"]) == (1, "promotion/frozen"), done.log
    world.act(ActKind.ROLLBACK, release=world.named(world.commit), target=OTHER)
    done = world.admit("--fast-lane", event="workflow_dispatch")
    assert (done.code, done.outputs) == (0, {"admitted": "true", "fast-lane": "true", "rules": ""}), done.log
    assert "⏩ production is frozen until " in done.summary


def test_the_lock_of_an_environment_before_does_not_block_the_rollback_of_a_later_one(world: HeldWorld) -> None:
    world.act(ActKind.LOCK, "uat", reason="load test")
    git(world.desk.checkout, "checkout", "--quiet", world.before)
    git(world.desk.checkout, "commit", "--quiet", "--allow-empty", "--message", "Roll back")
    assert world.admit(environment="uat").outputs["rules"] == "promotion/locked"
    world.act(ActKind.ROLLBACK, release=world.named(world.commit), target=world.named(world.before))
    done = world.admit(environment="uat")
    assert (done.code, done.outputs["rules"]) == (0, ""), done.log
    assert "uat is locked by @grace on " in done.log
    assert "This promotion carries out the rollback, so it passes" in done.summary


def test_without_a_ledger_nothing_is_admitted(world: HeldWorld) -> None:
    del world.desk.extra["GITHUB_TOKEN"]
    done = world.admit()
    assert (done.code, done.outputs) == (2, {})
    assert "deployments: read" in done.log
