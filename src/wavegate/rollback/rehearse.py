"""Rehearses rollbacks from the checked-out commit to the live release of each environment.

Only git's local object store changes: it gets the tree that a rollback would create.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from wavegate.components.changes import ChangeKind, ComponentChange, compare
from wavegate.components.project import read_project
from wavegate.components.release_at_commit import ReleaseAtCommit, read_release_at
from wavegate.errors import InputError
from wavegate.findings.finding import Finding, Locate, Location, Severity, error, warning
from wavegate.git.repository import CommitSource, Git
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.deployment import Deployment, Release
from wavegate.ledger.history import last_known_good
from wavegate.ledger.reader import read_ledger
from wavegate.release.manifest import Environment, Kind, Manifest
from wavegate.release.readiness.procedures import missing_procedures
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.prepare import Prepared, RollbackRequest, prepare
from wavegate.rollback.rehearsal import blocked, first_release, not_undone, refused
from wavegate.rollback.rehearsal_values import Rehearsal
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class Live:
    """The release that a rollback would restore. manifest: its path in that commit, '' for the only one."""

    side: ReleaseRef
    manifest: str = ""


@dataclass(kw_only=True)
class Rehearser:
    """Rehearses the rollback of every environment of a manifest. done: the rehearsals, in order.

    live: the live commit by environment, if the caller knows it; otherwise it comes from GitHub's deployments.
    """

    root: Path
    live: Mapping[str, str] = field(default_factory=dict)
    done: list[Rehearsal] = field(default_factory=list, init=False)
    _environments: set[str] = field(default_factory=set, init=False)

    def __call__(self, manifest: Manifest, locate: Locate) -> Iterator[Finding]:
        """Rehearse every environment and yield the findings. ServiceError: git or GitHub is unavailable."""
        self._environments.update(each.name for each in manifest.environments)
        for index, environment in enumerate(manifest.environments):
            if not self.knows(environment.name):
                yield _unknown(locate("environments", index, "name"), environment)
                continue
            rehearsal = self.rehearse(manifest, environment.name, locate)
            self.done.append(rehearsal)
            yield from rehearsal.findings

    def unknown_environments(self) -> list[str]:
        """The environments of `live` that none of the rehearsed manifests has; [] if none was rehearsed."""
        return sorted(self.live.keys() - self._environments) if self._environments else []

    def knows(self, environment: str) -> bool:
        """Whether an environment's live release can be determined: from the caller, or from GitHub."""
        return environment in self.live or self._access.is_complete

    def rehearse(self, manifest: Manifest, environment: str, locate: Locate) -> Rehearsal:
        """Rehearse the rollback of one environment."""
        names = [each.name for each in manifest.environments]
        place = locate("environments", names.index(environment), "name")
        own = ReleaseRef(commit=self._git.resolve("HEAD"), name=manifest.release)
        good = self._find_live(manifest, environment, own)
        if good is None:
            return self._first(manifest, environment, own, place, locate("rollback", key=True))
        try:
            prepared = prepare(self._git, _request(manifest, environment, own, good))
        except InputError as problem:
            unreadable = error("rehearsal/unreadable", place, f"`{environment}`: {problem.message}", problem.fix)
            return Rehearsal(environment=environment, findings=(unreadable,))
        findings = [
            *_uncommitted(manifest, prepared.bad, place),
            *_judge(self._git, prepared, place),
        ]
        return Rehearsal(
            environment=environment,
            rollback=prepared.rollback,
            findings=tuple(findings),
            missing=tuple(missing_procedures(prepared.bad.manifest, prepared.bad.scope.kinds)),
        )

    @cached_property
    def _access(self) -> GitHubAccess:
        return GitHubAccess.from_environment(self.root)

    @cached_property
    def _git(self) -> Git:
        return Git(self.root, credentials=self._access.credentials())

    def _find_live(self, manifest: Manifest, environment: str, own: ReleaseRef) -> Live | None:
        """What a rollback of this commit would restore if it were live, chosen by the same rule."""
        if environment in self.live:
            commit = self._git.named(self.live[environment])
            return Live(side=ReleaseRef(commit=commit, name=self.live[environment]), manifest=manifest.path)
        release = Release(name=manifest.release, manifest=manifest.path)
        candidate = Deployment(
            id="", environment=environment, commit=own.commit, created_at=datetime.now(UTC), release=release
        )
        deployments = [candidate]
        for page in read_ledger(self._access.client(), self._access.run.repository, environment):
            deployments += page.deployments
            if good := last_known_good(deployments, candidate):
                side = ReleaseRef(commit=good.commit, name=good.title, agents=good.agents)
                return Live(side=side, manifest=good.release.manifest if good.release else "")
        return None

    def _first(
        self, manifest: Manifest, environment: str, own: ReleaseRef, place: Location, procedures: Location
    ) -> Rehearsal:
        """The rehearsal of a release that has no earlier one to restore."""
        kinds: frozenset[Kind] = frozenset()
        findings: list[Finding] = []
        try:
            shipped = read_release_at(self._git, own, manifest.path, environment)
            kinds = shipped.scope.kinds
            findings += _uncommitted(manifest, shipped, Location(file=manifest.path))
        except InputError as problem:
            findings.append(error("rehearsal/unreadable", Location(file=manifest.path), problem.message, problem.fix))
        findings += first_release(manifest, kinds, environment, place=place, procedures=procedures)
        missing = tuple(missing_procedures(manifest, kinds))
        return Rehearsal(environment=environment, findings=tuple(findings), missing=missing)


def _request(manifest: Manifest, environment: str, own: ReleaseRef, good: Live) -> RollbackRequest:
    return RollbackRequest(
        environment=environment,
        bad=own,
        good=good.side,
        base="HEAD",
        base_sha=own.commit,
        bad_manifest=manifest.path,
        good_manifest=good.manifest,
    )


def _judge(git: Git, prepared: Prepared, place: Location) -> Iterator[Finding]:
    bad, good, rollback = prepared.bad, prepared.good, prepared.rollback
    removed = [each.component for each in _changes(git, good, bad) if each.kind is ChangeKind.REMOVED]
    yield from not_undone(bad.manifest, removed, rollback.good, place)
    yield from blocked(rollback.plan, rollback.good, place)
    back = _changes(git, bad, good)
    yield from refused(good.manifest, good=good.scope, bad=bad.scope, changes=back)
    doubts = [each for each in good.scope.findings if each.severity is Severity.ERROR]
    if doubts:
        message = (
            f"The live release is incomplete in git, so a rollback may not restore all of it: {doubts[0].message}"
        )
        yield warning("rehearsal/incomplete", place, message, "Retrieve the missing files into the project.")


def _changes(git: Git, before: ReleaseAtCommit, after: ReleaseAtCommit) -> tuple[ComponentChange, ...]:
    """The changes from one release to another."""
    project = read_project(CommitSource(git, after.tree, prefix=git.prefix))
    return compare(after.scope, before.scope, project, head=after.tree, live=before.tree, prefix=git.prefix)


def _uncommitted(manifest: Manifest, shipped: ReleaseAtCommit, place: Location) -> Iterator[Finding]:
    if shipped.manifest.digest != manifest.digest:
        message = "The rollback was rehearsed from the commit, without this file's uncommitted changes."
        yield warning("rehearsal/uncommitted", place, message, "Commit the changes, then rehearse again.")


def _unknown(place: Location, environment: Environment) -> Finding:
    message = f"The rollback was not rehearsed: the live release of `{one_line(environment.name, 100)}` is unknown."
    fix = "Set GITHUB_TOKEN to read the deployments, or name the commit with --live ENV=COMMIT."
    return warning("rehearsal/live-unknown", place, message, fix)
