"""The rollback as people read it: hostile text stays inert, nothing is too long, nothing important is missing."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest
from tests.support.hostile import HOSTILE

from wavegate.git.tree import TreeChange
from wavegate.github.proposed import ProposalOutcome, Proposed
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import OpenStop
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.report.pull_request import body, brief, title
from wavegate.rollback.report.run import lines, summary
from wavegate.rollback.report.sections import BODY_LIMIT
from wavegate.rollback.values import Pages, Result, Rollback, RollbackPlan
from wavegate.text import code

PLAN = RollbackPlan(
    restored=("a.json", "b.json"),
    deleted=("c.json",),
    conflicts=("d.json",),
    changes=(TreeChange(path="c.json", entry=None),),
    unchanged=7,
)
GITHUB = "https://github.com/acme/agents"
OPENED = Proposed(outcome=ProposalOutcome.OPENED, number=1, url=f"{GITHUB}/pull/1")
GOOD, BAD = "a" * 40, "b" * 40


def stop(text: str = "ada", *, version: int | None = None, target: str = "") -> OpenStop:
    act = Act(
        kind=ActKind.STOP,
        time=datetime(2026, 11, 27, 3, 12, tzinfo=UTC),
        actor=text,
        reason=text,
        run=f"{GITHUB}/actions/runs/7",
        target=ReleaseId(name="wave-2", commit=target) if target else None,
    )
    return OpenStop(agent="Support_Agent", version=version, act=act)


def rollback(text: str = "text", *, plan: RollbackPlan = PLAN, owners: tuple[str, ...] = ()) -> Rollback:
    return Rollback(
        environment=text,
        bad=ReleaseRef(commit=BAD, name=text, run=text),
        good=ReleaseRef(commit=GOOD, name=text, agents={text: text}),
        base=text,
        branch="wavegate/rollback/x/b-to-a",
        plan=plan,
        reason=text,
        incident=text,
        restored=(text,),
        checklist=(text,),
        owners=owners,
        notes=(text,),
    )


def night() -> Rollback:
    """A rollback as a workflow opens it at night."""
    return Rollback(
        environment="production",
        bad=ReleaseRef(commit=BAD, name="wave-3", agents={"Support_Agent": "v3"}, run=f"{GITHUB}/actions/runs/3"),
        good=ReleaseRef(commit=GOOD, name="wave-2", agents={"Support_Agent": "v2"}, run=f"{GITHUB}/actions/runs/2"),
        base="main",
        branch="wavegate/rollback/production/b-to-a",
        plan=replace(PLAN, conflicts=()),
        fast_lane=True,
        pages=Pages(
            repository=GITHUB,
            run=f"{GITHUB}/actions/runs/7",
            kill_switch=f"{GITHUB}/actions/workflows/wavegate-disable.yml",
            promotion=f"{GITHUB}/actions/workflows/wavegate-release.yml",
        ),
    )


def test_a_pilot_is_stopped_by_its_copies_and_nobody_says_that_all_agents_are() -> None:
    pilot = replace(night(), bad=ReleaseRef(commit=BAD, name="wave-3", copies=("Support_Agent_Pilot",)))
    shown = result(pilot, name="dry-run")
    assert "Stop the agents (Support_Agent_Pilot)" in "\n".join(lines(shown))
    unknown = result(replace(pilot, bad=ReleaseRef(commit=BAD, name="wave-3")), name="dry-run")
    assert "Stop the agents if they must not answer" in "\n".join(lines(unknown))


def result(shown: Rollback, *, name: str = "opened", proposed: Proposed | None = None) -> Result:
    return Result(name=name, rollback=shown, proposed=proposed)


def columns(markdown: str) -> list[int]:
    """How many bars each row of a table has."""
    return [len(re.findall(r"(?<!\\)\|", line)) for line in markdown.splitlines() if line.startswith("|")]


def every(text: str) -> RollbackPlan:
    return RollbackPlan(restored=(text,), deleted=(text,), conflicts=(text,), changes=PLAN.changes)


def words(markdown: str) -> str:
    """The Markdown without its escapes."""
    return markdown.replace("\\", "")


def state(shown: Rollback) -> str:
    """The paragraph below the heading: which agents answer now."""
    return words(body(shown, checks_run=True)).split("\n\n")[1]


def steps(markdown: str) -> list[str]:
    """The numbered steps."""
    return [line for line in unescape(words(markdown)).splitlines() if re.match(r"\d\. ", line)]


def test_the_first_words_say_what_is_live_and_then_what_to_do_in_order() -> None:
    assert state(night()) == (
        "**wave-3 is live in production** and its agents answer until this pull request is merged and promoted."
    )
    stop_it, start, merge, approve = steps(body(night(), checks_run=False))
    page = f"{GITHUB}/actions/workflows/wavegate-disable.yml"
    assert stop_it.startswith(
        "1. **Stop the agents (Support_Agent)** if they must not answer until then: "
        f"[open the kill switch form](<{page}>)"
    )
    assert start.startswith("2. **Start the checks**")
    assert merge.startswith(
        "3. **Merge this pull request**. That starts "
        f"[the promotion](<{GITHUB}/actions/workflows/wavegate-release.yml>) to production, in the fast lane"
    )
    assert approve.startswith("4. **Approve the deployment**")
    assert len(steps(body(night(), checks_run=True))) == 3


def test_the_title_says_what_it_will_do_and_nothing_claims_that_it_is_done() -> None:
    assert title(night()) == "Roll back production to wave-2"
    text = "\n".join([body(night(), checks_run=True), summary(result(night(), proposed=OPENED))]).lower()
    for claim in ("rolled back", "| restored", "restored |", "has been"):
        assert claim not in text


def test_what_git_hub_has_a_page_for_is_linked() -> None:
    text = body(night(), checks_run=True)
    for page in (f"compare/{GOOD}...{BAD}", f"commit/{GOOD}", f"commit/{BAD}", "actions/runs/2", "actions/runs/3"):
        assert f"(<{GITHUB}/{page}>)" in text, page
    local = body(replace(night(), pages=Pages()), checks_run=True)
    assert "/commit/" not in local
    assert "/compare/" not in local
    linked = body(replace(night(), incident="https://acme.example/INC-7"), checks_run=True)
    assert "[acme.example/INC-7](<https://acme.example/INC-7>)" in words(linked)


def test_without_a_promotion_workflow_it_says_to_promote_the_merge_commit() -> None:
    shown = replace(night(), pages=Pages(repository=GITHUB), fast_lane=False)
    stop_it, merge, _ = steps(body(shown, checks_run=True))
    assert 'wavegate disable production --reason "…"' in stop_it
    assert merge == (
        "2. **Merge this pull request**, and promote the merge commit to production, with smoke tests and gate as "
        "for every release."
    )


def test_a_stopped_agent_comes_first_and_its_restart_is_the_last_step() -> None:
    off = replace(night(), stops=(stop(),))
    assert state(off).startswith("**Support_Agent is stopped** by ada on 2026-11-27 03:12 UTC ([run]")
    assert "It stays stopped after the merge, until somebody restarts it." in state(off)
    assert "Everything else of wave-3, such as its prompts, flows and Apex, stays live in production" in state(off)
    merge, _, restart = steps(body(off, checks_run=True))
    assert merge.startswith("1. **Merge")
    assert restart.startswith("3. **Restart Support_Agent** once the promotion is done: ")
    assert 'wavegate enable production --agent Support_Agent --reason "…"' in restart
    form = f"{GITHUB}/actions/workflows/wavegate-enable.yml"
    linked = steps(body(replace(off, pages=replace(off.pages, restart=form)), checks_run=True))
    assert f"[open the restart form](<{form}>)" in linked[-1]
    two = replace(off, bad=replace(night().bad, agents={"Support_Agent": "v3", "Sales": "v1"}))
    assert steps(body(two, checks_run=True))[0].startswith("1. **Stop the agents that are still on (Sales)**")


def test_versions_that_were_put_back_are_said_with_who_did_it() -> None:
    shown = replace(night(), stops=(stop(version=2, target=GOOD),))
    assert state(shown).startswith(
        "**The agent versions of wave-2 are active again:** Support_Agent v2, activated by ada on"
    )
    assert "Everything else of wave-3, such as its prompts, flows and Apex, stays live" in state(shown)
    assert "kill switch form" in body(shown, checks_run=True)
    assert "Restart" not in body(shown, checks_run=True)
    other = state(replace(night(), stops=(stop(version=1, target="c" * 40),)))
    assert other.startswith("**Support_Agent is stopped at v1**")


def test_a_deployment_that_failed_is_not_called_live() -> None:
    first = state(replace(night(), was_live=False))
    assert first.startswith("**The deployment of wave-3 to production failed.** What it left there stays until")


def test_how_to_release_again_is_said_everywhere() -> None:
    for text in (body(night(), checks_run=True), summary(result(night())), "\n".join(lines(result(night())))):
        assert "o release again:" in words(text)
        assert "--withdraw" in words(text).replace("&#45;", "-")


def test_what_nobody_said_is_said_to_be_missing() -> None:
    unsaid = body(replace(rollback(), reason="", incident=""), checks_run=True)
    assert "- **Reason:** not given" in unsaid
    assert "- **Incident:** not given" in unsaid
    assert "not given" not in body(rollback(), checks_run=True)


def test_a_long_list_in_a_log_says_how_many_it_leaves_out() -> None:
    plan = RollbackPlan(restored=tuple(f"{number}.json" for number in range(1200)))
    logged = [line for line in lines(result(rollback(plan=plan))) if "to restore: " in line]
    assert logged[-1] == f"  to restore: … and {1200 - len(logged) + 1:,} more"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    hostile = replace(rollback(text, plan=every(text)), stops=(stop(text), stop(text, version=2, target=GOOD)))
    harmless = replace(rollback("text", plan=every("text")), stops=(stop(), stop(version=2, target=GOOD)))
    # without an incident there is no heading
    hostile = replace(hostile, incident=text or "text")
    shown, calm_one = (
        replace(result(each, proposed=replace(OPENED, notes=(note,))), kept=(note,))
        for each, note in ((hostile, text), (harmless, "text"))
    )
    for markdown, calm in (
        (body(hostile, checks_run=True), body(harmless, checks_run=True)),
        (brief(hostile), brief(harmless)),
        (summary(shown), summary(calm_one)),
    ):
        assert len(markdown.splitlines()) == len(calm.splitlines())
        for tag in ("<script", "<img", "<!--"):
            assert tag not in markdown
        assert not re.search(r"(?<![\w&;])@[A-Za-z0-9]", markdown)
        assert columns(markdown) == columns(calm)
    for line in lines(shown):
        assert "\n" not in line
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    name = title(hostile)
    assert not re.search(r"@\w|#\d|\n", name)
    assert len(name) <= 250


def test_five_thousand_long_paths_are_counted_within_the_limit() -> None:
    paths = tuple(f"{'|' * 250}{number}" for number in range(5_000))
    plan = RollbackPlan(restored=paths, deleted=paths, conflicts=paths)
    text = body(rollback(plan=plan), checks_run=False)
    assert len(text) <= BODY_LIMIT
    assert " more |" in text
    assert text.endswith("</details>")
    assert "10,000 files" in text
    assert text.count("<details>") == text.count("</details>") == 3


def test_the_body_has_what_a_reviewer_needs() -> None:
    text = body(rollback("wave", owners=("@ada", "@acme/agents")), checks_run=False)
    for needed in ("**1 conflict**", f"{code('d.json')}", "- [ ] wave", "@ada, @acme/agents", "GITHUB_TOKEN"):
        assert needed in text, needed
    assert "**Do what the promotion does not do**, as listed below." in text
    assert "No checks run" not in body(rollback("wave"), checks_run=True)


def test_nothing_that_withdraws_the_rollback_is_advised_for_another_purpose() -> None:
    text = words(body(night(), checks_run=False))
    assert "reopen" not in text.lower()
    _, _, commands = text.partition("No checks run")
    assert "git switch wavegate/rollback/production/b-to-a\ngit commit --allow-empty" in commands
    assert "**Do not close this pull request:** closing it without merging it withdraws the rollback" in text
    # the ledger knows the issue, not the pull request that a person opens from it
    opened_by_a_person = body(night(), checks_run=True, withdrawable=False)
    asked = Proposed(outcome=ProposalOutcome.ISSUE, number=4, url=f"{GITHUB}/issues/4")
    for shown in (opened_by_a_person, summary(result(night(), name="issue", proposed=asked))):
        assert "losing" not in shown
        assert "--withdraw" in unescape(shown)


def test_a_job_that_activates_the_good_versions_beside_it_is_in_the_one_state_line() -> None:
    assert state(replace(night(), activating=True)).startswith(
        f"**The agents of wave-3 answer in production** until [the job Activate](<{GITHUB}/actions/runs/7>) has "
        "succeeded, and those of wave-2 after it. Everything else of wave-3"
    )
    # once the ledger has it, it is a fact
    known = replace(night(), activating=True, stops=(stop(version=2, target=GOOD),))
    assert "job Activate" not in body(known, checks_run=True)
    assert "job Activate" not in body(night(), checks_run=True)


def test_the_incident_comes_first_and_every_version_change_is_shown() -> None:
    shown = replace(
        night(), incident="INC-7", bad=replace(night().bad, agents={"Support_Agent": "v3", "Sales": "v1"})
    )
    text = words(body(shown, checks_run=True))
    assert text.startswith(
        "### INC-7: roll production back from wave-3 to wave-2\n\n**wave-3 is live in production**"
    )
    assert "- **Agent versions:** Sales v1 → none, Support_Agent v3 → v2\n" in text
    assert "| | |" not in text


def test_the_log_ends_with_where_to_go() -> None:
    issue = Proposed(outcome=ProposalOutcome.ISSUE, number=4, url=f"{GITHUB}/issues/4")
    log = lines(result(rollback(), name="issue", proposed=issue))
    assert log[-1].startswith(f"issue opened: {GITHUB}/issues/4")
    assert any("until the pull request that issue #4 asks for is merged" in line for line in log)
    assert lines(result(rollback(), name="dry-run"))[-1] == "dry-run: wavegate/rollback/x/b-to-a"
    nothing = rollback(plan=RollbackPlan())
    assert lines(result(nothing, name="unchanged"))[-1] == "unchanged: there is nothing to restore"
    assert "wavegate/rollback" not in summary(result(nothing, name="unchanged"))


def test_a_rollback_that_came_second_names_the_open_one() -> None:
    other = replace(stop().act, kind=ActKind.ROLLBACK, actor="bo", page=f"{GITHUB}/pull/2", number=2)
    shown = replace(result(night(), name="superseded", proposed=OPENED), superseded_by=other)
    for text in (words(summary(shown)), "\n".join(lines(shown))):
        assert "another rollback" in text
        assert f"{GITHUB}/pull/2" in text
        assert "was opened by bo at the same time" in text
        assert "is live in production" not in text


def test_the_log_lists_what_needs_manual_work() -> None:
    log = "\n".join(lines(result(rollback("wave"), name="local")))
    for needed in ("to restore: a.json", "to delete: c.json", "conflict, not changed: d.json", "to do: wave"):
        assert needed in log
    assert log.count("b" * 12) == 1


def test_a_release_without_a_name_shows_its_commit_once() -> None:
    nameless = ReleaseRef(commit=GOOD, name="a" * 12)
    assert nameless.title == "a" * 12
    shown = replace(rollback("wave"), good=replace(nameless, name=GOOD))
    assert title(shown) == f"Roll back wave to {'a' * 12}"
    assert f"- **To restore:** {'a' * 12}\n" in body(shown, checks_run=True)


def test_the_longest_text_everywhere_fits() -> None:
    long = "\U000e0001" * 5_000
    owners = tuple(f"@{'o' * 39}/{number:040}" for number in range(500))
    plan = RollbackPlan(restored=(long,) * 40, deleted=(long,) * 40, conflicts=(long,) * 40)
    stops = (replace(stop(long), agent=long),) * 10
    many = replace(rollback(long, plan=plan, owners=owners), restored=(long,) * 40, checklist=(long,) * 40)
    assert len(body(replace(many, stops=stops), checks_run=False)) <= BODY_LIMIT
