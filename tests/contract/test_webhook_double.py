"""The receivers refuse what the real ones refuse, so that a message which they take is one that people see."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from tests.doubles.webhooks import KEY, WebhookDouble
from tests.support.notifying import notification

from wavegate.notify.slack import slack_message
from wavegate.notify.teams import teams_message
from wavegate.notify.webhook import signed_headers, webhook_body


@pytest.fixture
def receiver() -> Iterator[WebhookDouble]:
    with WebhookDouble() as double:
        yield double


def post(url: str, body: Any, **headers: str) -> tuple[int, str]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {"Content-Type": "application/json", **headers}
    request = urllib.request.Request(url, data=data, headers=given, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


HEADER = {"type": "header", "text": {"type": "plain_text", "text": "x"}}


def block(kind: str, text: str, form: str = "plain_text") -> dict[str, Any]:
    """A message with one block."""
    return {"text": "x", "blocks": [{"type": kind, "text": {"type": form, "text": text}}]}


@pytest.mark.parametrize(
    ("message", "status", "word"),
    [
        (b"not json", 400, "invalid_payload"),
        ([], 400, "invalid_payload"),
        ({"blocks": [HEADER]}, 400, "no_text"),
        ({"text": "x", "blocks": [HEADER] * 51}, 400, "invalid_blocks"),
        (block("header", "x", "mrkdwn"), 400, "invalid_blocks"),
        (
            {"text": "x", "blocks": [{**HEADER, "text": {"type": "plain_text", "text": "x" * 151}}]},
            400,
            "invalid_blocks",
        ),
        (
            {"text": "x", "blocks": [{"type": "section", "text": {"type": "plain_text", "text": ""}}]},
            400,
            "invalid_blocks",
        ),
        (slack_message(notification()), 200, "ok"),
    ],
)
def test_slack(receiver: WebhookDouble, message: Any, status: int, word: str) -> None:
    assert post(receiver.slack, message) == (status, word)
    assert len(receiver.taken) == (status == 200)


def test_slack_without_its_webhook(receiver: WebhookDouble) -> None:
    assert post(receiver.slack + "x", {"text": "x"}) == (404, "no_service")
    receiver.prohibited = True
    assert post(receiver.slack, {"text": "x"}) == (403, "action_prohibited")
    receiver.revoked = True
    assert post(receiver.slack, {"text": "x"}) == (404, "no_service")


def test_a_mention_is_noticed(receiver: WebhookDouble) -> None:
    post(receiver.slack, {"text": "<!channel> read this"})
    assert receiver.violations == ["the message to Slack mentions people or a channel"]
    receiver.violations.clear()


def test_teams(receiver: WebhookDouble) -> None:
    good = teams_message(notification())
    assert post(receiver.teams, good) == (202, "")
    assert post(receiver.teams.partition("?")[0], good)[0] == 401
    assert post(receiver.teams, {"text": "a message card of the retired connectors"})[0] == 400
    assert post(receiver.teams, {**good, "attachments": [{"contentType": "text/plain", "content": {}}]})[0] == 400
    assert post(receiver.teams, {**good, "padding": "x" * 28 * 1024})[0] == 413
    assert len(receiver.taken) == 1


def test_a_verifying_consumer(receiver: WebhookDouble) -> None:
    message = notification(time=notification().time.fromtimestamp(int(time.time()), tz=notification().time.tzinfo))
    body = webhook_body(message)
    headers = dict(signed_headers(message, body, key=KEY))
    assert post(receiver.hook, body, **headers) == (204, "")
    assert post(receiver.hook, body + b" ", **headers) == (401, "no matching signature")
    assert post(receiver.hook, body, **{**headers, "webhook-signature": "v1a,AAAA"}) == (401, "no matching signature")
    assert post(receiver.hook, body) == (401, "missing headers")
    # two signatures, as while a key is replaced
    both = f"v1,AAAA {headers['webhook-signature']}"
    assert post(receiver.hook, body, **{**headers, "webhook-signature": both}) == (204, "")
