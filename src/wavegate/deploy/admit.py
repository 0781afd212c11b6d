"""Whether a release may enter an environment, by which evidence and override."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wavegate.cli.actions import acting_user, add_summary, announce, in_actions, set_outputs
from wavegate.deploy.acts.admission import LedgerRequest, OrgBefore, ask_early, ask_ledger
from wavegate.deploy.acts.ledger import DeploymentActs
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.pilot.ending import retirement_of
from wavegate.deploy.pilot.memory import LedgerAccessMemory
from wavegate.deploy.pilot.values import CopiesRequest, Retirement
from wavegate.deploy.record import Record
from wavegate.deploy.rollout_values import Rollout
from wavegate.errors import InputError
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.deployment import REASON_LIMIT, RETIRED, Deployment, Override, Pilot, Release, State
from wavegate.ledger.pilot import pilot_of
from wavegate.ledger.writer import Mark, mark
from wavegate.promotion.admission import Admission
from wavegate.promotion.decision.file import (
    CheckedDecision,
    check_evidence,
    expected_subject,
    read_evidence,
)
from wavegate.promotion.hold_request import HoldRequest
from wavegate.promotion.refusals import refusals_markdown
from wavegate.promotion.values import Refusal, RefusalRule
from wavegate.release.manifest import Environment
from wavegate.release.pack import Pack
from wavegate.text import clip, join_names, one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionRequest:
    """A release to promote.

    hold: the release and the environment. packs: all of the release. decision: its file; None for none. digest: the
    decision's. override: a reason, or ''. fast_lane: whether a person asks for the fast lane. uncommitted: files
    whose uncommitted changes are not deployed. root: folder of the checkout.
    """

    root: Path
    hold: HoldRequest
    packs: Sequence[Pack]
    decision: Path | None
    digest: str
    override: str
    fast_lane: bool
    uncommitted: tuple[str, ...] = ()


class Promotion:
    """The promotion of a release to an environment. record: its deployment's node id, '' until there is one."""

    def __init__(self, request: PromotionRequest) -> None:
        self._request = request
        access = GitHubAccess.from_environment(request.root)
        self._run = access.run
        self._github = _open_github(access)
        self.evidence = self._check_evidence()
        self.record = ""
        self._record: Record | None = None
        self._release: Release | None = None
        self._acts: DeploymentActs | None = None
        self._copies: CopiesRequest | None = None
        self._unretired: tuple[Deployment, ...] = ()
        self._admission = Admission()

    def check(self) -> None:
        """Check the evidence. InputError: it does not authorize the release, and the fast lane does not either."""
        if self._despite_override(self.evidence.refusals):
            admission = ask_early(self._ledger_request(self._github)) if self._github else Admission()
            self._refuse(self._evidence_refusals(admission))

    def begin(self, org: OrgBefore) -> Record:
        """Check everything again, right before changing the org, and record the deployment.

        Raises InputError if the release may not enter, or was stopped or rolled back meanwhile.
        """
        if self._github:
            self._admission, self._acts = ask_ledger(self._ledger_request(self._github), org)
            is_rolled_back = self._acts.ledger.rollback_of(self._request.hold.release) is not None
            self._acts.override = self._request.override if is_rolled_back else ""
        self._copies = org.copies
        self._unretired = self._acts.ledger.unretired if self._acts else ()
        refusals = (*self._evidence_refusals(self._admission), *self._admission.refusals)
        self._refuse(refusals)
        self._release = self._describe(org, refusals)
        hold = self._request.hold
        self._record = Record(
            self._github, self._run, environment=hold.environment.name, commit=hold.commit, release=self._release
        )
        # a script may have been published by a release of another manifest
        known = self._acts.ledger.deployments if self._acts and not org.publishes else None
        self._record.begin(known)
        self.record = self._record.id
        return self._record

    @property
    def memory(self) -> LedgerAccessMemory | None:
        """Remembers whose access to live agents a pilot has taken away; None without GitHub."""
        if self._github is None:
            return None
        hold = self._request.hold
        return LedgerAccessMemory(
            github=self._github,
            run=self._run,
            environment=hold.environment.name,
            manifest=hold.manifest.path,
            commit=hold.commit,
        )

    @property
    def retirement(self) -> Retirement | None:
        """The copies of earlier pilots that the deployment takes out of use, once it has begun."""
        return retirement_of(self._unretired, self._copies)

    def read_stops(self) -> tuple[OpenStop, ...]:
        """Read the open stops that the release does not lift; none without GitHub. Raises WavegateError."""
        return self._acts.read_stops() if self._acts else ()

    def end(self, rollout: Rollout) -> None:
        """Record the outcome, and the acts that it ends. Raises WavegateError."""
        if self._acts:
            self._acts.before_end(rollout)
        if rollout.result != "failed" and self._copies is None:
            self._retire(rollout)
        if self._record:
            held, acts = (self._acts.held(rollout), self._acts.ledger.acts) if self._acts else ({}, ())
            self._record.end(rollout, held, acts)
        if self._acts and rollout.result != "failed":
            self._acts.after_success(rollout)

    def _retire(self, rollout: Rollout) -> None:
        """Note that the copies of earlier pilots are out of use."""
        words = f"{RETIRED}{one_line(rollout.release, 80)} is live for everybody"
        for each in self._unretired:
            if self._github:
                status = Mark(state=State.INACTIVE, description=words, log_url=self._run.url)
                mark(self._github, each.id, status)

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
        lane = f"⚠️ Fast lane: {self._admission.lane_words}" if self._cites else ""
        passed = (f"⚠️ {each}" for each in self._admission.passed)
        acts = self._acts.notes if self._acts else ()
        return tuple(filter(None, (overridden, lane, *passed, *acts, self._uncommitted(), evidence, recorded)))

    def _uncommitted(self) -> str:
        paths = self._request.uncommitted
        return f"⚠️ Uncommitted changes were not deployed: {join_names(paths)}." if paths else ""

    def _check_evidence(self) -> CheckedDecision:
        request, hold = self._request, self._request.hold
        expected = expected_subject(
            hold.manifest, hold.environment, request.packs, commit=hold.commit, content=hold.content
        )
        if request.decision:
            data = read_evidence(request.decision)
            return check_evidence(data, path=str(request.decision), digest=request.digest, expected=expected)
        return CheckedDecision(refusals=(_MISSING,) if expected.packs else ())

    def _ledger_request(self, github: GitHub) -> LedgerRequest:
        request = self._request
        return LedgerRequest(
            github=github,
            run=self._run,
            hold=request.hold,
            fast_lane=request.fast_lane,
            decision=self.evidence.decision,
        )

    def _evidence_refusals(self, admission: Admission) -> tuple[Refusal, ...]:
        """In the fast lane, the evidence is that of the earlier deployment; a changed decision is refused even so."""
        return tuple(each for each in self.evidence.refusals if each.final or admission.lane is None)

    @property
    def _cites(self) -> bool:
        """Whether the evidence is that of an earlier deployment."""
        return self._admission.lane is not None and (bool(self.evidence.refusals) or not self.evidence.digest)

    def _despite_override(self, refusals: Sequence[Refusal]) -> list[Refusal]:
        return [each for each in refusals if each.final or not self._request.override]

    def _refuse(self, refusals: Sequence[Refusal]) -> None:
        """Report the refusals that are not overridden, and raise an error for the last one."""
        raised = self._despite_override(refusals)
        if not raised:
            return
        set_outputs({"result": "refused"})
        hold = self._request.hold
        add_summary(refusals_markdown(hold.environment.name, raised, release=hold.manifest.release))
        for each in raised[:-1]:
            announce(f"{each.message} [{each.rule}]", fix=each.fix)
        raise InputError(f"{raised[-1].message} [{raised[-1].rule}]", fix=raised[-1].fix)

    def _describe(self, org: OrgBefore, refusals: Sequence[Refusal]) -> Release:
        hold, lane = self._request.hold, self._admission.lane
        override = None
        if refusals:
            reason = clip(self._request.override.strip(), REASON_LIMIT)
            rules = tuple(dict.fromkeys(each.rule for each in refusals))
            override = Override(reason=reason, actor=_actor(), rules=rules)
        cited = lane if lane and self._cites else None
        return Release(
            name=hold.manifest.release,
            manifest=hold.manifest.path,
            manifest_digest=hold.manifest.digest,
            content=hold.content,
            evidence=cited.release.evidence if cited and cited.release else self.evidence.digest,
            run=self._run.url,
            # not who triggered this attempt: the next one must find the same record
            actor=self._run.actor,
            org=org.id,
            override=override,
            pilot=_pilot(hold.environment, self._copies) if org.is_pilot else None,
            resume=hold.manifest.resume,
            cites=cited.id if cited else "",
            passed_lock=self._admission.lock.id if self._admission.lock else "",
        )


def _pilot(environment: Environment, copies: CopiesRequest | None) -> Pilot | None:
    if copies is None:
        return pilot_of(environment)
    return pilot_of(environment, copies=copies.agents, permission_set=copies.permission_set, reaching=copies.reaching)


_MISSING = Refusal(
    rule=RefusalRule.MISSING,
    message="No gate decision was provided.",
    fix="Run `wavegate gate` and pass its decision with --decision, or give a reason with --override.",
)
_UNRECORDED = (
    "Nothing was recorded, and neither the promotion order nor stops, locks and rollbacks were checked: set "
    "GITHUB_TOKEN and GITHUB_REPOSITORY for that."
)


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
