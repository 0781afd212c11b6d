"""Reading the ledger: what is live in an environment, and what was the last known good before it."""

from collections.abc import Iterable, Iterator, Sequence

from wavegate.errors import InputError
from wavegate.ledger.deployment import Deployment
from wavegate.text import one_line


def newest_attempt(deployments: Sequence[Deployment], *, manifest: str | None = None) -> Deployment | None:
    """The release that an environment holds: the newest that was sent to it.

    deployments: newest first. manifest: path; only releases of that manifest count. A deployment that failed
    half-way counts: whatever it left behind is what a rollback must undo.
    """
    return next((each for each in deployments if each.attempted and is_of(each, manifest)), None)


def last_known_good(deployments: Sequence[Deployment], bad: Deployment) -> Deployment | None:
    """The newest release of the same manifest before the bad one that was live and was not rolled back.

    deployments: newest first. The bad release's commit is passed over, however often it was deployed,
    and a commit is judged by its newest deployment that was live.
    """
    manifest = bad.release.manifest if bad.release else None
    candidates = earlier(deployments, bad)
    return next((each for each in candidates if not each.rolled_back and is_of(each, manifest)), None)


def named(deployments: Sequence[Deployment], bad: Deployment, target: str) -> Deployment | None:
    """The release before the bad one that a person named, by release name or by commit (7 digits or more).

    Of several with that name, the newest that was not rolled back; else a rolled back one is taken too, since it
    was asked for. InputError where the bad release itself is named.
    """
    if len(target) >= 7 and bad.commit.startswith(target.lower()):
        raise InputError(f"--target {one_line(target, 100)} is the release that is live.", fix="Name an earlier one.")
    found = [each for each in earlier(deployments, bad) if _is_named(each, target)]
    return min(found, key=lambda each: each.rolled_back, default=None)


def earlier(deployments: Sequence[Deployment], bad: Deployment) -> list[Deployment]:
    """What was live before the bad release, of whichever manifest, newest first, each commit once."""
    before = deployments[deployments.index(bad) + 1 :]
    return [each for each in _newest_by_commit(before) if each.commit != bad.commit]


def none_good(deployments: Sequence[Deployment], bad: Deployment) -> InputError:
    """The error where no earlier release is known to be good; it names those that a person may choose."""
    of_it = f" of {one_line(bad.release.manifest, 100)}" if bad.release else ""
    environment = one_line(bad.environment, 100)
    known = choices(earlier(deployments, bad))
    off = f"turn the agent off with `wavegate disable {environment}`"
    return InputError(
        f"{environment} has no earlier release{of_it} that was live and not rolled back.",
        fix=f"Name one with --target: {known}. Or {off}."
        if known
        else f"None was live before: {off}, or release a fix.",
    )


def never_live(deployments: Sequence[Deployment], bad: Deployment, target: str) -> InputError:
    """The error for a target that was never live before the bad release; it names some that were."""
    return InputError(
        f"--target {one_line(target, 100)} was never live in {one_line(bad.environment, 100)} before {_shown(bad)}.",
        fix=f"Name one that was: {choices(earlier(deployments, bad)) or 'there is none'}.",
    )


def choices(deployments: Sequence[Deployment]) -> str:
    """The first few, each with its commit and whether it was rolled back; plain text, '' for none."""
    shown = (_shown(each) + (", rolled back" if each.rolled_back else "") for each in deployments[:5])
    return "; ".join(shown)


def _is_named(deployment: Deployment, target: str) -> bool:
    if deployment.release and deployment.release.name.casefold() == target.casefold():
        return True
    return len(target) >= 7 and deployment.commit.startswith(target.lower())


def _newest_by_commit(deployments: Iterable[Deployment]) -> Iterator[Deployment]:
    seen: set[str] = set()
    for each in deployments:
        if each.succeeded and each.commit not in seen:
            seen.add(each.commit)
            yield each


def is_of(deployment: Deployment, manifest: str | None) -> bool:
    """Whether a release is of that manifest, or may be."""
    # a payload that cannot be read does not say which manifest it is of: the commit still holds it
    return manifest is None or deployment.release is None or deployment.release.manifest == manifest


def _shown(deployment: Deployment) -> str:
    return f"{one_line(deployment.title, 60)} ({deployment.commit[:12]})"
