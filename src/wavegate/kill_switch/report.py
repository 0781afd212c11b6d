"""The screens of a stop and a restart, for the person who is on call and for whoever follows up."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC

from wavegate.deploy.rollout_report import live_words, version_words
from wavegate.kill_switch.values import KillSwitch, NextStep, NextSteps, Recording
from wavegate.ledger.acts.act import Act
from wavegate.ledger.deployment import REASON_LIMIT
from wavegate.text import code, markdown, one_line

_ADDRESS = re.compile(r"https?://[\w.:/?=&#%~+-]{1,500}")
_RULE = "promotion/stopped"
_SHOWN = 5
"""Maximum agents that are named in a sentence."""


def agent_lines(switch: KillSwitch) -> Iterator[str]:
    """Log lines: what is live now, as soon as it is known."""
    for agent in switch.agents:
        missed = " — NOT as requested" if agent.name in switch.missed else ""
        yield f"{one_line(agent.name, 100)}: {live_words(agent)}{missed}"


def stop_lines(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    """Log lines below those of the agents: who stopped them, whether it is recorded, and what to do next."""
    for each in recording.earlier:
        yield f"{one_line(each.agent, 100)} was stopped already {_by(each.act)}: {one_line(each.act.reason, 300)}"
    yield f"Org: {switch.host}. {one_line(switch.note)}"
    yield _recorded_line("The stop", recording, steps)
    if switch.reached:
        yield f"Next release: {_next_release(switch, recording, one_line)}"
        yield f"Restart: {steps.enable.line}"
    yield f"Roll back: {steps.rollback.line}"


def restart_lines(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    """Log lines below those of the agents: whether the restart is recorded, and what is still stopped."""
    yield f"Org: {switch.host}. {one_line(switch.note)}"
    yield _recorded_line("The restart", recording, steps)
    for each in recording.earlier:
        yield f"{one_line(each.agent, 100)} is still stopped {_by(each.act)}: {one_line(each.act.reason, 300)}"


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
    for each in recording.earlier:
        who = f"{_by(each.act, markup=True)}: {markdown(each.act.reason, REASON_LIMIT)}"
        yield f"- **Stopped already:** {code(each.agent)} {who}{_run(each.act.run)}"
    yield from _reasons(switch, recording)
    yield f"- **Org:** {code(switch.host)}{_release(recording, steps)}"
    yield f"- **Recorded:** {_recorded_markdown(recording, steps)}"
    if switch.reached:
        yield f"- **Next release:** {_next_release(switch, recording, code)}"
        yield f"- **Restart:** {_step(steps.enable)}"
    yield f"- **Roll back:** {_step(steps.rollback)}"
    if any(each.live is not None for each in switch.reached):
        yield ""
        yield (
            "An earlier version has its own topics and instructions, but it calls the flows, Apex and prompts of the "
            "live release. To restore those too, roll the release back."
        )


def _stop_title(switch: KillSwitch, recording: Recording) -> str:
    if switch.missed:
        return "❌ Kill switch incomplete"
    if recording.earlier and not recording.act:
        return "🛑 Stopped already"
    return "🛑 Stopped"


def _restart(switch: KillSwitch, recording: Recording, steps: NextSteps) -> Iterator[str]:
    title = "❌ Restart incomplete" if switch.missed else "✅ Restarted" if switch.agents else "Nothing to restart"
    yield f"## {title} in {markdown(switch.environment, 100)}"
    yield ""
    if switch.agents or switch.missed:
        yield from _table(switch)
        yield ""
    yield from _reasons(switch, recording)
    yield f"- **Org:** {code(switch.host)}{_release(recording, steps)}"
    yield f"- **Recorded:** {_recorded_markdown(recording, steps)}"
    for each in recording.earlier:
        who = f"{_by(each.act, markup=True)}: {markdown(each.act.reason, REASON_LIMIT)}"
        yield f"- **Still stopped:** {code(each.agent)} {who}{_run(each.act.run)}"


def _reasons(switch: KillSwitch, recording: Recording) -> Iterator[str]:
    act = recording.act
    actor = (act.actor if act else "") or switch.actor
    who = code(actor) if actor else "unknown GitHub user"
    if recording.earlier and not act and not recording.problem:
        # what this person asked for changed nothing, and is not in the ledger
        yield f"- **Asked again by:** {who}: {markdown(switch.reason, REASON_LIMIT)}"
        return
    when = f", {_moment(act)}{_run(act.run)}" if act else ""
    yield f"- **Why:** {markdown(switch.reason, REASON_LIMIT)}"
    yield f"- **Who:** {who}{when}. {markdown(switch.note)}"


def _table(switch: KillSwitch) -> Iterator[str]:
    yield "| Agent | Live now | Before |"
    yield "|---|---|---|"
    for agent in switch.agents:
        warning = " ⚠️ not as requested" if agent.name in switch.missed else ""
        yield f"| {code(agent.name)} | {version_words(agent.live)}{warning} | {version_words(agent.before)} |"
    known = {each.name for each in switch.agents}
    for name in switch.missed:
        if name not in known:
            yield f"| {code(name)} | ⚠️ not in the org | |"


def _next_release(switch: KillSwitch, recording: Recording, show: Callable[[str], str]) -> str:
    """What happens to the next release. show: how a name is shown."""
    if recording.problem:
        return "not held back until the stop is recorded, unless its deployment finds an agent inactive."
    names = [show(each.name) for each in switch.reached[:_SHOWN]]
    more = f" and {len(switch.reached) - _SHOWN} more" if len(switch.reached) > _SHOWN else ""
    return (
        f"refused ({show(_RULE)}) until the restart of {', '.join(names)}{more}, whatever is merged or pushed. "
        f"Only a rollback, or a release with other content that says {show('resume: true')}, is promoted."
    )


def _recorded_line(what: str, recording: Recording, steps: NextSteps) -> str:
    if recording.problem:
        problem = recording.problem
        return f"{what} is NOT recorded: {one_line(problem.message)} {one_line(problem.fix)}"
    if not (recording.act or recording.earlier):
        return f"{what} did not have to be recorded."
    return f"{what} is recorded in GitHub's deployments{f': {steps.ledger}' if steps.ledger else ''}"


def _recorded_markdown(recording: Recording, steps: NextSteps) -> str:
    if recording.problem:
        problem = recording.problem
        return (
            f"⚠️ **no**. {markdown(problem.message)} {markdown(problem.fix)} Run this again: it completes the record."
        )
    if not (recording.act or recording.earlier):
        return "there was nothing to record"
    return f"in {_link('the ledger of this environment', steps.ledger)}"


def _step(step: NextStep) -> str:
    page = f"{_link('run the workflow', step.page)}, or " if _ADDRESS.fullmatch(step.page) else ""
    return f"{page}{code(step.line)}"


def _release(recording: Recording, steps: NextSteps) -> str:
    release = recording.act.release if recording.act else None
    if release is None:
        return ""
    commit = _link(code(release.commit[:12]), steps.commit(release.commit))
    return f", with {markdown(release.name, 200)} ({commit}) live"


def _by(act: Act, *, markup: bool = False) -> str:
    actor = one_line(act.actor, 100)
    who = (code(actor) if markup else actor) if actor else "somebody unknown"
    return f"by {who} on {_moment(act)}"


def _moment(act: Act) -> str:
    return act.time.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _run(url: str) -> str:
    return f" ({_link('run', url)})" if _ADDRESS.fullmatch(url) else ""


def _link(words: str, url: str) -> str:
    """A link that can be clicked. An address of any other form is left out, and the words stay."""
    return f"[{words}]({url})" if _ADDRESS.fullmatch(url) else words
