"""The live release of an environment, read from the commit that was deployed to it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from wavegate.components.release_at_commit import read_release_at
from wavegate.components.scope import ReleaseScope
from wavegate.errors import InputError
from wavegate.files.source import Source
from wavegate.git.repository import CommitSource, Git
from wavegate.git.tree import Tree
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import earlier, is_of, newest_attempt, pilot_release_of, unretired
from wavegate.ledger.reader import read_ledger
from wavegate.release.manifest import Manifest
from wavegate.release.reference import ReleaseRef


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRelease:
    """The live release. If it is unknown, commit, tree, source and scope are None, and note says why.

    deployment: its entry in the ledger, if the ledger was read. earlier_contents: content digests of the releases
    that were live before it, as far as the ledger says. was_live: whether everybody ever had a release of the
    manifest there, rather than the cohorts of its first launch alone; None if it is unknown. pilot: what a pilot's
    cohorts have as copies, beside it. reaching: `Type:Name` of what pilots have changed for everybody beside it.
    """

    commit: str | None = None
    deployment: Deployment | None = None
    tree: Tree | None = None
    source: Source | None = None
    scope: ReleaseScope | None = None
    earlier_contents: frozenset[str] = frozenset()
    was_live: bool | None = None
    pilot: Deployment | None = None
    reaching: frozenset[str] = frozenset()
    note: str = ""

    @property
    def everybodys_content(self) -> str:
        """The content digest of what everybody has; '' if it is unknown, or a pilot's cohorts alone have it."""
        release = self.deployment.release if self.deployment and _is_everybodys(self.deployment) else None
        return release.content if release else ""


def read_live(root: Path, manifest: Manifest, environment: str, live: str) -> LiveRelease:
    """The live release of an environment. live: its commit; '' to find it in GitHub's deployments, given a token."""
    access = GitHubAccess.from_environment(root)
    if not live and not access.is_complete:
        return LiveRelease(note="The live release is unknown, so everything counts as new.")
    git = Git(root, credentials=access.credentials())
    ledger = _Ledger() if live else _deployed(access, manifest, environment, git)
    deployment = ledger.live
    was_live = bool(live) or _is_everybodys(deployment) or _was_live(access, manifest, environment)
    if not live and deployment is None:
        note = f"No complete release is known in {environment}, so everything counts as new."
        return LiveRelease(was_live=was_live, pilot=ledger.pilot, note=note)
    commit = deployment.commit if deployment else _named(git, live)
    git.ensure([commit])
    try:
        shipped = read_release_at(git, ReleaseRef(commit=commit, name="live"), manifest.path, environment)
    except InputError as reason:
        note = f"{reason.message} Everything counts as new."
        return LiveRelease(deployment=deployment, was_live=was_live, pilot=ledger.pilot, note=note)
    return LiveRelease(
        commit=commit,
        deployment=deployment,
        tree=shipped.tree,
        source=CommitSource(git, shipped.tree, prefix=git.prefix),
        scope=shipped.scope,
        earlier_contents=ledger.earlier,
        was_live=was_live,
        pilot=ledger.pilot,
        reaching=ledger.reaching,
    )


def _named(git: Git, live: str) -> str:
    # a full SHA may be missing from a shallow checkout and is fetched later; anything shorter must resolve here
    return live if re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", live) else git.resolve(live)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Ledger:
    """live: the newest release, if it succeeded. earlier: contents of those before it. The others: as there."""

    live: Deployment | None = None
    earlier: frozenset[str] = frozenset()
    pilot: Deployment | None = None
    reaching: frozenset[str] = frozenset()


def _deployed(access: GitHubAccess, manifest: Manifest, environment: str, git: Git) -> _Ledger:
    """The newest release, and the contents of those before it on the same page of the ledger.

    After one that failed half-way there is nothing to compare with. The failed attempts of the commit that is checked
    out are skipped: it ships what they left behind. So are pilots with copies, which leave what everybody has.
    """
    own, found = git.resolve("HEAD"), list[Deployment]()
    for page in read_ledger(access.client(), access.run.repository, environment):
        found += page.deployments
        everybodys = (each for each in page.deployments if not each.confined)
        others = [each for each in everybodys if each.succeeded or each.commit != own]
        if newest := newest_attempt(others, manifest=manifest.path):
            pilot = pilot_release_of(found, manifest=manifest.path)
            if not newest.succeeded:
                return _Ledger(pilot=pilot)
            contents, reaching = _contents(earlier(others, newest), manifest), _reaching(found, manifest)
            return _Ledger(live=newest, earlier=contents, pilot=pilot, reaching=reaching)
    return _Ledger(pilot=pilot_release_of(found, manifest=manifest.path))


def _reaching(deployments: Iterable[Deployment], manifest: Manifest) -> frozenset[str]:
    """What pilots that are not retired have changed for everybody."""
    releases = (each.release for each in unretired(deployments, manifest=manifest.path))
    return frozenset(name for each in releases if each and each.pilot for name in each.pilot.reaching)


def _was_live(access: GitHubAccess, manifest: Manifest, environment: str) -> bool:
    """Whether everybody ever had a release of the manifest."""
    pages = read_ledger(access.client(), access.run.repository, environment)
    return any(_is_everybodys(each) for page in pages for each in page.deployments if is_of(each, manifest.path))


def _is_everybodys(deployment: Deployment | None) -> bool:
    """Whether a deployment made a release live for more than a pilot's cohorts."""
    return bool(deployment and deployment.succeeded and not (deployment.release and deployment.release.pilot))


def _contents(deployments: Iterable[Deployment], manifest: Manifest) -> frozenset[str]:
    """The content digests that releases of a manifest have in the ledger."""
    releases = (each.release for each in deployments if is_of(each, manifest.path))
    return frozenset(each.content for each in releases if each and each.content)
