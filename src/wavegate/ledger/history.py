"""Find releases in the ledger: the newest attempt, the last known good one, and the one that a person named."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import takewhile
from shlex import quote

from wavegate.errors import InputError
from wavegate.ledger.acts.holds import Holds
from wavegate.ledger.deployment import Deployment
from wavegate.text import one_line


def newest_attempt(deployments: Sequence[Deployment], *, manifest: str | None = None) -> Deployment | None:
    """The newest deployment that was attempted.

    deployments: newest first. manifest: path; only releases of that manifest count. A failed deployment counts,
    because a rollback must undo what it left behind.
    """
    return next((each for each in deployments if each.attempted and is_of(each, manifest)), None)


def live_release_of(deployments: Iterable[Deployment], *, manifest: str | None = None) -> Deployment | None:
    """What everybody has: the newest deployment that was live and not confined, even if it was rolled back since.

    deployments: newest first. manifest: path; only releases of that manifest count. What a pilot's cohorts have is
    never what everybody has.
    """
    own = (each for each in deployments if is_of(each, manifest))
    return next((each for each in own if each.succeeded and not each.confined), None)


def pilot_release_of(deployments: Sequence[Deployment], *, manifest: str | None = None) -> Deployment | None:
    """What a pilot's cohorts have: the newest confined deployment that was live; None without a pilot.

    deployments: newest first. The pilot is over once a release is live for everybody, and when its own was rolled
    back or its copies were retired.
    """
    live = live_release_of(deployments, manifest=manifest)
    newer = takewhile(lambda each: each is not live, deployments)
    newest = next((each for each in newer if each.confined and each.succeeded and is_of(each, manifest)), None)
    return newest if newest and not (newest.rolled_back or newest.retired) else None


def unretired(deployments: Iterable[Deployment], *, manifest: str | None = None) -> tuple[Deployment, ...]:
    """The confined deployments whose copies may still be in use, in the order given, failed ones included."""
    own = (each for each in deployments if each.confined and is_of(each, manifest))
    return tuple(each for each in own if each.attempted and not each.retired)


def last_known_good(
    deployments: Sequence[Deployment], bad: Deployment, *, holds: Holds | None = None
) -> Deployment | None:
    """The newest earlier release of the bad release's manifest that was live for everybody and not rolled back.

    deployments: newest first. All deployments of the bad release are skipped, under whatever commit. For every other
    release, its newest deployment that was live decides. holds: a release whose content was rolled back is skipped.
    """
    manifest = bad.release.manifest if bad.release else None
    candidates = _newest_by(_shipped, earlier(deployments, bad))
    others = (each for each in candidates if _shipped(each) != _shipped(bad) and is_of(each, manifest))
    return next((each for each in others if not (each.rolled_back or _is_banned(each, holds))), None)


def _is_banned(deployment: Deployment, holds: Holds | None) -> bool:
    return bool(holds and deployment.release and holds.rollback_of(deployment.release.content))


def released_versions(release: Deployment, deployments: Iterable[Deployment]) -> dict[str, int]:
    """The version that a release has of each agent, whatever a stop made of it.

    deployments: of the environment, newest first. Another one that shipped the same to the same org says what the
    release's own does not, because it was deployed while the agent was stopped.
    """
    found: dict[str, int] = {}
    others = (each for each in deployments if each.succeeded and each.confined is release.confined)
    for each in (release, *(each for each in others if _ships_the_same(each, release))):
        found = {**each.released, **found}
    return found


def _ships_the_same(deployment: Deployment, release: Deployment) -> bool:
    one, other = deployment.release, release.release
    if one is None or other is None or not one.content:
        return False
    return (one.content, one.org) == (other.content, other.org)


def named(deployments: Sequence[Deployment], bad: Deployment, target: str) -> Deployment | None:
    """The earlier release that a person named, by release name or by commit (7 digits or more).

    If several match: the newest that was not rolled back, else the newest of all, since the person asked for it.
    InputError: the target is the bad release itself.
    """
    if len(target) >= 7 and bad.commit.startswith(target.lower()):
        raise _is_live(target)
    matches = [each for each in earlier(deployments, bad) if _is_named(each, target)]
    return min(matches, key=lambda each: each.rolled_back, default=None)


def earlier(deployments: Sequence[Deployment], bad: Deployment) -> list[Deployment]:
    """The releases that were live for everybody before the bad one, of any manifest, newest first, one per commit."""
    before = (each for each in deployments[deployments.index(bad) + 1 :] if not each.confined)
    return [each for each in _newest_by(_commit, before) if each.commit != bad.commit]


def none_good(deployments: Sequence[Deployment], bad: Deployment) -> InputError:
    """The error if no earlier release is known to be good. Its fix lists the releases that a person may choose."""
    manifest = f" of {one_line(bad.release.manifest, 100)}" if bad.release else ""
    message = f"{one_line(bad.environment, 100)} has no earlier release{manifest} that was live and not rolled back."
    known = choices(earlier(deployments, bad))
    return InputError(
        message, fix=f"Name one with --target: {known}. Or {_disable(bad)}." if known else _nothing_to_restore(bad)
    )


def never_live(deployments: Sequence[Deployment], bad: Deployment, target: str) -> InputError:
    """The error if the target was never live before the bad release. Its fix lists some releases that were."""
    if bad.release and bad.release.name.casefold() == target.casefold():
        return _is_live(target)
    known = choices(earlier(deployments, bad))
    return InputError(
        f"--target {one_line(target, 100)} was never live in {one_line(bad.environment, 100)} before {_shown(bad)}.",
        fix=f"Name one that was: {known}." if known else _nothing_to_restore(bad),
    )


def _is_live(target: str) -> InputError:
    message = f"--target {one_line(target, 100)} is the release that is to be rolled back."
    return InputError(message, fix="Name an earlier release, or leave --target out for the last known good one.")


def _nothing_to_restore(bad: Deployment) -> str:
    return f"No earlier release was live: {_disable(bad)}, or release a fix."


def _disable(bad: Deployment) -> str:
    return f"disable the agent with `wavegate disable {quote(one_line(bad.environment, 100))}`"


def choices(deployments: Sequence[Deployment]) -> str:
    """The first few releases, with their commits and whether they were rolled back; plain text, '' for none."""
    shown = (_shown(each) + (", rolled back" if each.rolled_back else "") for each in deployments[:5])
    return "; ".join(shown)


def _is_named(deployment: Deployment, target: str) -> bool:
    if deployment.release and deployment.release.name.casefold() == target.casefold():
        return True
    return len(target) >= 7 and deployment.commit.startswith(target.lower())


def _newest_by(key: Callable[[Deployment], str], deployments: Iterable[Deployment]) -> Iterator[Deployment]:
    seen: set[str] = set()
    for deployment in deployments:
        if deployment.succeeded and key(deployment) not in seen:
            seen.add(key(deployment))
            yield deployment


def _commit(deployment: Deployment) -> str:
    return deployment.commit


def _shipped(deployment: Deployment) -> str:
    """What a deployment shipped: the digest of its content; its commit if that was not recorded."""
    return (deployment.release.content if deployment.release else "") or deployment.commit


def is_of(deployment: Deployment, manifest: str | None) -> bool:
    """Whether a deployment is, or may be, of that manifest. manifest None: any."""
    # an unreadable payload does not name its manifest, so the deployment may be of any
    return manifest is None or deployment.release is None or deployment.release.manifest == manifest


def _shown(deployment: Deployment) -> str:
    return f"{one_line(deployment.title, 60)} ({deployment.commit[:12]})"
