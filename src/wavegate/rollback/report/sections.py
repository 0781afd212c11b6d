"""The parts that a rollback's pull request and its step summary share, as Markdown within GitHub's limits."""

from collections.abc import Sequence

from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import Pages, Rollback, RollbackPlan
from wavegate.text import code, link, markdown, pluralize

BODY_LIMIT = 50_000
"""Maximum characters of our section. GitHub allows 65,536; an issue adds a long link, and people add text."""
_ROOM = 5_000
"""Maximum characters of one list."""
_ROWS = 200
_VERSIONS = 1_500
"""Maximum characters of the agent versions."""


def facts(rollback: Rollback, *, is_headed: bool = False) -> str:
    """The list of incident, reason, releases, agent versions and files.

    is_headed: whether the heading has the incident.
    """
    incident, pages, counted = _incident(rollback.incident), rollback.pages, counts(rollback.plan, mark="**")
    difference = link("what the bad release changed", pages.compare(rollback.good.commit, rollback.bad.commit))
    compared = f" ({difference})" if pages.repository else ""
    rows = [
        ("Incident", "" if is_headed and incident else incident or "not given"),
        ("Reason", markdown(rollback.reason, 1000) or "not given"),
        ("Bad release", _release(rollback.bad, pages)),
        ("To restore", _release(rollback.good, pages)),
        ("Agent versions", _versions(rollback)),
        ("Files", counted + compared),
    ]
    return "\n".join(f"- **{name}:** {value}" for name, value in rows if value)


def heading(rollback: Rollback) -> str:
    """The heading, which begins with the incident if one was given."""
    bad, good = (_name(each) for each in (rollback.bad, rollback.good))
    where = markdown(rollback.environment, 60)
    if rollback.incident:
        return f"### {_incident(rollback.incident, 60)}: roll {where} back from {bad} to {good}"
    return f"### Roll {where} back from {bad} to {good}"


def conflicts(rollback: Rollback, *, room: int = _ROOM) -> str:
    """The warning about paths that stay as they are; '' if there are none."""
    paths = rollback.plan.conflicts
    if not paths:
        return ""
    head = (
        f"{pluralize(len(paths), 'path')} changed on {code(rollback.base, 150)} after the bad release. "
        "The rollback does not touch them:"
    )
    rows = _fitting([f"> - {code(path, 300)}" for path in paths], "> - … and {} more", room=room)
    return "\n".join(["> [!WARNING]", f"> {head}", *rows])


def listed(heading: str, items: Sequence[str], bullet: str) -> str:
    """A list below a heading; '' without items. items: plain text."""
    rows = _fitting([f"{bullet} {markdown(item, 1000)}" for item in items], f"{bullet} … and {{}} more")
    return "\n".join([f"**{heading}**", "", *rows]) if items else ""


def folded(summary: str, text: str) -> str:
    """Text below a summary that opens it. Both are Markdown or fixed words."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def with_files(text: str, rollback: Rollback) -> str:
    """The text, followed by what is restored, folded: components by kind, then files as far as the limit allows.

    Deleted files come first.
    """
    plan = rollback.plan
    rows = [f"| to delete | {code(path, 300)} |" for path in plan.deleted]
    rows += [f"| to restore | {code(path, 300)} |" for path in plan.restored]
    if not rows:
        return text
    kinds = _fitting([f"- {markdown(each, 1000)}" for each in rollback.restored], "- … and {} more")
    room = BODY_LIMIT - len(text) - sum(len(each) + 1 for each in kinds) - 200
    shown = _fitting(rows, "| | … and {} more |", room=room)
    listing = [*kinds, *([""] if kinds else []), "| Change | File |", "|---|---|", *shown]
    return "\n\n".join([text, folded(f"What is restored: {pluralize(len(rows), 'file')}", "\n".join(listing))])


def counts(plan: RollbackPlan, mark: str = "") -> str:
    """The plan in numbers. mark: Markdown around the number of conflicts, if it is not zero."""
    numbers = (
        f"{pluralize(len(plan.restored), 'file')} to restore",
        f"{len(plan.deleted):,} to delete",
        f"{plan.unchanged:,} unchanged",
    )
    mark = mark if plan.conflicts else ""
    return ", ".join((*numbers, f"{mark}{pluralize(len(plan.conflicts), 'conflict')}{mark}"))


def _fitting(rows: Sequence[str], more: str, *, room: int = _ROOM) -> list[str]:
    """As many rows as fit into `room` characters, and how many are left out. Escaping can make a row long."""
    shown: list[str] = []
    for row in rows[:_ROWS]:
        room -= len(row) + 1
        if room < 0:
            break
        shown.append(row)
    left = len(rows) - len(shown)
    return [*shown, more.format(f"{left:,}")] if left else shown


def _versions(rollback: Rollback) -> str:
    """The version of every agent with the bad and with the good release; '' if they are unknown."""
    bad, good = rollback.bad.agents, rollback.good.agents
    names = sorted({*bad, *good})
    shown = [f"{markdown(name, 60)} {_change(bad.get(name, ''), good.get(name, ''))}" for name in names]
    return ", ".join(_fitting(shown, "… and {} more", room=_VERSIONS))


def _change(bad: str, good: str) -> str:
    before, after = (markdown(each, 40) or "none" for each in (bad, good))
    return f"{after} (unchanged)" if bad == good else f"{before} → {after}"


def _name(release: ReleaseRef) -> str:
    return release.commit[:12] if release.commit.startswith(release.name) else markdown(release.name, 60)


def _release(release: ReleaseRef, pages: Pages) -> str:
    name = "" if release.commit.startswith(release.name) else f"{markdown(release.name, 100)} at "
    name_of_run = "the run that deployed it"
    run = link(name_of_run, release.run)
    deployed = f", {run}" if run != name_of_run else ""
    return f"{name}{link(release.commit[:12], pages.commit(release.commit))}{deployed}"


def _incident(text: str, limit: int = 150) -> str:
    """The incident's number, or a link to its page without the scheme, which would need a joiner."""
    return link(text.partition("://")[2] or text, text, limit)
