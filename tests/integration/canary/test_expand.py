"""`wavegate expand`: one pull request for each step, whatever happened before."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.doubles.github.rest import deployments
from tests.doubles.github.state import Status
from tests.support.expand_world import FILES, FLOW_PATH, MANIFEST, TEXT, ExpandWorld
from tests.support.rollback_world import PROMPTS, git, prompt

from wavegate.ledger.canary_entry import LookVerdict

NEW_LINES = "      - service-ops-supervisors   # two people\n      - tier2-support\n      - web-10\n"
STEP_TWO = TEXT.replace("      - service-ops-supervisors   # two people\n", NEW_LINES)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ExpandWorld]:
    made = ExpandWorld(tmp_path)
    yield made
    made.close()


def test_a_step_is_one_pull_request_that_changes_its_lines_and_its_flow(world: ExpandWorld) -> None:
    outputs = world.expand()
    (branch,), (pull,) = world.branches(), world.github.pulls
    assert branch == f"wavegate/expand/production/agentforce-wave-3-{world.content[:12]}-step-2" == pull.head
    assert world.differing("main", branch) == {MANIFEST, FLOW_PATH}
    assert world.file(branch) == STEP_TWO
    assert world.file(branch, FLOW_PATH) == world.file("main", FLOW_PATH).replace(">0.0<", ">10.0<")
    assert (outputs["result"], outputs["step"], outputs["cohorts"]) == ("opened", "2", "tier2-support,web-10")
    assert outputs["pull-request"] == str(pull.number)
    assert pull.title == "Expand agentforce-wave-3 in production to step 2 of 3"
    assert sorted([*pull.reviewers, *pull.team_reviewers]) == ["ada", "agents"]
    body = pull.body or ""
    for said in (
        "86\\.0 % \\*at any time\\*",
        "| Task success | 86 % ",
        "members of the group <code>Tier2&#95;Support</code>",
        "the flow <code>Route&#95;Support</code> leads conversations to the copy",
        "- [ ] **Support is ready** for more people, and takes their escalations: @acme/tier2. Trained: nobody",
        "<code>docs/runbook&#46;md</code>",
        "Nothing merges this pull request automatically.",
    ):
        assert said in body, said
    # the claim is text: it mentions nobody
    assert body.count("@acme/tier2") == 1


def test_running_again_changes_nothing(world: ExpandWorld) -> None:
    world.expand()
    head, body = world.branches(), world.github.pulls[0].body
    commit = git(world.github.git_dir, "rev-parse", head[0])
    assert world.expand()["result"] == "unchanged"
    assert (world.branches(), world.github.pulls[0].body) == (head, body)
    assert git(world.github.git_dir, "rev-parse", head[0]) == commit
    assert len(world.github.pulls) == 1


@pytest.mark.parametrize("verdict", ["hold", "rollback"])
def test_a_decision_does_not_count_once_a_later_look_decided_otherwise(
    world: ExpandWorld, verdict: LookVerdict
) -> None:
    world.looked(4, "expand")
    world.looked(5, verdict)
    done = world.run(decision=world.decision())
    assert (done.returncode, world.outputs()["result"], world.branches()) == (0, "waiting", []), done.stdout
    assert f"Look 5 decided {verdict}, and the decision to expand is of look 4." in done.stdout
    # of two looks at the same time, one of which would not expand
    world.looked(6, "expand")
    world.looked(6, verdict)
    world.run(decision=world.decision(looks=6))
    assert (world.outputs()["result"], world.branches()) == ("waiting", [])


def test_looks_that_agree_are_older_or_decide_nothing_do_not_hold_a_step(world: ExpandWorld) -> None:
    world.looked(3, "hold")
    world.looked(4, "expand")
    world.looked(5, "rollback", dry_run=True)
    assert world.expand()["result"] == "opened"


def test_a_person_may_expand_in_spite_of_a_later_look(world: ExpandWorld) -> None:
    world.looked(5, "hold")
    more = {"GITHUB_EVENT_NAME": "workflow_dispatch"}
    done = world.run("--reason", "We have seen enough.", decision=world.decision(), **more)
    assert (done.returncode, world.outputs()["result"]) == (0, "opened"), done.stdout


def test_what_moves_on_the_base_is_kept_and_what_does_not_matter_moves_nothing(world: ExpandWorld) -> None:
    world.expand()
    (branch,) = world.branches()
    commit = git(world.github.git_dir, "rev-parse", branch)
    world.github.seed({"README.md": b"two\n"}, "Unrelated")
    assert world.expand()["result"] == "unchanged"
    assert git(world.github.git_dir, "rev-parse", branch) == commit
    renamed = TEXT.replace("# wave 3, step by step", "# wave 3, slowly")
    world.github.seed({MANIFEST: renamed.encode()}, "A comment")
    assert world.expand()["result"] == "updated"
    assert world.file(branch) == STEP_TWO.replace("step by step", "slowly")
    assert world.differing("main", branch) == {MANIFEST, FLOW_PATH}
    assert len(world.github.pulls) == 1


def test_an_edit_of_a_person_on_the_branch_stays(world: ExpandWorld) -> None:
    world.expand()
    (branch,) = world.branches()
    edited = STEP_TWO.replace("      - web-10\n", "")
    world.github.seed({MANIFEST: edited.encode()}, "Not yet web-10", branch=branch)
    assert world.expand()["result"] == "unchanged"
    assert world.file(branch) == edited


def test_a_person_who_closes_it_has_decided_and_an_app_has_not(world: ExpandWorld) -> None:
    world.expand()
    (pull,) = world.github.pulls
    world.github.close(pull.number, login="bo")
    outputs = world.expand()
    assert outputs["result"] == "declined"
    assert f"#{pull.number}" in outputs["why"]
    assert "by bo" in outputs["why"]
    assert [each.state for each in world.github.pulls] == ["closed"]
    pull.closed_by = "github-actions[bot]"
    assert world.expand()["result"] == "opened"
    assert [each.state for each in world.github.pulls] == ["closed", "open"]


def test_a_merged_step_waits_for_its_promotion_and_the_last_one_releases_to_everybody(world: ExpandWorld) -> None:
    world.expand()
    merged = world.github.merge(world.github.pulls[0].number)
    outputs = world.expand()
    assert outputs["result"] == "waiting"
    assert "not promoted yet" in outputs["why"]
    assert len(world.github.pulls) == 1
    content = world.content_of(merged)
    cohorts = ["service-ops-supervisors", "tier2-support", "web-10"]
    world.release(merged, "agentforce-wave-3", content=content, cohorts=cohorts, step=2)
    # the look before it was about two other cohorts
    assert world.expand()["result"] == "waiting"
    done = world.run(decision=world.decision(content=content, step=2))
    assert done.returncode == 0, done.stdout
    (_, last) = world.github.pulls
    assert last.title == "Expand agentforce-wave-3 in production to everybody"
    assert "**This step waits for a person:**" in (last.body or "")
    expected = STEP_TWO.replace("rollout: canary ", "rollout: all-at-once ")
    assert world.file(last.head) == expected
    # the routing flow leads everybody to the live agent again, as the live release has it
    assert ">0.0<" in world.file(last.head, FLOW_PATH)


def test_pull_requests_of_a_pilot_that_was_rolled_back_are_closed(world: ExpandWorld) -> None:
    world.expand()
    (pull,) = world.github.pulls
    assert world.run("--close-only").returncode == 0
    assert pull.state == "open"
    (pilot,) = (each for each in world.github.deployments if each.id == world.pilot)
    state = world.github.state
    deployments.add_status(
        state, pilot, Status(id=state.next_id(), state="failure", creator="ada", created_at=state.now())
    )
    assert world.run("--close-only").returncode == 0
    assert (pull.state, world.outputs()["closed"]) == ("closed", str(pull.number))
    assert [("rolled back" in each.body, "Do not merge it" in each.body) for each in pull.comments] == [(True, True)]
    assert world.run("--close-only").returncode == 0
    assert world.outputs()["closed"] == ""


def test_another_release_on_the_base_waits(world: ExpandWorld) -> None:
    changed = {f"{PROMPTS}/support_resolution_v5.genAiPromptTemplate-meta.xml": prompt("newer")}
    world.github.seed(changed, "Wave 4")
    outputs = world.expand()
    assert outputs["result"] == "waiting"
    assert "another release" in outputs["why"]
    assert world.github.pulls == []


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        ({"verdict": "hold"}, 2, "The decision is hold, not expand"),
        ({"verdict": "rollback"}, 2, "The decision is rollback, not expand"),
        ({"dry_run": True}, 2, "dry run"),
        ({"environment": "uat"}, 2, "about the environment uat"),
        ({"stage": "health"}, 2, "health of a release"),
        ({"content": "f" * 64}, 0, "about another release"),
        ({"step": 2}, 0, "about step 2, but the pilot is at step 1"),
    ],
)
def test_only_a_decision_to_expand_this_pilot_counts(
    world: ExpandWorld, more: dict[str, object], code: int, message: str
) -> None:
    if "stage" in more:
        text = world.decision().read_bytes().replace(b'"stage": "canary"', b'"stage": "health"')
        path = world.folder / "decision.json"
        path.write_bytes(text)
    else:
        path = world.decision(**more)  # type: ignore[arg-type]
    done = world.run(decision=path)
    assert done.returncode == code, done.stdout
    assert message in done.stdout
    assert world.github.pulls == []
    assert world.branches() == []


def test_an_edited_decision_is_refused(world: ExpandWorld) -> None:
    process = world.run("--digest", "0" * 64, "--decision", str(world.decision()))
    assert process.returncode == 2
    assert "The decision was changed" in process.stdout


def test_a_person_may_expand_with_a_reason_and_only_in_a_run_that_they_started(world: ExpandWorld) -> None:
    refused = world.run("--reason", "urgent")
    assert refused.returncode == 2
    assert "counts only in a run that a person started" in refused.stdout
    assert world.run().returncode == 2
    dispatched = {"GITHUB_EVENT_NAME": "workflow_dispatch", "GITHUB_TRIGGERING_ACTOR": "bo"}
    path = world.decision(verdict="hold")
    done = world.run("--reason", "urgent *fix*", decision=path, **dispatched)
    assert done.returncode == 0, done.stdout
    (pull,) = world.github.pulls
    assert "**Expanded by <code>bo</code> in spite of the latest look:** urgent \\*fix\\*" in (pull.body or "")


def test_an_alias_that_shares_the_cohorts_is_refused_with_its_line(tmp_path: Path) -> None:
    shared = TEXT.replace("    pilotUsers:\n", "    pilotUsers: &pilots\n").replace(
        "- {cohorts: [service-ops-supervisors]}", "- {cohorts: *pilots}"
    )
    world = ExpandWorld(tmp_path, files={**FILES, MANIFEST: shared.encode()})
    done = world.run(decision=world.decision())
    assert done.returncode == 2
    assert "line 15" in done.stdout
    assert "&pilots" in done.stdout
    assert (world.branches(), world.github.pulls) == ([], [])
    world.close()


def test_without_github_it_is_a_local_branch(world: ExpandWorld) -> None:
    arguments = ("--local", "--decision", str(world.decision()))
    for result in ("local", "unchanged"):
        done = world.run(*arguments)
        assert done.returncode == 0, done.stdout
        assert world.outputs()["result"] == result
    (branch,) = git(world.checkout, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate/").split()
    assert git(world.checkout, "show", f"{branch}:{MANIFEST}") == STEP_TWO
    assert git(world.checkout, "status", "--porcelain") == ""
    assert world.github.pulls == []


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_request_and_run_again_ends_in_the_same_pull_request(tmp_path: Path, when: str) -> None:
    def end(made: ExpandWorld) -> list[object]:
        pulls = [
            (each.head, each.title, each.state, each.reviewers, each.team_reviewers) for each in made.github.pulls
        ]
        return [pulls, [made.file(branch) for branch in made.branches()], len(made.branches())]

    def make(name: str) -> ExpandWorld:
        (tmp_path / name).mkdir()
        return ExpandWorld(tmp_path / name)

    whole = make("whole")
    before = len(whole.github.routes)
    whole.expand()
    wanted, requests = end(whole), len(whole.github.routes) - before
    whole.close()
    assert 6 <= requests <= 12
    for k in range(1, requests + 1):
        world = make(str(k))
        path = world.decision()
        world.github.crash_at(k, when=when)  # type: ignore[arg-type]
        assert world.run(decision=path).returncode == -9, k
        world.expand()
        assert end(world) == wanted, k
        world.close()
