"""Why a promotion is blocked, or admitted out of the ordinary: step summary, and first lines of the brief."""

from collections.abc import Sequence

from wavegate.ledger.acts.words import shown_time
from wavegate.ledger.deployment import Deployment
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.text import code, link, markdown, prose

_HOLDS = {
    RefusalRule.STOPPED: ("🛑", "STOPPED"),
    RefusalRule.LOCKED: ("🔒", "LOCKED"),
    RefusalRule.ROLLED_BACK: ("⏪", "ROLLED BACK"),
    RefusalRule.FROZEN: ("❄️", "FROZEN"),
}
"""What keeps a release out whatever its evidence. The first one that applies is the answer."""
_BLOCKED = ("⛔", "BLOCKED")
DECIDERS = {
    RefusalRule.STOPPED: "The stop",
    RefusalRule.LOCKED: "The lock",
    RefusalRule.ROLLED_BACK: "The rollback",
    RefusalRule.FROZEN: "The freeze",
}
"""What keeps a release out, as the subject of a sentence."""


def answer_to(refusals: Sequence[Refusal], *, release: str, environment: str) -> str:
    """That the release may not enter, in one line with the word for it, not escaped. refusals: at least one."""
    rules = {each.rule for each in refusals}
    icon, word = next((_HOLDS[rule] for rule in _HOLDS if rule in rules), _BLOCKED)
    name = release or "the release"
    if word == "STOPPED":
        # alone, the word would read as if the release had been stopped
        return f"{icon} {word}: an agent is stopped in {environment}, so {name} cannot be deployed now"
    return f"{icon} {word}: {name} cannot be deployed to {environment} now"


def refusal_lines(refusals: Sequence[Refusal]) -> list[str]:
    """Each refusal with what to do about it, and its rule, to look it up; Markdown."""
    return [
        f"- {_HOLDS.get(each.rule, _BLOCKED)[0]} {prose(each.message, 800)}<br>"
        f"→ {prose(each.fix, 1500)} (rule {code(each.rule)})"
        for each in refusals
    ]


def overridden_lines(refusals: Sequence[Refusal]) -> list[str]:
    """Each refusal that a person overrides; Markdown."""
    return [f"- ⚠️ Overridden: {prose(each.message, 800)} (rule {code(each.rule)})" for each in refusals]


def refusals_markdown(
    environment: str, refusals: Sequence[Refusal], *, release: str = "", facts: Sequence[str] = ()
) -> str:
    """The step summary of a blocked promotion. facts: further lines, Markdown."""
    lines = [f"## {markdown(answer_to(refusals, release=release, environment=environment), 300)}", ""]
    return "\n".join([*lines, *refusal_lines(refusals), *(f"- {each}" for each in facts)]) + "\n"


def live_line(environment: str, live: Deployment | None, *, repository: str) -> str:
    """What is live in an environment meanwhile, with its commit's page; Markdown. repository: URL, '' if unknown."""
    where = markdown(environment, 100)
    if live is None:
        return f"Live in {where}: nothing that wavegate recorded"
    commit = link(live.commit[:12], f"{repository}/commit/{live.commit}" if repository else "")
    since = f" since {shown_time(live.live_since)}" if live.live_since else ""
    return f"Live in {where}: {markdown(live.title, 100)} at {commit}{since}"


def admitted_markdown(environment: str, overridden: Sequence[Refusal], lane: str, notes: Sequence[str]) -> str:
    """The step summary of a promotion that is admitted by an override, in the fast lane or as a rollback.

    lane: why, or ''. notes: what else is out of the ordinary, in sentences.
    """
    lines = [f"## Promotion to {markdown(environment, 100)} admitted", ""]
    if lane:
        lines.append(f"- ⏩ Fast lane: {markdown(lane)}")
    return "\n".join([*lines, *passed_lines(notes), *overridden_lines(overridden)]) + "\n"


def passed_lines(passed: Sequence[str]) -> list[str]:
    """What a promotion passes as a rollback, or what that leaves stopped; Markdown. passed: sentences."""
    return [f"- ⏩ {prose(each, 800)}" for each in passed]
