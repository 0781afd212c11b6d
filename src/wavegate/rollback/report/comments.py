"""What is said on the page of a rollback that another one replaced, or that was withdrawn."""

from wavegate.ledger.acts.act import Act
from wavegate.text import code, markdown


def superseded_comment(environment: str, current: Act) -> str:
    """The comment on a pull request that is closed because of a later rollback. current: the open one."""
    where = f"#{current.number}" if current.number else current.page
    target = f" to {markdown(current.target.name, 100)} (`{current.target.commit[:12]}`)" if current.target else ""
    who = f" by {code(current.actor)}" if current.actor else ""
    return (
        f"**Superseded by {where}**, which rolls {code(environment)} back{target} and was opened later{who}. "
        "There is one open rollback per environment, so this one is closed: do not merge it."
    )


def withdrawn_comment(environment: str, *, actor: str, reason: str) -> str:
    """The comment on a pull request that is closed because its rollback is withdrawn."""
    who = f" by {code(actor)}" if actor else ""
    return (
        f"**Withdrawn{who}:** {markdown(reason, 1000) or 'no reason was given'}\n\nThis rollback of "
        f"{code(environment)} is closed, and the release that it was about may be promoted again. Reopening this "
        "pull request does not change that: run the rollback again."
    )
