"""A whole pilot through the real CLI: to everybody, and back, without a change of the live agent."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.support.deploying import SOURCE
from tests.support.git import git
from tests.support.pilot_world import COHORT, COPY, COPY_ACCESS, EVERYBODY, PilotWorld, piloting, ship
from tests.support.promotion_world import files
from tests.support.tools import node_bin, npm_bin

WITHOUT_LIVE = "{group: Tier2_Support, liveAgent: remove}"
BOT = f"{SOURCE}/bots/Support_Agent/Support_Agent.bot-meta.xml"


def for_employees(found: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of a release whose agent employees use, so that access to it is granted."""
    return {**found, BOT: found[BOT].replace(b"</Bot>", b"<type>InternalCopilot</type></Bot>")}


PILOT = for_employees(piloting("new", cohort=WITHOUT_LIVE))
WIDER = for_employees(piloting("new", "supervisors", cohort=WITHOUT_LIVE))
EVERYBODYS = for_employees(piloting("new", rollout="all-at-once", cohort=WITHOUT_LIVE))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[PilotWorld]:
    """What is live was deployed as well, so that the org has its files."""
    made = PilotWorld(tmp_path)
    made.github.state.deployments = [each for each in made.github.deployments if each.environment == "uat"]
    done = ship(made, for_employees(files(pinned=2)), "wave-2")
    assert done.code == 0, done.log
    made.desk.path = (node_bin(), npm_bin())
    yield made
    made.close()


def live_files(world: PilotWorld) -> dict[tuple[str, str], bytes]:
    """The bytes that the org has of each component that is no copy."""
    contents = world.org.deployments.contents
    return {key: data for key, data in contents.items() if "_Pilot" not in key[1]}


def assert_only_copies(world: PilotWorld, jobs: int) -> None:
    """The package of the newest job has copies and nothing else."""
    sent = list(world.org.deployments.jobs.values())
    assert len(sent) == jobs
    package = sent[-1].package
    assert package
    assert {name.rpartition("_Pilot")[1] for _, name in package.components} == {"_Pilot"}
    assert not [path for path in package.files if "_Pilot" not in path]
    assert set(package.components) == {
        ("Bot", COPY), ("GenAiPlannerBundle", f"{COPY}_v3"), ("PermissionSet", COPY_ACCESS),
    }  # fmt: skip


def begin(world: PilotWorld) -> None:
    """The copy is deployed, and exactly the cohort reaches it."""
    before, live = live_files(world), world.live_state()
    done = ship(world, PILOT)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert_only_copies(world, 2)
    assert (live_files(world), world.live_state()) == (before, live)
    assert (world.copy, world.with_copy) == (3, set(COHORT))
    granting = [name for name, agents in world.org.records.grants.items() if COPY in agents]
    assert granting == [COPY_ACCESS]
    assert (world.active, world.with_live) == (2, set(EVERYBODY) - set(COHORT))
    assert world.newest().payload["pilot"]["copies"] == {"Support_Agent": COPY}


def test_a_pilot_widens_becomes_everybodys_and_its_copy_retires(world: PilotWorld) -> None:
    begin(world)
    before = live_files(world)
    world.org.records.add_user("ann@acme.example", "Supervisors")
    done = ship(world, WIDER)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (world.copy, world.with_copy) == (3, {*COHORT, "ann@acme.example"})
    assert_only_copies(world, 2)
    assert live_files(world) == before
    done = ship(world, EVERYBODYS)
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    package = list(world.org.deployments.jobs.values())[-1].package
    assert package
    assert not [path for path in package.files if "_Pilot" in path]
    assert (world.active, world.copy) == (3, None)
    assert (world.with_live, world.with_copy) == (set(EVERYBODY), set())
    assert world.descriptions(-3)[-1] == "retired: wave-3 is live for everybody"
    again = world.deploy()
    assert (again.code, again.outputs["result"]) == (0, "unchanged"), again.log


def test_a_pilot_is_rolled_back_and_its_copy_retires(world: PilotWorld) -> None:
    before, live = live_files(world), world.live_state()
    begin(world)
    git(world.desk.checkout, "remote", "set-url", "origin", world.github.clone_url)
    done = world.desk.run("rollback", "production", "--reason", "It leaks")
    assert done.code == 0, done.log
    (pull,) = world.github.pulls
    world.check_out(world.github.merge(pull.number), "wave-2")
    world.gate()
    done = world.deploy()
    assert (done.code, done.outputs["result"]) == (0, "deployed"), done.log
    assert (live_files(world), world.live_state()) == (before, live)
    assert len(world.org.deployments.jobs) == 2
    assert (world.copy, world.active) == (None, 2)
    assert (world.with_live, world.with_copy) == (set(EVERYBODY), set())
    assert [each["kind"] for each in world.acts()] == ["rollback", "rollback-done"]
