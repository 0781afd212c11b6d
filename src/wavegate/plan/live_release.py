"""The live release of an environment, read from the commit that was deployed to it."""

import re
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
from wavegate.ledger.history import newest_attempt
from wavegate.ledger.reader import read_ledger
from wavegate.release.manifest import Manifest
from wavegate.release.reference import ReleaseRef


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRelease:
    """The live release. If it is unknown, commit, tree, source and scope are None, and note says why.

    deployment: its entry in the ledger, if the ledger was read.
    """

    commit: str | None = None
    deployment: Deployment | None = None
    tree: Tree | None = None
    source: Source | None = None
    scope: ReleaseScope | None = None
    note: str = ""


def read_live(root: Path, manifest: Manifest, environment: str, live: str) -> LiveRelease:
    """The live release of an environment. live: its commit; '' to find it in GitHub's deployments, given a token."""
    access = GitHubAccess.from_environment()
    if not live and not access.is_complete:
        return LiveRelease(note="The live release is unknown, so everything counts as new.")
    git = Git(root, credentials=access.credentials())
    deployment = None if live else _deployed(access, manifest, environment, git.resolve("HEAD"))
    if not live and deployment is None:
        return LiveRelease(note=f"No complete release is known in {environment}, so everything counts as new.")
    commit = deployment.commit if deployment else _named(git, live)
    git.ensure([commit])
    try:
        shipped = read_release_at(git, ReleaseRef(commit=commit, name="the live release"), manifest.path, environment)
    except InputError as reason:
        return LiveRelease(deployment=deployment, note=f"{reason.message} Everything counts as new.")
    return LiveRelease(
        commit=commit,
        deployment=deployment,
        tree=shipped.tree,
        source=CommitSource(git, shipped.tree, prefix=git.prefix),
        scope=shipped.scope,
    )


def _named(git: Git, live: str) -> str:
    # a full SHA may be missing from a shallow checkout and is fetched later; anything shorter must resolve here
    return live if re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", live) else git.resolve(live)


def _deployed(access: GitHubAccess, manifest: Manifest, environment: str, own: str) -> Deployment | None:
    """The newest release, if it succeeded; after one that failed half-way there is nothing to compare with.

    own: the commit that is checked out. Its own failed attempts are skipped: this one ships what they left behind.
    """
    for page in read_ledger(access.client(), access.run.repository, environment):
        others = [each for each in page.deployments if each.succeeded or each.commit != own]
        if newest := newest_attempt(others, manifest=manifest.path):
            return newest if newest.succeeded else None
    return None
