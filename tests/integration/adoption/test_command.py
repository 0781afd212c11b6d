"""`adopt` against both doubles: which commit it finds, what it records, and what follows from it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest
from tests.support.acts import recorded_acts
from tests.support.adopting import MANIFEST, PROMPT, AdoptionWorld, files
from tests.support.git import git

from wavegate.components.release_at_commit import content_at
from wavegate.ledger.acts.act import ActKind
from wavegate.release.reading import load_manifest

BOT = "force-app/main/default/bots/Support_Agent/Support_Agent.bot-meta.xml"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AdoptionWorld]:
    world = AdoptionWorld(tmp_path)
    yield world
    world.close()


def statuses(deployment: Any) -> list[tuple[str, str]]:
    return [(each.state, each.description) for each in deployment.statuses]


def payload(deployment: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (
        json.loads(deployment.payload) if isinstance(deployment.payload, str) else deployment.payload
    )
    return found


def test_it_finds_the_commit_that_the_org_runs_and_records_it(world: AdoptionWorld) -> None:
    _, second, _ = world.seed(files(), files(prompt="second"), files(prompt="second", flow="later"))
    world.deploy_elsewhere(second)
    done = world.adopt()
    assert (done.code, done.outputs["result"]) == (0, "adopted"), done.log
    assert (done.outputs["commit"], json.loads(done.outputs["agents"])) == (second, {"Support_Agent": 3})
    (record,) = world.records()
    assert (record.sha, record.environment) == (second, "production")
    assert statuses(record) == [
        ("in_progress", "Adopting what the org already runs"),
        ("success", "live: Support_Agent v3"),
    ]
    manifest = load_manifest(world.desk.checkout)
    said = payload(record)
    assert said["adoption"] == {"reason": "We start with wavegate", "differences": [], "more": 0}
    assert said["content"] == content_at(world.desk.checkout, second, manifest, "production")
    assert (said["org"], said["actor"], said["manifest"]) == ("00D000000000001AAA", "ada", MANIFEST)
    assert "1 differ" in done.log
    assert world.org.deployments.jobs == {}
    assert [each.method for each in world.org.routes if each.method != "GET"] == ["POST", "POST"]


def test_again_it_says_that_it_is_recorded(world: AdoptionWorld) -> None:
    world.seed(files())
    world.deploy_elsewhere("HEAD")
    assert world.adopt().code == 0
    # what GitHub does when a job with this environment has succeeded
    marks = world.records()[0].statuses
    marks.append(replace(marks[-1], state="inactive"))
    done = world.adopt()
    assert (done.code, done.outputs["result"]) == (0, "unchanged"), done.log
    assert "adopted by ada: We start with wavegate" in done.log
    assert len(world.records()) == 1


def test_an_agent_that_is_off_is_recorded_as_off(world: AdoptionWorld) -> None:
    world.seed(files())
    world.deploy_elsewhere("HEAD")
    world.org.records.bots["Support_Agent"].activate(None)
    done = world.adopt()
    assert (done.code, json.loads(done.outputs["agents"])) == (0, {"Support_Agent": None}), done.log
    assert statuses(world.records()[0])[-1] == ("success", "live: Support_Agent off")
    (stop,) = recorded_acts(world.github, "production")
    assert (stop.kind, stop.agents, stop.actor) == (ActKind.STOP, {"Support_Agent": None}, "ada")
    assert (stop.reason, stop.manifest) == ("off when it was adopted", MANIFEST)
    assert stop.release
    assert (stop.release.commit, stop.release.content) == (
        done.outputs["commit"],
        payload(world.records()[0])["content"],
    )
    assert "Recorded as stopped" in done.summary
    assert "STOPPED       Support_Agent, since" in world.desk.run("status").log
    assert world.adopt().code == 0
    assert len(recorded_acts(world.github, "production")) == 1


def test_without_an_equal_commit_it_shows_the_nearest_and_records_nothing(world: AdoptionWorld) -> None:
    _, second = world.seed(files(), files(prompt="second", flow="later"))
    world.deploy_elsewhere(second)
    prompts = world.org.deployments.retrievals.files
    path = "genAiPromptTemplates/Support_Resolution.genAiPromptTemplate"
    prompts[path] = prompts[path].replace(b">second<", b">changed in Setup<")
    done = world.adopt()
    assert (done.code, done.outputs["result"], done.outputs["commit"]) == (1, "different", second), done.log
    assert json.loads(done.outputs["differences"]) == ["GenAiPromptTemplate:Support_Resolution"]
    assert "- masterLabel: second" in done.log
    assert "+ masterLabel: changed in Setup" in done.log
    assert "--accept-difference" in done.log
    assert world.records() == []
    accepted = world.adopt("--accept-difference")
    assert (accepted.code, accepted.outputs["commit"]) == (0, second)
    (record,) = world.records()
    assert payload(record)["adoption"]["differences"] == ["GenAiPromptTemplate:Support_Resolution"]
    status = world.desk.run("status")
    assert "adopted by ada: We start with wavegate; 1 component differed from the commit" in status.log


def test_of_commits_that_differ_in_as_many_components_the_one_with_fewer_lines_is_nearest(
    world: AdoptionWorld,
) -> None:
    first, _ = world.seed(files(), files(prompt="second"))
    world.deploy_elsewhere(first)
    held = world.org.deployments.retrievals.files
    path = "genAiPromptTemplates/Support_Resolution.genAiPromptTemplate"
    held[path] = held[path].replace(b"</GenAi", b"<addedByOrg>1</addedByOrg></GenAi")
    done = world.adopt()
    assert (done.code, done.outputs["commit"]) == (1, first), done.log


@pytest.mark.parametrize(
    ("spoil", "component", "words"),
    [
        ("missing", "Flow:Load_Context", "not in the org"),
        ("flow off", "Flow:Escalate_Case", "inactive in the org"),
        ("older flow", "Flow:Escalate_Case", "version 1 is active in the org, and version 2 is what was compared"),
        ("other version", "Bot:Support_Agent", "version 2, which is active in the org"),
    ],
)
def test_what_differs_is_named(world: AdoptionWorld, spoil: str, component: str, words: str) -> None:
    world.seed(files())
    world.deploy_elsewhere("HEAD")
    flows = world.org.flows.definitions
    if spoil == "missing":
        world.org.deployments.retrievals.remove(("Flow", "Load_Context"))
        del flows["Load_Context"]
    elif spoil == "flow off":
        flows["Escalate_Case"].active = None
    elif spoil == "older flow":
        world.org.flows.add("Escalate_Case", versions=2, active=1)
    else:
        world.org.records.bots["Support_Agent"].activate(2)
    done = world.adopt()
    assert (done.code, json.loads(done.outputs["differences"])) == (1, [component]), done.log
    assert words in done.log
    assert words in done.summary


def test_what_a_replacement_inserts_is_no_difference(world: AdoptionWorld) -> None:
    entry = {"filename": PROMPT, "stringToReplace": "%%TEXT%%", "replaceWithEnv": "MY_TEXT"}
    project = json.loads(files()["sfdx-project.json"]) | {"replacements": [entry]}
    release = files(prompt="at %%TEXT%% now") | {"sfdx-project.json": json.dumps(project).encode()}
    world.seed(release)
    world.deploy_elsewhere("HEAD")
    held = world.org.deployments.retrievals.files
    path = "genAiPromptTemplates/Support_Resolution.genAiPromptTemplate"
    held[path] = held[path].replace(b"%%TEXT%%", b"acme.example")
    assert world.adopt().code == 0
    held[path] = held[path].replace(b" now<", b" then<")
    world.github.deployments.clear()
    assert world.adopt().code == 1


def test_what_the_org_has_of_an_older_release_makes_that_one_equal(world: AdoptionWorld) -> None:
    before = files()
    without = {path: None for path in before if "Escalate" in path}
    short = before[MANIFEST].replace(b"    actions: [Escalate]\n", b"")
    first, _ = world.seed(before, {**without, MANIFEST: short})
    world.deploy_elsewhere(first)
    done = world.adopt()
    assert (done.code, done.outputs["commit"]) == (0, first), done.log


def test_a_commit_without_the_manifest_is_found_but_has_to_get_it_first(world: AdoptionWorld) -> None:
    release = files(prompt="early")
    manifest = {MANIFEST: release.pop(MANIFEST)}
    early, _ = world.seed(release, {**manifest, PROMPT: files(prompt="later")[PROMPT]})
    world.deploy_elsewhere(early)
    done = world.adopt()
    assert done.code == 2
    assert f"Commit {early[:12]} has no {MANIFEST}" in done.log
    assert world.records() == []
    git(world.desk.checkout, "push", "--quiet", f"file://{world.github.git_dir}", f"{early}:refs/heads/adopted")
    made = world.github.seed(manifest, "Manifest", branch="adopted")
    again = world.adopt("--commit", made)
    assert (again.code, again.outputs["commit"]) == (0, made), again.log
    plan = world.desk.run("plan", "production")
    assert (plan.code, plan.outputs["changed"], plan.outputs["live"]) == (0, "1", made), plan.log


def test_the_first_promotion_shows_real_changes_only_and_the_rollback_restores_the_commit(
    world: AdoptionWorld,
) -> None:
    (first,) = world.seed(files())
    world.deploy_elsewhere(first)
    assert world.adopt().code == 0
    second = world.github.seed({PROMPT: files(prompt="bad")[PROMPT]}, "Bad")
    world.check_out()
    plan = world.desk.run("plan", "production")
    assert (plan.outputs["changed"], plan.outputs["live"]) == ("1", first), plan.log
    deployed = world.desk.run("deploy", "production")
    assert (deployed.code, deployed.outputs["result"]) == (0, "deployed"), deployed.log
    (job,) = world.org.deployments.jobs.values()
    assert job.package
    assert set(job.package.files) == {"genAiPromptTemplates/Support_Resolution.genAiPromptTemplate"}
    rolled = world.desk.run("rollback", "production", "--reason", "It promises refunds")
    assert rolled.code == 0, rolled.log
    (pull,) = world.github.pulls
    restored = git(world.github.git_dir, "show", f"refs/heads/{pull.head}:{PROMPT}")
    assert restored == files()[PROMPT]
    world.github.merge(pull.number)
    world.check_out()
    promoted = world.desk.run("deploy", "production")
    assert (promoted.code, promoted.outputs["result"]) == (0, "deployed"), promoted.log
    held = world.org.deployments.retrievals.files["genAiPromptTemplates/Support_Resolution.genAiPromptTemplate"]
    assert (b">first<" in held, b">bad<" in held) == (True, False)
    assert [each.sha for each in world.records()[:2]] == [first, second]


def test_a_release_that_is_recorded_is_not_replaced(world: AdoptionWorld) -> None:
    first, second = world.seed(files(), files(prompt="second"))
    world.deploy_elsewhere(second)
    known = {"schema": 1, "release": "wave-2", "manifest": MANIFEST}
    world.github.deploy("production", first, payload=known)
    done = world.adopt()
    assert done.code == 2
    assert f"production has a record already: wave-2 ({first[:12]})" in done.log
    assert world.org.routes == []


@pytest.mark.parametrize(("status", "code"), [("failure", 0), ("in_progress", 2)])
def test_a_deployment_that_never_succeeded_is_no_record(world: AdoptionWorld, status: str, code: int) -> None:
    (first,) = world.seed(files())
    world.deploy_elsewhere(first)
    known = {"schema": 1, "release": "wave-2", "manifest": MANIFEST}
    world.github.deploy("production", first, payload=known, statuses=(status,))
    assert world.adopt().code == code


LEDGER = 5
"""Requests to GitHub: what is recorded, the same again, a deployment, and its two statuses."""


def api(world: AdoptionWorld) -> int:
    return len([each for each in world.github.routes if ".git/" not in each.path])


def test_the_crash_points_cover_the_whole_run(world: AdoptionWorld) -> None:
    world.seed(files())
    world.deploy_elsewhere("HEAD")
    before = api(world)
    assert world.adopt().code == 0
    assert api(world) - before == LEDGER


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(1, LEDGER + 1))
def test_killed_at_any_request_to_github_and_run_again_it_leaves_one_record(
    world: AdoptionWorld, k: int, when: Literal["before", "after"]
) -> None:
    world.seed(files())
    world.deploy_elsewhere("HEAD")
    world.github.crash_at(k, when=when)
    world.github.client = world.desk.start("adopt", "production", "--reason", "We start with wavegate")
    assert world.desk.finish(world.github.client).code == -9
    world.github.client = None
    world.desk.extra["GITHUB_RUN_ID"] = "4712"
    done = world.adopt()
    assert done.code == 0, done.log
    (record,) = world.records()
    assert statuses(record) == [
        ("in_progress", "Adopting what the org already runs"),
        ("success", "live: Support_Agent v3"),
    ]


STOP = 3
"""Requests that record the stop of an agent that is off: the acts, the act and its status."""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("k", range(LEDGER, LEDGER + STOP + 1))
def test_killed_while_it_records_that_an_agent_is_off_and_run_again_it_leaves_one_stop(
    world: AdoptionWorld, k: int, when: Literal["before", "after"]
) -> None:
    world.seed(files())
    world.deploy_elsewhere("HEAD")
    world.org.records.bots["Support_Agent"].activate(None)
    world.github.crash_at(k, when=when)
    world.github.client = world.desk.start("adopt", "production", "--reason", "We start with wavegate")
    assert world.desk.finish(world.github.client).code == -9
    world.github.client = None
    world.desk.extra["GITHUB_RUN_ID"] = "4712"
    assert world.adopt().code == 0
    assert len(world.records()) == len(recorded_acts(world.github, "production")) == 1
    assert {tuple(mark.state for mark in each.statuses) for each in world.github.deployments} == {
        ("in_progress", "success"),
        ("inactive",),
    }


def test_a_record_that_was_begun_of_another_commit_is_closed(world: AdoptionWorld) -> None:
    first, second = world.seed(files(), files(prompt="second"))
    world.deploy_elsewhere(first)
    world.github.faults.add("POST /graphql#CreateDeploymentStatus", skip=1, times=0, status=502)
    assert world.adopt().code == 4
    world.github.faults.clear()
    world.deploy_elsewhere(second)
    assert world.adopt().code == 0
    begun, record = world.records()
    assert (begun.sha, statuses(begun)[-1]) == (first, ("inactive", "Superseded by another run"))
    assert (record.sha, statuses(record)[-1]) == (second, ("success", "live: Support_Agent v3"))


def test_an_org_that_refuses_or_hides_something_is_not_compared(world: AdoptionWorld) -> None:
    (first,) = world.seed(files())
    world.deploy_elsewhere(first)
    retrievals = world.org.deployments.retrievals
    hidden = "You do not have the proper permissions to access Load_Context"
    retrievals.unreadable["Flow", "Load_Context"] = hidden
    done = world.adopt()
    assert done.code == 2
    assert hidden in done.log
    retrievals.unreadable.clear()
    retrievals.failure = ("UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: An unexpected error occurred")
    assert world.adopt().code == 4
    assert world.records() == []


def test_without_a_token_for_github_it_does_nothing(world: AdoptionWorld) -> None:
    world.seed(files())
    world.desk.extra = {}
    done = world.adopt()
    assert done.code == 2
    assert "GITHUB_TOKEN" in done.log
    assert world.org.routes == []
