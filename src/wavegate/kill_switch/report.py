"""The result of the kill switch for whoever follows up: what is live now, why, and who did it."""

from collections.abc import Iterator

from wavegate.deploy.rollout_report import version_words
from wavegate.deploy.rollout_values import KillSwitch
from wavegate.ledger.deployment import REASON_LIMIT
from wavegate.text import code, markdown


def kill_switch_markdown(switch: KillSwitch) -> str:
    """The step summary."""
    return "\n".join(_markdown(switch)) + "\n"


def _markdown(switch: KillSwitch) -> Iterator[str]:
    title = (
        "❌ Kill switch incomplete"
        if switch.missed
        else "🛑 Kill switch"
        if switch.changed
        else "Kill switch: nothing to change"
    )
    yield f"## {title}: {markdown(switch.environment, 100)}"
    yield ""
    yield "| Agent | Live now | Before |"
    yield "|---|---|---|"
    for agent in switch.agents:
        warning = " ⚠️ not as requested" if agent.name in switch.missed else ""
        yield f"| {code(agent.name)} | {version_words(agent.live)}{warning} | {version_words(agent.before)} |"
    known = {each.name for each in switch.agents}
    for name in switch.missed:
        if name not in known:
            yield f"| {code(name)} | ⚠️ not in the org | |"
    yield ""
    yield f"- Reason: {markdown(switch.reason, REASON_LIMIT)}"
    yield f"- By: {code(switch.actor) if switch.actor else 'unknown GitHub user'}. {markdown(switch.note)}"
    yield f"- Org: {code(switch.host)}"
    yield ""
    yield (
        "Activating an earlier version restores its topics and instructions, but not the flows, Apex and prompts "
        "that it calls. To restore those, roll the release back."
    )
