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
from wavegate.ledger.history import earlier, is_of, newest_attempt
from wavegate.ledger.reader import read_ledger
from wavegate.release.manifest import Manifest
from wavegate.release.reference import ReleaseRef


@dataclass(frozen=True, kw_only=True, slots=True)
class LiveRelease:
    """The live release. If it is unknown, commit, tree, source and scope are None, and note says why.

    deployment: its entry in the ledger, if the ledger was read. earlier_contents: content digests of the releases
    that were live before it, as far as the ledger says.
    """

    commit: str | None = None
    deployment: Deployment | None = None
    tree: Tree | None = None
    source: Source | None = None
    scope: ReleaseScope | None = None
    earlier_contents: frozenset[str] = frozenset()
    note: str = ""


def read_live(root: Path, manifest: Manifest, environment: str, live: str) -> LiveRelease:
    """The live release of an environment. live: its commit; '' to find it in GitHub's deployments, given a token."""
    access = GitHubAccess.from_environment(root)
    if not live and not access.is_complete:
        return LiveRelease(note="The live release is unknown, so everything counts as new.")
    git = Git(root, credentials=access.credentials())
    deployment, before = (None, frozenset[str]()) if live else _deployed(access, manifest, environment, git)
    if not live and deployment is None:
        return LiveRelease(note=f"No complete release is known in {environment}, so everything counts as new.")
    commit = deployment.commit if deployment else _named(git, live)
    git.ensure([commit])
    try:
        shipped = read_release_at(git, ReleaseRef(commit=commit, name="live"), manifest.path, environment)
    except InputError as reason:
        return LiveRelease(deployment=deployment, note=f"{reason.message} Everything counts as new.")
    return LiveRelease(
        commit=commit,
        deployment=deployment,
        tree=shipped.tree,
        source=CommitSource(git, shipped.tree, prefix=git.prefix),
        scope=shipped.scope,
        earlier_contents=before,
    )


def _named(git: Git, live: str) -> str:
    # a full SHA may be missing from a shallow checkout and is fetched later; anything shorter must resolve here
    return live if re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", live) else git.resolve(live)


def _deployed(
    access: GitHubAccess, manifest: Manifest, environment: str, git: Git
) -> tuple[Deployment | None, frozenset[str]]:
    """The newest release, if it succeeded, and the contents of those before it on the same page of the ledger.

    After one that failed half-way there is nothing to compare with. The failed attempts of the commit that is checked
    out are skipped: it ships what they left behind. So are pilots with copies, which leave what everybody has.
    """
    own = git.resolve("HEAD")
    for page in read_ledger(access.client(), access.run.repository, environment):
        everybodys = (each for each in page.deployments if not each.confined)
        others = [each for each in everybodys if each.succeeded or each.commit != own]
        if newest := newest_attempt(others, manifest=manifest.path):
            return (newest, _contents(earlier(others, newest), manifest)) if newest.succeeded else (None, frozenset())
    return None, frozenset()


def _contents(deployments: Iterable[Deployment], manifest: Manifest) -> frozenset[str]:
    """The content digests that releases of a manifest have in the ledger."""
    releases = (each.release for each in deployments if is_of(each, manifest.path))
    return frozenset(each.content for each in releases if each and each.content)
