"""Posts a message to an address that is itself a secret: only there, in little time, and without ever showing it."""

import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from urllib.parse import SplitResult, urlsplit

from wavegate.errors import InputError, RefusedError
from wavegate.http.headers import retry_after
from wavegate.http.transport import Transport, WaitBudget
from wavegate.http.values import Limits, NoReplyError, Reply, Request

LIMITS = Limits(attempt=10.0, total=20.0, size=64 * 1024)
PATIENCE = 30.0
"""Seconds of the waits that one receiver may ask for."""
_MAX_ADDRESS = 2000
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_FIXES = {
    "invalid_payload": "Slack did not understand the message; please report it.",
    "invalid_token": "The webhook was revoked: create a new one, and put its address into the secret.",
    "no_service": "The webhook was removed: create a new one, and put its address into the secret.",
    "no_team": "The workspace is gone: create a webhook in another one.",
    "action_prohibited": "A setting of the workspace forbids the webhook to post: ask its administrator.",
    "posting_to_general_channel_denied": "The webhook may not post to that channel: choose another one.",
    "channel_not_found": "The channel is gone: create a webhook for another one.",
    "channel_is_archived": "Restore the channel, or create a webhook for another one.",
}
"""Slack's words for its refusals. Only these are ever shown: a receiver's own text may repeat the address.

Source: docs.slack.dev "Sending messages using incoming webhooks", and api.slack.com/changelog/2016-05-17.
"""


def check_address(text: str, *, name: str) -> str:
    """An address of a receiver, checked. name: of the secret that holds it. InputError: it is not one; not shown."""
    try:
        is_safe = _is_safe(urlsplit(text))
    except ValueError:
        is_safe = False
    if not (is_safe and len(text) <= _MAX_ADDRESS and text.isascii() and text.isprintable() and " " not in text):
        raise InputError(
            f"The value of {name} is not an https address, so nothing was sent to it.",
            fix="Put the whole address into the secret, without a user name, quotes or spaces.",
        )
    return text


def _is_safe(parts: SplitResult) -> bool:
    if not parts.hostname or parts.port == 0 or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def post_message(
    receiver: str,
    address: str,
    body: bytes,
    *,
    headers: Mapping[str, str] | None = None,
    sleep: Callable[[float], None] | None = None,
) -> None:
    """Post JSON at least once. receiver: its name for messages. address: as `check_address` returned it.

    RefusedError: the receiver does not take it. ServiceError: it did not answer in time, or asks for a long wait.
    """
    transport = Transport(addresses=(address,), limits=LIMITS, secrets=(address,), sleep=sleep)
    request = Request(
        method="POST",
        url=address,
        task=f"{receiver} could not take the notification",
        # a message that may have arrived is sent again: one too many is better than none
        repeatable=True,
        body=body,
        headers={"Content-Type": "application/json", **(headers or {})},
    )
    transport.call(request, partial(_read, receiver), budget=WaitBudget(PATIENCE))


def encode(message: Mapping[str, object]) -> bytes:
    """The body of a message of JSON values."""
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()


def _read(receiver: str, reply: Reply) -> None:
    if reply.is_success:
        return
    if reply.status == 429 or reply.is_failure:
        wait = retry_after(reply.headers.get("retry-after", ""), now=time.time())
        acted = reply.status != 429
        raise NoReplyError(f"HTTP {reply.status}", acted=acted, wait=wait if acted or wait is not None else 1.0)
    word = reply.body.decode("latin-1").strip()
    shown = f": {word}" if word in _FIXES else ""
    fix = _FIXES.get(word, "Check the address in the secret, and that the receiver still takes messages.")
    if 300 <= reply.status < 400:
        fix = "Put the address that it redirects to into the secret: a message is sent nowhere else."
    raise RefusedError(
        f"{receiver} refused the notification (HTTP {reply.status}{shown}).", status=reply.status, fix=fix
    )
