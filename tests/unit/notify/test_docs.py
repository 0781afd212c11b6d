"""What the documentation says about notifications is what is sent, and its code verifies it."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from tests.doubles.webhooks import SECRET
from tests.support.notifying import notification
from tests.support.places import ROOT

from wavegate.notify.webhook import signed_headers, signing_key, webhook_body
from wavegate.release.notify_settings import NotifyEvent
from wavegate.release.reading import parse_manifest

TEXT = (ROOT / "docs" / "how-to" / "notify.md").read_text("utf-8")


def block(language: str) -> str:
    return TEXT.partition(f"```{language}\n")[2].partition("```")[0]


def test_the_documented_body_is_what_is_sent() -> None:
    assert json.loads(block("json")) == json.loads(webhook_body(notification()))


def test_the_documented_code_verifies_a_message_and_no_other() -> None:
    names: dict[str, Any] = {}
    exec(block("python"), names)  # noqa: S102 - our own documentation
    is_ours = names["is_ours"]
    message = notification(time=datetime.now(UTC))
    body = webhook_body(message)
    headers = signed_headers(message, body, key=signing_key(SECRET))
    assert is_ours(headers, body, SECRET)
    assert not is_ours(headers, body + b" ", SECRET)
    assert not is_ours({**headers, "webhook-timestamp": "1600000000"}, body, SECRET)


def test_the_documented_manifest_is_valid() -> None:
    text = "release: r\nenvironments: [{name: uat, prompts: [p]}]\n" + block("yaml")
    manifest, findings = parse_manifest(text.encode(), path="release.yml")
    assert manifest, findings
    assert manifest.notify
    assert manifest.notify.webhook


def test_every_event_is_documented_with_what_ends_it() -> None:
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| .* \| (?:`([a-z-]+)`)?", TEXT, re.MULTILINE))
    ends = {over: end for end in NotifyEvent for over in end.ends}
    assert {event: rows[event] for event in NotifyEvent} == {event: ends.get(event, "") for event in NotifyEvent}
