"""Reads what release notes are made of: the releases from the ledger, and the files from their commits."""

from collections.abc import Sequence
from dataclasses import replace

from wavegate.components.changes import compare
from wavegate.components.component import Project
from wavegate.components.project import read_project
from wavegate.components.release_at_commit import ReleaseAtCommit, read_release_at
from wavegate.errors import InputError, WavegateError
from wavegate.git.repository import CommitSource, Git
from wavegate.github.approvals import read_approvals
from wavegate.github.client import GitHub
from wavegate.guardrails.diff.compare import compare_guardrails
from wavegate.guardrails.model import Guardrails
from wavegate.guardrails.read import read_guardrails
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import is_of
from wavegate.ledger.reader import read_ledger, read_newest
from wavegate.ledger.status.lines import override_text
from wavegate.ledger.status.state import triggered_by
from wavegate.notes.passages import passages_of
from wavegate.notes.text_changes import text_changes
from wavegate.notes.values import LiveThere, NotedRelease, ReleaseStep
from wavegate.release.manifest import Manifest
from wavegate.release.reference import ReleaseRef


def read_releases(github: GitHub, repository: str, environment: str, manifest: Manifest) -> list[NotedRelease]:
    """The releases that were live in an environment for everybody, oldest first; the same content in a row once."""
    pages = read_ledger(github, repository, environment)
    live = [
        each
        for page in pages
        for each in page.deployments
        if each.succeeded and not each.confined and is_of(each, manifest.path)
    ]
    found: list[NotedRelease] = []
    content = ""
    for deployment in reversed(live):
        shipped = (deployment.release.content if deployment.release else "") or deployment.commit
        if shipped != content:
            found.append(noted(deployment))
        content = shipped
    return found


def noted(deployment: Deployment) -> NotedRelease:
    """A deployment as the notes name it."""
    release = deployment.release
    override = release.override if release else None
    return NotedRelease(
        name=deployment.title,
        commit=deployment.commit,
        since=deployment.live_since,
        actor=triggered_by(deployment),
        evidence=release.evidence if release else "",
        run=release.run if release else "",
        override=override_text(override) if override else "",
        rolled_back=deployment.rolled_back,
    )


def read_live(github: GitHub, repository: str, manifest: Manifest) -> tuple[LiveThere, ...]:
    """What each environment of a manifest has."""
    names = [each.name for each in manifest.environments]
    newest = read_newest(github, repository, names)
    return tuple(
        LiveThere(
            environment=name,
            release=next(
                (
                    noted(each)
                    for each in newest[name].deployments
                    if each.succeeded and not each.confined and is_of(each, manifest.path)
                ),
                None,
            ),
        )
        for name in names
    )


def with_approvers(github: GitHub, repository: str, release: NotedRelease, environment: str) -> NotedRelease:
    """The release with those who approved it, as far as the token may read that."""
    try:
        approvals = read_approvals(github, repository, release.run) if release.run else None
    except WavegateError:
        return release
    if approvals is None:
        return release
    logins = [each.login for each in approvals if environment in each.environments or not each.environments]
    return replace(release, approvers=tuple(dict.fromkeys(logins)))


class StepReader:
    """Reads what releases changed; each commit is read once."""

    def __init__(self, git: Git, manifest: str, environment: str) -> None:
        self._git = git
        self._manifest = manifest
        self._environment = environment
        self._releases: dict[str, ReleaseAtCommit] = {}
        self._guardrails: dict[str, Guardrails] = {}

    def step(self, before: NotedRelease | None, after: NotedRelease) -> ReleaseStep:
        """What a release changed. InputError: one of the commits, or its manifest, cannot be read."""
        self._git.ensure([each.commit for each in (before, after) if each])
        was, now = before and self._bounds(before), self._bounds(after)
        shipped, head = before and self._release(before), self._release(after)
        changes = compare(
            head.scope,
            shipped.scope if shipped else None,
            self._project(after),
            head=head.tree,
            live=shipped.tree if shipped else None,
            prefix=self._git.prefix,
        )
        return ReleaseStep(
            before=before,
            after=after,
            texts=text_changes(passages_of(was) if was else {}, passages_of(now)),
            guardrails=compare_guardrails(was, now) if was else (),
            components=changes,
        )

    def _release(self, release: NotedRelease) -> ReleaseAtCommit:
        if release.commit not in self._releases:
            reference = ReleaseRef(name=release.name, commit=release.commit)
            self._releases[release.commit] = read_release_at(self._git, reference, self._manifest, self._environment)
        return self._releases[release.commit]

    def _project(self, release: NotedRelease) -> Project:
        return read_project(CommitSource(self._git, self._git.tree(release.commit), prefix=self._git.prefix))

    def _bounds(self, release: NotedRelease) -> Guardrails:
        if release.commit not in self._guardrails:
            source = CommitSource(self._git, self._git.tree(release.commit), prefix=self._git.prefix)
            self._guardrails[release.commit] = read_guardrails(source)
        return self._guardrails[release.commit]


def commits_named(git: Git, names: Sequence[str]) -> list[NotedRelease]:
    """Commits, branches or tags as releases, without the ledger. InputError: one of them does not exist."""
    found = []
    for name in names:
        if not name:
            raise InputError(
                "Without GitHub, release notes are about two commits.",
                fix="Name both with --start and --end, or set GITHUB_TOKEN.",
            )
        found.append(NotedRelease(name=name, commit=git.named(name)))
    return found
