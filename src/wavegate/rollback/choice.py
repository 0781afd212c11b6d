"""Which release of an environment is the bad one and which one to go back to, according to the ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from wavegate.errors import InputError
from wavegate.github.client import GitHub
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import last_known_good, named, never_live, newest_attempt, none_good
from wavegate.ledger.reader import Page, read_ledger
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseChoice:
    """The two releases. deployments: as many as had to be read, newest first. page: the last one that was read."""

    bad: Deployment
    good: Deployment
    deployments: Sequence[Deployment]
    page: Page


def choose_releases(
    github: GitHub, repository: str, environment: str, *, base: str = "", manifest: str = "", target: str = ""
) -> ReleaseChoice:
    """The newest deployment of an environment, and the release to go back to, from as many pages as necessary.

    base: a branch whose head the page has, '' for the default branch. manifest: only its releases count, '' for all.
    target: a release's name or commit, '' for the last known good release. InputError: there is no such release.
    """
    deployments: list[Deployment] = []
    bad = good = None
    for page in read_ledger(github, repository, environment, base=base):
        deployments += page.deployments
        bad = newest_attempt(deployments, manifest=manifest or None)
        if bad:
            good = named(deployments, bad, target) if target else last_known_good(deployments, bad)
        if bad and good:
            return ReleaseChoice(bad=bad, good=good, deployments=deployments, page=page)
    if bad is None:
        raise InputError(
            f"wavegate has not deployed any release to {one_line(environment, 100)}.",
            fix="Check the environment's name and --manifest, or roll back with --local, --live and --target.",
        )
    raise never_live(deployments, bad, target) if target else none_good(deployments, bad)
