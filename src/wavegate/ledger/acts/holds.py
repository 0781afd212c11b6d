"""What holds an environment now: open stops, a lock, an open rollback, and the releases that were rolled back."""

from collections.abc import Iterable
from dataclasses import dataclass

from wavegate.ledger.acts.act import Act, ActKind
from wavegate.ledger.acts.order import newest_first


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenStop:
    """An agent that was stopped and not restarted since.

    version: the one that the stop left live; None for none. act: the first of the stops in a row that left it so, and
    of these preferably one that names who did it.
    """

    agent: str
    version: int | None
    act: Act


@dataclass(frozen=True, kw_only=True, slots=True)
class Holds:
    """What holds an environment.

    stops: of any manifest, one per agent, oldest first. lock: None if it is not locked. rollback: the open rollback;
    its release stays live until the pull request is merged and promoted. rolled_back: every rollback that was not
    withdrawn, open or done, newest first; the contents of their releases may not go live again. banned: the same of
    other manifests: only their contents count, because the same commit ships something else for another manifest.
    ended: the last rollback, if a release has ended it; ended_in: the attempt of the workflow run that did so, ''
    outside Actions.
    """

    stops: tuple[OpenStop, ...] = ()
    lock: Act | None = None
    rollback: Act | None = None
    rolled_back: tuple[Act, ...] = ()
    banned: tuple[Act, ...] = ()
    ended: Act | None = None
    ended_in: str = ""

    def rollback_in(self, run: str) -> Act | None:
        """The open rollback, or the one that this workflow run has ended. run: URL, '' outside Actions."""
        in_this_run = run != "" and f"{self.ended_in}/".startswith(f"{run}/")
        return self.rollback or (self.ended if in_this_run else None)

    def stop_of(self, agent: str) -> OpenStop | None:
        """The open stop of an agent; names are compared without regard to case, as the platform does."""
        return next((each for each in self.stops if each.agent.casefold() == agent.casefold()), None)

    def rollback_of(self, content: str) -> Act | None:
        """A rollback of a release with that content, whatever its manifest; None if it was not rolled back.

        content: '' for unknown.
        """
        known = (*self.rolled_back, *self.banned)
        return next((each for each in known if content and each.release and each.release.content == content), None)


def holds_of(acts: Iterable[Act], *, manifest: str | None = None) -> Holds:
    """What holds an environment after all its acts. acts: newest first.

    manifest: path; rollbacks of another one only ban contents, None for all of one. Stops and locks always count: an
    agent belongs to the org, whichever manifest ships it.
    """
    oldest_first = newest_first(acts)[::-1]
    by_manifest = {manifest: _Rollbacks()}
    for act in oldest_first:
        by_manifest.setdefault(None if manifest is None else act.manifest, _Rollbacks()).take(act)
    rollbacks = by_manifest.pop(manifest)
    lock = next((each for each in reversed(oldest_first) if each.kind in (ActKind.LOCK, ActKind.UNLOCK)), None)
    return Holds(
        stops=_stops(oldest_first),
        lock=lock if lock and lock.kind is ActKind.LOCK else None,
        rollback=rollbacks.current,
        rolled_back=tuple(reversed(rollbacks.kept)),
        banned=tuple(act for each in by_manifest.values() for act in reversed(each.kept)),
        ended=rollbacks.ended,
        ended_in=rollbacks.ended_in,
    )


def _stops(oldest_first: Iterable[Act]) -> tuple[OpenStop, ...]:
    stops: dict[str, OpenStop] = {}
    for act in oldest_first:
        for name, version in act.agents.items():
            known = stops.get(name.casefold())
            if act.kind is ActKind.STOP and (known is None or _replaces(act, version, known)):
                stops.pop(name.casefold(), None)
                stops[name.casefold()] = OpenStop(agent=name, version=version, act=act)
            elif act.kind is ActKind.RESTART:
                stops.pop(name.casefold(), None)
    return tuple(stops.values())


def _replaces(act: Act, version: int | None, known: OpenStop) -> bool:
    """Whether a stop takes the place of an open one: at another version, or of one by somebody unknown.

    Of two people who leave an agent at the same version, the first one stopped it.
    """
    return known.version != version or (known.act.actor == "" != act.actor)


class _Rollbacks:
    """The rollbacks of one manifest.

    current: the open one. kept: those that were not withdrawn, oldest first. ended, ended_in: as in `Holds`.
    """

    def __init__(self) -> None:
        self.current: Act | None = None
        self.ended: Act | None = None
        self.ended_in = ""
        self.kept: list[Act] = []

    def take(self, act: Act) -> None:
        """Take the next act; an end concerns the rollbacks of the same content, or the open one."""
        if act.kind is ActKind.ROLLBACK:
            self.current, self.ended = act, None
            self.kept.append(act)
        elif act.kind is ActKind.ROLLBACK_DONE:
            self.ended, self.ended_in = self.current or self.ended, act.run
            self.current = None
        elif act.kind is ActKind.ROLLBACK_WITHDRAWN:
            self.kept = [each for each in self.kept if not same_release(each, act)]
            self.current = None if self.current and same_release(self.current, act) else self.current


def withdrawn_rollback(acts: Iterable[Act], *, manifest: str | None) -> tuple[Act, Act] | None:
    """The newest rollback and its withdrawal, if its pull request was closed; None otherwise, or if one is open.

    A person may reopen the pull request. acts: newest first. manifest: as in `holds_of`. A withdrawal that left the
    pull request as it was has no number.
    """
    kinds = (ActKind.ROLLBACK, ActKind.ROLLBACK_DONE, ActKind.ROLLBACK_WITHDRAWN)
    own = [act for act in newest_first(acts) if act.kind in kinds and manifest in (None, act.manifest)]
    if not own or own[0].kind is not ActKind.ROLLBACK_WITHDRAWN or not own[0].number:
        return None
    if holds_of(own, manifest=manifest).rollback:
        return None
    opened = (act for act in own if act.kind is ActKind.ROLLBACK and act.number == own[0].number)
    return next(((act, own[0]) for act in opened if same_release(act, own[0])), None)


def same_release(rollback: Act, end: Act) -> bool:
    """Whether two acts are about the same release: by content, where both know it, else by commit."""
    if rollback.release is None or end.release is None:
        return rollback.release is end.release
    if rollback.release.content and end.release.content:
        return rollback.release.content == end.release.content
    return rollback.release.commit == end.release.commit
