"""What a reader asks of a rollback first: what is live now, what merging does, and how to release again.

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
    """What is live now, and who changed that. proposal: what has to be merged, in words."""
    bad, where = say.release(rollback.bad), say.text(rollback.environment)
    until = f"until {proposal} is merged and promoted"
    activated, off = _split(rollback)
    more = f"{len(off) - _SHOWN} more agents are stopped." if len(off) > _SHOWN else ""
    parts = [*(_stopped(each, say) for each in off[:_SHOWN]), more, _active_again(activated, rollback, say)]
    if not rollback.was_live:
        failed = say.strong(f"The deployment of {bad} to {where} failed.")
        parts.append(f"{failed} What it left there stays {until}.")
    elif rollback.stops:
        parts.append(f"Everything else of {bad}, such as its prompts, flows and Apex, stays live in {where} {until}.")
    else:
        parts += [f"{say.strong(f'{bad} is live in {where}')} {until}.", _activating(rollback, say)]
    return " ".join(filter(None, parts))


def stopping(rollback: Rollback, say: Words) -> str:
    """How to stop the agents that are live; '' if all of them are stopped."""
    _, off = _split(rollback)
    stopped = {each.agent.casefold() for each in off}
    running = [each for each in rollback.bad.agents if each.casefold() not in stopped]
    if off and not running:
        return ""
    names = _listed([say.text(each) for each in running])
    still = " that are still on" if off else ""
    command = say.code(_command("disable", rollback.environment, "--reason"))
    page = rollback.pages.kill_switch
    ways = f"{say.link('run the kill switch', page)}, or {command}" if page else command
    lead = say.strong(f"To stop all agents of {say.release(rollback.bad)}{still} at once")
    return f"{lead}{f' ({names})' if names else ''}: {ways}."


def merging(rollback: Rollback, say: Words, *, proposal: str = "this pull request") -> str:
    """What merging starts, and whether anything is left to do."""
    where, pages = say.text(rollback.environment), rollback.pages
    if pages.promotion or not pages.repository:
        action = f"Merging {proposal} starts {say.link('the promotion', pages.promotion)}"
    else:
        action = f"After merging {proposal}, promote the merge commit"
    lane = (
        "in the fast lane, without new smoke tests and without a new gate decision, because this content was live "
        "there before. The environment's reviewers approve it as usual, and it is verified after the deployment, "
        "or, if an agent is still stopped then, after its restart."
        if rollback.fast_lane
        else "with smoke tests, gate and reviewers as for every release."
    )
    rest = "Then do what is listed below." if rollback.checklist else "There are no manual steps."
    return f"{say.strong(action)} to {where}: {lane} {rest}"


def releasing_again(
    rollback: Rollback, say: Words, *, proposal: str = "this pull request", withdrawable: bool = True
) -> str:
    """How to release again after the rollback. withdrawable: whether closing the proposal withdraws the rollback."""
    bad, command = say.release(rollback.bad), _command("rollback", rollback.environment, "--withdraw --reason")
    good_after_all = f"If {bad} is good after all, withdraw the rollback: run {say.code(command)}"
    closing = say.strong(f"Closing {proposal} without merging it withdraws the rollback")
    return (
        f"{say.strong('To release again:')} the content of {bad} stays refused, under any commit. After {proposal} "
        f"is merged, revert its merge on a branch, add the fix, and merge that branch: other content is promoted as "
        f"usual. {good_after_all}. " + (f"{closing} too: {bad} may then be promoted again." if withdrawable else "")
    ).rstrip()


def _split(rollback: Rollback) -> tuple[list[OpenStop], list[OpenStop]]:
    """The stops that activated the good release's versions, and the others."""
    activated = [each for each in rollback.stops if _is_of_good(each, rollback)]
    return activated, [each for each in rollback.stops if each not in activated]


def _is_of_good(stop: OpenStop, rollback: Rollback) -> bool:
    target = stop.act.target
    return stop.version is not None and target is not None and target.commit == rollback.good.commit


def _active_again(stops: list[OpenStop], rollback: Rollback, say: Words) -> str:
    if not stops:
        return ""
    agents = _listed([f"{say.text(each.agent)} v{each.version}" for each in stops])
    lead = say.strong(f"The agent versions of {say.release(rollback.good)} are active again:")
    return f"{lead} {agents}, activated {_by(stops[0], say)}."


def _listed(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def _stopped(stop: OpenStop, say: Words) -> str:
    state = "off" if stop.version is None else f"stopped at v{stop.version}"
    reason = f": {say.text(stop.act.reason, 150)}" if stop.act.reason else ""
    lead = say.strong(f"{say.text(stop.agent)} is {state}")
    return f"{lead} {_by(stop, say)}{reason}. It stays so after the merge, until somebody restarts it."


def _by(stop: OpenStop, say: Words) -> str:
    when = stop.act.time.strftime("%Y-%m-%d %H:%M %Z").strip()
    who = f"by {say.text(stop.act.actor)} " if stop.act.actor else ""
    run = f" ({say.link('run', stop.act.run)})" if stop.act.run else ""
    return f"{who}on {when}{run}"


def _activating(rollback: Rollback, say: Words) -> str:
    if not rollback.activating:
        return ""
    run = say.link("the run that opened this rollback", rollback.pages.run)
    return (
        f"The job Activate of {run} activates the agent versions of {say.release(rollback.good)} at once: run "
        f"{say.code('wavegate status')} for what is live."
    )


def _command(name: str, environment: str, options: str) -> str:
    where = environment if _PLAIN.fullmatch(environment) else f'"{environment}"'
    return f'wavegate {name} {where} {options} "…"'
