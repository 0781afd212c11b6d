"""What a rollback leaves in the ledger, and what it does to older rollbacks: there is one open rollback at a time.

The act comes first, since it decides which rollback is the open one; then the pull requests of the others are closed.
A run after an interrupted one does what is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from wavegate.github.client import GitHub
from wavegate.github.comments import comment_once
from wavegate.github.managed_section import ManagedSection
from wavegate.github.pulls import close, read_state
from wavegate.ledger.acts.act import Act, ActKind, act_payload
from wavegate.ledger.acts.holds import holds_of
from wavegate.ledger.acts.record import complete_act, read_acts, write_act
from wavegate.rollback.report.comments import superseded_comment


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenRollbacks:
    """current: the open rollback, None if none is. older: those that it replaced, newest first, one per page."""

    current: Act | None
    older: tuple[Act, ...] = ()


def record_rollback(github: GitHub, repository: str, environment: str, act: Act, *, known: Sequence[Act]) -> Act:
    """Record a rollback, close those that it replaces, and return the open one.

    act: with release and page. known: the environment's newest acts, newest first. If somebody else opened another
    rollback at the same time, theirs may be the open one; then this one is closed.
    """
    if act.release is None:
        raise ValueError("the act names no release")
    current = holds_of(known, manifest=act.manifest).rollback
    acts = known
    if current and says_the_same(current, act):
        complete_act(github, current)
    else:
        write_act(github, repository, environment, act, commit=act.release.commit, known=known, just_read=True)
        acts = read_acts(github, repository, environment)
    found = open_rollbacks(acts, manifest=act.manifest)
    for older in found.older:
        _close(github, repository, environment, older, found.current or act)
    return found.current or act


def says_the_same(known: Act, act: Act) -> bool:
    """Whether an act adds nothing to a known one, whoever ran it and when."""
    ours = replace(act, time=known.time, actor=known.actor, run=known.run, after=known.after)
    return act_payload(ours) == act_payload(known)


def open_rollbacks(acts: Sequence[Act], *, manifest: str) -> OpenRollbacks:
    """The open rollback of a manifest, and those before it whose pages may still be open.

    acts: newest first. Of the rollbacks before one that is done, only the newest is looked at: if a fix went live in
    its place, its page stayed open.
    """
    current = holds_of(acts, manifest=manifest).rollback
    if current is None:
        return OpenRollbacks(current=None)
    own = [each for each in acts if each.manifest == manifest]
    since = list(takewhile(lambda each: each.kind is not ActKind.ROLLBACK_DONE, own))
    ended = islice((each for each in own[len(since) :] if each.kind is ActKind.ROLLBACK), 1)
    by_number = {each.number: each for each in (*since, *ended) if each.kind is ActKind.ROLLBACK}
    older = tuple(each for number, each in by_number.items() if number not in (0, current.number))
    return OpenRollbacks(current=current, older=older)


def _close(github: GitHub, repository: str, environment: str, older: Act, current: Act) -> None:
    if read_state(github, repository, older.number).closed_at:
        return
    key = f"rollback-superseded:{current.number}"
    comment_once(
        github, repository, older.number, ManagedSection(key=key, text=superseded_comment(environment, current))
    )
    close(github, repository, older.number)
