"""From a job's secrets to an access token; no secret is ever an argument of a process.

One of: SF_ACCESS_TOKEN with SF_ORG_INSTANCE_URL; SF_AUTH_URL; SF_JWT_KEY with SF_CLIENT_ID and SF_USERNAME, and
SF_LOGIN_URL if the org has its own login address.
Source: help.salesforce.com "OAuth 2.0 JWT Bearer Flow", RFC 7523; the CLI's documentation of `org login sfdx-url`.
"""

import base64
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from wavegate.child_environment import for_any_program
from wavegate.cli.actions import mask
from wavegate.errors import InputError, RefusedError, ServiceError
from wavegate.http.body import parse_json
from wavegate.http.transport import Transport, WaitBudget
from wavegate.http.values import Limits, NoReplyError, Reply, Request
from wavegate.salesforce.rest import (
    API_VERSION,
    LOOPBACK,
    PATIENCE,
    Session,
    answer_words,
    check_address,
    check_failure,
    complaint,
)

PRODUCTION, SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"
_AUTH_URL = re.compile(r"force://(?P<id>[^:@/]+):(?P<secret>[^:@/]*):(?P<refresh>[^@/]+)@(?P<host>[^/\s]+?)/?")


class IncompleteLoginError(InputError):
    """Some of the credentials of a login are there, but not all of them."""


LIMITS = Limits(attempt=30.0, total=60.0, size=1024 * 1024)
"""Limits of the request for a token."""
_SIGNING_SECONDS = 30.0


def log_in(environment: Mapping[str, str]) -> Session | None:
    """A session from the first credentials among the environment variables; None if there are none.

    Every secret is masked in the log first. InputError: they are incomplete (IncompleteLoginError) or rejected.
    ServiceError: no answer.
    """
    credentials = {name: environment.get(f"SF_{name}", "").strip() for name in _NAMES}
    for name in ("ACCESS_TOKEN", "AUTH_URL", "JWT_KEY"):
        mask(credentials[name])
    if credentials["ACCESS_TOKEN"]:
        _require(credentials, "ORG_INSTANCE_URL", "ACCESS_TOKEN")
        return _session(credentials["ORG_INSTANCE_URL"], credentials["ACCESS_TOKEN"], credentials["ORG_API_VERSION"])
    if credentials["AUTH_URL"]:
        return _by_auth_url(credentials)
    if credentials["JWT_KEY"]:
        return _by_jwt(credentials)
    return None


_NAMES = (
    "ACCESS_TOKEN", "AUTH_URL", "JWT_KEY", "ORG_INSTANCE_URL", "ORG_API_VERSION",
    "CLIENT_ID", "USERNAME", "LOGIN_URL", "AUDIENCE_URL",
)  # fmt: skip


def _session(instance_url: str, token: str, api_version: str) -> Session:
    mask(token)
    return Session(instance_url=instance_url.rstrip("/"), access_token=token, api_version=api_version or API_VERSION)


def _require(credentials: Mapping[str, str], name: str, beside: str) -> None:
    if not credentials[name]:
        raise IncompleteLoginError(
            f"SF_{beside} is set, but SF_{name} is not.", fix=f"Set SF_{name} from the environment's secrets too."
        )


def _by_auth_url(credentials: Mapping[str, str]) -> Session:
    match = _AUTH_URL.fullmatch(credentials["AUTH_URL"])
    if match is None:
        raise InputError(
            "SF_AUTH_URL does not have the form force://<client id>:<secret>:<refresh token>@<host>.",
            fix="Take it from `sf org auth show-sfdx-auth-url`, and store it as a secret without quotes.",
        )
    for name in ("secret", "refresh"):
        mask(match[name])
    scheme = "http" if match["host"].partition(":")[0] in LOOPBACK else "https"
    form = {"grant_type": "refresh_token", "client_id": match["id"], "refresh_token": match["refresh"]}
    if match["secret"]:
        form["client_secret"] = match["secret"]
    return _exchange(f"{scheme}://{match['host']}", form, credentials)


def _by_jwt(credentials: Mapping[str, str]) -> Session:
    for name in ("CLIENT_ID", "USERNAME"):
        _require(credentials, name, "JWT_KEY")
    address = credentials["LOGIN_URL"].rstrip("/") or PRODUCTION
    check_address(address, "SF_LOGIN_URL")
    claims = {
        "iss": credentials["CLIENT_ID"],
        "sub": credentials["USERNAME"],
        "aud": credentials["AUDIENCE_URL"] or _audience(address),
        "exp": int(time.time()) + 180,
    }
    unsigned = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
    assertion = f"{unsigned}.{_base64(_sign(unsigned.encode(), credentials['JWT_KEY']))}"
    return _exchange(
        address, {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}, credentials
    )


def _audience(address: str) -> str:
    host = urlsplit(address).hostname or ""
    return SANDBOX if host == "test.salesforce.com" or ".sandbox." in host else PRODUCTION


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _sign(data: bytes, key: str) -> bytes:
    """Sign with RS256, by openssl, which every runner has. The key is in a file that only this user may read."""
    with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
        path = Path(folder) / "key"
        path.touch(mode=0o600)
        # a secret that was pasted on one line has its line breaks as \n
        path.write_text(key.replace("\\n", "\n").rstrip() + "\n", encoding="utf-8")
        try:
            signed = subprocess.run(
                ["openssl", "dgst", "-sha256", "-sign", str(path)],
                input=data,
                capture_output=True,
                timeout=_SIGNING_SECONDS,
                env=for_any_program(os.environ),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ServiceError("openssl, which signs the login, cannot be run.", fix="Install openssl.") from error
    if signed.returncode:
        raise InputError(
            "SF_JWT_KEY is not an unencrypted RSA key in PEM form.",
            fix="Store the whole server.key, its BEGIN and END lines included, as the secret.",
        )
    return signed.stdout


def _exchange(address: str, form: Mapping[str, str], credentials: Mapping[str, str]) -> Session:
    check_address(address, "the login address")
    host = urlsplit(address).hostname or ""
    secrets = [form[name] for name in _SECRETS if name in form]
    transport = Transport(addresses=[address], limits=LIMITS, secrets=secrets)

    def read(reply: Reply) -> tuple[str, str]:
        if reply.is_success:
            return _token(parse_json(reply.body))
        code, detail = complaint(reply.body, transport.clean)
        check_failure(reply, code, detail)
        message = f"{host} refused the login: {answer_words(reply.status, code, detail)}."
        fix = _SPENT if code == "invalid_grant" and "refresh_token" in form else _FIXES.get(code, _FIX)
        raise RefusedError(message, fix=fix, status=reply.status, code=code, detail=detail)

    request = Request(
        method="POST",
        url=f"{address}/services/oauth2/token",
        task=f"Cannot log in at {host}",
        # a second request only yields another token
        repeatable=True,
        body=urlencode(form).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    token, instance = transport.call(request, read, budget=WaitBudget(PATIENCE))
    return _session(instance, token, credentials["ORG_API_VERSION"])


def _token(answer: Any) -> tuple[str, str]:
    """Access token and instance URL."""
    reply = answer if isinstance(answer, dict) else {}
    token, instance = reply.get("access_token"), reply.get("instance_url")
    # a header cannot hold anything else
    if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
        raise NoReplyError("it answered without a token")
    if not isinstance(instance, str):
        raise NoReplyError("it answered without the org's address")
    return token, instance


_SECRETS = ("refresh_token", "client_secret", "assertion")
_FIX = "Check the environment's secrets, and the connected app's policies in the org."
_SPENT = (
    "Store a new SF_AUTH_URL. If the connected app rotates refresh tokens, every login uses up the stored one, and "
    "using it again revokes its successors as well: switch the rotation off, or log in with SF_JWT_KEY."
)
"""Source of the reuse rule: forcedotcom/sfdx-core issue 1340."""
_FIXES = {
    "invalid_grant": "Pre-authorize the login user in the connected app, and check user name, audience and expiry.",
    "invalid_client_id": "Check the client id, and that the connected app is deployed and enabled.",
    "invalid_client": "Check the client id, and that the connected app is deployed and enabled.",
}
