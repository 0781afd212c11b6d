"""A step of a canary is promoted only once a person has ticked in its pull request that support is ready."""

import copy
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.support.expand_world import FILES, FLOW_PATH, MANIFEST, TEXT, ExpandWorld
from tests.support.forked import Forked
from tests.support.rollback_world import git

BOX = "- [ ] **Support is ready**"
# no environment before it, whose order would be a refusal of its own
WITHOUT_UAT = TEXT.replace("  - name: uat\n    prompts: [support-resolution-v5]\n", "").replace(
    "    rollout: canary ", "    prompts: [support-resolution-v5]\n    rollout: canary "
)
READY = """\
include: ["Flow:Route_Support"]
support: {trained: "tier 2, <!-- wavegate:support -->", runbook: docs/support.md}
"""


class SupportWorld(ExpandWorld):
    def merge(self) -> None:
        """Merge the newest pull request, and check the result out."""
        self.github.merge(self.github.pulls[-1].number)
        git(self.checkout, "fetch", "--quiet", f"file://{self.github.git_dir}", "main")
        git(self.checkout, "checkout", "--quiet", "--detach", "FETCH_HEAD")

    def admit(self, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.folder),
            "GITHUB_OUTPUT": str(self.folder / "output"),
            **self.github.environment(),
            **more,
        }
        (self.folder / "output").write_text("")
        made = Forked(["admit", "production", "--root", str(self.checkout), *arguments], environment)
        self.github.client = made
        output, _ = made.communicate()
        assert made.returncode is not None
        return subprocess.CompletedProcess([], made.returncode, output, "")

    def tick(self) -> None:
        pull = self.github.pulls[-1]
        assert (pull.body or "").count(BOX) == 1
        pull.body = (pull.body or "").replace(BOX, BOX.replace("[ ]", "[x]")).replace("\n", "\r\n")


def files(more: Mapping[str, str] | None = None) -> dict[str, object]:
    manifest = WITHOUT_UAT.replace("owners:", f"{READY}owners:")
    return {**FILES, MANIFEST: manifest.encode(), **(more or {})}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SupportWorld]:
    made = SupportWorld(tmp_path, files=files())  # type: ignore[arg-type]
    yield made
    made.close()


def test_a_step_waits_for_the_tick_also_after_its_merge(world: SupportWorld) -> None:
    world.expand()
    assert "Trained: tier 2, &lt;" in (world.github.pulls[-1].body or "")
    world.merge()
    # the routing flow that the step sets makes it another content
    assert world.content_of("FETCH_HEAD") != world.content
    refused = world.admit()
    assert refused.returncode == 1, refused.stdout
    assert "Pull request #1, which takes step 2 of the canary, was merged before anybody ticked" in refused.stdout
    assert world.outputs()["rules"] == "promotion/support-not-ready"
    world.tick()
    assert world.admit().returncode == 0
    assert world.outputs()["admitted"] == "true"


def test_a_description_without_the_box_is_no_tick_and_a_person_may_override(world: SupportWorld) -> None:
    world.expand()
    world.github.pulls[-1].body = "- [x] Support is ready"
    world.merge()
    assert world.admit().returncode == 1
    manual = {"GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_TRIGGERING_ACTOR": "ada"}
    overridden = world.admit("--override", "Support was asked by telephone", **manual)
    assert overridden.returncode == 0, overridden.stdout
    assert "[promotion/support-not-ready]" in overridden.stdout


def test_a_tick_in_another_pull_request_of_the_branch_is_not_enough(world: SupportWorld) -> None:
    world.expand()
    world.merge()
    again = copy.deepcopy(world.github.pulls[-1])
    again.number, again.base = again.number + 1, "elsewhere"
    world.github.state.issues.append(again)
    world.tick()
    refused = world.admit()
    assert refused.returncode == 1, refused.stdout
    assert "Pull request #1, which takes step 2" in refused.stdout


def test_a_step_that_a_person_wrote_needs_no_tick(world: SupportWorld) -> None:
    edited = WITHOUT_UAT.replace(
        "      - service-ops-supervisors   # two people\n", "      - service-ops-supervisors\n      - tier2-support\n"
    )
    world.github.seed({MANIFEST: edited.encode(), FLOW_PATH: None}, "By hand")
    git(world.checkout, "fetch", "--quiet", f"file://{world.github.git_dir}", "main")
    git(world.checkout, "checkout", "--quiet", "--detach", "FETCH_HEAD")
    assert world.admit().returncode == 0


def test_a_token_that_may_not_read_pull_requests_is_no_pass(world: SupportWorld) -> None:
    world.expand()
    world.tick()
    world.merge()
    world.github.permit("pull-requests", "none")
    refused = world.admit()
    assert refused.returncode not in (0, 1)
    assert "pull-requests: read" in refused.stdout
