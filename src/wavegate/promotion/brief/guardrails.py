"""The brief's section about what bounds the agents: what widens, line by line, and the rest folded."""

from wavegate.findings.finding import Location
from wavegate.guardrails.diff.as_markdown import change_lines
from wavegate.guardrails.diff.as_text import summary
from wavegate.promotion.brief.values import Brief

_SHOWN = 20
"""Maximum changes in a list; `wavegate guardrails diff` lists all."""


def guardrails(brief: Brief) -> str:
    """What the promotion changes in what bounds the agents; '' if it has nothing to compare with."""
    found, plan = brief.plan.guardrails, brief.plan
    if found is None or plan.since is None:
        return ""
    if not found:
        return "**What bounds the agents:** unchanged."
    since, pages, folder = plan.since, brief.links.pages, brief.links.folder

    def page(location: Location, *, earlier: bool) -> str:
        return pages.diff_line(since, plan.commit, folder + location.file, location.line, earlier=earlier)

    return "\n".join([f"**What bounds the agents:** {summary(found)}.", "", *change_lines(found, page, shown=_SHOWN)])
