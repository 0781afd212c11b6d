"""A notification as a signed webhook, by the scheme of Standard Webhooks.

Source: github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md: `webhook-id`, `webhook-timestamp`
and `webhook-signature: v1,<base64>`, an HMAC-SHA256 of `<id>.<timestamp>.<body>`.
"""

import binascii
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime

from wavegate.notify.notification import Notification

PREFIX = "whsec_"
"""How a secret in base64 starts; any other one is used as its UTF-8 bytes."""
LEAST_BYTES = 24
"""Bytes of the shortest secret; the same as in the specification."""


def webhook_body(notification: Notification) -> bytes:
    """The body: JSON with `type`, `timestamp` and `data`."""
    value = {
        "type": f"wavegate.{notification.event.replace('-', '_')}",
        "timestamp": _instant(notification.time),
        "data": {
            "event": notification.event,
            "title": notification.title,
            "repository": notification.repository,
            "environment": notification.environment,
            "release": notification.release,
            "actor": notification.actor,
            "reason": notification.reason,
            "runUrl": notification.run,
            "pageUrl": notification.page,
            "nextStep": notification.next_step,
        },
    }
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def signing_key(secret: str) -> bytes:
    """The key of a secret. ValueError: it is not base64 after its prefix, or too short to be one."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True) if secret.startswith(PREFIX) else secret.encode()
    except binascii.Error:
        raise ValueError("it is not base64 after `whsec_`") from None
    if len(key) < LEAST_BYTES:
        raise ValueError(f"it is shorter than {LEAST_BYTES} bytes")
    return key


def signed_headers(notification: Notification, body: bytes, *, key: bytes) -> Mapping[str, str]:
    """The headers by which a receiver knows the sender, the message and its age."""
    timestamp = str(int(notification.time.timestamp()))
    signed = f"{notification.id}.{timestamp}.".encode() + body
    signature = b64encode(hmac.digest(key, signed, "sha256")).decode()
    return {
        "webhook-id": notification.id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }


def _instant(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
