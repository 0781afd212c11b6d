"""The screens of stops and restarts answer what their reader asks, and hostile text changes none of them."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.support.hostile import HOSTILE

from wavegate.deploy.rollout_values import AgentChange
from wavegate.errors import InputError, ServiceError
from wavegate.kill_switch.report import agent_lines, restart_lines, restart_markdown, stop_lines, stop_markdown
from wavegate.kill_switch.values import KillSwitch, NextStep, NextSteps, Recording
from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import OpenStop
from wavegate.release.reference import ReleaseRef

LINK = re.compile(r"\[([^\[\]]+)\]\(<([^<>\s]+)>\)")
REPOSITORY = "https://github.com/acme/agents"
RUN = f"{REPOSITORY}/actions/runs/7/attempts/1"
STOP = Act(
    kind=ActKind.STOP,
    time=datetime(2026, 3, 1, 3, 12, tzinfo=UTC),
    actor="ada",
    reason="It promises refunds",
    id="DE_1",
    run=RUN,
    release=ReleaseId(name="wave-3", commit="a" * 40, content="c" * 64),
    agents={"Support_Agent": None},
)
SWITCH = KillSwitch(
    environment="production",
    host="acme.my.salesforce.com",
    reason="It promises refunds",
    actor="ada",
    note="named under owners.killSwitch.",
    agents=(AgentChange(name="Support_Agent", before=3, live=None),),
)
STEPS = NextSteps(
    environment="production",
    enable=NextStep(line="wavegate enable production", page=f"{REPOSITORY}/actions/workflows/wavegate-enable.yml"),
    rollback=NextStep(line="wavegate rollback production"),
    repository=REPOSITORY,
)
LIVE = ReleaseRef(commit="a" * 40, name="wave-3", agents={"Support_Agent": "v3", "Returns_Agent": "v1"})
GOOD = ReleaseRef(commit="b" * 40, name="wave-2", agents={"Support_Agent": "v2"})
AGAIN = replace(SWITCH, actor="bo", agents=(AgentChange(name="Support_Agent", before=None, live=None),))
EARLIER = Recording(earlier=(OpenStop(agent="Support_Agent", version=None, act=STOP),))


def lines(switch: KillSwitch, recording: Recording, steps: NextSteps = STEPS) -> str:
    return "\n".join((*agent_lines(switch), *stop_lines(switch, recording, steps)))


def test_a_stop_answers_what_the_person_on_call_asks() -> None:
    said = lines(SWITCH, Recording(act=STOP, live=LIVE, good=GOOD)).splitlines()
    assert said == [
        "Support_Agent: inactive, nobody can use it (before: version 3)",
        "Stopped in production (acme.my.salesforce.com) by ada: It promises refunds",
        f"Recorded: {REPOSITORY}/deployments/production",
        (
            "Next release: refused (rule promotion/stopped), whatever is merged or pushed, until the restart of "
            "Support_Agent. Exceptions: a rollback, after which the agents stay stopped until their restart, and a "
            "release with other content that says resume: true."
        ),
        "Roll back: wavegate rollback production (opens a pull request from wave-3 to wave-2)",
        (
            "Restart: wavegate enable production (brings back Support_Agent v3 of wave-3, which was stopped: only if "
            "that is good after all; after the rollback, Support_Agent v2 of wave-2)"
        ),
        "Authorized: named under owners.killSwitch.",
    ]


def test_the_agents_that_are_still_on_are_named() -> None:
    others = (
        AgentChange(name="Returns_Agent", before=1, live=1),
        AgentChange(name="Sales_Agent", before=None, live=None),
    )
    for switch, words in (
        (replace(SWITCH, others=others), "Returns_Agent v1"),
        (replace(SWITCH, others=None), "unknown"),
    ):
        assert f"Still on: {words}" in lines(switch, Recording(act=STOP))
        assert "**Still on:**" in stop_markdown(switch, Recording(act=STOP), STEPS)
        assert "Sales" not in stop_markdown(switch, Recording(act=STOP), STEPS)
    for quiet in (SWITCH, replace(SWITCH, others=others[1:])):
        assert "Still on" not in stop_markdown(quiet, Recording(act=STOP), STEPS)


def test_the_way_to_the_good_release_comes_before_the_one_back_to_what_was_stopped() -> None:
    summary = stop_markdown(SWITCH, Recording(act=STOP, live=LIVE, good=GOOD), STEPS)
    assert summary.index("from <code>wave-3</code> to <code>wave-2</code>") < summary.index("brings back")
    unknown = stop_markdown(SWITCH, Recording(act=STOP), STEPS)
    assert "<code>--dry-run</code> shows what it would restore" in unknown
    assert "It brings back what was stopped: only if that is good after all, or after the rollback." in unknown
    held = replace(SWITCH, agents=(AgentChange(name="Support_Agent", before=3, live=2),))
    assert "after which the agents stay at the versions above" in stop_markdown(held, Recording(act=STOP), STEPS)


def test_every_page_that_github_has_can_be_clicked() -> None:
    summary = stop_markdown(SWITCH, Recording(act=STOP), STEPS)
    assert [target for _, target in LINK.findall(summary)] == [
        f"{REPOSITORY}/actions/workflows/wavegate-enable.yml",
        RUN,
        f"{REPOSITORY}/commit/{'a' * 40}",
        f"{REPOSITORY}/deployments/production",
    ]
    assert "\u2060" not in summary
    assert summary.startswith("## 🛑 Support\\_Agent stopped in production\n")


@pytest.mark.parametrize(
    ("agents", "missed", "title"),
    [
        ((("A", 3, 2),), (), "🛑 A stopped at version 2 in"),
        ((("A", 3, None), ("B", 3, None)), (), "🛑 2 agents stopped in"),
        ((("A", 3, 2), ("B", 3, 2)), (), "🛑 2 agents stopped at version 2 in"),
        ((("A", 3, 2), ("B", 3, None)), (), "🛑 2 agents stopped in"),
        ((("A", 3, None), ("B", 3, 3)), ("B",), "❌ Kill switch incomplete in"),
    ],
)
def test_the_title_says_what_is_stopped(
    agents: tuple[tuple[str, int, int | None], ...], missed: tuple[str, ...], title: str
) -> None:
    changes = tuple(AgentChange(name=name, before=before, live=live) for name, before, live in agents)
    summary = stop_markdown(replace(SWITCH, agents=changes, missed=missed), Recording(act=STOP), STEPS)
    assert summary.startswith(f"## {title} production\n")
    # an earlier version calls what the live release deployed
    assert ("To restore those too, roll the release back." in summary) == any(
        live is not None for name, _, live in agents if name not in missed
    )


def test_who_stopped_it_first_is_shown_before_who_asked_again() -> None:
    said = lines(AGAIN, EARLIER)
    assert (
        "Support_Agent was stopped already in production (acme.my.salesforce.com) by ada on 2026-03-01 03:12 UTC: "
        "It promises refunds" in said
    )
    assert "Stopped in production" not in said
    summary = stop_markdown(AGAIN, EARLIER, STEPS)
    assert "🛑 Support\\_Agent already stopped in production" in summary
    assert summary.index("**Stopped already:**") < summary.index("**Asked again by:** <code>bo</code>")
    unknown = replace(EARLIER.earlier[0], act=replace(STOP, actor="", run=""))
    assert "by somebody unknown on" in stop_markdown(AGAIN, Recording(earlier=(unknown,)), STEPS)


def test_a_stop_that_is_not_recorded_says_so_wherever_it_matters() -> None:
    problem = ServiceError("GitHub did not answer.", fix="Check its status.")
    said, summary = (render(SWITCH, Recording(problem=problem), STEPS) for render in (lines, stop_markdown))
    assert "NOT recorded: GitHub did not answer. Check its status." in said
    assert "- **Recorded:** ⚠️ **no**" in summary
    for text in (said, summary):
        assert "not held back until the stop is recorded" in text
        assert "promotion/stopped" not in text


def test_an_agent_that_is_still_live_has_no_next_steps_of_a_stop() -> None:
    failed = replace(SWITCH, agents=(AgentChange(name="Support_Agent", before=3, live=3),), missed=("Support_Agent",))
    summary = stop_markdown(failed, Recording(), STEPS)
    assert "⚠️ not as requested" in summary
    assert "**Next release:**" not in summary
    assert "**Roll back:**" in summary
    assert "NOT as requested" in lines(failed, Recording())


def test_what_is_unknown_outside_a_repository_is_left_out() -> None:
    steps = replace(STEPS, repository="", enable=NextStep(line="wavegate enable production"))
    bare = replace(STOP, run="", actor="", release=None)
    summary = stop_markdown(replace(SWITCH, actor=""), Recording(act=bare), steps)
    assert LINK.findall(summary) == []
    assert "unknown GitHub user" in summary
    assert "Recorded: in GitHub deployments" in lines(SWITCH, Recording(act=bare), steps)


def test_a_restart_says_what_is_live_and_what_is_still_stopped() -> None:
    restarted = replace(SWITCH, agents=(AgentChange(name="Sales_Agent", before=None, live=1),))
    recording = replace(EARLIER, act=replace(STOP, kind=ActKind.RESTART, agents={"Sales_Agent": 1}))
    summary = restart_markdown(restarted, recording, STEPS)
    assert summary.startswith("## ✅ Sales\\_Agent restarted in production\n")
    assert "- **Still stopped:** <code>Support&#95;Agent</code> by <code>ada</code>" in summary
    assert "Support_Agent is still stopped by ada" in "\n".join(restart_lines(restarted, recording, STEPS))
    assert restart_markdown(replace(SWITCH, agents=()), Recording(), STEPS).startswith("## Nothing to restart in")
    missed = replace(restarted, missed=("Sales_Agent",))
    assert restart_markdown(missed, Recording(), STEPS).startswith("## ❌ Restart incomplete in")


@pytest.mark.parametrize("text", [each for each in HOSTILE if each])
def test_hostile_text_changes_no_screen(text: str) -> None:
    summaries, log = screens(text)
    assert [each.count("\n") for each in summaries] == [each.count("\n") for each in screens("x")[0]]
    for summary in summaries:
        assert "<script" not in summary
        assert not [target for _, target in LINK.findall(summary) if "evil" in target]
    for line in log:
        assert "\n" not in line
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def screens(text: str) -> tuple[list[str], list[str]]:
    """Every summary and every line of the log, with a text wherever one comes from outside."""
    release = ReleaseId(name=text, commit="a" * 40)
    act = replace(STOP, actor=text, reason=text, run=text, release=release, agents={text: None})
    side = ReleaseRef(commit="a" * 40, name=text, agents={text: text})
    stop = OpenStop(agent=text, version=None, act=act)
    switch = KillSwitch(
        environment=text,
        host=text,
        reason=text,
        actor=text,
        note=text,
        agents=(AgentChange(name=text, before=3, live=None),),
        chosen=text,
        others=(AgentChange(name=text, before=1, live=1),),
    )
    step = NextStep(line=text, page=text)
    steps = NextSteps(environment=text, enable=step, rollback=step, repository=text)
    recordings = (
        Recording(act=act, live=side, good=side),
        Recording(earlier=(stop,)),
        Recording(problem=InputError(text, fix=text), earlier=(stop,)),
    )
    summaries = [render(switch, each, steps) for each in recordings for render in (stop_markdown, restart_markdown)]
    log = [
        line for each in recordings for render in (stop_lines, restart_lines) for line in render(switch, each, steps)
    ]
    return summaries, log
