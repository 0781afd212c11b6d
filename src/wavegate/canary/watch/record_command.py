"""`wavegate record-look ENV`: write a canary's look to the ledger, and keep the issue of one past its deadline."""

import re
from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.given_decision import read_look
from wavegate.canary.watch.deadline import deadline_page, ended, issue_start
from wavegate.cli.actions import acting_user, set_outputs, warn
from wavegate.cli.options import environment_argument, manifest_option, root_option, takes
from wavegate.errors import ExitCode, InputError, RefusedError
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.github.issues import close_issue, find_issues, keep_issue
from wavegate.ledger.canary_entry import LOOK_TASK, CanaryLook, look_payload, parse_look
from wavegate.ledger.events import NewEvent, write_event
from wavegate.release.manifest import Manifest, environment_of
from wavegate.release.notify_settings import NotifyEvent
from wavegate.release.reading import load_manifest
from wavegate.text import one_line

_CONTENT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordLookOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    decision: str
    digest: str


@click.command(name="record-look")
@environment_argument("RECORD_LOOK")
@root_option()
@manifest_option()
@click.option(
    "--decision",
    metavar="FILE",
    default="",
    show_default="none: only close the issues of canaries that have ended",
    help="Decision file that `wavegate watch` wrote.",
)
@click.option(
    "--digest",
    metavar="SHA256",
    default="",
    show_default=False,
    help="Digest that the file must have: the output decision-digest of `wavegate watch`.",
)
@takes(RecordLookOptions)
def command(options: RecordLookOptions) -> int:
    """Record a look at the canary of ENV in GitHub's deployments. Recording it again changes nothing.

    A canary that is past its progressDeadline gets one issue, which mentions the release's owners.
    """
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment).name
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("record the look", permission="deployments: write, contents: read")
    decision, result = None, "none"
    if options.decision:
        decision, digest = read_look(
            options.decision, digest=options.digest, environment=environment, manifest=manifest.path
        )
        look = look_of(decision, digest, actor=acting_user())
        commit = decision.commit or access.run.sha
        event = _event(look, environment, commit)
        is_new = write_event(github, access.run.repository, event, is_this=lambda payload: _is_look(payload, look))
        result = "recorded" if is_new else "unchanged"
        click.echo(one_line(f"{event.description}: {'recorded' if is_new else 'already recorded'}"))
    issue = _keep(github, access.run.repository, manifest, environment, decision)
    set_outputs({"result": result, "issue": issue})
    return int(ExitCode.OK)


def look_of(decision: CanaryDecision, digest: str, *, actor: str) -> CanaryLook:
    """A decision as an entry of the ledger. digest: of its file. InputError: nobody could say what it is about."""
    if not _CONTENT.fullmatch(decision.content):
        raise InputError(
            "The decision does not say what the release ships.",
            fix="Use the unchanged file that `wavegate watch` wrote.",
        )
    return CanaryLook(
        release=decision.release,
        manifest=decision.manifest.name,
        content=decision.content,
        verdict=decision.verdict.value,
        look=decision.looks,
        decision=digest,
        time=decision.time,
        rules=tuple(each.rule for each in decision.reasons),
        cohorts=tuple(each.name for each in decision.cohorts),
        dry_run=decision.dry_run,
        run=decision.run,
        actor=actor,
    )


def _event(look: CanaryLook, environment: str, commit: str) -> NewEvent:
    words = " (dry run)" if look.dry_run else ""
    return NewEvent(
        environment=environment,
        task=LOOK_TASK,
        commit=commit,
        payload=look_payload(look),
        description=f"{look.verdict}{words}: look {look.look} at {look.release}",
    )


def _is_look(payload: object, look: CanaryLook) -> bool:
    found = parse_look(payload)
    return found is not None and found.is_same(look)


def _keep(
    github: GitHub, repository: str, manifest: Manifest, environment: str, decision: CanaryDecision | None
) -> str:
    """Keep the issue of a canary past its deadline, and return what became of it; '' without one."""
    notify = manifest.notify
    is_notified = notify is not None and NotifyEvent.HELD in notify.on and notify.issue_labels is not None
    done = ""
    try:
        for issue in ended(
            find_issues(github, repository, issue_start(environment, manifest.path)), decision, manifest=manifest.path
        ):
            close_issue(github, repository, issue)
            done = "closed"
        # the notification `held` keeps an issue of its own where the manifest asks for one
        if decision and decision.stage == "canary" and decision.overdue and not is_notified:
            done = keep_issue(github, repository, deadline_page(decision, owners=manifest.owners.release))
    except RefusedError as error:
        warn(error.message, fix=error.fix)
        return "failed"
    if done:
        click.echo(f"issue about the deadline: {done}")
    return done
