"""A pulled kill switch for whoever follows up: what is live now, why, and by whom."""

from collections.abc import Iterator

from wavegate.deploy.rollout_report import version_words
from wavegate.deploy.rollout_values import KillSwitch
from wavegate.ledger.deployment import REASON_LIMIT
from wavegate.text import code, markdown


def kill_switch_markdown(switch: KillSwitch) -> str:
    """The step's summary."""
    return "\n".join(_markdown(switch)) + "\n"


def _markdown(switch: KillSwitch) -> Iterator[str]:
    title = (
        "❌ Not all agents stopped" if switch.missed else "🛑 Kill switch" if switch.changed else "Nothing to stop"
    )
    yield f"## {title}: {markdown(switch.environment, 100)}"
    yield ""
    yield "| Agent | Live now | Before |"
    yield "|---|---|---|"
    for each in switch.agents:
        warning = " ⚠️ not what was asked for" if each.name in switch.missed else ""
        yield f"| {code(each.name)} | {version_words(each.live)}{warning} | {version_words(each.before)} |"
    known = {each.name for each in switch.agents}
    for name in switch.missed:
        if name not in known:
            yield f"| {code(name)} | ⚠️ not in the org | |"
    yield ""
    yield f"- Reason: {markdown(switch.reason, REASON_LIMIT)}"
    yield f"- By: {code(switch.actor) if switch.actor else 'nobody known to GitHub'}. {markdown(switch.note)}"
    yield f"- Org: {code(switch.host)}"
    yield ""
    yield (
        "An earlier version brings back its topics and instructions, not the flows, Apex and prompts that it calls: "
        "roll the release back for those."
    )
