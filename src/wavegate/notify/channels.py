"""The channels of a manifest, and how each one gets a notification."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from wavegate.cli.actions import mask
from wavegate.errors import InputError, WavegateError
from wavegate.github.client import GitHub
from wavegate.notify.discussion import close_discussion, keep_discussion
from wavegate.notify.issue import close_event_issue, keep_event_issue
from wavegate.notify.notification import Notification
from wavegate.notify.send import check_address, encode, post_message
from wavegate.notify.slack import slack_message
from wavegate.notify.teams import teams_message
from wavegate.notify.webhook import signed_headers, signing_key, webhook_body
from wavegate.release.notify_settings import NotifySettings, SignedWebhook

SLACK, TEAMS, URL, SECRET = "SLACK_WEBHOOK_URL", "TEAMS_WEBHOOK_URL", "RELEASE_HOOK_URL", "RELEASE_HOOK_SECRET"
"""Where the action puts its inputs, whatever names the manifest has."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Channel:
    """A channel. send: raises a WavegateError if the notification did not arrive."""

    name: str
    send: Callable[[], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class NotifiedRepository:
    """The repository of the issue and discussion. github: None without a token."""

    github: GitHub | None
    name: str

    def change(self, change: Callable[[GitHub, str], None]) -> None:
        """Make a change in the repository. InputError: there is no token."""
        if self.github is None or not self.name:
            raise InputError(
                "Issues and discussions need GITHUB_TOKEN and GITHUB_REPOSITORY, which are not set.",
                fix="Pass the token, or remove `issue` and `discussion` from `notify`.",
            )
        change(self.github, self.name)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outbox:
    """What is posted, and what that needs. secrets: the variables that hold addresses and keys, by name."""

    notification: Notification
    secrets: Mapping[str, str] = field(repr=False)
    sleep: Callable[[float], None] | None = None

    def slack(self, name: str) -> None:
        """Post to Slack. name: of the secret with the address; the same for the other two."""
        self._post("Slack", name, SLACK, encode(slack_message(self.notification)))

    def teams(self, name: str) -> None:
        """Post to Microsoft Teams."""
        self._post("Teams", name, TEAMS, encode(teams_message(self.notification)))

    def webhook(self, names: SignedWebhook) -> None:
        """Post to a signed webhook."""
        try:
            key = signing_key(self._secret(names.secret, SECRET))
        except ValueError as problem:
            fix = "Use `whsec_` and at least 24 random bytes in base64, as `openssl rand -base64 32` prints them."
            raise InputError(f"{names.secret} is not a key that can sign: {problem}.", fix=fix) from None
        body = webhook_body(self.notification)
        self._post("The webhook", names.url, URL, body, signed_headers(self.notification, body, key=key))

    def _post(
        self, receiver: str, name: str, usual: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> None:
        address = check_address(self._secret(name, usual), name=name)
        post_message(receiver, address, body, headers=headers, sleep=self.sleep)

    def _secret(self, name: str, usual: str) -> str:
        value = (self.secrets.get(name) or self.secrets.get(usual) or "").strip()
        if not value:
            raise InputError(
                f"`notify` names {name}, which is not set.",
                fix=f"Pass the secret {name} to the workflow as {usual}, or set a variable of that name.",
            )
        mask(value)
        return value


def channels(settings: NotifySettings, outbox: Outbox, repository: NotifiedRepository) -> Iterator[Channel]:
    """The channels that get a notification."""
    if settings.slack is not None:
        yield Channel(name="slack", send=partial(outbox.slack, settings.slack))
    if settings.teams is not None:
        yield Channel(name="teams", send=partial(outbox.teams, settings.teams))
    if settings.webhook is not None:
        yield Channel(name="webhook", send=partial(outbox.webhook, settings.webhook))
    notification = outbox.notification
    if settings.issue_labels is not None:
        keep = partial(keep_event_issue, notification=notification, labels=settings.issue_labels)
        yield Channel(name="issue", send=partial(repository.change, keep))
    if settings.discussion_category is not None:
        keep = partial(keep_discussion, notification=notification, category=settings.discussion_category)
        yield Channel(name="discussion", send=partial(repository.change, keep))


def endings(
    settings: NotifySettings, notification: Notification, repository: NotifiedRepository
) -> Iterator[Channel]:
    """What closes the issues and discussions of the events that are over with this one."""
    labels, category = settings.issue_labels, settings.discussion_category
    for event in (each for each in notification.event.ends if each in settings.on):
        if labels is not None:
            close = partial(close_event_issue, event=event, end=notification)
            yield Channel(name="issue", send=partial(repository.change, close))
        if category is not None:
            close = partial(close_discussion, event=event, end=notification, category=category)
            yield Channel(name="discussion", send=partial(repository.change, close))


def deliver(channel: Channel) -> WavegateError | None:
    """Send to a channel; the error if that failed. A defect in one neither stops the others nor shows an address."""
    try:
        channel.send()
    except WavegateError as error:
        return error
    except Exception as error:  # noqa: BLE001 - its text or traceback could hold the address
        return InputError(f"Internal error in the channel {channel.name} ({type(error).__name__}).", fix="Report it.")
    return None
