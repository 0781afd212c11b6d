"""What the ledger says about one environment, and how a release is recognized in it under any commit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Self

from wavegate.ledger.acts.act import Act, ActKind, ReleaseId
from wavegate.ledger.acts.holds import Holds, holds_of
from wavegate.ledger.deployment import Deployment
from wavegate.ledger.history import is_of, live_release_of, pilot_release_of, unretired
from wavegate.ledger.spelling import is_environment
from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class ShippedRelease:
    """What identifies a release in one environment: what it ships, whichever commit has it.

    content: digest of what it ships to the environment, '' if unknown. commit: '' if unknown; the same commit ships
    the same, even if an older version recorded no digest or another one.
    """

    content: str
    commit: str = ""

    def is_in(self, deployment: Deployment) -> bool:
        """Whether a deployment is of this release."""
        return self._is(deployment.release.content if deployment.release else "", deployment.commit)

    def is_named(self, named: ReleaseId) -> bool:
        """Whether an act names this release."""
        return self._is(named.content, named.commit)

    def _is(self, content: str, commit: str) -> bool:
        return (self.content != "" and self.content == content) or (self.commit != "" and self.commit == commit)


@dataclass(frozen=True, kw_only=True, slots=True)
class UnconfirmedStep:
    """A canary step whose pull request was merged without a person's tick that support is ready. step: from 1."""

    number: int
    url: str
    step: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentLedger:
    """What the ledger says about an environment, for the releases of one manifest.

    manifest: path. deployments: of the manifest, newest first. whole: whether there are no older ones. others: of
    other manifests, newest first, as far as they were read with those. acts: of any manifest, newest first; one
    without id is not recorded yet. holds: what follows from them for the manifest. unreadable: how many further acts
    cannot be read; any of them may be a stop. failed: contents that are live in spite of a failed verification, as
    far as they were looked up. former: of environments that the manifest no longer names, but whose holds of its own
    are open. is_former: whether this is such a one.
    """

    environment: str
    manifest: str | None = None
    deployments: tuple[Deployment, ...] = ()
    whole: bool = True
    others: tuple[Deployment, ...] = ()
    acts: tuple[Act, ...] = ()
    holds: Holds = field(default_factory=Holds)
    unreadable: int = 0
    failed: frozenset[str] = frozenset()
    former: tuple["EnvironmentLedger", ...] = ()
    is_former: bool = False

    @classmethod
    def of(
        cls,
        environment: str,
        manifest: str,
        deployments: Iterable[Deployment],
        acts: tuple[Act, ...],
        *,
        whole: bool = True,
        unreadable: int = 0,
    ) -> Self:
        """The ledger of an environment for one manifest. deployments: of any manifest, newest first."""
        known = tuple(deployments)
        return cls(
            environment=environment,
            manifest=manifest,
            deployments=tuple(each for each in known if is_of(each, manifest)),
            whole=whole,
            others=tuple(each for each in known if not is_of(each, manifest)),
            acts=acts,
            holds=holds_of(acts, manifest=manifest),
            unreadable=unreadable,
        )

    @property
    def place(self) -> str:
        """Where something was done, in one line."""
        where = one_line(self.environment, 100)
        return f"{where}, which the manifest no longer names," if self.is_former else where

    @property
    def live(self) -> Deployment | None:
        """The newest release that was live for everybody, even if it was rolled back since."""
        return live_release_of(self.deployments)

    @property
    def pilot(self) -> Deployment | None:
        """The release that a pilot's cohorts have as copies; None without such a pilot."""
        return pilot_release_of(self.deployments)

    @property
    def unretired(self) -> tuple[Deployment, ...]:
        """The pilots whose copies may still be in use, newest first."""
        return unretired(self.deployments)

    def release_of(self, agent: str) -> Deployment | None:
        """The release that an agent has: the pilot's for one of its copies, else the one that everybody has."""
        return self.pilot if agent.casefold() in _copies([self.pilot]) else self.live

    @property
    def copies_out_of_use(self) -> frozenset[str]:
        """Case-folded names of copies that no running pilot has."""
        return _copies(self.deployments) - _copies([self.pilot])

    @property
    def unrecorded_withdrawal(self) -> Act | None:
        """The withdrawal of a rollback whose pull request a person closed, as long as nobody recorded it."""
        return next((each for each in self.acts if each.kind is ActKind.ROLLBACK_WITHDRAWN and not each.id), None)

    @property
    def unrecorded_rollback(self) -> Act | None:
        """The rollback whose pull request a person reopened, as long as nobody recorded it."""
        return next((each for each in self.acts if each.kind is ActKind.ROLLBACK and not each.id), None)

    def including(self, deployments: Iterable[Deployment]) -> "EnvironmentLedger":
        """The same with further deployments, as far as they are of its environment and manifest."""
        here = (each for each in deployments if is_environment(each.environment, self.environment))
        known = {each.id: each for each in here if is_of(each, self.manifest)}
        known |= {each.id: each for each in self.deployments}
        newest_first = sorted(known.values(), key=lambda each: each.created_at, reverse=True)
        return replace(self, deployments=tuple(newest_first))

    def was_good(self, deployment: Deployment) -> bool:
        """Whether everybody had a release as git has it, and it was not rolled back, nor failed its verification."""
        content = deployment.release.content if deployment.release else ""
        was_live = deployment.succeeded and not deployment.rolled_back and not deployment.differs
        return was_live and not deployment.confined and content not in self.failed

    def rollback_of(self, release: ShippedRelease) -> Act | Deployment | None:
        """The rollback that keeps a release out: its act, or in an older ledger the deployment that was marked.

        None if it was not rolled back, or the rollback was withdrawn or overridden. Releases of other manifests count
        by content alone: the same commit ships something else there.
        """
        shipped = replace(release, commit="")
        found = next((act for act in self.holds.rolled_back if act.release and release.is_named(act.release)), None)
        if act := found or self.holds.rollback_of(release.content):
            return act
        if any(_withdraws(act, release if act.manifest == self.manifest else shipped) for act in self.acts):
            return None
        return _marked(self.deployments, release) or _marked(self.others, shipped)


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionLedger:
    """What the ledger says about a promotion.

    own: of the environment that the release is to enter. before: of the one before it; None for the first. others:
    what holds the other environments of the manifest, by name. unconfirmed: the canary step that the promotion takes,
    if support is not confirmed to be ready for it.
    """

    own: EnvironmentLedger
    before: EnvironmentLedger | None = None
    others: Mapping[str, Holds] = field(default_factory=dict)
    unconfirmed: UnconfirmedStep | None = None


def withdrawal_command(environment: str, rollback: Act | Deployment) -> str:
    """The command that withdraws a rollback which `rollback_of` found.

    It names the release: without that, it would withdraw the open rollback, which may be another one.
    """
    release = rollback.release if isinstance(rollback, Act) else None
    bad = rollback.commit if isinstance(rollback, Deployment) else release.commit if release else ""
    return f'wavegate rollback {quote(one_line(environment, 100))} --withdraw --target {bad[:12]} --reason "…"'


def _copies(deployments: Iterable[Deployment | None]) -> frozenset[str]:
    """Case-folded names of the copies that pilots have."""
    pilots = (each.release.pilot for each in deployments if each and each.release)
    return frozenset(name.casefold() for pilot in pilots if pilot for name in pilot.copies.values())


def _marked(deployments: Iterable[Deployment], release: ShippedRelease) -> Deployment | None:
    """The newest deployment of a release, if it was marked as failed after it was live. deployments: newest first."""
    decided = (each for each in deployments if each.rolled_back or _overrides_rollback(each))
    newest = next((each for each in decided if each.succeeded and release.is_in(each)), None)
    return newest if newest and newest.rolled_back else None


def _withdraws(act: Act, release: ShippedRelease) -> bool:
    return act.kind is ActKind.ROLLBACK_WITHDRAWN and act.release is not None and release.is_named(act.release)


def _overrides_rollback(deployment: Deployment) -> bool:
    override = deployment.release.override if deployment.release else None
    return override is not None and "promotion/rolled-back" in override.rules
