"""A status as the step summary shows it."""

from collections.abc import Iterator

from wavegate.ledger.moment import moment_text
from wavegate.ledger.status.as_text import moment_note
from wavegate.ledger.status.lines import StatusLine, by_text, expected_agents, hold_lines, hold_names, live_lines
from wavegate.ledger.status.values import EnvironmentState, EnvironmentStatus, StatusReport
from wavegate.text import code, link, markdown

_MARKS = {
    EnvironmentState.LIVE: "✅",
    EnvironmentState.ROLLED_BACK: "⏪",
    EnvironmentState.IN_PROGRESS: "⏳",
    EnvironmentState.FAILED: "❌",
    EnvironmentState.NOTHING: "–",
}


def status_markdown(report: StatusReport) -> str:
    """The step summary: what holds each environment, one table of what is live, and the details folded below."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: StatusReport) -> Iterator[str]:
    yield from ("## What is live", "")
    if note := moment_note(report):
        yield from (markdown(note), "")
    for status in report.environments:
        yield from (f"- {code(status.environment)} {_bullet(line)}" for line in hold_lines(status))
    yield from ("", "| Environment | State | Release | Since | By | Agents |", "|---|---|---|---|---|---|")
    yield from (_row(status, report.repository) for status in report.environments)
    for status in report.environments:
        yield from ("", f"<details><summary>{code(status.environment)}</summary>", "")
        yield from (f"- {_bullet(line)}" for line in live_lines(status))
        yield from ("", "</details>")


def _row(status: EnvironmentStatus, repository: str) -> str:
    live = status.live
    cells = [f"{_mark(status)} {markdown(', '.join(hold_names(status)) or status.state.value)}"]
    if live:
        commit = link(live.commit[:12], f"{repository}/commit/{live.commit}")
        by = by_text(status, live)
        cells += [f"{markdown(live.title, 100)} at {commit}", moment_text(live.live_since), markdown(by, 300)]
        cells += [markdown(expected_agents(status), 300)]
    else:
        cells += ["nothing live" if status.state is not EnvironmentState.UNKNOWN else "unknown", "", "", ""]
    return f"| {code(status.environment)} | {' | '.join(cells)} |"


def _mark(status: EnvironmentStatus) -> str:
    return "⛔" if hold_names(status) else _MARKS.get(status.state, "❔")


def _bullet(line: StatusLine) -> str:
    links = "".join(f" {link(text, url)}" for text, url in line.links if url)
    fix = f" → {code(line.fix)}" if line.fix else ""
    return f"**{markdown(line.label)}** {markdown(line.text, 1500)}{links}{fix}"
