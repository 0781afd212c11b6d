"""The screens of a stop and a restart, for the person who is on call and for whoever follows up."""

from collections.abc import Callable, Iterator
from datetime import UTC

from wavegate.deploy.rollout_report import live_words, version_words
from wavegate.deploy.rollout_values import AgentChange
from wavegate.kill_switch.follow_up import next_release, restarted, rolled_back
from wavegate.kill_switch.values import KillSwitch, NextStep, NextSteps, Recording
from wavegate.ledger.acts.act import Act
from wavegate.ledger.deployment import REASON_LIMIT
from wavegate.text import code, link, markdown, one_line

_SHOWN = 10
"""Maximum agents that are named."""


def agent_lines(switch: KillSwitch) -> Iterator[str]:
    """Log lines: what is live now, as soon as it is known."""
    for agent in switch.agents:
        missed = " — NOT as requested" if agent.name in switch.missed else ""
        yield f"{one_line(agent.name, 100)}: {live_words(agent)}{missed}"


def stop_lines(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    """Log lines below those of the agents: who stopped them, whether it is recorded, and what to do next."""
    for each in recording.earlier:
        place = f"in {one_line(switch.environment, 100)} ({one_line(switch.host, 100)})"
        who = f"{_by(each.act)}: {one_line(each.act.reason, 300)}"
        yield f"{one_line(each.agent, 100)} was stopped already {place} {who}"
    if not _asked_again(recording):
        yield f"{_place('Stopped', switch)} {_person(switch, recording)}: {one_line(switch.reason, 300)}"
    if switch.chosen:
        yield f"Versions: those that were live with {one_line(switch.chosen, 200)}"
    yield _recorded_line(recording, steps)
    if on := _still_on(switch, one_line):
        yield f"Still on: {on}"
    if switch.reached:
        yield f"Next release: {next_release(switch, recording, one_line)}"
    yield f"Roll back: {one_line(steps.rollback.line)} ({rolled_back(recording, one_line)})"
    if switch.reached:
        yield f"Restart: {one_line(steps.enable.line)} ({restarted(switch, recording, one_line)})"
    yield f"Authorized: {one_line(switch.note)}"


def restart_lines(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    """Log lines below those of the agents: whether the restart is recorded, and what is still stopped."""
    if switch.reached:
        yield f"{_place('Restarted', switch)} {_person(switch, recording)}: {one_line(switch.reason, 300)}"
        yield _recorded_line(recording, steps)
    for each in recording.earlier:
        yield f"{one_line(each.agent, 100)} is still stopped {_by(each.act)}: {one_line(each.act.reason, 300)}"
    yield f"Authorized: {one_line(switch.note)}"


def stop_markdown(switch: KillSwitch, recording: Recording, steps: NextSteps) -> str:
    """The step summary of a stop."""
    return "\n".join(_stop(switch, recording, steps)) + "\n"


def restart_markdown(switch: KillSwitch, recording: Recording, steps: NextSteps) -> str:
    """The step summary of a restart."""
    return "\n".join(_restart(switch, recording, steps)) + "\n"


def _stop(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    yield f"## {_stop_title(switch, recording)} in {markdown(switch.environment, 100)}"
    yield ""
    yield from _table(switch)
    yield ""
    if on := _still_on(switch, code):
        yield f"- **Still on:** {on}"
    for each in recording.earlier:
        who = f"{_by(each.act, markup=True)}: {markdown(each.act.reason, REASON_LIMIT)}"
        yield f"- **Stopped already:** {code(each.agent)} {who}{_run(each.act.run)}"
    yield f"- **Roll back:** {_step(steps.rollback, 'open the rollback form')}. It {rolled_back(recording, code)}."
    if switch.reached:
        brings = restarted(switch, recording, code)
        yield f"- **Restart:** {_step(steps.enable, 'open the restart form')}. It {brings}."
        yield f"- **Next release:** {next_release(switch, recording, code)}"
    yield from _reasons(switch, recording)
    if switch.chosen:
        yield f"- **Versions:** those that were live with {markdown(switch.chosen, 200)}"
    yield from _whereabouts(switch, recording, steps)
    yield f"- **Authorized:** {markdown(switch.note)}"
    if any(each.live is not None for each in switch.reached):
        yield ""
        yield (
            "An earlier version has its own topics and instructions, but it calls the flows, Apex and prompts of the "
            "live release. To restore those too, roll the release back."
        )


def _stop_title(switch: KillSwitch, recording: Recording) -> str:
    if switch.missed:
        return "❌ Kill switch incomplete"
    (version, *others) = {each.live for each in switch.agents}
    held = "" if others or version is None else f" at version {version}"
    return f"🛑 {_names(switch)} {'already stopped' if _asked_again(recording) else 'stopped'}{held}"


def _restart(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    yield f"## {_restart_title(switch)} in {markdown(switch.environment, 100)}"
    yield ""
    if switch.agents or switch.missed:
        yield from _table(switch)
        yield ""
    yield from _reasons(switch, recording)
    yield from _whereabouts(switch, recording, steps)
    for each in recording.earlier:
        who = f"{_by(each.act, markup=True)}: {markdown(each.act.reason, REASON_LIMIT)}"
        yield f"- **Still stopped:** {code(each.agent)} {who}{_run(each.act.run)}"
    yield f"- **Authorized:** {markdown(switch.note)}"


def _restart_title(switch: KillSwitch) -> str:
    if switch.missed:
        return "❌ Restart incomplete"
    return f"✅ {_names(switch)} restarted" if switch.agents else "Nothing to restart"


def _names(switch: KillSwitch) -> str:
    """The agents of a title."""
    return markdown(switch.agents[0].name, 100) if len(switch.agents) == 1 else f"{len(switch.agents)} agents"


def _asked_again(recording: Recording) -> bool:
    """Whether the agents were stopped before, so that this person changed nothing and is not in the ledger."""
    return bool(recording.earlier) and recording.act is None and recording.problem is None


def _reasons(switch: KillSwitch, recording: Recording) -> Iterator[str]:
    act = recording.act
    actor = _actor(switch, recording)
    who = code(actor) if actor else "unknown GitHub user"
    if _asked_again(recording) and switch.reached:
        yield f"- **Asked again by:** {who}: {markdown(switch.reason, REASON_LIMIT)}"
        return
    when = f", {_moment(act)}{_run(act.run)}" if act else ""
    yield f"- **Why:** {markdown(switch.reason, REASON_LIMIT)}"
    yield f"- **Who:** {who}{when}"


def _whereabouts(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    yield f"- **Org:** {code(switch.host)}"
    release = recording.act.release if recording.act else None
    if release:
        commit = link(release.commit[:12], steps.commit(release.commit))
        yield f"- **Deployed there:** {markdown(release.name, 200)} ({commit})"
    if switch.reached or recording.problem:
        yield f"- **Recorded:** {_recorded_markdown(recording, steps)}"


def _table(switch: KillSwitch) -> Iterator[str]:
    yield "| Agent | In the org now | Before |"
    yield "|---|---|---|"
    for agent in switch.agents:
        warning = " ⚠️ not as requested" if agent.name in switch.missed else ""
        yield f"| {code(agent.name)} | {_now(agent)}{warning} | {version_words(agent.before)} |"
    known = {each.name for each in switch.agents}
    for name in switch.missed:
        if name not in known:
            yield f"| {code(name)} | ⚠️ not in the org | |"


def _now(agent: AgentChange) -> str:
    return "stopped" if agent.live is None else version_words(agent.live)


def _still_on(switch: KillSwitch, show: Callable[[str], str]) -> str:
    """The other agents of the manifest that users can talk to; '' if there are none."""
    if switch.others is None:
        return "unknown, because the org did not say which other agents are active"
    on = [f"{show(each.name)} v{each.live}" for each in switch.others if each.live is not None]
    return ", ".join(on[:_SHOWN]) + (f" and {len(on) - _SHOWN} more" if len(on) > _SHOWN else "")


def _recorded_line(recording: Recording, steps: NextSteps) -> str:
    if recording.problem:
        return f"NOT recorded: {one_line(recording.problem.message)} {one_line(recording.problem.fix)}"
    return f"Recorded: {one_line(steps.ledger) or 'in GitHub deployments'}"


def _recorded_markdown(recording: Recording, steps: NextSteps) -> str:
    if recording.problem:
        problem = recording.problem
        return (
            f"⚠️ **no**. {markdown(problem.message)} {markdown(problem.fix)} Run this again: it completes the record."
        )
    return f"in {link('the deployments of this environment', steps.ledger)}"


def _step(step: NextStep, name: str) -> str:
    page = f"{link(name, step.page)}, or " if step.page else ""
    return f"{page}{code(step.line)}"


def _by(act: Act, *, markup: bool = False) -> str:
    actor = one_line(act.actor, 100)
    who = (code(actor) if markup else actor) if actor else "somebody unknown"
    return f"by {who} on {_moment(act)}"


def _place(done: str, switch: KillSwitch) -> str:
    return f"{done} in {one_line(switch.environment, 100)} ({one_line(switch.host, 100)})"


def _person(switch: KillSwitch, recording: Recording) -> str:
    return f"by {one_line(_actor(switch, recording), 100) or 'somebody unknown'}"


def _actor(switch: KillSwitch, recording: Recording) -> str:
    return (recording.act.actor if recording.act else "") or switch.actor


def _moment(act: Act) -> str:
    return act.time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _run(url: str) -> str:
    page = link("run", url)
    return f" ({page})" if page != "run" else ""
