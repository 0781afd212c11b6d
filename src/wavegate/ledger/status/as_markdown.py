"""A status as the step summary shows it."""

from collections.abc import Iterator

from wavegate.ledger.moment import moment_text
from wavegate.ledger.status.as_text import moment_note
from wavegate.ledger.status.lines import (
    StatusLine,
    agents_now,
    by_text,
    canary_line,
    hold_lines,
    hold_names,
    hold_titles,
    live_lines,
    pilot_line,
    rollback_command,
)
from wavegate.ledger.status.values import EnvironmentState, EnvironmentStatus, StatusReport
from wavegate.text import code, link, markdown

_MARKS = {
    EnvironmentState.LIVE: "✅",
    EnvironmentState.ROLLED_BACK: "⏪",
    EnvironmentState.IN_PROGRESS: "⏳",
    EnvironmentState.FAILED: "❌",
    EnvironmentState.NOTHING: "–",
}
_END = {
    "STOPPED": "restart, which brings back what was stopped, only if that is good after all: ",
    "LOCKED": "to unlock: ",
}
"""What the command of a hold does."""
_SHOWN = ("live", "by", "agents")
"""Lines about a live release whose words stand above the fold."""


def status_markdown(report: StatusReport) -> str:
    """The step summary: for each environment what holds it, what is live and its agents; the rest is folded."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: StatusReport) -> Iterator[str]:
    yield from ("## What is live", "")
    if note := moment_note(report):
        yield from (markdown(note), "")
    elif report.read_at:
        yield from (f"As of {markdown(moment_text(report.read_at))}.", "")
    # what is not well comes first, then what is closest to the users
    places = {each.environment: place for place, each in enumerate(report.environments)}
    for status in sorted(report.environments, key=lambda each: (not hold_names(each), -places[each.environment])):
        yield from _environment(status, report.repository)


def _environment(status: EnvironmentStatus, repository: str) -> Iterator[str]:
    names = ", ".join(hold_titles(status)) or status.state.value
    yield from (f"### {code(status.environment)} {_mark(status)} {markdown(names)}", "")
    yield from (f"- {_bullet(line, status)}" for line in hold_lines(status))
    yield f"- {_live(status, repository)}"
    if status.live:
        yield f"- **agents now** {markdown(agents_now(status), 600)}"
    if status.pilot:
        yield f"- {_bullet(pilot_line(status.pilot), status)}"
    if status.looks:
        yield f"- {_bullet(canary_line(status.looks), status)}"
    yield from ("", "<details><summary>Evidence, drift and history</summary>", "")
    yield from (f"- {_bullet(line, status)}" for line in live_lines(status) if line.label not in _SHOWN)
    yield from ("", "</details>", "")


def _live(status: EnvironmentStatus, repository: str) -> str:
    live = status.live
    if live is None:
        return "nothing live" if status.state is not EnvironmentState.UNKNOWN else "**live** unknown"
    commit = link(live.commit[:12], f"{repository}/commit/{live.commit}")
    name, since = markdown(live.title, 100), markdown(moment_text(live.live_since))
    return f"**live** {name} at {commit} since {since}, by {markdown(by_text(status, live), 300)}"


def _mark(status: EnvironmentStatus) -> str:
    names = hold_names(status)
    return "🛑" if "STOPPED" in names else "⛔" if names else _MARKS.get(status.state, "❔")


def _bullet(line: StatusLine, status: EnvironmentStatus) -> str:
    links = "".join(f" · {link(text, url)}" for text, url in line.links if url)
    if line.label == "STOPPED" and not status.rollback:
        links += f"<br>→ roll back: {code(rollback_command(status))}"
    fix = f"<br>→ {_END.get(line.label, '')}{code(line.fix)}" if line.fix else ""
    return f"**{markdown(line.label)}** {markdown(line.text, 1500)}{links}{fix}"
