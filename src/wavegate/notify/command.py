"""`wavegate notify EVENT ENV`: notify people by the channels of the manifest. It never fails a release."""

import os
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from wavegate.cli.actions import Run, acting_user, in_actions, set_outputs, workflow_command
from wavegate.cli.options import environment_argument, manifest_option, root_option, takes
from wavegate.errors import ExitCode, RefusedError, WavegateError
from wavegate.github.connect import GitHubAccess
from wavegate.github.settings import asks_reviewers
from wavegate.notify.channels import Channel, NotifiedRepository, Outbox, channels, deliver, endings
from wavegate.notify.memory import channels_notified, remember
from wavegate.notify.notification import REASON_LIMIT, Notification, notification_id
from wavegate.release.manifest import environment_of
from wavegate.release.notify_settings import NotifyEvent
from wavegate.release.reading import load_manifest
from wavegate.text import clip, one_line, visible

_MAX_PAGE = 1000
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifyOptions:
    """The command's options, as click reads them."""

    event: str
    environment: str
    root: Path
    manifest: str | None
    release: str
    reason: str
    page: str
    github_environment: str


@click.command(name="notify")
@click.argument(
    "event", envvar="WAVEGATE_NOTIFY_EVENT", metavar="EVENT", type=click.Choice([each.value for each in NotifyEvent])
)
@environment_argument("NOTIFY")
@root_option()
@manifest_option()
@click.option(
    "--release",
    metavar="NAME",
    default="",
    show_default="that of the manifest",
    help="Release that the notification is about.",
)
@click.option("--reason", default="", show_default=False, help="One sentence that says why.")
@click.option(
    "--page",
    metavar="URL",
    default="",
    show_default=False,
    help="Page to open, such as the rollback pull request, beside that of the run.",
)
@click.option(
    "--github-environment",
    metavar="NAME",
    default="",
    show_default="ENV",
    help="GitHub environment whose reviewers an approval waits for. Without reviewers, nobody is notified.",
)
@takes(NotifyOptions)
def command(options: NotifyOptions) -> int:
    """Notify people of an event in ENV by the channels that the manifest lists under `notify`.

    EVENT is approval, refused, deployed, stopped, restarted, rolled-back or held. A channel that fails is a warning.
    """
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    settings = manifest.notify
    if settings is None:
        return _report("off", "The manifest has no `notify`, so nobody was notified.")
    access = GitHubAccess.from_environment(options.root)
    repository = NotifiedRepository(
        github=access.client(patience=30.0) if access.is_complete else None, name=access.run.repository
    )
    notification = _notification(options, access.run, environment.name, options.release or manifest.release)
    outbox = Outbox(notification=notification, secrets=os.environ)
    wanted = [*channels(settings, outbox, repository)] if notification.event in settings.on else []
    over = [*endings(settings, notification, repository)]
    if not wanted and not over:
        return _report("off", f"`notify` does not list {notification.event}, so nobody was notified.")
    reviewed = options.github_environment or environment.name
    if notification.event is NotifyEvent.APPROVAL and not _may_wait(repository, reviewed):
        return _report("off", f"{one_line(reviewed, 100)} has no reviewers, so nobody has to approve.")
    return _send(notification, wanted, over, repository)


def _may_wait(repository: NotifiedRepository, environment: str) -> bool:
    """Whether a deployment may wait for reviewers; True if the token may not read that."""
    if repository.github is None:
        return True
    try:
        return asks_reviewers(repository.github, repository.name, environment)
    except RefusedError as error:
        # GitHub creates a missing environment without reviewers
        return error.status != 404
    except WavegateError:
        return True


def _notification(options: NotifyOptions, facts: Run, environment: str, release: str) -> Notification:
    event, now = NotifyEvent(options.event), datetime.now(UTC).replace(microsecond=0)
    # each attempt asks for an approval of its own; a canary is looked at by run after run, and what holds it is news
    # once; elsewhere, a run that is repeated says nothing new
    run = {NotifyEvent.APPROVAL: facts.attempt_url, NotifyEvent.HELD: "canary"}.get(event, facts.url)
    reason, page = clip(visible(options.reason), REASON_LIMIT), clip(visible(options.page), _MAX_PAGE)
    subject = (facts.repository, release, reason, page)
    return Notification(
        event=event,
        environment=environment,
        release=release,
        actor=acting_user(),
        reason=reason,
        run=facts.attempt_url,
        page=page,
        repository=facts.repository,
        time=now,
        # on a laptop there is no run that could be repeated
        id=notification_id(event, environment, run=run or now.isoformat(), subject=subject),
    )


def _send(
    notification: Notification, wanted: list[Channel], over: list[Channel], repository: NotifiedRepository
) -> int:
    known = _known(notification, repository)
    new = [each for each in wanted if each.name not in known]
    results = [(each, deliver(each)) for each in (*new, *over)]
    failed = [(channel, error) for channel, error in results if error]
    sent = [each.name for each in new if not any(each is channel for channel, _ in failed)]
    for channel, error in failed:
        _warn(f"Not notified by {channel.name}: {error.message}", error.fix)
    if sent:
        _remember(notification, sent, repository)
    result = "failed" if failed else "sent" if sent else "unchanged"
    message = {
        "sent": f"Notified of {notification.event}: {', '.join(sent)}.",
        "failed": f"Notified of {notification.event}: {', '.join(sent) or 'nobody'}.",
        "unchanged": f"Nobody had to be notified of {notification.event} again.",
    }[result]
    return _report(result, message, sent=sent, failed=sorted({channel.name for channel, _ in failed}))


def _known(notification: Notification, repository: NotifiedRepository) -> set[str]:
    """The channels that have the notification; none if that cannot be read, since twice is better than never."""
    if repository.github is None:
        return set()
    try:
        return channels_notified(repository.github, repository.name, notification.environment, notification.id)
    except WavegateError as error:
        _warn(f"It is not known what was sent before: {error.message}", error.fix)
        return set()


def _remember(notification: Notification, sent: list[str], repository: NotifiedRepository) -> None:
    commit = os.environ.get("GITHUB_SHA", "")
    if repository.github is None or not _COMMIT.fullmatch(commit):
        return
    try:
        remember(
            repository.github,
            repository.name,
            notification.environment,
            commit=commit,
            notification_id=notification.id,
            channels=sent,
        )
    except WavegateError as error:
        _warn(f"Sent, but not remembered, so a run again sends it again: {error.message}", error.fix)


def _warn(message: str, fix: str) -> None:
    text = f"{one_line(message, 600)} {one_line(fix, 300)}"
    if in_actions():
        print(workflow_command("warning", text, title="wavegate notify"), flush=True)
    else:
        print(f"wavegate: {text}", file=sys.stderr)


def _report(result: str, message: str, *, sent: list[str] | None = None, failed: list[str] | None = None) -> int:
    click.echo(one_line(message))
    set_outputs({"result": result, "sent": ",".join(sent or ()), "failed": ",".join(failed or ())})
    return int(ExitCode.OK)
