"""A receiver's address goes nowhere else, and no receiver can have it shown or keep a run waiting."""

import json
import re
import traceback
from collections.abc import Iterable

import pytest
from tests.doubles.webhooks import SLACK_PATH, TEAMS_QUERY, WebhookDouble
from tests.support.notifying import notification
from tests.support.raw_server import RawServer, answer, each_byte

from wavegate.errors import InputError, RefusedError, ServiceError, WavegateError
from wavegate.http.values import Limits
from wavegate.notify import send
from wavegate.notify.channels import Channel, Outbox, deliver
from wavegate.notify.send import check_address, encode, post_message
from wavegate.notify.slack import slack_message

BODY = encode(slack_message(notification()))


SECRETS = re.compile("SECRET0|SecretPath|SecretSignature|Secret$|/Secret|Secret@|ghs_")
"""What every address of these tests holds."""


def nothing(_: float) -> None:
    """Wait for nothing."""


def post(address: str, receiver: str = "Slack") -> None:
    post_message(receiver, address, BODY, sleep=nothing)


def shown(error: BaseException) -> str:
    """All that could be printed of an error."""
    chain = "".join(traceback.format_exception(error))
    return f"{error} {error!r} {vars(error)} {chain}"


@pytest.mark.parametrize(
    ("status", "word", "fix"),
    [
        (400, "invalid_payload", "please report it"),
        (403, "action_prohibited", "ask its administrator"),
        (404, "no_service", "create a new one"),
        (410, "channel_is_archived", "Restore the channel"),
    ],
)
def test_a_refusal_is_explained_and_not_repeated(status: int, word: str, fix: str) -> None:
    with WebhookDouble() as receiver:
        receiver.faults.add("slack", times=0, status=status, body=word.encode())
        with pytest.raises(RefusedError) as refused:
            post(receiver.slack)
        assert len(receiver.routes) == 1
    assert refused.value.message == f"Slack refused the notification (HTTP {status}: {word})."
    assert fix in refused.value.fix


def test_a_busy_receiver_is_asked_again_when_it_says_and_no_longer_than_a_run_may_wait() -> None:
    waits: list[float] = []
    with WebhookDouble() as receiver:
        receiver.faults.add("slack", status=429, headers={"Retry-After": "3"})
        receiver.faults.add("slack", status=503, body=b"rollup_error")
        post_message("Slack", receiver.slack, BODY, sleep=waits.append)
        assert [each.status for each in receiver.routes] == [429, 503, 200]
        assert waits == [3.0, 1.0]
        receiver.faults.add("slack", times=0, status=429, headers={"Retry-After": "3600"})
        with pytest.raises(ServiceError, match="HTTP 429"):
            post_message("Slack", receiver.slack, BODY, sleep=waits.append)
        assert waits == [3.0, 1.0], "an hour is not waited for"


@pytest.mark.parametrize("fault", [{"drop": True}, {"status": 500}, {"drop": True, "when": "after"}])
def test_a_lost_answer_is_asked_for_again_since_once_too_often_is_better_than_never(fault: dict[str, object]) -> None:
    with WebhookDouble() as receiver:
        receiver.faults.add("slack", **fault)  # type: ignore[arg-type]
        post(receiver.slack)
        assert 1 <= len(receiver.taken) <= 2
        assert len(receiver.routes) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with WebhookDouble() as elsewhere, WebhookDouble() as receiver:
        receiver.faults.add("slack", times=0, status=status, headers={"Location": elsewhere.slack}, body=b"")
        with pytest.raises(RefusedError, match=f"HTTP {status}") as refused:
            post(receiver.slack)
        assert elsewhere.routes == []
        assert not SECRETS.search(shown(refused.value))


HOSTILE_ANSWERS = {
    "repeats the address": answer(403, f"you posted to {SLACK_PATH}?{TEAMS_QUERY}".encode()),
    "repeats it as a word": answer(404, SLACK_PATH.encode()),
    "repeats it in the status": b"HTTP/1.1 404 " + SLACK_PATH.encode() + b"\r\nContent-Length: 0\r\n\r\n",
    "is not HTTP": SLACK_PATH.encode() * 10,
    "has a bad wait": answer(429, b"", Retry_After=SLACK_PATH),
    "redirects to it": answer(302, b"", Location="https://evil.example" + SLACK_PATH),
    "redirects to nonsense": answer(302, b"", Location="http://[" + SLACK_PATH),
    "fails": answer(500, SLACK_PATH.encode()),
    "starts a command": answer(403, b"::error::" + SLACK_PATH.encode()),
    "is empty": b"",
}


@pytest.mark.parametrize("reply", HOSTILE_ANSWERS.values(), ids=HOSTILE_ANSWERS.keys())
def test_no_answer_has_the_address_shown(reply: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "LIMITS", Limits(attempt=0.5, total=1.0, size=10_000))
    with RawServer(lambda: [reply]) as server, pytest.raises(WavegateError) as error:
        post(f"{server.url}{SLACK_PATH}?{TEAMS_QUERY}")
    assert not SECRETS.search(shown(error.value))


@pytest.mark.parametrize(
    "script",
    [
        lambda: each_byte(b"HTTP/1.1 200 OK\r\n\r\n"),
        lambda: [answer(200, b"x" * 2_000_000)],
        lambda: each_byte(b"", then=b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["endless body", "too long a body", "endless interim answers"],
)
def test_an_answer_without_an_end_does_not_hold_the_run(script: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(send, "LIMITS", Limits(attempt=0.3, total=0.6, size=10_000))
    with RawServer(script, pace=0.01) as server, pytest.raises(ServiceError) as error:  # type: ignore[arg-type]
        post(server.url + SLACK_PATH)
    assert not SECRETS.search(shown(error.value))


BAD_ADDRESSES = [
    "http://hooks.slack.example/services/Secret",
    "hooks.slack.com/services/Secret",
    "ftp://hooks.slack.com/Secret",
    "file:///etc/Secret",
    "https://user:Secret@hooks.slack.com/services",
    "https://Secret@hooks.slack.com/services",
    "https:///Secret",
    "https://hooks.slack.com:99999/Secret",
    "https://hooks.slack.com:0/Secret",
    "https://hooks.slack.com:x/Secret",
    "https://hooks.slack.com/Secret\nHost: evil.example",
    "https://hooks.slack.com/Secret path",
    '"https://hooks.slack.com/Secret"',
    "https://[Secret/",
    "https://hooks.släck.example/Secret",
    "https://hooks.slack.com/" + "Secret" * 1000,
    "ghs_Secret-token",
    "http://127.0.0.1.evil.example/Secret",
]


@pytest.mark.parametrize("text", BAD_ADDRESSES)
def test_only_a_whole_https_address_is_one_and_no_other_is_shown(text: str) -> None:
    with pytest.raises(InputError) as error:
        check_address(text, name="SLACK_WEBHOOK_URL")
    assert error.value.message == "The value of SLACK_WEBHOOK_URL is not an https address, so nothing was sent to it."
    assert not SECRETS.search(shown(error.value))


@pytest.mark.parametrize(
    "text", ["https://hooks.slack.com/services/T/B/x", "http://127.0.0.1:8080/x", "http://[::1]/"]
)
def test_an_https_address_and_one_of_this_machine(text: str) -> None:
    assert check_address(text, name="X") == text


def test_a_receiver_that_is_not_there(unused_port: int) -> None:
    with pytest.raises(ServiceError) as error:
        post(f"http://127.0.0.1:{unused_port}{SLACK_PATH}")
    assert error.value.message == "Slack could not take the notification: the connection failed or was dropped."


@pytest.fixture
def unused_port() -> Iterable[int]:
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def test_a_defect_in_a_channel_shows_no_address() -> None:
    def fail() -> None:
        raise RuntimeError(f"cannot post to {SLACK_PATH}")

    error = deliver(Channel(name="slack", send=fail))
    assert error is not None
    assert error.message == "Internal error in the channel slack (RuntimeError)."
    assert not SECRETS.search(shown(error))


def test_the_variables_are_not_part_of_what_a_debugger_prints() -> None:
    outbox = Outbox(notification=notification(), secrets={"SLACK_WEBHOOK_URL": "https://x.example/Secret"})
    assert "Secret" not in repr(outbox)
    assert "Secret" not in json.dumps(slack_message(notification()))
