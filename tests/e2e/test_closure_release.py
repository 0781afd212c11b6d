"""A release of a whole agent, planned and rolled back as real processes against the GitHub double."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.releases import environment
from tests.support.rollback_world import ROOT, Files, World, git

from wavegate.components.closure import release_scope
from wavegate.components.project import read_project
from wavegate.files.folder import FolderSource
from wavegate.git.repository import CommitSource, Git
from wavegate.release.manifest import Agent, Manifest

PROJECT = ROOT / "tests/fixtures/project"
FORCE = "force-app/main/default"
PLANNER = f"{FORCE}/genAiPlannerBundles/Support_Agent_v3/Support_Agent_v3.genAiPlannerBundle"
PROMPT = f"{FORCE}/genAiPromptTemplates/Support_Resolution.genAiPromptTemplate-meta.xml"
ACTION = f"{FORCE}/genAiFunctions/Update_Case_Status/Update_Case_Status.genAiFunction-meta.xml"
SCHEMA = f"{PLANNER.rpartition('/')[0]}/plannerActions/Verify_Customer_179Kj0000004CqXIAU/input/schema.json"
FLOW = f"{FORCE}/flows/Notify_Case_Owner.flow-meta.xml"
APEX = "integrations/main/default/classes/ReturnLabelService.cls"
CREDENTIAL = "integrations/main/default/namedCredentials/Returns_API.namedCredential-meta.xml"
UNRELATED = f"{FORCE}/classes/InvoiceBatch.cls"
RELEASE = b"""\
release: wave-3
agents: [{name: Support_Agent, version: 3}]
rollback:
  prompts: {strategy: restore}
  flows: {strategy: activate-previous}
  apex: {strategy: restore}
  credentials: {strategy: manual, runbook: agentforce/rotate.md, owner: "@acme/integrations"}
environments:
  - name: production
    prompts: [support-resolution-v5]
"""
GOOD: Files = {
    **{path.relative_to(PROJECT).as_posix(): path.read_bytes() for path in PROJECT.rglob("*") if path.is_file()},
    "agentforce/release.yml": RELEASE,
    "agentforce/rotate.md": b"Rotate it.\n",
}


def _edited(path: str) -> bytes:
    data = GOOD[path]
    assert isinstance(data, bytes)
    return data + b"<!-- bad -->\n" if path.endswith(("xml", "Bundle")) else data + b"\n"


CHANGED = (PLANNER, PROMPT, ACTION, SCHEMA, FLOW, APEX, CREDENTIAL)
ADDED = f"{FORCE}/genAiFunctions/Verify_Twice/Verify_Twice.genAiFunction-meta.xml"
BAD: Files = {
    **{path: _edited(path) for path in (*CHANGED, UNRELATED)},
    # an action that only the bad release has: its topic names it
    ADDED: b'<GenAiFunction xmlns="http://soap.sforce.com/2006/04/metadata"><masterLabel>x</masterLabel></GenAiFunction>',
    f"{FORCE}/genAiPlugins/Case_Handling.genAiPlugin-meta.xml": (
        PROJECT / f"{FORCE}/genAiPlugins/Case_Handling.genAiPlugin-meta.xml"
    )
    .read_bytes()
    .replace(b"Summarize_Escalation", b"Verify_Twice"),
    f"{FORCE}/genAiFunctions/Summarize_Escalation/input/schema.json": None,
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, good=GOOD, bad=BAD, later={"README.md": b"later\n"})
    yield made
    made.close()


def plan(world: World, *arguments: str) -> dict[str, object]:
    command = [sys.executable, "-m", "wavegate", "plan", "production", "--root", str(world.checkout), *arguments]
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(world.folder),
        "PYTHONPATH": str(ROOT / "src"),
        **world.github.environment(),
    }
    folder = world.folder / "plan"
    done = subprocess.run(
        [*command, "--output-dir", str(folder)], env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stderr
    found: dict[str, object] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    return found


def test_a_rollback_restores_prompts_actions_flows_and_apex_together(world: World) -> None:
    done = world.run("--reason", "It answers rudely")
    assert done.returncode == 0, done.stdout
    (branch,) = world.branches()
    # inside the closure all is as the good release has it; what else the bad commit changed stays
    assert world.differing(world.good, branch) == {UNRELATED, "README.md"}
    assert world.differing("main", branch) == set(BAD) - {UNRELATED}

    (pull,) = world.github.pulls
    body = pull.body or ""
    order = body.index("What is restored")
    kinds = ["apex", "flows", "prompts", "actions", "agents"]
    places = [body.index(f"- {kind}: ", order) for kind in kinds]
    assert places == sorted(places)
    # what git cannot restore, with the manifest's procedure
    assert "credentials" in body
    assert "agentforce/rotate" in body.replace("\\", "")


def test_a_plan_counts_from_what_the_ledger_says_is_live(world: World) -> None:
    assert plan(world)["live"] == world.bad
    assert plan(world)["changes"] == []

    # the newest release failed half-way: nothing is known to be whole, so all of it is shipped
    world.release(world.good, "wave-2", statuses=("in_progress", "failure"))
    found = plan(world)
    assert (found["live"], len(found["changes"]) > 30) == (None, True)  # type: ignore[arg-type]


def test_a_shallow_checkout_fetches_what_is_live(world: World) -> None:
    world.github.seed({APEX: b"public class ReturnLabelService {}\n"}, "Later still")
    shallow = world.folder / "shallow"
    git(world.folder, "clone", "--quiet", "--depth=1", f"file://{world.github.git_dir}", str(shallow))
    git(shallow, "remote", "set-url", "origin", world.github.clone_url)
    world.checkout = shallow
    found = plan(world)
    assert found["live"] == world.bad
    changes = found["changes"]
    assert isinstance(changes, list)
    assert {"component": "ApexClass:ReturnLabelService", "change": "changed"} in changes
    # the class refers to nothing any more, but the project still has what it referred to
    assert {each["change"] for each in changes if each["component"] != "ApexClass:ReturnLabelService"} == {"left"}


def test_a_commit_has_the_same_closure_as_its_checkout(world: World) -> None:
    repository = Git(world.checkout)
    release = Manifest(
        release="r",
        agents=(Agent(name="Support_Agent", version=3), Agent(name="Field_Agent"), Agent(name="Returns_Agent")),
        environments=(environment("production"),),
    )
    tree = repository.tree(repository.resolve("HEAD"))
    of_commit = release_scope(release, "production", read_project(CommitSource(repository, tree)))
    of_folder = release_scope(release, "production", read_project(FolderSource(world.checkout)))
    assert of_commit == of_folder
    assert len(of_commit.components) > 50
