"""The brief's table and lists: what is live and held, and a page for everything that has one."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from tests.support.decisions import decision
from tests.unit.promotion.test_brief import TEMPLATE, brief, change, plan

from wavegate.components.changes import ChangeKind, ComponentChange
from wavegate.gate.decision import Verdict
from wavegate.github.pages import RepositoryPages
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import OpenStop
from wavegate.promotion.brief.agent_moves import agent_moves
from wavegate.promotion.brief.as_markdown import brief_markdown
from wavegate.promotion.brief.coverage import Coverage
from wavegate.promotion.brief.values import AgentMove, Brief, BriefLinks, EnvironmentHolds
from wavegate.promotion.stops import StopEffect
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.freeze import Freeze, next_freeze, parse_window
from wavegate.release.manifest import Agent
from wavegate.release.readiness.values import AreaScore, ReadinessArea, ScoreCard
from wavegate.rollback.rehearsal_values import Rehearsal

BASE = "https://github.com/acme/agents"
RUN = f"{BASE}/actions/runs/7/attempts/2"
OLD, NEW = "a" * 40, "b" * 40
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LINKS = BriefLinks(pages=RepositoryPages(base=BASE), run=RUN, pull_request=12)


def act(kind: ActKind, **fields: object) -> Act:
    given = {"actor": "ada", "reason": "It lies", "run": f"{BASE}/actions/runs/3/attempts/1"} | fields
    return Act(kind=kind, time=MOMENT, **given)  # type: ignore[arg-type]


def held(**fields: object) -> Brief:
    holds = EnvironmentHolds(**fields)  # type: ignore[arg-type]
    return replace(brief(), holds=holds)


def row(given: Brief, name: str) -> str:
    """The value of a row of the table, without Markdown's escapes."""
    found = re.search(rf"^\| {name} \| (.*) \|$", brief_markdown(given).replace("\\", ""), re.MULTILINE)
    return found[1] if found else ""


def changing(*changes: ComponentChange, since: str | None = OLD, **files: tuple[str, ...]) -> str:
    """The brief of a promotion with these changes. files: paths that differ, by the component's name."""
    made = replace(plan(*changes), since=since, commit=NEW)
    changed = {each.component.id: files.get(each.component.id.name, ()) for each in changes}
    shown = replace(brief(), plan=made, links=LINKS, changed_files=changed, prompts=())
    return brief_markdown(shown).replace("\\", "")


def diff(path: str) -> str:
    return f"<{BASE}/compare/{OLD}..{NEW}#diff-{sha256(path.encode()).hexdigest()}>"


@pytest.mark.parametrize("type_", ["ApexClass", "Flow", "GenAiFunction", "Bot", TEMPLATE])
def test_every_kind_of_change_is_linked_to_its_difference(type_: str) -> None:
    path = "app/force-app/One.xml"
    assert f"- ✏️ changed [<code>{type_}&#58;One</code>]({diff(path)})" in changing(change(type_), One=(path,))


def test_a_component_of_several_files_links_the_source_first_and_the_others_by_name() -> None:
    files = ("c/One.cls-meta.xml", "c/One.cls", "c/x.css", "c/y.css", "c/z.css")
    shown = changing(change("ApexClass"), One=files)
    assert f"[<code>ApexClass&#58;One</code>]({diff('c/One.cls')}) with [x.css]({diff('c/x.css')}), " in shown
    assert "[z.css]" in shown
    assert "and 1 more file\n" in shown
    assert "[One.cls-meta.xml]" not in shown


def test_without_a_live_commit_the_files_themselves_are_linked() -> None:
    shown = changing(change("Flow", ChangeKind.ADDED), since=None, One=("flows/One.flow",))
    assert f"- ➕ added [<code>Flow&#58;One</code>](<{BASE}/blob/{NEW}/flows/One.flow>)" in shown


def test_what_is_new_to_the_environment_but_not_to_the_commits_is_linked_as_it_is() -> None:
    shown = changing(change("BotVersion", ChangeKind.ADDED))
    assert f"[<code>BotVersion&#58;One</code>](<{BASE}/blob/{NEW}/BotVersion/One.xml>)" in shown


def test_what_does_not_change_has_no_difference_and_is_folded_apart() -> None:
    shown = changing(change("Flow"), change("Bot", ChangeKind.UNCHANGED), One=("x",))
    assert "**What changes:** 1 component (flows 1)." in shown
    rest = shown.partition("<summary>Unchanged in the org: 1 component</summary>")[2]
    assert "sent along, unchanged <code>Bot&#58;One</code>\n" in rest
    assert "**What changes:** nothing." in changing(change("Bot", ChangeKind.KEPT))


def test_a_deletion_is_open_linked_and_said_once() -> None:
    shown = changing(change("Flow", ChangeKind.REMOVED), One=("flows/One.flow",))
    assert f"### ➖ Deletes 1 component\n\n- [<code>Flow&#58;One</code>]({diff('flows/One.flow')})" in shown
    assert shown.count("Flow&#58;One") == 1


def test_eight_changes_are_open_and_more_are_folded() -> None:
    eight = [change("Flow", name=f"N{number}") for number in range(8)]
    assert "**What changes:** 8 components (flows 8). [All differences]" in changing(*eight)
    nine = changing(*eight, change("Flow", name="N9"))
    assert "**What changes:** 9 components (flows 9)." in nine
    assert "N9" in nine.partition("<summary>1 more</summary>")[2]
    assert "N0" not in nine.partition("<summary>1 more</summary>")[2], "the first ones stay open"


def test_without_a_repository_nothing_is_linked() -> None:
    assert "](" not in brief_markdown(replace(brief(), links=BriefLinks(), decision=None, doubt="None."))


def test_pull_request_run_decision_and_commits_have_their_pages() -> None:
    given = replace(brief(), links=LINKS)
    more = row(replace(given, decision=None, doubt="None."), "Read more")
    assert more.startswith(f"[pull request #\u206012](<{BASE}/pull/12>) · [this run](<{RUN}>) · [commit ")
    assert "([decision](<https://github.com/acme/agents/actions/runs/1#artifacts>))" in row(given, "Tested")
    assert f"at [bbbbbbbbbbbb](<{BASE}/commit/{NEW}>) since 2026-03-01 12:00 UTC" in row(given, "Live now")


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (StopEffect.RESUMED, "; this release restarts it"),
        (
            StopEffect.KEPT,
            "; it stays stopped. Not verified until `enable` restarts it and the deploy job is re-run",
        ),
    ],
)
def test_a_stop_says_what_becomes_of_the_agent(effect: StopEffect, words: str) -> None:
    stop = OpenStop(agent="Support", version=2, act=act(ActKind.STOP))
    shown = row(held(stops=((stop, effect),)), "Stopped")
    assert shown == (
        "🛑 Support stopped at v2 since 2026-03-01 12:00 UTC by <code>ada</code>: It lies "
        f"([run of the stop](<{BASE}/actions/runs/3/attempts/1>)){words}"
    )


def test_an_agent_that_was_stopped_is_not_said_to_be_live() -> None:
    stop = OpenStop(agent="text", version=None, act=act(ActKind.STOP))
    given = held(stops=((stop, StopEffect.REFUSED),))
    assert row(given, "Live now").endswith(", text stopped")
    assert row(brief(), "Live now").endswith(", text v2")


def test_what_the_refusal_says_is_not_said_again_in_the_table() -> None:
    stop = OpenStop(agent="Support", version=None, act=act(ActKind.STOP))
    refusal = Refusal(rule=RefusalRule.STOPPED, message="Support was stopped: It lies.", fix="Wait.")
    given = held(stops=((stop, StopEffect.REFUSED),), refusals=(refusal,))
    assert row(given, "Stopped") == f"🛑 Support stopped ([run of the stop](<{BASE}/actions/runs/3/attempts/1>))"
    assert brief_markdown(given).count("It lies") == 1


def test_a_lock_and_an_open_rollback_are_shown_with_their_pages() -> None:
    bad, good = (ReleaseId(name=name, commit=OLD) for name in ("wave-3", "wave-2"))
    rollback = act(ActKind.ROLLBACK, release=bad, target=good, page=f"{BASE}/pull/9", number=9, incident="INC-1")
    given = held(lock=act(ActKind.LOCK), rollback=rollback)
    assert row(given, "Locked").startswith("🔒 locked since 2026-03-01 12:00 UTC by <code>ada</code>: It lies (")
    shown = row(given, "Open rollback").replace("\u2060", "")
    assert shown.startswith(f"⏪ [#9](<{BASE}/pull/9>) from wave-3 to wave-2 (INC-1): wave-3 stays live until it is")


def test_the_next_freeze_is_shown_before_it_begins() -> None:
    freeze = Freeze(window=parse_window("2026-12-18", "2027-01-04"), time_zone="Europe/Berlin", reason="year end")
    window = next_freeze([freeze], "production", MOMENT)
    assert row(held(next_freeze=window), "Next freeze") == "❄️ from Fri 2026-12-18 00:00 Europe/Berlin: year end"


def test_a_ledger_that_nobody_read_is_not_a_ledger_without_holds() -> None:
    assert row(brief(), "Stops and locks") == "⚠️ not checked: there is no access to the ledger"
    assert row(held(), "Stops and locks") == ""


def moving(*moves: AgentMove, **fields: object) -> Brief:
    made = decision(verdict=Verdict.PASS)
    return replace(brief(made=made), agents=moves, links=LINKS, **fields)  # type: ignore[arg-type]


CHANGED = AgentMove(name="Support", before="v2", after="v3", changed=True)
KEPT = AgentMove(name="Returns", before="v1", after="v1")


def test_an_approval_says_which_agent_goes_from_which_version_to_which_and_where_to_give_it() -> None:
    given = moving(KEPT, CHANGED)
    assert row(given, "If approved") == "Support v2 → v3 goes live at once; Returns stays v1"
    assert row(given, "Approve") == f"[Review deployments](<{BASE}/actions/runs/7>)"
    shown = brief_markdown(given)
    assert shown.index("| Risk") < shown.index("| Rollback") < shown.index("| Approve"), "known before it is given"
    assert "goes live, for the pilot first;" in row(moving(CHANGED, KEPT, is_canary=True), "If approved")
    assert row(moving(KEPT), "If approved") == "Returns stays v1"
    refused = replace(moving(CHANGED), decision=decision())
    assert row(refused, "If approved") == row(refused, "Approve") == ""
    assert row(refused, "To do").startswith("nothing to approve; <code>text</code>: fix what failed")
    assert row(refused, "Would change") == "Support v2 → v3"


def test_what_a_stop_left_is_where_an_agent_starts_and_stays_in_the_fast_lane() -> None:
    stop = OpenStop(agent="support", version=None, act=act(ActKind.STOP))
    live = brief().live
    agents = (Agent(name="Support", version=3), Agent(name="text", version=2), Agent(name="Any"))
    for effect, after in ((StopEffect.REFUSED, "v3"), (StopEffect.KEPT, "stopped")):
        moves = agent_moves(agents, live, EnvironmentHolds(stops=((stop, effect),)), (change("Bot", name="Support"),))
        assert moves == (
            AgentMove(name="Support", before="stopped", after=after, changed=True),
            AgentMove(name="text", before="v2", after="v2"),
            AgentMove(name="Any"),
        )


def test_a_rollback_that_can_only_disable_is_a_warning_with_its_steps_open() -> None:
    steps = ("credentials: check NamedCredential:Shipments.",)
    first = replace(brief(), rehearsal=Rehearsal(environment="text"), manual_steps=steps)
    shown = row(first, "Rollback")
    assert shown.startswith("⚠️ only by disabling its agents, as no earlier release is known; 1 manual step")
    assert "git cannot restore it**\n\n- credentials: check NamedCredential:Shipments" in brief_markdown(
        first
    ).replace("\\", "")


@pytest.mark.parametrize(
    ("moves", "words"),
    [
        ((CHANGED,), "(this release changes it)"),
        ((replace(CHANGED, changed=False, after="v2"),), "(its version stays)"),
    ],
)
def test_an_untested_agent_says_whether_this_release_changes_it(moves: tuple[AgentMove, ...], words: str) -> None:
    given = replace(moving(*moves), coverage=Coverage(uncovered=("Support",)))
    assert f"No smoke test covers <code>Support</code> {words}." in brief_markdown(given).replace("\\", "")


def test_the_score_of_the_release_is_a_row_with_what_is_missing() -> None:
    done = AreaScore(area=ReadinessArea.OWNERS, met=4)
    open_ = AreaScore(area=ReadinessArea.SMOKE_TESTS, met=1, missing=("A: action-safety",))
    assert row(brief(), "Readiness") == ""
    shown = replace(brief(), readiness=ScoreCard(path="agentforce/release.yml", areas=(done, open_)))
    assert row(shown, "Readiness") == "5 of 6: smoke tests 1/2"
    shown = replace(brief(), readiness=ScoreCard(path="agentforce/release.yml", areas=(done,)))
    assert row(shown, "Readiness") == "4 of 4"
