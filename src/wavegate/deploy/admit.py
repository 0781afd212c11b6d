"""Whether a release may enter an environment, by which evidence and override."""

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from wavegate.cli.actions import acting_user, add_summary, announce, in_actions, set_outputs
from wavegate.deploy.journal import DeployJournalEntry
from wavegate.deploy.record import Record
from wavegate.errors import InputError
from wavegate.git.checkout import commit_of
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.ledger.deployment import REASON_LIMIT, Override, Release
from wavegate.ledger.pilot import pilot_of
from wavegate.promotion.admission import admission_of
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
from wavegate.text import clip, join_names, one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class PromotionRequest:
    """A release to promote.

    packs: all of the release. content: digest of what it ships; content_before: to the environment before. agents:
    API names of those that it ships. decision: its file; None for none. digest: the
    decision's. override: a reason, or ''. uncommitted: files whose uncommitted changes are not deployed.
    """

    root: Path
    manifest: Manifest
    environment: Environment
    packs: Sequence[Pack]
    content: str
    decision: Path | None
    digest: str
    override: str
    content_before: str = ""
    agents: tuple[str, ...] = ()
    uncommitted: tuple[str, ...] = ()


class Promotion:
    """The promotion of a release to an environment. record: its deployment's node id, '' until there is one."""

    def __init__(self, request: PromotionRequest) -> None:
        self._request = request
        access = GitHubAccess.from_environment(request.root)
        self._run = access.run
        self._github = _open_github(access)
        self.commit = commit_of(request.root)
        self.evidence = self._check_evidence()
        self.record = ""
        self._record: Record | None = None
        self._release: Release | None = None
        self._refuse(self.evidence.refusals)

    def begin(self, org_id: str) -> Record:
        """Check the order of promotion again, right before changing the org, and record the deployment.

        Raises InputError if the release may not enter, or was rolled back meanwhile.
        """
        if self._github and not self.commit:
            raise InputError(
                "The commit is unknown, so the deployment cannot be recorded.",
                fix="Check out the repository with git, or unset GITHUB_TOKEN to deploy without a record.",
            )
        refusals = (*self.evidence.refusals, *self._order())
        self._refuse(refusals)
        self._release = self._describe(org_id, refusals)
        environment = self._request.environment.name
        record = Record(self._github, self._run, environment=environment, commit=self.commit, release=self._release)
        self._record = record
        record.begin()
        self.record = record.id
        return record

    @property
    def unfinished(self) -> DeployJournalEntry | None:
        """What the ledger says of an earlier try, as far as it could be read."""
        return self._record.unfinished if self._record else None

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the summary, once the deployment has begun."""
        override = self._release.override if self._release else None
        evidence = f"Evidence: decision sha256:{self.evidence.digest}." if self.evidence.digest else ""
        recorded = f"Recorded as deployment {self.record}." if self.record else _UNRECORDED
        overridden = ""
        if override:
            rules = ", ".join(override.rules)
            overridden = f"⚠️ Overridden by {override.actor} (rules: {rules}): {override.reason}"
        elif self._request.override:
            overridden = "The override was not needed and is not recorded."
        return tuple(filter(None, (overridden, self._uncommitted(), evidence, recorded)))

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

    def _order(self) -> Sequence[Refusal]:
        if self._github is None:
            return ()
        request = self._request
        ledger = read_promotion(
            self._github, self._run.repository, request.manifest, request.environment, commit=self.commit
        )
        held = HoldRequest(
            manifest=request.manifest,
            environment=request.environment,
            content=request.content,
            content_before=request.content_before,
            commit=self.commit,
            agents=request.agents,
            actor=acting_user(),
            now=datetime.now(UTC),
        )
        return admission_of(ledger, held, asked=False, decision=self.evidence.decision).refusals

    def _refuse(self, refusals: Sequence[Refusal]) -> None:
        """Report the refusals that are not overridden, and raise an error for the last one."""
        raised = [each for each in refusals if each.final or not self._request.override]
        if not raised:
            return
        set_outputs({"result": "refused"})
        add_summary(refusals_markdown(self._request.environment.name, raised, release=self._request.manifest.release))
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
            evidence=self.evidence.digest,
            run=self._run.url,
            # not who triggered this attempt: the next one must find the same record
            actor=self._run.actor,
            org=org_id,
            override=override,
            pilot=pilot_of(self._request.environment),
            resume=manifest.resume,
        )


_MISSING = Refusal(
    rule=RefusalRule.MISSING,
    message="No gate decision was provided.",
    fix="Run `wavegate gate` and pass its decision with --decision, or give a reason with --override.",
)
_UNRECORDED = (
    "Nothing was recorded and the promotion order was not checked: set GITHUB_TOKEN and GITHUB_REPOSITORY for both."
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
