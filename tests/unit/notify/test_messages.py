"""Every message says what happened and what to do; no text in it mentions anybody or becomes markup."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.doubles.webhooks import KEY, MENTION, SECRET, verify
from tests.support.hostile import HOSTILE
from tests.support.notifying import notification

from wavegate.notify.as_markdown import issue_markdown
from wavegate.notify.notification import notification_id
from wavegate.notify.slack import HEADER_LIMIT, SECTION_LIMIT, slack_message
from wavegate.notify.teams import SIZE_LIMIT, teams_message
from wavegate.notify.webhook import signed_headers, signing_key, webhook_body
from wavegate.release.notify_settings import NotifyEvent

MENTIONS = ["<!channel>", "<!here|here>", "<@U012AB3CD>", "<#C024BE7LR>", "@channel", "@everyone", "<at>ada</at>"]
hostile = pytest.mark.parametrize("text", [*HOSTILE, *MENTIONS, "<&>" * 2000])
any_text = st.text(alphabet=st.characters(codec="utf-8"), max_size=3000)


def texts(node: Any, key: str = "text") -> list[str]:
    """Every text of a message, wherever it is."""
    if isinstance(node, list):
        return [text for each in node for text in texts(each, key)]
    if isinstance(node, dict):
        own = [node[key]] if isinstance(node.get(key), str) else []
        return own + [text for each in node.values() for text in texts(each, key)]
    return []


@pytest.mark.parametrize("event", NotifyEvent)
def test_every_message_says_what_where_who_why_and_what_to_do(event: NotifyEvent) -> None:
    page = "https://github.com/acme/support-agents/pull/7"
    message = notification(event=event, page=page)
    for text in (
        "\n".join(texts(slack_message(message))),
        json.dumps(teams_message(message), ensure_ascii=False),
        issue_markdown(message).replace("\\", "").replace("\u2060", ""),
        webhook_body(message).decode(),
    ):
        for expected in ("production", "agentforce-wave-3", "ada", "It promises refunds.", page, message.run):
            assert expected in text, (event, expected)
        assert message.next_step in text.replace("&gt;", ">").replace("&#96;", "`")


def test_what_is_not_known_is_left_out() -> None:
    message = notification(release="", actor="", reason="", run="")
    assert [label for label, _ in message.facts] == ["Repository", "Environment"]
    assert message.links == ()
    assert [each["type"] for each in slack_message(message)["blocks"]] == ["header", "section"]
    assert message.title == "🛑 Agents stopped in production"
    assert "the release" in notification(event=NotifyEvent.REFUSED, release="").title


def check_slack(message: dict[str, Any]) -> None:
    assert not MENTION.search(json.dumps(message, ensure_ascii=False).replace("mrkdwn", ""))
    header, body, *links = message["blocks"]
    assert header["text"]["type"] == body["text"]["type"] == "plain_text"
    assert 0 < len(header["text"]["text"]) <= HEADER_LIMIT
    assert 0 < len(body["text"]["text"]) <= SECTION_LIMIT
    for text in (header["text"]["text"], body["text"]["text"], message["text"]):
        assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", text)
    for each in links:
        assert each["text"]["verbatim"] is True
        assert re.fullmatch(r"(<https?://[^<>| ]+\|Open the [a-z ]+>( · )?)+", each["text"]["text"])


@hostile
def test_slack_gets_no_mention_and_no_markup(text: str) -> None:
    check_slack(slack_message(notification(release=text, actor=text, reason=text, environment=text, page=text)))


@given(text=any_text)
def test_slack_takes_any_text(text: str) -> None:
    check_slack(slack_message(notification(release=text, actor=text, reason=text, environment=text, page=text)))


@given(text=any_text)
def test_a_card_has_only_runs_of_plain_text_and_is_small(text: str) -> None:
    message = teams_message(notification(release=text, actor=text, reason=text, environment=text, page=text))
    card = message["attachments"][0]["content"]
    assert {each["type"] for each in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for each in card["body"] for run in each["inlines"]} == {"TextRun"}
    assert all(run["text"] for each in card["body"] for run in each["inlines"])
    assert {each["title"] for each in card["actions"]} <= {"Open the run", "Open the page", "Open the pull request"}
    assert len(json.dumps(message).encode()) < SIZE_LIMIT


@hostile
def test_an_issue_shows_text_as_text(text: str) -> None:
    shown = issue_markdown(notification(release=text, actor=text, reason=text, environment=text))
    usual = issue_markdown(notification())
    assert len(shown.splitlines()) == len(usual.splitlines()) or not text
    assert not re.search(r"<(?!/?code>)", shown)
    assert not re.search(r"@(?!\u2060)\w", shown)


@pytest.mark.parametrize(
    "page",
    [
        "javascript:alert(1)",
        "https://evil.example/|label>",
        "https://evil.example/) ![x](https://evil.example/x.png",
        "https://user@evil.example",
        "https://evil.example/\u202e",
        "https://evil.example/ two",
        "https://evil.example/\nx",
        "/relative",
    ],
)
def test_a_page_that_is_no_plain_address_is_no_link(page: str) -> None:
    assert notification(page=page, run="").links == ()


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of github.com/standard-webhooks/standard-webhooks, which its libraries are tested with."""
    message = notification(id="msg_p5jXN8AQM9LWM0D4loKWxJek", time=datetime.fromtimestamp(1_614_265_330, UTC))
    key = signing_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signed_headers(message, b'{"test": 2432232314}', key=key) == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(text=any_text)
def test_a_consumer_verifies_every_message_and_no_other(text: str) -> None:
    message = notification(reason=text, time=datetime.now(UTC))
    body = webhook_body(message)
    headers = signed_headers(message, body, key=signing_key(SECRET))
    assert verify(headers, body, key=KEY) == ""
    assert verify(headers, body + b" ", key=KEY) == "no matching signature"
    assert verify({**headers, "webhook-id": "wavegate_other"}, body, key=KEY) == "no matching signature"
    assert verify(headers, body, key=KEY + b"x") == "no matching signature"
    old = signed_headers(notification(reason=text), body, key=KEY)
    assert verify({**headers, "webhook-timestamp": old["webhook-timestamp"]}, body, key=KEY) == "too old or too new"


def test_the_body_of_a_webhook() -> None:
    body = json.loads(webhook_body(notification(event=NotifyEvent.ROLLED_BACK)))
    assert (body["type"], body["timestamp"]) == ("wavegate.rolled_back", "2026-11-27T03:05:00Z")
    assert body["data"]["event"] == "rolled-back"
    assert body["data"]["environment"] == "production"


@pytest.mark.parametrize(
    ("secret", "problem"),
    [
        ("whsec_!!", "it is not base64 after `whsec_`"),
        ("whsec_c2hvcnQ=", "it is shorter than 24 bytes"),
        ("short", "it is shorter than 24 bytes"),
        ("whsec_", "it is shorter than 24 bytes"),
    ],
)
def test_a_key_that_cannot_sign(secret: str, problem: str) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)):
        signing_key(secret)


def test_a_secret_without_the_prefix_is_the_key_itself() -> None:
    assert signing_key("a passphrase of many words") == b"a passphrase of many words"


def test_a_notification_is_the_same_only_for_the_same_event_run_and_subject() -> None:
    usual: dict[str, Any] = {"run": "r/1", "subject": ("a", "b")}
    event = NotifyEvent.STOPPED
    same = notification_id(event, "production", **usual)
    assert same == notification_id(event, "production", **usual)
    assert re.fullmatch(r"wavegate_[0-9a-f]{32}", same)
    others = {
        notification_id(NotifyEvent.REFUSED, "production", **usual),
        notification_id(event, "uat", **usual),
        notification_id(event, "production", **{**usual, "run": "r/2"}),
        notification_id(event, "production", **{**usual, "subject": ("ab", "")}),
        notification_id(event, "production", **{**usual, "subject": ("a", "b\ud800")}),
    }
    assert len(others - {same}) == 5
