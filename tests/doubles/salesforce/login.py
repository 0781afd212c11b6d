"""The org's token endpoint: exchanges a refresh token, or an assertion signed by the connected app, for a token."""

import base64
import binascii
import json
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from tests.doubles.salesforce.state import ORG_ID, USER_ID, USERNAME
from tests.doubles.server import Reply, Request, json_reply

LOGIN_HOSTS = ("https://login.salesforce.com", "https://test.salesforce.com")
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass(kw_only=True, slots=True)
class Login:
    """The credentials that the org accepts. public_key: the connected app's, PEM; without it, no JWT is accepted.

    external: the app is an external client app, which does not know the audiences of Salesforce's own login hosts.
    Source: n8n-io/n8n issue 28990. tried: the audiences of all assertions, in order.

    rotates: the connected app has "Enable Refresh Token Rotation": each refresh returns a new refresh token, and to
    use an old one revokes the whole family. Source: forcedotcom/sfdx-core issue 1340.
    """

    client_id: str = "3MVG9.the_client_of_the_double"
    client_secret: str = "the.secret.of.the.client"
    refresh_token: str = "5Aep861.the.refresh.token"
    audiences: frozenset[str] = frozenset({"https://login.salesforce.com"})
    public_key: str = ""
    external: bool = False
    rotates: bool = False
    tried: list[str] = field(default_factory=list)
    spent: set[str] = field(default_factory=set)

    def auth_url(self, instance_url: str) -> str:
        """The auth URL of the login user."""
        host = instance_url.partition("//")[2]
        return f"force://{self.client_id}:{self.client_secret}:{self.refresh_token}@{host}"

    def exchange(self, request: Request, *, token: str, instance_url: str) -> Reply:
        """POST /services/oauth2/token."""
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        problem = self._jwt_problem(form) if form.get("grant_type") == JWT else self._refresh_problem(form)
        if problem:
            return json_reply(400, {"error": problem[0], "error_description": problem[1]})
        rotated = self._rotate() if self.rotates and form.get("grant_type") == "refresh_token" else {}
        identity = f"https://login.salesforce.com/id/{ORG_ID}/{USER_ID}"
        issued = {"access_token": token, "instance_url": instance_url, "id": identity, "token_type": "Bearer"}
        return json_reply(200, {**issued, **rotated})

    def _rotate(self) -> dict[str, str]:
        self.spent.add(self.refresh_token)
        self.refresh_token = f"5Aep861.the.refresh.token.{len(self.spent) + 1}"
        return {"refresh_token": self.refresh_token}

    def _refresh_problem(self, form: dict[str, str]) -> tuple[str, str] | None:
        if form.get("grant_type") != "refresh_token":
            return "unsupported_grant_type", "grant type not supported"
        if (form.get("client_id"), form.get("client_secret")) != (self.client_id, self.client_secret):
            return "invalid_client_id", "client identifier invalid"
        if form.get("refresh_token") != self.refresh_token:
            if form.get("refresh_token") in self.spent:
                self.refresh_token = ""
            return "invalid_grant", "expired access/refresh token"
        return None

    def _jwt_problem(self, form: dict[str, str]) -> tuple[str, str] | None:
        try:
            unsigned, _, signature = form["assertion"].rpartition(".")
            header, claims = (json.loads(_decode(part)) for part in unsigned.split("."))
            signed = _decode(signature)
        except (KeyError, ValueError, binascii.Error):
            return "invalid_grant", "invalid assertion"
        self.tried.append(claims.get("aud"))
        if self.external and claims.get("aud") in LOGIN_HOSTS:
            return "app_not_found", "External client app is not installed in this org"
        if claims.get("iss") != self.client_id:
            return "invalid_client_id", "client identifier invalid"
        if claims.get("sub") != USERNAME:
            return "invalid_grant", "user hasn't approved this consumer"
        return self._assertion_problem(header, claims, unsigned, signed)

    def _assertion_problem(
        self, header: dict[str, Any], claims: dict[str, Any], unsigned: str, signed: bytes
    ) -> tuple[str, str] | None:
        if claims.get("aud") not in self.audiences:
            return "invalid_grant", "audience is invalid"
        if not time.time() - 5 < claims.get("exp", 0) <= time.time() + 300:
            return "invalid_grant", "assertion expired"
        if header.get("alg") != "RS256" or not self._is_signed(unsigned.encode(), signed):
            return "invalid_grant", "invalid assertion"
        return None

    def _is_signed(self, data: bytes, signature: bytes) -> bool:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / "key").write_text(self.public_key)
            (folder / "signature").write_bytes(signature)
            command = ["openssl", "dgst", "-sha256", "-verify", "key", "-signature", "signature"]
            return subprocess.run(command, cwd=folder, input=data, capture_output=True).returncode == 0


def _decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
