"""What a promotion asks of the ledger's rules: read from the checked-out commit and from this run."""

from datetime import datetime

from wavegate.cli.actions import current_run, is_dispatched, warn
from wavegate.plan.head import Head
from wavegate.plan.scripts import released_agents
from wavegate.promotion.hold_request import HoldRequest
from wavegate.release.manifest import Environment, Manifest


def hold_request(
    head: Head, manifest: Manifest, environment: Environment, *, actor: str, now: datetime
) -> HoldRequest:
    """A promotion of the checked-out commit. actor: login. now: timezone-aware."""
    return HoldRequest(
        manifest=manifest,
        environment=environment,
        content=head.content(manifest, environment.name),
        contents={each.name: head.content(manifest, each.name) for each in manifest.environments},
        run=current_run().url,
        commit=head.commit,
        agents=tuple(each.name for each in released_agents(manifest.agents_in(environment.name), head.project)),
        actor=actor,
        now=now,
    )


def counted_override(reason: str) -> str:
    """The reason for an override if it counts, else '' and a warning: only a person who starts a run may override."""
    reason = reason.strip()
    if reason and not is_dispatched():
        warn(
            "The override is ignored: it counts only in a run that a person started with the workflow's form.",
            fix="Start the workflow with `Run workflow` and give the reason there; do not commit it.",
        )
        return ""
    return reason
