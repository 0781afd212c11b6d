"""Which release of an environment is the bad one and which one to go back to, according to the ledger."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from wavegate.errors import InputError
from wavegate.findings.suggestions import suggestion
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import Act
from wavegate.ledger.acts.holds import Holds, holds_of
from wavegate.ledger.acts.withdrawal import find_reopened
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import last_known_good, named, never_live, newest_attempt, none_good
from wavegate.ledger.reader import Page, read_environments, read_ledger
from wavegate.text import join_names, one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseChoice:
    """The two releases. deployments: as many as had to be read, newest first. page: the last one that was read.

    acts: those written since the oldest of these deployments, newest first: all that a rollback depends on, since a
    release is older than every act about it. reopened: the rollback whose pull request was reopened since its
    withdrawal was recorded.
    """

    bad: Deployment
    good: Deployment
    deployments: Sequence[Deployment]
    acts: Sequence[Act]
    page: Page
    reopened: Act | None = None

    @property
    def manifest(self) -> str:
        """Path of the bad release's manifest, '' if it is unknown."""
        return self.bad.release.manifest if self.bad.release else ""

    @property
    def holds(self) -> Holds:
        """What holds the environment, for the bad release's manifest."""
        return _holds(self.acts, self.reopened, self.manifest)


def choose_releases(
    github: GitHub,
    repository: str,
    environment: str,
    *,
    base: str = "",
    manifest: str = "",
    target: str = "",
    known: Callable[[], Sequence[str]] = tuple,
) -> ReleaseChoice:
    """The newest deployment of an environment, and the release to go back to, from as many pages as necessary.

    base: a branch whose head the page has, '' for the default branch. manifest: only its releases count, '' for all.
    target: a release's name or commit, '' for the last known good release. known: reads the manifest's environments
    for an error. InputError: there is no such release.
    """
    deployments: list[Deployment] = []
    acts: list[Act] = []
    bad = good = reopened = None
    for page in read_ledger(github, repository, environment, base=base):
        deployments += page.deployments
        acts += page.acts
        first, bad = bad is None, newest_attempt(deployments, manifest=manifest or None)
        if bad:
            own = bad.release.manifest if bad.release else None
            reopened = find_reopened(github, repository, acts, manifest=own) if first else reopened
            holds = _holds(acts, reopened, own)
            good = named(deployments, bad, target) if target else last_known_good(deployments, bad, holds=holds)
        if bad and good:
            return ReleaseChoice(bad=bad, good=good, deployments=deployments, acts=acts, page=page, reopened=reopened)
    if bad is None:
        released = read_environments(github, repository)
        raise _no_release(environment, manifest, known=known(), released=released, repository=repository)
    raise never_live(deployments, bad, target) if target else none_good(deployments, bad)


def _holds(acts: Sequence[Act], reopened: Act | None, manifest: str | None) -> Holds:
    return holds_of([*([reopened] if reopened else []), *acts], manifest=manifest)


def _no_release(
    environment: str, manifest: str, *, known: Sequence[str], released: Sequence[str], repository: str
) -> InputError:
    """The error if an environment has no release. known: of the manifest. released: those that have releases."""
    of = f" of {one_line(manifest, 100)}" if manifest else ""
    message = f"wavegate has not deployed any release{of} to {one_line(environment, 100)}."
    others = [each for each in released if each != environment]
    # an environment with a release comes first: only such a one can be rolled back
    hint = suggestion(environment, [*others, *(each for each in known if each not in (*others, environment))])
    lines = [
        f"The manifest has {_names(known)}." if known else "",
        f"Releases are recorded in {_names(others)}." if others else f"No release is recorded in {repository}.",
        hint.strip(),
    ]
    if environment in released and manifest:
        lines = [f"{one_line(environment, 100)} has releases of another manifest: check --manifest."]
    return InputError(message, fix=" ".join(filter(None, lines)))


def _names(names: Sequence[str]) -> str:
    return join_names([one_line(each, 60) for each in names], 10)
