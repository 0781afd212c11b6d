"""The signed assertion of a JWT login, and the audiences that an org may expect in it.

Source: help.salesforce.com "OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration", RFC 7523.
"""

import base64
import json
import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import urlsplit

from wavegate.child_environment import for_any_program
from wavegate.errors import InputError, ServiceError

PRODUCTION, SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"
_TEST_ORG = re.compile(r"\.(sandbox|scratch)\.")
_SIGNING_SECONDS = 30.0
_VALID_SECONDS = 180


def audiences_of(address: str) -> list[str]:
    """The audiences to try for a login URL, in order: the URL itself, then those of older connected apps.

    Unlike the Salesforce CLI, whose order this is, wavegate sends all requests to the login URL: it says which org is
    meant, and another one may have the same user and app. Source: sfdcUrl.js of @salesforce/core 9.4.0.
    """
    if address in (PRODUCTION, SANDBOX):
        return [address]
    host = urlsplit(address).hostname or ""
    return [address, *((SANDBOX, PRODUCTION) if _TEST_ORG.search(host) else (PRODUCTION, SANDBOX))]


def jwt_form(client_id: str, username: str, audience: str, *, key: str) -> dict[str, str]:
    """The form of a request for a token. key: PEM. InputError: it is not an RSA key. ServiceError: openssl failed."""
    expiry = int(time.time()) + _VALID_SECONDS
    claims = {"iss": client_id, "sub": username, "aud": audience, "exp": expiry}
    unsigned = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
    assertion = f"{unsigned}.{_base64(_sign(unsigned.encode(), key))}"
    return {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}


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
