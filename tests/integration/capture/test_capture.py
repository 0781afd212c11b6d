"""`wavegate capture`: one pull request for each set of failures, whatever happened before."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.capture_world import FILES, MANIFEST, PACK, REFUND, TEXT, CaptureWorld, recorded
from tests.support.rollback_world import git

FORBID = ("--forbid-action", "Issue_Refund")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CaptureWorld]:
    made = CaptureWorld(tmp_path)
    yield made
    made.close()


def test_a_failure_is_one_pull_request_with_a_test_that_shows_it(world: CaptureWorld) -> None:
    outputs = world.capture(*FORBID, "--reason", "Refunds above 500 need a *person*")
    (branch,), (pull,) = world.branches(), world.github.pulls
    (name,) = outputs["tests"].split(",")
    assert (outputs["result"], outputs["captured"], outputs["known"]) == ("opened", "1", "0")
    assert outputs["pull-request"] == str(pull.number)
    assert (branch, pull.head) == (outputs["branch"], outputs["branch"])
    files = world.files(branch)
    assert sorted(files) == [PACK, f"agentforce/transcripts/{name}.jsonl", f"specs/{definition(files)}-testSpec.yaml"]
    assert json.loads(files[PACK])["policies"] == {"never-issue-refund": {"forbiddenActions": ["Issue_Refund"]}}
    assert sorted([*pull.reviewers, *pull.team_reviewers]) == ["agents", "bo"]
    for said in (
        "> Refunds above 500 need a \\*person\\*",
        "the forbidden action Issue\\_Refund was called",
        "Reviewers: @acme/agents, @bo",
        "user: Give me my money back",
        "  → Issue_Refund",
        ", in a version that no trace names. agentforce\\-wave\\-3, live in production since",
        "has version 3",
        "- [ ] **Nobody can be recognized**",
        f"sf agent test create --spec specs/{definition(files)}-testSpec.yaml",
        "otherwise nothing is promoted",
    ):
        assert said in (pull.body or ""), said


def definition(files: dict[str, str]) -> str:
    """The definition of the only test in the pack's file."""
    (test,) = json.loads(files[PACK])["tests"]
    return str(test["definition"])


def test_what_is_merged_validates_and_replays_as_a_failure(world: CaptureWorld) -> None:
    outputs = world.capture()
    world.github.merge(world.github.pulls[0].number)
    git(world.checkout, "pull", "--quiet", f"file://{world.github.git_dir}", "main")
    root = {"WAVEGATE_VALIDATE_ROOT": str(world.checkout), "WAVEGATE_SMOKE_ROOT": str(world.checkout)}
    checked = world.run_command("validate", **root)
    assert checked.returncode == 0, checked.stdout
    assert PACK not in checked.stdout
    arguments = ("smoke", "production", "--pack", PACK, "--runner", "replay", "--runs", "1")
    observations = world.folder / "observations.jsonl"
    shown = world.run_command(
        *arguments, "--recorded", "agentforce/transcripts", "--output", str(observations), **root
    )
    assert shown.returncode == 0, shown.stdout
    (observation,) = map(json.loads, observations.read_text().splitlines())
    assert (observation["test"], observation["outcome"]) == (outputs["tests"], "fail")
    # it is known now, and so is the same in nearly the same words
    again = world.capture(*FORBID, conversations=REFUND.replace("money back", "money back!").replace("900", "20"))
    assert (again["result"], again["known"], again["captured"]) == ("known", "1", "0")
    assert len(world.github.pulls) == 1


def test_running_again_changes_nothing_and_moves_with_the_base(world: CaptureWorld) -> None:
    world.capture()
    (branch,), body = world.branches(), world.github.pulls[0].body
    commit = git(world.github.git_dir, "rev-parse", branch)
    world.github.seed({"README.md": b"two\n"}, "Unrelated")
    assert world.capture()["result"] == "unchanged"
    assert git(world.github.git_dir, "rev-parse", branch) == commit
    assert world.github.pulls[0].body == body
    pack = b'{"suite": "production-failures", "tests": ["older"], "passCriteria": {"minimumSuccessRate": 1}}\n'
    world.github.seed({PACK: pack}, "A pack of the same name")
    assert world.capture()["result"] == "updated"
    tests = json.loads(world.files(branch)[PACK])["tests"]
    assert tests[0] == "older"
    assert (len(tests), len(world.github.pulls)) == (2, 1)


def test_forty_conversations_are_one_test_with_the_most_typical_one(world: CaptureWorld) -> None:
    usual = "please refund order {} to my card today"
    odd = "please refund order {} to my card today or i will call a lawyer"
    said = [odd, *[usual] * 38, odd]
    many = [
        recorded(text.format(1000 + index), "Refunded.", session=f"s-{index}", actions=["Issue_Refund"])
        for index, text in enumerate(said)
    ]
    other = recorded("cancel everything at once", "Refunded.", session="x", actions=["Issue_Refund"])
    outputs = world.capture(*FORBID, conversations="\n".join([*many, other]))
    assert (outputs["captured"], outputs["conversations"]) == ("2", "41")
    body = world.github.pulls[0].body or ""
    assert "Seen in 40 conversations, of which this is the most typical one." in body
    assert "Seen in 1 conversation." in body
    assert "lawyer" not in "".join(world.files(world.branches()[0]).values())


def test_what_an_open_pull_request_has_is_not_proposed_again(world: CaptureWorld) -> None:
    first = world.capture()
    nearly = REFUND.replace("Give me my money back", "Give me my money back now")
    known = world.capture(*FORBID, conversations=nearly)
    assert (known["result"], known["pull-request"]) == ("known", first["pull-request"])
    other = recorded("Something else entirely went wrong", "Refunded.", session="x", actions=["Issue_Refund"])
    second = world.capture(*FORBID, conversations=f"{nearly}\n{other}")
    assert (second["result"], second["captured"], second["known"]) == ("opened", "1", "1")
    assert f"testSpec&#46;yaml in #{first['pull-request']}" in (world.github.pulls[1].body or "")
    assert len(world.branches()) == 2


def test_a_person_who_closes_it_has_decided(world: CaptureWorld) -> None:
    world.capture()
    world.github.close(world.github.pulls[0].number, login="bo")
    outputs = world.capture()
    assert (outputs["result"], outputs["pull-request"]) == ("declined", "")
    assert len(world.github.pulls) == 1


def test_without_the_permission_an_issue_asks_for_the_pull_request(world: CaptureWorld) -> None:
    world.github.state.settings.actions_may_open_pulls = False
    outputs = world.capture()
    assert outputs["result"] == "issue"
    (issue,) = (each for each in world.github.issues if each not in world.github.pulls)
    assert outputs["issue-url"].endswith(str(issue.number))
    assert "to add the tests" in (issue.body or "")


def test_without_github_it_is_a_local_branch_or_a_folder(world: CaptureWorld) -> None:
    for result in ("local", "unchanged"):
        assert world.capture(*FORBID, "--local")["result"] == result
    (branch,) = git(world.checkout, "for-each-ref", "--format=%(refname:short)", "refs/heads/wavegate/").split()
    assert git(world.checkout, "status", "--porcelain") == ""
    written = git(world.checkout, "show", f"{branch}:{PACK}")
    assert world.capture(*FORBID, "--output", str(world.folder / "out"))["result"] == "written"
    assert (world.folder / "out" / PACK).read_text() == written
    assert git(world.checkout, "status", "--porcelain") == ""
    assert (world.branches(), world.github.routes) == ([], [])


def test_a_file_of_somebody_else_is_not_written_over(world: CaptureWorld) -> None:
    other = world.folder / "out" / PACK
    other.parent.mkdir(parents=True)
    other.write_text("mine")
    done = world.run(*FORBID, "--output", str(world.folder / "out"))
    assert done.returncode == 2
    assert f"{PACK} exists in the folder" in done.stdout
    assert [each for each in (world.folder / "out").rglob("*") if each.is_file()] == [other]
    assert other.read_text() == "mine"


def test_no_failure_is_a_result_unless_something_was_not_read(world: CaptureWorld) -> None:
    outputs = world.capture("--condition", "personal-data")
    assert (outputs["result"], outputs["captured"], outputs["branch"]) == ("none", "0", "")
    assert "None of 1 conversation meets a condition" in (world.folder / "summary").read_text()
    assert world.capture("--condition", "personal-data", "--local")["result"] == "none"
    done = world.run("--condition", "personal-data", conversations=f"{REFUND}\n{{oops")
    assert (done.returncode, "not everything could be read" in done.stdout) == (2, True)
    assert (world.branches(), world.github.pulls) == ([], [])


def test_conversations_without_a_record_of_actions_are_not_free_of_failures(world: CaptureWorld) -> None:
    turns = [{"speaker": "user", "text": "Refund me"}, {"speaker": "agent", "text": "Done."}]
    silent = json.dumps({"test": "recorded", "session": "s-9", "turns": turns})
    done = world.run(*FORBID, conversations=silent)
    assert done.returncode == 2
    assert "1 of them do not record what would show one" in done.stdout
    mixed = world.run(*FORBID, "--dry-run", conversations=f"{silent}\n{REFUND}")
    assert mixed.returncode == 0
    assert "1 conversation without a record of what would show a failure." in mixed.stdout


def test_a_dry_run_changes_nothing(world: CaptureWorld) -> None:
    assert world.capture(*FORBID, "--dry-run")["result"] == "dry-run"
    assert (world.branches(), world.github.pulls) == ([], [])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Nothing says which of the conversations failed"),
        (("--expect-action", "Escalate"), "Nothing says which of the conversations failed"),
        (("--session", "s-9", "--expect-action", "Escalate"), "None of the named sessions"),
        (
            ("--session", "s-1", "--expect-action", "Issue_Refund"),
            "a test that passes on what happened proves nothing",
        ),
        (("--session", "s-1"), "a test that passes on what happened proves nothing"),
        (("--condition", "escalation"), "An escalation alone says nothing"),
        (("--policy", "unheard-of"), "No pack has the policy `unheard-of`"),
        (("--must-not-say", "refunded ("), "invalid regular expression"),
        ((*FORBID, "--pack", "../packs/x.json"), "is not the path of a smoke pack"),
        ((*FORBID, "--owner", "ada"), "is not a user or team"),
        ((*FORBID, "--environment", "staging"), "The manifest has no environment staging"),
    ],
)
def test_a_refusal_says_what_to_do_and_writes_nothing(
    world: CaptureWorld, arguments: tuple[str, ...], message: str
) -> None:
    done = world.run(*arguments)
    assert done.returncode == 2, done.stdout
    assert message in done.stdout
    assert (world.branches(), world.github.pulls) == ([], [])


def test_a_program_runs_the_test_again_now(world: CaptureWorld) -> None:
    program = world.folder / "agent.py"
    program.write_text(
        "import json, os, pathlib\n"
        "spec = next(pathlib.Path(os.environ['WAVEGATE_CAPTURED_FILES']).glob('specs/*')).read_text()\n"
        "assert 'Give me my money back' in spec\n"
        "turns = [{'speaker': 'agent', 'text': 'No.'}]\n"
        "print(json.dumps({'test': os.environ['WAVEGATE_RUN_TEST'], 'turns': turns, 'actions': ['Issue_Refund']}))\n"
    )
    again = ("--command", "python3", "--command", str(program))
    world.capture(*FORBID, *again)
    assert "Run again now, the test **fails**." in (world.github.pulls[0].body or "")
    program.write_text(program.read_text().replace("['Issue_Refund']", "[]"))
    assert world.capture(*FORBID, *again)["result"] == "updated"
    assert "Run again now, the test **passes**" in (world.github.pulls[0].body or "")
    program.write_text("raise SystemExit(1)")
    world.capture(*FORBID, *again)
    assert "gave no result" in (world.github.pulls[0].body or "")


def test_a_pack_that_cannot_be_edited_is_refused_with_its_line(tmp_path: Path) -> None:
    pack = "agentforce/packs/shared.yml"
    shared = (
        "suite: shared\ntests: &all [a]\npolicies: {p: {mustMatch: *all}}\npassCriteria: {minimumSuccessRate: 1}\n"
    )
    world = CaptureWorld(tmp_path, files={**FILES, pack: shared.encode()})
    done = world.run(*FORBID, "--pack", pack)
    assert done.returncode == 2, done.stdout
    assert f"The tests cannot be added to {pack}: line 2" in done.stdout
    assert (world.branches(), world.github.pulls) == ([], [])
    world.close()


def test_the_environment_is_the_last_one_of_the_base_branch(world: CaptureWorld) -> None:
    manifest = TEXT + "  - name: partners\n"
    world.github.seed({MANIFEST: manifest.encode()}, "Another environment")
    world.capture()
    assert "GitHub records no release there" in (world.github.pulls[0].body or "")
    assert "failures in partners" in (world.github.pulls[0].body or "")


def test_a_suite_of_another_file_is_not_written_twice(tmp_path: Path) -> None:
    other = "agentforce/packs/other.yml"
    pack = b"suite: production-failures\ntests: [a]\npassCriteria: {minimumSuccessRate: 1}\n"
    world = CaptureWorld(tmp_path, files={**FILES, other: pack})
    done = world.run(*FORBID)
    assert (done.returncode, f"--pack {other}" in done.stdout, world.branches()) == (2, True, [])
    assert world.capture(*FORBID, "--pack", other)["result"] == "opened"
    assert world.files(world.branches()[0])[other].startswith("suite: production-failures\ntests: [a, {")
    world.close()


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_request_and_run_again_ends_in_the_same_pull_request(tmp_path: Path, when: str) -> None:
    def end(made: CaptureWorld) -> list[object]:
        pulls = [
            (each.head, each.title, each.state, each.reviewers, each.team_reviewers) for each in made.github.pulls
        ]
        return [pulls, [made.files(branch) for branch in made.branches()]]

    def make(name: str) -> CaptureWorld:
        (tmp_path / name).mkdir()
        return CaptureWorld(tmp_path / name)

    whole = make("whole")
    before = len(whole.github.routes)
    whole.capture()
    wanted, requests = end(whole), len(whole.github.routes) - before
    whole.close()
    assert 6 <= requests <= 12
    for k in range(1, requests + 1):
        world = make(str(k))
        world.github.crash_at(k, when=when)  # type: ignore[arg-type]
        assert world.run(*FORBID).returncode == -9, k
        world.capture()
        assert end(world) == wanted, k
        world.close()
