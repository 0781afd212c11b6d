"""Whether a release may enter an environment, by which evidence and override."""

import getpass
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from wavegate.cli.actions import acting_user, add_summary, announce, in_actions, set_outputs
from wavegate.deploy.acts.ledger import DeploymentActs
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.record import Record
from wavegate.deploy.rollout_values import Rollout
from wavegate.errors import InputError
from wavegate.git.checkout import commit_of
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.deployment import REASON_LIMIT, Deployment, Override, Release
from wavegate.ledger.environment import PromotionLedger
from wavegate.ledger.pilot import pilot_of
from wavegate.promotion.admission import Admission, admission_of
from wavegate.promotion.decision_file import (
    CheckedDecision,
    check_evidence,
    expected_subject,
    read_evidence,
)
from wavegate.promotion.environment_ledger import read_promotion
from wavegate.promotion.holding import HoldRequest
from wavegate.promotion.refusals import refusals_markdown
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.manifest import Environment, Manifest
from wavegate.release.pack import Pack
from wavegate.salesforce.org_values import AgentState
from wavegate.text import clip, join_names, one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionRequest:
    """A release to promote.

    packs: all of the release. content: digest of what it ships; content_before: to the environment before. agents:
    API names of those that it ships. decision: its file; None for none. digest: the decision's. override: a reason,
    or ''. fast_lane: whether a person asks for the fast lane. uncommitted: files whose uncommitted changes are not
    deployed.
    """

    root: Path
    manifest: Manifest
    environment: Environment
    packs: Sequence[Pack]
    content: str
    decision: Path | None
    digest: str
    override: str
    fast_lane: bool = False
    content_before: str = ""
    agents: tuple[str, ...] = ()
    uncommitted: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgBefore:
    """What an org has before a deployment.

    id: the org's. agents: those that the deployment may affect. resumed: version by agent name from before an
    unfinished deployment of the same content, if this machine knows of one. publishes: whether the deployment may
    publish scripts.
    """

    id: str
    agents: tuple[AgentState, ...]
    resumed: Mapping[str, int | None]
    publishes: bool


class Promotion:
    """The promotion of a release to an environment. record: its deployment's node id, '' until there is one."""

    def __init__(self, request: PromotionRequest) -> None:
        self._request = request
        access = GitHubAccess.from_environment()
        self._run = access.run
        self._github = _open_github(access)
        self.commit = commit_of(request.root)
        self.evidence = self._check_evidence()
        self.record = ""
        self._record: Record | None = None
        self._release: Release | None = None
        self._lane: Deployment | None = None
        self._acts: DeploymentActs | None = None
        if self._github is None:
            self._refuse(self.evidence.refusals)

    def check(self) -> None:
        """Check the evidence. InputError: it does not authorize the release, which has not the fast lane either."""
        if self._github and self._raised(self.evidence.refusals):
            ledger = self._read_ledger(self._github)
            self._refuse(self._evidence_refusals(self._admission(ledger, self._hold_request()).lane))

    def begin(self, org: OrgBefore) -> Record:
        """Check everything again, right before changing the org, and record the deployment.

        Raises InputError if the release may not enter, or was rolled back or stopped meanwhile.
        """
        if self._github and not self.commit:
            raise InputError(
                "The commit is unknown, so the deployment cannot be recorded.",
                fix="Check out the repository with git, or unset GITHUB_TOKEN to deploy without a record.",
            )
        refusals = self.evidence.refusals
        known: Sequence[Deployment] | None = None
        if self._github:
            refusals, known = self._ask_ledger(self._github, org)
        self._refuse(refusals)
        self._release = self._describe(org.id, refusals)
        environment = self._request.environment.name
        record = Record(self._github, self._run, environment=environment, commit=self.commit, release=self._release)
        self._record = record
        # a script may have been published by a release of another manifest
        record.begin(None if org.publishes else known)
        self.record = record.id
        return record

    def read_stops(self) -> tuple[OpenStop, ...]:
        """Read the open stops that the release does not lift; none without GitHub. Raises WavegateError."""
        return self._acts.read_stops() if self._acts else ()

    def end(self, rollout: Rollout) -> None:
        """Record the outcome, and the acts that it ends. Raises WavegateError."""
        if self._acts:
            self._acts.before_end(rollout)
        if self._record:
            self._record.end(rollout)
        if self._acts and rollout.result != "failed":
            self._acts.after_success(rollout)

    @property
    def unfinished(self) -> DeployJournalEntry | None:
        """What the ledger says of an earlier try, as far as it could be read."""
        return self._record.unfinished if self._record else None

    @property
    def digest(self) -> str:
        """The digest of the decision that the deployment is based on; '' for none."""
        return self._release.evidence if self._release else self.evidence.digest

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the summary, once the deployment has begun."""
        override = self._release.override if self._release else None
        evidence = f"Evidence: decision sha256:{self.digest}." if self.digest else ""
        recorded = f"Recorded as deployment {self.record}." if self.record else _UNRECORDED
        overridden = ""
        if override:
            rules = ", ".join(override.rules)
            overridden = f"⚠️ Overridden by {override.actor} (rules: {rules}): {override.reason}"
        elif self._request.override:
            overridden = "The override was not needed and is not recorded."
        acts = self._acts.notes if self._acts else ()
        return tuple(filter(None, (overridden, self._fast_lane(), *acts, self._uncommitted(), evidence, recorded)))

    def _fast_lane(self) -> str:
        if self._lane is None:
            return ""
        since = f"{self._lane.live_since:%Y-%m-%d}" if self._lane.live_since else "an unknown day"
        cited = " No new smoke tests were asked for: its decision is cited." if self._cites else ""
        return f"⚠️ Fast lane: the same release was live and good here since {since} ({self._lane.id}).{cited}"

    def _uncommitted(self) -> str:
        paths = self._request.uncommitted
        return f"⚠️ Uncommitted changes were not deployed: {join_names(paths)}." if paths else ""

    def _check_evidence(self) -> CheckedDecision:
        request = self._request
        expected = expected_subject(
            request.manifest,
            request.environment,
            request.packs,
            commit=self.commit,
            content=request.content,
        )
        if request.decision:
            data = read_evidence(request.decision)
            return check_evidence(data, path=str(request.decision), digest=request.digest, expected=expected)
        return CheckedDecision(refusals=(_MISSING,) if expected.packs else ())

    def _read_ledger(self, github: GitHub) -> PromotionLedger:
        request = self._request
        return read_promotion(github, self._run.repository, request.manifest, request.environment, commit=self.commit)

    def _ask_ledger(self, github: GitHub, org: OrgBefore) -> tuple[tuple[Refusal, ...], Sequence[Deployment]]:
        """Why the release may not enter, and the newest deployments of its manifest in the environment."""
        ledger = self._read_ledger(github)
        request = self._hold_request(each.name for each in org.agents)
        acts = DeploymentActs(github=github, run=self._run, ledger=ledger.own, request=request)
        acts.record_found(org.agents, org=org.id, resumed=org.resumed)
        ledger = replace(ledger, own=acts.ledger)
        admission = self._admission(ledger, request)
        self._lane = admission.lane
        acts.lift(fast_lane=self._lane is not None)
        acts.override = self._request.override if acts.ledger.rollback_of(request.release) else ""
        self._acts = acts
        return (*self._evidence_refusals(self._lane), *admission.refusals), ledger.own.deployments

    def _admission(self, ledger: PromotionLedger, request: HoldRequest) -> Admission:
        return admission_of(ledger, request, asked=self._request.fast_lane, decision=self.evidence.decision)

    def _hold_request(self, agents: Iterable[str] = ()) -> HoldRequest:
        request = self._request
        return HoldRequest(
            manifest=request.manifest,
            environment=request.environment,
            content=request.content,
            content_before=request.content_before,
            commit=self.commit,
            agents=tuple(dict.fromkeys((*request.agents, *agents))),
            actor=acting_user(),
            now=datetime.now(UTC),
        )

    def _evidence_refusals(self, lane: Deployment | None) -> tuple[Refusal, ...]:
        """In the fast lane, the evidence is that of the earlier deployment; a changed decision is refused even so."""
        return tuple(each for each in self.evidence.refusals if each.final or lane is None)

    @property
    def _cites(self) -> bool:
        return self._lane is not None and bool(self.evidence.refusals)

    def _raised(self, refusals: Sequence[Refusal]) -> list[Refusal]:
        """The refusals that are not overridden."""
        return [each for each in refusals if each.final or not self._request.override]

    def _refuse(self, refusals: Sequence[Refusal]) -> None:
        """Report the refusals that are not overridden, and raise an error for the last one."""
        raised = self._raised(refusals)
        if not raised:
            return
        set_outputs({"result": "refused"})
        add_summary(refusals_markdown(self._request.environment.name, raised))
        for each in raised[:-1]:
            announce(f"{each.message} [{each.rule}]", fix=each.fix)
        raise InputError(f"{raised[-1].message} [{raised[-1].rule}]", fix=raised[-1].fix)

    def _describe(self, org_id: str, refusals: Sequence[Refusal]) -> Release:
        manifest = self._request.manifest
        override = None
        if refusals:
            reason = clip(self._request.override.strip(), REASON_LIMIT)
            rules = tuple(dict.fromkeys(each.rule for each in refusals))
            override = Override(reason=reason, actor=_actor(), rules=rules)
        return Release(
            name=manifest.release,
            manifest=manifest.path,
            manifest_digest=manifest.digest,
            content=self._request.content,
            evidence=_evidence(self._lane) if self._cites else self.evidence.digest,
            run=self._run.url,
            # not who triggered this attempt: the next one must find the same record
            actor=self._run.actor,
            org=org_id,
            override=override,
            pilot=pilot_of(self._request.environment),
            resume=manifest.resume,
            cites=self._lane.id if self._lane and self._cites else "",
        )


_MISSING = Refusal(
    rule=RefusalRule.MISSING,
    message="No gate decision was provided.",
    fix="Run `wavegate gate` and pass its decision with --decision, or give a reason with --override.",
)
_UNRECORDED = (
    "Nothing was recorded and the promotion order was not checked: set GITHUB_TOKEN and GITHUB_REPOSITORY for both."
)


def _evidence(cited: Deployment | None) -> str:
    return cited.release.evidence if cited and cited.release else ""


def _open_github(access: GitHubAccess) -> GitHub | None:
    """GitHub, to record the deployment; None outside a workflow if the token or the repository is unknown."""
    if access.is_complete or in_actions():
        return access.required_client("record the deployment", permission="deployments: write")
    return None


def _actor() -> str:
    """The person who overrides: the one who started the run, else this machine's user."""
    try:
        return one_line(acting_user() or getpass.getuser(), 100)
    except (OSError, KeyError):
        raise InputError("An override needs a name, but the user is unknown.", fix="Set GITHUB_ACTOR.") from None
