"""One look after the other at a pilot in production: what is decided, and what a look leaves behind."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from tests.support.canary_world import (
    AGENT,
    CONTENT,
    COPY,
    DECISION,
    MANIFEST,
    START,
    SUMS,
    CanaryWorld,
    Sessions,
    days,
    manifest,
    telemetry,
    usual_sessions,
)
from tests.support.killed import Kill, KilledError, When

from wavegate.ledger.acts.act import Act, ActKind, ReleaseId

METRICS = "metrics: [{name: taskSuccess, direction: decrease, margin: 0.05}]"


def settled(world: CanaryWorld, after: int = 14, **sessions: Any) -> None:
    """A pilot of so many days, whose single metric can be settled; the clock stands in the last one."""
    world.change(manifest(canary=f"{METRICS}, progressDeadline: 60d, policyBudget: {{critical: 0}}"))
    world.start()
    world.export(usual_sessions(after=after, **sessions))
    world.after(days=after, hours=13)


def test_a_good_pilot_is_expanded(world: CanaryWorld) -> None:
    settled(world)
    done = world.watch()
    assert done.code == 0, done.log
    outputs = dict(done.outputs)
    assert len(outputs.pop("decision-digest")) == 64
    assert outputs == {
        "verdict": "expand",
        "decision": DECISION,
        "sums": SUMS,
        "follows": "expand",
        "next-step": "tier2",
        "pause": "",
        "critical": "false",
        "deadline-passed": "false",
        "held": "",
        "reasons": outputs["reasons"],
        "dry-run": "false",
        "skipped": "false",
    }
    found = world.decision
    assert (found["content"], found["commit"], found.get("looks", 1), found["live"]) == (
        CONTENT,
        world.commit,
        1,
        "wave-2",
    )
    assert found["agents"] == {AGENT: COPY}
    assert [(each["name"], each["start"]) for each in found["cohorts"]] == [("vip", "2026-09-01T00:00:00Z")]
    assert "expand" in done.summary
    assert world.looks() == [], "a look changes nothing"


def test_the_next_step_is_the_one_after_those_that_the_ledger_has(world: CanaryWorld) -> None:
    settled(world)
    world.promote(START + timedelta(days=1), cohorts=("vip", "tier2"))
    sessions = usual_sessions(after=14)
    for day in days(START.date() - timedelta(days=56), 56):
        sessions.add(day, 60, cohort="tier2")
    for day in days(START.date() + timedelta(days=2), 13):
        sessions.add(day, 60, cohort="tier2", agent=COPY)
    world.export(sessions)
    done = world.watch()
    outputs = done.outputs
    assert (outputs["verdict"], outputs["next-step"], outputs["pause"]) == ("expand", "all", "approval"), done.log
    assert {each["name"]: each["start"] for each in world.decision["cohorts"]} == {
        "vip": "2026-09-01T00:00:00Z",
        "tier2": "2026-09-02T00:00:00Z",
    }


def test_a_bad_pilot_is_rolled_back(world: CanaryWorld) -> None:
    settled(world, good=0.6)
    done = world.watch()
    assert (done.code, done.outputs["verdict"], done.outputs["follows"]) == (1, "rollback", "rollback"), done.log


def test_a_critical_violation_rolls_back_at_the_first_look_after_it_arrives(world: CanaryWorld) -> None:
    settled(world)
    assert world.watch().outputs["verdict"] == "expand"
    world.record()
    sessions = usual_sessions(after=14)
    sessions.add(START.date() + timedelta(days=14), 1, agent=COPY, cohort="vip", severities={0: ("critical", "no")})
    world.export(sessions)
    held = world.watch("--earlier", SUMS)
    assert held.outputs, held.log
    assert (held.outputs["verdict"], "canary/unconfirmed-critical" in world.rules) == ("hold", True), held.log
    assert "canary/unconfirmed-critical" in held.outputs["held"]
    sessions.rows[-1]["confirmed"] = "yes"
    world.export(sessions)
    done = world.watch("--earlier", SUMS)
    assert (done.code, done.outputs["verdict"], done.outputs["critical"]) == (1, "rollback", "true"), done.log


def test_it_does_not_wait_for_the_initial_delay(world: CanaryWorld) -> None:
    world.start()
    sessions = usual_sessions(after=0)
    sessions.add(START.date(), 1, agent=COPY, cohort="vip", start=(START + timedelta(minutes=5)).isoformat())
    world.export(sessions)
    world.after(minutes=20)
    early = world.watch()
    assert (early.code, early.outputs["verdict"], world.rules[0]) == (5, "hold", "canary/too-early"), early.log
    assert early.outputs["held"] == "" or "too-early" not in early.outputs["held"]
    sessions.rows[-1] |= {"severity": "critical", "confirmed": "yes"}
    world.export(sessions)
    assert world.watch().outputs["verdict"] == "rollback"


def test_a_rollback_that_was_decided_stands_until_it_is_withdrawn(world: CanaryWorld) -> None:
    settled(world, good=0.6)
    assert world.watch().outputs["verdict"] == "rollback"
    world.record()
    world.export(usual_sessions(after=14))
    assert world.watch().outputs["verdict"] == "rollback"
    assert world.rules[0] == "canary/rollback-decided"
    world.record()
    release = ReleaseId(name="wave-3", commit=world.commit, content=CONTENT)
    moment = world.clock.moment + timedelta(minutes=1)
    values: dict[str, Any] = {"actor": "eve", "reason": "a bad export", "manifest": MANIFEST, "release": release}
    world.act(Act(kind=ActKind.ROLLBACK_WITHDRAWN, time=moment, **values))
    world.clock.advance(timedelta(minutes=5))
    assert world.watch().outputs["verdict"] == "expand"


def test_other_content_is_judged_again(world: CanaryWorld) -> None:
    settled(world, good=0.6)
    world.watch()
    world.record()
    world.promote(world.clock.moment, content="e" * 64)
    world.clock.advance(timedelta(hours=2))
    done = world.watch()
    assert done.outputs["verdict"] == "hold", done.log
    assert (world.decision.get("looks", 1), world.decision["content"]) == (1, "e" * 64)


def test_looks_are_numbered_and_a_repeated_attempt_is_one_look(world: CanaryWorld) -> None:
    settled(world)
    for number in (1, 2, 3):
        world.watch()
        assert world.decision.get("looks", 1) == number
        assert world.record().outputs["result"] == "recorded"
    # the same attempt again, whose record may or may not have been written
    world.look_again()
    assert world.decision.get("looks", 1) == 3
    assert world.record().outputs["result"] == "unchanged"
    world.attempt = 2
    world.look_again()
    assert world.decision.get("looks", 1) == 4
    world.record()
    assert [each.look for each in world.looks()] == [1, 2, 3, 4]


def test_killed_at_every_request_and_looked_at_again(world: CanaryWorld) -> None:
    settled(world)
    moments: tuple[When, ...] = ("before", "after")
    requests = 0
    while True:
        requests += 1
        try:
            world.watch(kill=Kill(request=requests, when="before"))
        except KilledError:
            continue
        break
    assert requests > 1
    for k in range(1, requests):
        for when in moments:
            world.github.deployments[:] = [each for each in world.github.deployments if each.task == "wavegate"]
            with pytest.raises(KilledError):
                world.watch(kill=Kill(request=k, when=when))
            assert world.look_again().outputs["verdict"] == "expand"
            world.record()
            assert [each.look for each in world.looks()] == [1]


def test_a_dry_run_is_recorded_and_nothing_follows(world: CanaryWorld) -> None:
    settled(world, good=0.6)
    world.change(manifest(canary=f"{METRICS}, progressDeadline: 60d, dryRun: true"))
    done = world.watch()
    assert (done.code, done.outputs["verdict"], done.outputs["follows"]) == (1, "rollback", "")
    assert (done.outputs["dry-run"], world.decision["dryRun"]) == ("true", True)
    world.record()
    assert [each.dry_run for each in world.looks()] == [True]
    # without it, the next look judges what it sees: nobody decided anything
    world.change(manifest(canary=f"{METRICS}, progressDeadline: 60d"))
    world.export(usual_sessions(after=14))
    assert world.watch().outputs["verdict"] == "expand"


def test_nothing_to_watch(world: CanaryWorld) -> None:
    def assert_nothing() -> None:
        done = world.watch()
        assert (done.code, done.outputs["verdict"], done.outputs["decision"]) == (0, "none", ""), done.log
        assert not (world.checkout / DECISION).exists()
        assert "Nothing to watch" in done.log

    world.after(days=2)
    assert_nothing()
    world.start()
    world.promote(START + timedelta(days=1), cohorts=None)
    assert_nothing()


def test_a_pilot_that_was_rolled_back_is_not_watched(world: CanaryWorld) -> None:
    world.start()
    world.status(world.github.deployments[-1], "failure", START + timedelta(days=1), "Rolled back")
    world.after(days=2)
    assert world.watch().outputs["verdict"] == "none"


def test_without_a_telemetry_file_nothing_is_decided(world: CanaryWorld) -> None:
    world.start()
    world.telemetry_text = ""
    world.github.seed({"agentforce/telemetry/production.yml": None})
    world.change(manifest())
    world.after(days=2)
    done = world.watch()
    assert (done.code, "verdict" in done.outputs) == (2, False), done.log
    assert "agentforce/telemetry/production.yml" in done.log


def test_an_uncommitted_margin_changes_nothing(world: CanaryWorld) -> None:
    settled(world, good=0.6)
    text = (world.checkout / MANIFEST).read_text().replace("margin: 0.05", "margin: 0.9")
    (world.checkout / MANIFEST).write_text(text)
    assert world.watch().outputs["verdict"] == "rollback"


def test_a_scheduled_look_keeps_the_interval(world: CanaryWorld) -> None:
    settled(world)
    world.watch("--scheduled")
    world.record()
    world.clock.advance(timedelta(hours=3))
    done = world.watch("--scheduled")
    assert (done.code, done.outputs["verdict"], done.outputs["skipped"]) == (0, "none", "true"), done.log
    assert world.watch().outputs["verdict"] == "expand", "looks are free"
    world.clock.advance(timedelta(hours=20))
    assert world.watch("--scheduled").outputs["skipped"] == "false"


def test_the_start_is_by_the_clock_of_github(world: CanaryWorld) -> None:
    """A runner whose clock is behind looks before the start; one that is ahead sees late data."""
    settled(world)
    assert world.watch(skew=-timedelta(days=40)).outputs["verdict"] == "hold"
    assert world.rules[0] == "canary/too-early"
    assert world.watch(skew=timedelta(days=40)).outputs["verdict"] == "hold"
    assert "canary/late-data" in world.rules
    assert world.decision["cohorts"][0]["start"] == "2026-09-01T00:00:00Z"


Change = Callable[[Sessions], None]


def _last(sessions: Sessions) -> dict[str, str]:
    return next(each for each in reversed(sessions.rows) if each["agent"] == COPY)


def _nothing(sessions: Sessions) -> None:
    sessions.rows.clear()


def _no_copy(sessions: Sessions) -> None:
    sessions.rows[:] = [each for each in sessions.rows if each["agent"] != COPY]


def _tiny(sessions: Sessions) -> None:
    kept = [each for each in sessions.rows if each["agent"] == COPY][:30]
    sessions.rows[:] = [each for each in sessions.rows if each["agent"] != COPY or each in kept]


def _set(**values: str) -> Change:
    def change(sessions: Sessions) -> None:
        _last(sessions).update(values)

    return change


def _twice(sessions: Sessions) -> None:
    sessions.rows.append(dict(_last(sessions)))


def _two_versions(sessions: Sessions) -> None:
    sessions.rows.append(_last(sessions) | {"version": "v9"})


@pytest.mark.parametrize(
    ("change", "rules"),
    [
        (_nothing, {"canary/no-data"}),
        (_no_copy, {"canary/no-data", "canary/guard"}),
        (_tiny, {"canary/burn-in", "canary/guard"}),
        (_set(latency="NaN"), {"canary/rejected-rows"}),
        (_set(latency="-5"), {"canary/rejected-rows"}),
        (_set(start="2030-01-01T00:00:00+00:00"), {"canary/rejected-rows"}),
        (_set(start=""), {"canary/rejected-rows"}),
        (_set(id=""), {"canary/rejected-rows"}),
        (_set(ended="vanished"), {"canary/unknown-word"}),
        (_set(severity="grim"), {"canary/unknown-word"}),
        (_twice, {"canary/rejected-rows"}),
        (_two_versions, {"canary/rejected-rows"}),
    ],
)
def test_whatever_is_doubtful_holds(world: CanaryWorld, change: Change, rules: set[str]) -> None:
    settled(world)
    sessions = usual_sessions(after=14)
    change(sessions)
    world.export(sessions)
    done = world.watch()
    assert (done.code, done.outputs["verdict"], done.outputs["follows"]) == (5, "hold", ""), done.log
    assert rules & set(world.rules), world.rules


def test_data_that_stopped_arriving_holds(world: CanaryWorld) -> None:
    settled(world)
    world.clock.advance(timedelta(days=4))
    assert world.watch().outputs["verdict"] == "hold"
    assert "canary/late-data" in world.rules


def test_a_file_that_was_delivered_twice_holds(world: CanaryWorld) -> None:
    settled(world)
    world.export(usual_sessions(after=14), "again.csv")
    assert world.watch().outputs["verdict"] == "hold"
    assert "canary/rejected-rows" in world.rules


def test_changed_columns_hold_once(world: CanaryWorld) -> None:
    settled(world)
    assert world.watch().outputs["verdict"] == "expand"
    folder = world.folder / "exports" / "sessions"
    text = (folder / "all.csv").read_text().replace("latency", "duration", 1)
    (folder / "all.csv").write_text(text)
    done = world.watch("--earlier", SUMS)
    assert done.outputs["verdict"] != "expand", done.log


def test_a_wild_day_holds(world: CanaryWorld) -> None:
    """One day on which almost nothing worked is neither a proof against the release nor one for it."""
    settled(world, after=7)
    sessions = usual_sessions(after=7)
    wild = START.date() + timedelta(days=3)
    sessions.rows[:] = [
        each for each in sessions.rows if not (each["agent"] == COPY and each["start"].startswith(f"{wild}"))
    ]
    sessions.add(wild, 60, agent=COPY, cohort="vip", good=0.2)
    world.export(sessions)
    done = world.watch()
    assert done.outputs["verdict"] == "hold", done.log
    assert world.decision["metrics"][0]["dayVariance"] > 0


def test_the_sums_of_days_that_are_over_are_kept(world: CanaryWorld) -> None:
    settled(world)
    first = world.watch()
    assert first.outputs["verdict"] == "expand"
    assert json.loads((world.checkout / SUMS).read_text())
    second = world.watch("--earlier", SUMS)
    assert second.outputs["verdict"] == "expand", second.log


def test_earlier_sums_that_do_not_exist_are_none(world: CanaryWorld) -> None:
    settled(world)
    assert world.watch("--earlier", "not-there.json").outputs["verdict"] == "expand"


def test_cohorts_are_found_by_the_users_of_the_org(world: CanaryWorld) -> None:
    settled(world)
    ada, bo = world.org.records.add_user("ada@acme.example", "Vip"), world.org.records.add_user("bo@acme.example")
    world.org.records.add_user("cy@acme.example", "Tier2")
    world.change(world.text, telemetry_text=telemetry(by_user=True))
    sessions = usual_sessions(after=14)
    for row in sessions.rows:
        row["user"] = ada if row["cohort"] == "vip" else bo
        row["cohort"] = ""
    world.export(sessions)
    done = world.watch()
    assert done.outputs["verdict"] == "expand", done.log
    assert world.decision["cohorts"][0]["sessions"] == 13 * 60


def test_a_cohort_that_the_org_does_not_have_is_an_error(world: CanaryWorld) -> None:
    settled(world)
    world.change(world.text, telemetry_text=telemetry(by_user=True))
    done = world.watch()
    assert (done.code, "verdict" in done.outputs) == (2, False)
    assert "Vip" in done.log


def test_two_environments_have_a_canary_each(world: CanaryWorld) -> None:
    settled(world)
    uat = "  - name: uat\n    prompts: [Support_Resolution]\n"
    canary = f"{{steps: [{{cohorts: [vip]}}], {METRICS}}}"
    piloted = f"{uat}    rollout: canary\n    pilotUsers: [vip]\n    canary: {canary}\n"
    world.change(world.text.replace(uat, piloted))
    world.github.seed({"agentforce/telemetry/uat.yml": telemetry().encode()})
    world.change(world.text)
    world.promote(START + timedelta(days=10), environment="uat", content="e" * 64)
    assert world.watch().outputs["verdict"] == "expand"
    world.record()
    done = world.watch(environment="uat")
    assert (world.decision["environment"], world.decision.get("looks", 1)) == ("uat", 1)
    assert done.outputs["verdict"] == "hold"
    world.record(environment="uat")
    assert [len(world.looks(each)) for each in ("uat", "production")] == [1, 1]
    refused = world.record()
    assert (refused.code, len(world.looks())) == (2, 1)


def test_past_the_deadline_a_person_decides(world: CanaryWorld) -> None:
    world.change(manifest(canary=f"{METRICS}, progressDeadline: 3d"))
    world.start()
    world.export(usual_sessions(after=4, per_day=20))
    world.after(days=4, hours=13)
    done = world.watch()
    assert (done.outputs["verdict"], done.outputs["deadline-passed"]) == ("hold", "true"), done.log
    assert "past its deadline of 2026-09-04 00:00 UTC" in done.outputs["held"]
    assert world.record().outputs["issue"] == "opened"
    world.watch()
    assert world.record().outputs["issue"] == "updated"
    assert len(world.github.state.issues) == 1


HEALTH = """    health:
      window: 7d
      thresholds:
        - {name: taskSuccess, minimum: 0.8}
"""


@pytest.mark.parametrize(("good", "verdict", "code"), [(0.9, "healthy", 0), (0.5, "rollback", 1)])
def test_the_health_of_what_everybody_has(world: CanaryWorld, good: float, verdict: str, code: int) -> None:
    world.change(manifest(environment=HEALTH))
    world.promote(START - timedelta(days=100), content="b" * 64, cohorts=None, name="wave-2")
    sessions = Sessions()
    for day in days(START.date() - timedelta(days=20), 21):
        sessions.add(day, 60, good=good)
    world.export(sessions)
    world.after(hours=13)
    done = world.watch()
    assert (done.code, done.outputs["verdict"]) == (code, verdict), done.log
    assert (world.decision["stage"], world.decision["release"]) == ("health", "wave-2")
    assert world.record().outputs["result"] == "recorded"
    if verdict == "rollback":
        assert done.outputs["follows"] == "rollback"
        assert done.outputs["next-step"] == ""


def test_a_time_boxed_pilot_is_everybody_against_the_past(world: CanaryWorld) -> None:
    boxed = "vip: {strategy: time-boxed}, tier2: {group: Tier2}"
    world.change(manifest(canary=f"{METRICS}, progressDeadline: 60d", cohorts=boxed))
    world.start(copies=False)
    sessions = Sessions()
    for day in days(START.date() - timedelta(days=56), 72):
        sessions.add(day, 300)
    world.export(sessions)
    world.after(days=15, hours=13)
    done = world.watch()
    assert done.outputs["verdict"] == "expand", done.log
    assert "canary/own-past-only" in world.rules
    assert world.decision["cohorts"][0]["sessions"] >= 12 * 300


def test_a_report_holds_no_workflow_command(world: CanaryWorld) -> None:
    settled(world)
    world.promote(world.clock.moment, name="wave ::error::owned ##[error]x")
    for form in ("text", "markdown"):
        done = world.watch("--format", form)
        lines = [each for each in done.log.splitlines() if "owned" in each]
        assert lines
        assert not [each for each in lines if each.lstrip().startswith(("::", "##["))]
    shown = world.watch("--format", "json")
    assert json.loads(shown.log[: shown.log.rindex("}") + 1])["predicate"]["release"].startswith("wave ::error::")
