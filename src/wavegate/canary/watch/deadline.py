"""The issue of a canary that is past its deadline: one for each content, closed once the canary has ended."""

from collections.abc import Iterable
from hashlib import sha256
from shlex import quote

from wavegate.canary.decision import CanaryDecision
from wavegate.github.issue_page import IssuePage, OwnIssue
from wavegate.github.managed_section import ManagedSection
from wavegate.ledger.moment import moment_text
from wavegate.text import code, link, markdown, one_line, plain, slug

_TITLE_LIMIT = 200
_REASONS = 10


def issue_start(environment: str, manifest: str) -> str:
    """How the bodies of all issues about the canaries of a manifest in an environment begin."""
    return f"<!-- wavegate:{_key(environment, manifest)}:"


def deadline_page(decision: CanaryDecision, *, owners: Iterable[str]) -> IssuePage:
    """The issue that asks the owners to decide. owners: of the release, `@name` or `@org/team`, who are mentioned."""
    key = f"{_key(decision.environment, decision.manifest.name)}:{decision.content[:12]}"
    title = f"Canary of {decision.release} in {decision.environment} is past its deadline: expand it or roll it back"
    return IssuePage(
        title=plain(title, _TITLE_LIMIT), body=ManagedSection(key=key, text=_text(decision, tuple(owners)))
    )


def ended(issues: Iterable[OwnIssue], decision: CanaryDecision | None, *, manifest: str) -> list[OwnIssue]:
    """The open issues of canaries that have ended. issues: from `issue_start`. decision: None without one.

    A canary goes on as long as the newest decision about its content is to hold it.
    """
    goes_on = decision is not None and decision.stage == "canary" and decision.overdue
    own = f"<!-- wavegate:{_key(decision.environment, manifest)}:{decision.content[:12]} " if decision else ""
    return [each for each in issues if each.is_open and not (goes_on and each.body.startswith(own))]


def _key(environment: str, manifest: str) -> str:
    name = environment.casefold()
    mark = sha256(f"{name}\n{manifest}".encode("utf-8", "replace")).hexdigest()[:8]
    return f"canary-deadline:{slug(name)}-{mark}"


def _text(decision: CanaryDecision, owners: tuple[str, ...]) -> str:
    environment = quote(one_line(decision.environment, 100))
    where = f"**{markdown(decision.release, 100)}** in **{markdown(decision.environment, 100)}**"
    opening = (
        f"The canary of {where} has no decision yet, and its deadline was {moment_text(decision.deadline)}. "
        "It stays on hold until a person decides."
    )
    reasons = [f"- {markdown(each.text, 500)}" for each in decision.reasons[:_REASONS]]
    run = [f"- {link('The latest look', decision.run)}"] if decision.run else []
    return "\n".join(
        [
            " ".join((*owners, opening)),
            "",
            f"> {markdown(decision.claim, 1000)}",
            "",
            *reasons,
            f"- Look {decision.looks}, {moment_text(decision.time)}; content {code(decision.content[:12])}",
            *run,
            "",
            "What you can do:",
            f"- expand it in spite of that: {code(f'wavegate expand {environment} --reason …')};",
            f"- roll it back: {code(f'wavegate rollback {environment} --reason …')};",
            "- give it more time: raise `canary.progressDeadline` in the manifest;",
            "- settle it sooner: add a cohort, or accept a larger margin.",
            "",
            "This issue is updated at each look, and closed when the canary ends.",
        ]
    ).strip()
