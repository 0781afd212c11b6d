"""Receivers of webhooks: Slack, a Teams workflow, and one that verifies signatures. They refuse as the real ones do.

Sources: docs.slack.dev "Sending messages using incoming webhooks" (status and word of each refusal), "Block Kit"
(limits of blocks) and "Formatting message text" (what a mention is); api.slack.com/changelog/2016-05-17; trufflehog
#5177 (a revoked webhook is 400 `invalid_token`). learn.microsoft.com "Create incoming webhooks with Workflows" (an
adaptive card in a message) and "Create and send messages" (28 KB; no MessageCard); a workflow answers 202 without a
body. github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md (headers, signature, five minutes).
"""

import base64
import hmac
import json
import re
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tests.doubles.double import Double
from tests.doubles.server import Reply, Request

SLACK_PATH = "/services/T0SECRET0/B0SECRET0/xoxSecretPathOfSlack"
TEAMS_PATH = "/workflows/0secretworkflow/triggers/manual/paths/invoke"
TEAMS_QUERY = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=SecretSignatureOfTeams"
HOOK_PATH = "/hooks/SecretPathOfTheHook"
KEY = b"a key of thirty-two random bytes"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
TOLERANCE = 5 * 60
MENTION = re.compile(r"<(!|@|#)[^>]*>|(?<!\w)@(channel|here|everyone)\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """A message that a receiver took. headers: in lower case."""

    receiver: str
    headers: dict[str, str]
    body: bytes

    @property
    def value(self) -> Any:
        """The message as JSON values."""
        return json.loads(self.body)


class WebhookDouble(Double):
    """The three receivers behind one address. taken: what they took, in order. revoked: Slack's webhook is gone."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.taken: list[Received] = []
        self.refused: list[str] = []
        self.revoked = False
        self.prohibited = False

    @property
    def slack(self) -> str:
        """The address of the Slack webhook."""
        return self.url + SLACK_PATH

    @property
    def teams(self) -> str:
        """The address of the Teams workflow."""
        return f"{self.url}{TEAMS_PATH}?{TEAMS_QUERY}"

    @property
    def hook(self) -> str:
        """The address of the signed webhook."""
        return self.url + HOOK_PATH

    def environment(self) -> dict[str, str]:
        """The variables of the secrets."""
        return {
            "SLACK_WEBHOOK_URL": self.slack,
            "TEAMS_WEBHOOK_URL": self.teams,
            "RELEASE_HOOK_URL": self.hook,
            "RELEASE_HOOK_SECRET": SECRET,
        }

    def of(self, receiver: str) -> list[Received]:
        """What one receiver took."""
        return [each for each in self.taken if each.receiver == receiver]

    def name(self, request: Request) -> str:
        """The name of the receiver."""
        return {SLACK_PATH: "slack", TEAMS_PATH: "teams", HOOK_PATH: "hook"}.get(request.path, request.path)

    def path(self, request: Request) -> str:
        """The name of the receiver, so that faults and logs hold no secret."""
        return self.name(request)

    def answer(self, request: Request) -> Reply:
        """Take or refuse a message."""
        receiver = self.name(request)
        refuse = {"slack": self._slack, "teams": self._teams, "hook": self._hook}.get(receiver)
        if refuse is None or request.method != "POST":
            return Reply(status=404, body=b"no_service")
        refusal = refuse(request)
        if refusal is not None:
            self.refused.append(f"{receiver}: {refusal.status} {refusal.body.decode()}")
            return refusal
        self.taken.append(Received(receiver=receiver, headers=dict(request.headers), body=request.body))
        return {
            "slack": Reply(status=200, body=b"ok", headers={"Content-Type": "text/html"}),
            "teams": Reply(status=202),
            "hook": Reply(status=204),
        }[receiver]

    def _slack(self, request: Request) -> Reply | None:
        if self.revoked:
            return Reply(status=404, body=b"no_service")
        if self.prohibited:
            return Reply(status=403, body=b"action_prohibited")
        message = _json(request)
        if message is None or not message.get("text"):
            return Reply(status=400, body=b"invalid_payload" if message is None else b"no_text")
        if problem := _blocks_problem(message.get("blocks", [])):
            return Reply(status=400, body=problem.encode())
        if MENTION.search(json.dumps(message, ensure_ascii=False)):
            self.violations.append("the message to Slack mentions people or a channel")
        return None

    def _teams(self, request: Request) -> Reply | None:
        if len(request.body) > 28 * 1024:
            return Reply(status=413, body=b'{"error":{"code":"RequestEntityTooLarge"}}')
        if request.query_string != TEAMS_QUERY:
            return Reply(status=401, body=b'{"error":{"code":"AuthorizationFailed"}}')
        message = _json(request)
        if message is None or message.get("type") != "message" or len(message.get("attachments", [])) != 1:
            return Reply(status=400, body=b'{"error":{"code":"InvalidRequestContent"}}')
        attachment = message["attachments"][0]
        card = attachment.get("content", {})
        if attachment.get("contentType") != "application/vnd.microsoft.card.adaptive" or card.get("type") != (
            "AdaptiveCard"
        ):
            return Reply(status=400, body=b'{"error":{"code":"ActionFailed"}}')
        markup = [text for text in _texts(card.get("body", []), "TextBlock") if re.search(r"[\[\]*_]|<at>", text)]
        if markup or "msteams" in card:
            self.violations.append(f"the card has markup or mentions: {markup}")
        return None

    def _hook(self, request: Request) -> Reply | None:
        problem = verify(request.headers, request.body, key=KEY)
        return Reply(status=401, body=problem.encode()) if problem else None


def verify(headers: Any, body: bytes, *, key: bytes) -> str:
    """Why a consumer refuses a message; '' if it takes it. As the specification's reference libraries do."""
    identity, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not identity or not re.fullmatch(r"\d{1,12}", stamp) or "." in identity:
        return "missing headers"
    if abs(time.time() - int(stamp)) > TOLERANCE:
        return "too old or too new"
    expected = hmac.new(key, f"{identity}.{stamp}.".encode() + body, sha256).digest()
    for given in headers.get("webhook-signature", "").split(" "):
        version, _, signature = given.partition(",")
        if version == "v1" and hmac.compare_digest(base64.b64decode(signature), expected):
            return ""
    return "no matching signature"


def _json(request: Request) -> dict[str, Any] | None:
    try:
        value = json.loads(request.body)
    except ValueError:
        return None
    is_json = request.headers.get("content-type", "").startswith("application/json")
    return value if is_json and isinstance(value, dict) else None


def _blocks_problem(blocks: Any) -> str:
    if not isinstance(blocks, list) or len(blocks) > 50:
        return "invalid_blocks"
    limits = {"header": 150, "section": 3000}
    for block in blocks:
        text = block.get("text", {})
        kind = text.get("type")
        if block.get("type") not in limits or kind not in ("plain_text", "mrkdwn"):
            return "invalid_blocks"
        if (block["type"] == "header" and kind != "plain_text") or (kind == "mrkdwn" and "emoji" in text):
            return "invalid_blocks"
        if not 1 <= len(text.get("text", "")) <= limits[block["type"]]:
            return "invalid_blocks"
    return ""


def _texts(node: Any, kind: str) -> list[str]:
    if isinstance(node, list):
        return [text for each in node for text in _texts(each, kind)]
    if not isinstance(node, dict):
        return []
    own = [str(node["text"])] if node.get("type") == kind else []
    return own + [text for each in node.values() for text in _texts(each, kind)]
