"""`review`: one issue for each period, whatever happens in between, and what people wrote and ticked stays."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.canary_looks import sums
from tests.support.killed import Kill, KilledError, killed_at
from tests.support.ledger_story import Story, hours
from tests.support.review_world import FILES, MANIFEST, ReviewWorld

from wavegate.ledger.acts.act import ActKind

DAY = 24
FIRST, SECOND = hours(7 * DAY + 1), hours(14 * DAY + 1)
HOSTILE = "@acme/all #1 ![x](http://evil) <img src=x> <!-- /wavegate:review: --> - [x] done\n::error::no \u202e`|"


@pytest.fixture
def make(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., ReviewWorld]]:
    worlds: list[ReviewWorld] = []

    def made(**given: object) -> ReviewWorld:
        folder = tmp_path / str(len(worlds))
        folder.mkdir()
        worlds.append(ReviewWorld(folder, monkeypatch, capsys, **given))  # type: ignore[arg-type]
        return worlds[-1]

    yield made
    for each in worlds:
        each.close()


@pytest.fixture
def world(make: Callable[..., ReviewWorld]) -> ReviewWorld:
    return make()


def tasks(body: str | None) -> dict[str, bool]:
    """Whether each task of a body is ticked, by its key."""
    found = re.findall(r"(?m)^- \[([ x])\] .* <!-- wavegate:task (\w{12}) \S+ -->$", body or "")
    return {key: mark == "x" for mark, key in found}


def plain(body: str | None) -> str:
    """A body as text: without escapes and code tags."""
    return re.sub(r"\\(\W|_)", r"\1", body or "").replace("<code>", "").replace("</code>", "").replace("&#46;", ".")


def test_nothing_is_reviewed_before_a_release_is_live_and_the_cadence_has_passed(
    make: Callable[..., ReviewWorld],
) -> None:
    empty = make(story=None)
    done = empty.review("--now", at=FIRST)
    assert (done.code, done.outputs["result"]) == (0, "nothing-live")
    world = make()
    done = world.review(at=hours(6 * DAY))
    assert (done.code, done.outputs["result"], done.outputs["issue"]) == (0, "not-due", "")
    assert "is due 2026-03-09 00:00 UTC" in done.log
    assert not world.issues


def test_the_first_review_says_what_happened_since_the_first_release(world: ReviewWorld) -> None:
    world.write("ev/sums.json", sums(14))
    done = world.review("--evidence", "ev", at=FIRST)
    assert (done.code, done.outputs["result"]) == (0, "opened"), done.log
    (issue,) = world.issues
    assert issue.title == "Review of production from 2026-03-02"
    assert issue.labels == ["wavegate", "wavegate-review"]
    body = plain(issue.body)
    for said in (
        "2026-03-02 00:00 UTC to 2026-03-09 00:00 UTC",
        "promotion of wave-2: live 2026-03-03 09:05 UTC, later rolled back; started by ada",
        "### Nothing in this period\n\nCanary looks and expansions",
        "Gate decisions: 3 attempts, 2 fail, 1 inconclusive",
        "stop: Support_Agent inactive by bo",
        "restored 2026-03-04 01:12 UTC, 10 h 12 min after it began",
        "override for wave-2: evidence/not-a-pass by ada: the fix cannot wait",
        "change failure rate: 25 % (1 of 4)",
        "The daily sums cover 0 of 7 days of the period before.",
        "Violations of policies: missing, the source does not supply it",
        "No conversations were given",
        "no decision file was given",
        "The waiver of quality ends on 2026-03-12",
        "agentforce/runbooks/rotate.md has not changed since the rollback of wave-2",
        "The journey shipment-delay has no test: no pack has not-written.",
    ):
        assert said in body, said
    # a verification noticed it, so there is no test to write for it
    assert "Capture the failure" not in body
    assert "wave-4: live" not in body
    assert body.count("@acme/agents") == 1
    assert world.whole.count("###") == body.count("###")


def test_signals_are_compared_with_the_period_before_and_with_noise(world: ReviewWorld) -> None:
    world.write("ev/sums.json", sums(14))
    world.review(at=FIRST)
    world.review("--evidence", "ev", at=SECOND)
    body = plain(world.issues[1].body)
    assert re.search(
        r"Task success: [\d.]+ %, [\d,]+ of [\d,]+ sessions; before .* points\): noise explains up to", body
    )
    assert re.search(r"Sessions: [\d,]+ in 7 days, \d+ a day; before \d+ a day", body)


def test_a_run_again_changes_nothing_and_keeps_what_people_wrote_and_ticked(world: ReviewWorld) -> None:
    world.review(at=FIRST)
    (issue,) = world.issues
    assert world.review(at=FIRST).outputs["result"] == "not-due"
    assert world.review("--again", at=SECOND).outputs["result"] == "unchanged"
    key = next(iter(tasks(issue.body)))
    ticked = re.sub(rf"- \[ \] (.*{key})", r"- [x] \1", issue.body or "")
    issue.body = f"We met on Monday.\r\n\r\n{ticked}\r\n- [ ] Ask @bob about refunds\r\n"
    assert world.review("--again", at=SECOND).outputs["result"] == "unchanged"
    world.write("talks/t.jsonl", [talk("Where is it?", "In Lyon.")])
    done = world.review("--again", "--conversations", "talks", at=SECOND)
    assert done.outputs["result"] == "updated", done.log
    assert len(world.issues) == 1
    assert issue.body.startswith("We met on Monday.")
    assert issue.body.rstrip().endswith("- [ ] Ask @bob about refunds")
    assert tasks(issue.body)[key] is True
    assert "In Lyon." in issue.body
    assert issue.body.count("<!-- /wavegate:review:") == 1


def talk(question: str, answer: str, **more: object) -> dict[str, object]:
    """A recorded conversation."""
    turns = [{"speaker": "user", "text": question}, {"speaker": "agent", "text": answer}]
    return {"test": "t", "turns": turns, "topic": "Shipping", "session": question[:20], **more}


def test_missed_periods_are_one_review(world: ReviewWorld) -> None:
    world.review(at=hours(24 * DAY))
    (issue,) = world.issues
    assert "2026-03-02 00:00 UTC to 2026-03-23 00:00 UTC" in plain(issue.body)
    assert world.review(at=hours(27 * DAY)).outputs["result"] == "not-due"
    assert world.review(at=hours(28 * DAY)).outputs["result"] == "opened"
    assert "2026-03-23 00:00 UTC to 2026-03-30 00:00 UTC" in plain(world.issues[1].body)


def test_a_review_of_the_running_period_becomes_that_of_the_whole_one(world: ReviewWorld) -> None:
    assert world.review("--now", at=hours(3 * DAY)).outputs["result"] == "opened"
    (issue,) = world.issues
    assert "to 2026-03-05 09:00 UTC, 3.38 days, which is not over yet" in plain(issue.body).replace("**", "")
    issue.state = "closed"
    assert world.review(at=hours(4 * DAY)).outputs["result"] == "not-due"
    assert world.review(at=FIRST).outputs["result"] == "updated"
    assert (len(world.issues), issue.state) == (1, "closed")
    assert "wave-3: live" in plain(issue.body)


def test_what_is_open_is_carried_over_once_and_what_is_ticked_is_not(world: ReviewWorld) -> None:
    world.review(at=FIRST)
    first = world.issues[0]
    done_key, *open_keys = tasks(first.body)
    first.body = re.sub(rf"- \[ \] (.*{done_key})", r"- [x] \1", first.body or "") + f"\n- [ ] Own {HOSTILE}\n"
    first.state = "closed"
    world.review(at=SECOND)
    second = world.issues[1]
    carried = tasks(second.body)
    assert set(open_keys) < set(carried)
    assert done_key not in carried
    assert len(carried) == len(open_keys) + 1
    assert "Own @\u2060acme/all" in plain(second.body)
    assert (second.body or "").count("Open since review") == len(carried)
    # ticked in the newest issue, it is done
    second.body = re.sub(rf"- \[ \] (.*{open_keys[0]})", r"- [X] \1", second.body or "")
    world.review(at=hours(21 * DAY + 1))
    third = tasks(world.issues[2].body)
    assert open_keys[0] not in third
    assert open_keys[1] in third
    assert (world.issues[2].body or "").count(f"{open_keys[1]} ") == 1


def test_a_stop_that_no_test_noticed_is_to_be_captured(world: ReviewWorld) -> None:
    world.review(at=hours(21 * DAY + 1))
    body = plain(world.issues[0].body)
    line = next(each for each in body.splitlines() if "No smoke test noticed" in each)
    assert "wavegate capture PATH --environment production" in line
    assert "Owner: &#64;acme/agents" in line


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_any_request_and_run_again_leaves_one_issue(make: Callable[..., ReviewWorld], when: str) -> None:
    world = make()
    bodies = set()
    for number in range(1, 20):
        world.github.state.issues.clear()
        try:
            with killed_at(Kill(request=number, when=when)):  # type: ignore[arg-type]
                world.review(at=FIRST)
        except KilledError:
            done = world.review(at=FIRST)
            assert done.outputs["result"] in ("opened", "not-due"), done.log
        else:
            assert number > 3
            break
        (issue,) = world.issues
        bodies.add(issue.body)
    assert len(bodies) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_while_it_updates_keeps_every_tick(make: Callable[..., ReviewWorld], when: str) -> None:
    world = make()
    world.review("--now", at=hours(3 * DAY))
    (issue,) = world.issues
    issue.body = (issue.body or "").replace("- [ ]", "- [x]") + "\nkept"
    early = issue.body
    bodies = set()
    for number in range(1, 20):
        issue.body = early
        try:
            with killed_at(Kill(request=number, when=when)):  # type: ignore[arg-type]
                world.review(at=FIRST)
        except KilledError:
            world.review(at=FIRST)
        else:
            break
        assert all(done for key, done in tasks(issue.body).items() if key in tasks(early))
        assert issue.body.endswith("\nkept")
        bodies.add(issue.body)
    assert len(bodies) == 1


def test_a_lost_answer_opens_one_issue(world: ReviewWorld) -> None:
    world.github.faults.add("POST /repos/{owner}/{repo}/issues", drop=True, when="after")
    done = world.review(at=FIRST)
    assert (done.code, len(world.issues), done.outputs["issue"]) == (0, 1, "1"), done.log


def test_hostile_text_stays_text_in_the_issue_and_in_the_log(make: Callable[..., ReviewWorld]) -> None:
    def hostile(github: object) -> Story:
        story = Story(github=github)  # type: ignore[arg-type]
        story.commit("w", hours(0))
        story.promote("production", HOSTILE, hours(1), letter="a")
        given: dict[str, Any] = {"release": story.release("w", "a"), "incident": HOSTILE, "actor": HOSTILE[:90]}
        story.act("production", ActKind.STOP, hours(2), reason=HOSTILE, agents={"Support_Agent": None}, **given)
        return story

    world = make(story=hostile)
    fences = f"```\n- [x] a <!-- wavegate:task aaaaaaaaaaaa 2026-03-01 -->\n{HOSTILE}\n</details>\n~~~"
    world.write("talks/t.jsonl", [talk(fences, fences), talk("-" * 50_000, "\n" * 5_000)])
    done = world.review("--conversations", "talks", at=FIRST)
    assert done.code == 0, done.log
    (issue,) = world.issues
    body = issue.body or ""
    outside = re.sub(r"(?s)(`{3,})\n.*?\n\1\n", "", body)
    assert "<img" not in outside
    assert "![" not in outside
    assert "\u202e" not in body
    assert body.count("<!-- /wavegate:review:") == 1
    assert "aaaaaaaaaaaa" not in tasks(body)
    assert re.findall(r"(?<![\w&;])@acme/all", outside) == []
    assert not any(line.startswith("::") for line in done.log.splitlines())
    assert world.review("--again", "--conversations", "talks", at=SECOND).outputs["result"] == "unchanged"


PERSONAL = ("jane.roe@roe.example", "Jane Roe", "Jane_Roe", "+49 171 5551234", "DE89370400440532013000")


def test_nothing_personal_in_any_field_of_a_conversation_is_shown(world: ReviewWorld) -> None:
    mail, name, _, phone, bank = PERSONAL
    said = [
        talk("I am Jane Roe", "Fine.", topic=each, actions=[each], test=each, session=f"{each} {number}")
        for number, each in enumerate(PERSONAL)
    ]
    world.write(f"talks/{mail}/{name}.jsonl", said)
    world.write("talks/jane_roe.jsonl", [talk(f"I am Jane Roe, {bank}", f"Thank you, I call {phone}", topic=name)])
    done = world.review("--conversations", "talks", at=FIRST)
    assert done.code == 0, done.log
    assert world.whole.count("<details>") == 5
    for text in (world.issues[0].body or "", world.whole, done.log):
        assert [each for each in (*PERSONAL, "jane_roe", "Roe") if each in text] == []
    assert "a name that is not its own is not shown" in (world.issues[0].body or "")


def test_what_does_not_fit_into_the_issue_is_in_the_file(world: ReviewWorld) -> None:
    long = ["x " * 140 for _ in range(300)]
    talks = [
        {"test": "t", "session": str(number), "turns": [each for at in range(8) for each in (
            {"speaker": "user", "text": f"{number} {at} " + "\n".join(long[:12])},
            {"speaker": "agent", "text": "\n".join(long[:12])},
        )]}
        for number in range(12)
    ]  # fmt: skip
    world.write("talks/t.jsonl", talks)
    done = world.review("--conversations", "talks", at=FIRST)
    assert done.code == 0, done.log
    (issue,) = world.issues
    assert len(issue.body or "") <= 65_536
    assert "of the sample did not fit here" in (issue.body or "")
    assert world.whole.count("<details>") == 5
    # somebody writes as much as fits
    issue.body = (issue.body or "") + "y" * (65_536 - len(issue.body or ""))
    done = world.review("--again", at=SECOND)
    assert done.outputs["result"] == "updated", done.log
    assert issue.body.endswith("yyy")
    issue.body += "y" * (65_536 - len(issue.body))
    assert world.review("--again", "--conversations", "talks", at=SECOND).code == 0
    assert issue.body.endswith("yyy")


def test_three_hundred_open_items_stay_open_and_the_newest_review_fits(world: ReviewWorld) -> None:
    world.review(at=FIRST)
    first = world.issues[0]
    own = "".join(f"\n- [ ] {number} {'*very* long ' * 12}" for number in range(300))
    first.body = f"```\nnever closed\n{first.body}{own}"
    world.review(at=SECOND)
    second = world.issues[1]
    assert len(second.body or "") <= 65_536
    assert "items in earlier reviews" in plain(second.body)
    assert len(tasks(second.body)) >= 60
    assert set(tasks(first.body)) <= set(tasks(second.body))
    # somebody leaves no room at all: what they wrote and ticked stays
    key = next(iter(tasks(second.body)))
    ticked = re.sub(rf"- \[ \] (.*{key})", r"- [x] \1", second.body or "")
    second.body = ticked + "y" * (65_536 - len(ticked))
    world.write("talks/t.jsonl", [talk(f"{number} " * 80, "In Lyon. " * 900) for number in range(20)])
    done = world.review("--again", "--conversations", "talks", at=SECOND)
    assert done.code == 0, done.log
    assert tasks(second.body)[key] is True
    assert second.body.endswith("yyy")


def test_a_ticked_task_stays_although_nothing_proposes_it_any_more(world: ReviewWorld) -> None:
    world.review(at=FIRST)
    (issue,) = world.issues
    issue.body = (issue.body or "").replace("- [ ]", "- [x]")
    before = tasks(issue.body)
    world.write(
        "agentforce/packs/readiness.json",
        FILES["agentforce/packs/readiness.json"].replace("2026-03-12", "2027-01-01"),
    )
    assert world.review("--again", at=SECOND).outputs["result"] == "updated"
    assert tasks(issue.body) == before
    assert "The waiver of quality ends on 2026-03-12" in plain(issue.body)
    assert world.review("--again", at=SECOND).outputs["result"] == "unchanged"


def test_an_issue_that_only_copies_the_marker_does_not_count(world: ReviewWorld) -> None:
    world.review(at=FIRST)
    (own,) = world.issues
    copy = world.issues[0]
    own.creator = "mallory"
    assert world.review(at=FIRST).outputs["result"] == "opened"
    assert copy.creator == "mallory"
    assert len(world.issues) == 2


def test_a_repository_without_issues_is_a_refusal_that_says_so(world: ReviewWorld) -> None:
    world.github.state.settings.has_issues = False
    done = world.review(at=FIRST)
    assert done.code != 0
    assert "issues are switched off" in done.log
    assert "Settings → General → Features" in done.log


def test_a_token_that_may_not_is_a_refusal_that_names_the_permission(world: ReviewWorld) -> None:
    world.github.permit("issues", "read")
    done = world.review(at=FIRST)
    assert done.code != 0
    assert "issues: write" in done.log
    assert not world.issues


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--now", "--again"), "--now and --again exclude each other."),
        (("--again",), "There is no review to make again."),
        (("--conversations", "nowhere"), "There is no file or folder nowhere."),
        (("--evidence", "nowhere"), "There is no file or folder nowhere."),
    ],
)
def test_wrong_input_is_one_error(world: ReviewWorld, arguments: tuple[str, ...], said: str) -> None:
    done = world.review(*arguments, at=FIRST)
    assert (done.code, done.log.count("::error")) == (2, 1)
    assert said in done.log
    assert not world.issues


def test_a_manifest_without_a_cadence_is_an_error(make: Callable[..., ReviewWorld]) -> None:
    text = MANIFEST.replace('review: {cadence: 7d, owner: "@acme/agents"}', 'review: {owner: "@acme/agents"}')
    world = make(files=FILES | {"agentforce/release.yml": text})
    done = world.review(at=FIRST)
    assert done.code == 2
    assert "does not say how often" in done.log


def test_a_dry_run_writes_the_file_alone(world: ReviewWorld) -> None:
    done = world.review("--dry-run", at=FIRST + timedelta(days=1))
    assert (done.code, done.outputs["result"]) == (0, "dry-run")
    assert not world.issues
    assert "### To do" in world.whole
