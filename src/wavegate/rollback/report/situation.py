"""What a reader asks of a rollback: which agents answer customers now, and how to release again.

The same sentences for Markdown and for a log.
"""

import re
from dataclasses import dataclass

from wavegate.ledger.acts.holds import OpenStop
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.values import Rollback
from wavegate.text import code, link, markdown, one_line

_SHOWN = 3
"""Maximum agents that are named; a stop is usually of one or two."""
_PLAIN = re.compile(r"[\w.-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Text from outside as Markdown, or as plain text of a log."""

    is_markdown: bool

    def text(self, text: str, limit: int = 60) -> str:
        """The text as words."""
        return markdown(text, limit) if self.is_markdown else one_line(text, limit)

    def code(self, text: str) -> str:
        """The text as it has to be typed."""
        return code(text, 150) if self.is_markdown else one_line(text, 300)

    def strong(self, text: str) -> str:
        """What matters most. text: already safe."""
        return f"**{text}**" if self.is_markdown else text

    def link(self, label: str, url: str) -> str:
        """A page; without its URL, the label alone."""
        if self.is_markdown:
            return link(label, url)
        return f"{one_line(label, 100)} ({one_line(url, 300)})" if url else one_line(label, 100)

    def release(self, release: ReleaseRef) -> str:
        """A release by its name, or by its commit if it has none."""
        nameless = release.commit.startswith(release.name)
        return self.text(release.commit[:12] if nameless else release.name)


MARKDOWN = Words(is_markdown=True)
PLAIN = Words(is_markdown=False)


def live_now(rollback: Rollback, say: Words, *, proposal: str = "this pull request") -> str:
    """Which agents answer customers, and until when. proposal: what has to be merged, in words."""
    bad, where = say.release(rollback.bad), say.text(rollback.environment)
    until = f"until {proposal} is merged and promoted"
    activated, stopped = split_stops(rollback)
    more = f"{len(stopped) - _SHOWN} more agents are stopped." if len(stopped) > _SHOWN else ""
    parts = [*(_stopped(each, say) for each in stopped[:_SHOWN]), more, _active_again(activated, rollback, say)]
    rest = f"Everything else of {bad}, such as its prompts, flows and Apex, stays live in {where} {until}."
    if not rollback.was_live:
        failed = say.strong(f"The deployment of {bad} to {where} failed.")
        parts.append(f"{failed} What it left there stays {until}.")
    elif rollback.copies:
        parts.append(_piloted(rollback, say, until))
    elif rollback.stops:
        parts.append(rest)
    elif rollback.activating:
        parts += [_activating(rollback, say), rest]
    else:
        parts.append(f"{say.strong(f'{bad} is live in {where}')} and its agents answer {until}.")
    return " ".join(filter(None, parts))


def _piloted(rollback: Rollback, say: Words, until: str) -> str:
    """Who has the bad release as copies, and how to take it from them at once."""
    bad, copies = say.release(rollback.bad), named([say.text(each) for each in rollback.copies])
    cohorts = named([say.text(each) for each in rollback.cohorts]) or "the pilot"
    lead = say.strong(f"Only the pilot has {bad} in {say.text(rollback.environment)}:")
    at_once = command_line("disable", rollback.environment, f"--agent {rollback.copies[0]} --reason")
    return (
        f"{lead} {cohorts}, as {copies}, {until}. That takes the cohorts' access away and deactivates the copies. "
        f"The live agents were never changed. To deactivate a copy at once: {say.code(at_once)}."
    )


def releasing_again(rollback: Rollback, say: Words, *, proposal: str = "this pull request") -> str:
    """How to release again after the rollback, and how to withdraw it."""
    bad = say.release(rollback.bad)
    withdrawal = command_line("rollback", rollback.environment, "--withdraw --reason")
    return (
        f"{say.strong('To release again:')} the content of {bad} stays refused, under any commit. After {proposal} "
        f"is merged, revert its merge on a branch, add the fix, and merge that branch: other content is promoted as "
        f"usual. If {bad} is good after all, withdraw the rollback: run {say.code(withdrawal)}."
    )


def closing(rollback: Rollback, say: Words, *, proposal: str = "this pull request") -> str:
    """What closing the proposal does."""
    lead = say.strong(f"Do not close {proposal}:")
    return (
        f"{lead} closing it without merging it withdraws the rollback, and {say.release(rollback.bad)} may be "
        "promoted again."
    )


def split_stops(rollback: Rollback) -> tuple[list[OpenStop], list[OpenStop]]:
    """The stops that activated the good release's versions, and the others."""
    activated = [each for each in rollback.stops if _is_of_good(each, rollback)]
    return activated, [each for each in rollback.stops if each not in activated]


def _is_of_good(stop: OpenStop, rollback: Rollback) -> bool:
    target = stop.act.target
    return stop.version is not None and target is not None and target.commit == rollback.good.commit


def _active_again(stops: list[OpenStop], rollback: Rollback, say: Words) -> str:
    if not stops:
        return ""
    agents = named([f"{say.text(each.agent)} v{each.version}" for each in stops])
    lead = say.strong(f"The agent versions of {say.release(rollback.good)} are active again:")
    return f"{lead} {agents}, activated {_by(stops[0], say)}."


def named(names: list[str]) -> str:
    """The first names, and whether there are more."""
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _stopped(stop: OpenStop, say: Words) -> str:
    state = "stopped" if stop.version is None else f"stopped at v{stop.version}"
    reason = f": {say.text(stop.act.reason, 150)}" if stop.act.reason else ""
    lead = say.strong(f"{say.text(stop.agent)} is {state}")
    return f"{lead} {_by(stop, say)}{reason}. It stays stopped after the merge, until somebody restarts it."


def _by(stop: OpenStop, say: Words) -> str:
    when = stop.act.time.strftime("%Y-%m-%d %H:%M %Z").strip()
    who = f"by {say.text(stop.act.actor)} " if stop.act.actor else ""
    run = f" ({say.link('run', stop.act.run)})" if stop.act.run else ""
    return f"{who}on {when}{run}"


def _activating(rollback: Rollback, say: Words) -> str:
    """The state that nobody knows when this is written: another job of the run changes it meanwhile."""
    job = say.link("the job Activate", rollback.pages.run)
    bad, good = say.release(rollback.bad), say.release(rollback.good)
    lead = say.strong(f"The agents of {bad} answer in {say.text(rollback.environment)}")
    return f"{lead} until {job} has succeeded, and those of {good} after it."


def command_line(name: str, environment: str, options: str) -> str:
    """A command as it is typed. options: ends with one that takes a text."""
    where = environment if _PLAIN.fullmatch(environment) else f'"{environment}"'
    return f'wavegate {name} {where} {options} "…"'
