"""From the secrets of a job to an access token, by plain HTTP; no secret is ever an argument of a process.

One of: SF_ACCESS_TOKEN with SF_ORG_INSTANCE_URL; SF_AUTH_URL; SF_JWT_KEY with SF_CLIENT_ID and SF_USERNAME, and
SF_LOGIN_URL where the org logs in at an address of its own.
Source: help.salesforce.com "OAuth 2.0 JWT Bearer Flow", RFC 7523; the CLI's documentation of `org login sfdx-url`.
"""

import base64
import json
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import requests

from wavegate.cli.actions import mask
from wavegate.errors import InputError, ServiceError
from wavegate.salesforce.rest import API_VERSION, LOOPBACK, Session, check_address
from wavegate.text import one_line

PRODUCTION, SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"
_AUTH_URL = re.compile(r"force://(?P<id>[^:@/]+):(?P<secret>[^:@/]*):(?P<refresh>[^@/]+)@(?P<host>[^/\s]+?)/?")
_SECONDS = 30.0
_ATTEMPTS = 3
_BODY_LIMIT = 1024 * 1024


def log_in(environment: Mapping[str, str]) -> Session | None:
    """A session from the first credentials that the environment holds; None where it holds none.

    Every secret is masked in the log first. InputError: they are incomplete or refused. ServiceError: no answer.
    """
    given = {name: environment.get(f"SF_{name}", "").strip() for name in _NAMES}
    for name in ("ACCESS_TOKEN", "AUTH_URL", "JWT_KEY"):
        mask(given[name])
    if given["ACCESS_TOKEN"]:
        _require(given, "ORG_INSTANCE_URL", "ACCESS_TOKEN")
        return _session(given["ORG_INSTANCE_URL"], given["ACCESS_TOKEN"], given["ORG_API_VERSION"])
    if given["AUTH_URL"]:
        return _by_auth_url(given)
    if given["JWT_KEY"]:
        return _by_jwt(given)
    return None


_NAMES = (
    "ACCESS_TOKEN", "AUTH_URL", "JWT_KEY", "ORG_INSTANCE_URL", "ORG_API_VERSION",
    "CLIENT_ID", "USERNAME", "LOGIN_URL", "AUDIENCE_URL",
)  # fmt: skip


def _session(instance_url: str, token: str, api_version: str) -> Session:
    mask(token)
    return Session(instance_url=instance_url.rstrip("/"), access_token=token, api_version=api_version or API_VERSION)


def _require(given: Mapping[str, str], name: str, beside: str) -> None:
    if not given[name]:
        raise InputError(
            f"SF_{beside} is set and SF_{name} is not.", fix=f"Set SF_{name} from the environment's secrets too."
        )


def _by_auth_url(given: Mapping[str, str]) -> Session:
    match = _AUTH_URL.fullmatch(given["AUTH_URL"])
    if match is None:
        raise InputError(
            "SF_AUTH_URL is not of the form force://<client id>:<secret>:<refresh token>@<host>.",
            fix="Take it from `sf org auth show-sfdx-auth-url`, and store it as a secret without quotes.",
        )
    for name in ("secret", "refresh"):
        mask(match[name])
    scheme = "http" if match["host"].partition(":")[0] in LOOPBACK else "https"
    form = {"grant_type": "refresh_token", "client_id": match["id"], "refresh_token": match["refresh"]}
    if match["secret"]:
        form["client_secret"] = match["secret"]
    return _exchange(f"{scheme}://{match['host']}", form, given)


def _by_jwt(given: Mapping[str, str]) -> Session:
    for name in ("CLIENT_ID", "USERNAME"):
        _require(given, name, "JWT_KEY")
    address = given["LOGIN_URL"].rstrip("/") or PRODUCTION
    check_address(address, "SF_LOGIN_URL")
    claims = {
        "iss": given["CLIENT_ID"],
        "sub": given["USERNAME"],
        "aud": given["AUDIENCE_URL"] or _audience(address),
        "exp": int(time.time()) + 180,
    }
    unsigned = ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "RS256"}, claims))
    assertion = f"{unsigned}.{_base64(_sign(unsigned.encode(), given['JWT_KEY']))}"
    return _exchange(
        address, {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}, given
    )


def _audience(address: str) -> str:
    host = urlsplit(address).hostname or ""
    return SANDBOX if host == "test.salesforce.com" or ".sandbox." in host else PRODUCTION


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _sign(data: bytes, key: str) -> bytes:
    """RS256 by openssl, which every runner has; the key is in a file that only this user may read, and briefly."""
    with tempfile.TemporaryDirectory(prefix="wavegate-") as folder:
        path = Path(folder) / "key"
        path.touch(mode=0o600)
        # a secret that was pasted on one line has its line breaks as \n
        path.write_text(key.replace("\\n", "\n").rstrip() + "\n", encoding="utf-8")
        try:
            signed = subprocess.run(
                ["openssl", "dgst", "-sha256", "-sign", str(path)], input=data, capture_output=True, timeout=_SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise ServiceError("openssl, which signs the login, cannot be run.", fix="Install openssl.") from error
    if signed.returncode:
        raise InputError(
            "SF_JWT_KEY is not an unencrypted RSA key in PEM form.",
            fix="Store the whole server.key, its BEGIN and END lines included, as the secret.",
        )
    return signed.stdout


def _exchange(address: str, form: Mapping[str, str], given: Mapping[str, str]) -> Session:
    check_address(address, "the login address")
    status, answer = _post(f"{address}/services/oauth2/token", form)
    token, instance = answer.get("access_token"), answer.get("instance_url")
    if status == 200 and isinstance(token, str) and token and isinstance(instance, str):
        return _session(instance, token, given["ORG_API_VERSION"])
    host = urlsplit(address).hostname
    if 400 <= status < 500 and status != 429:
        code = one_line(str(answer.get("error", f"HTTP {status}")), 60)
        told = one_line(str(answer.get("error_description", "")), 200)
        raise InputError(f"{host} refused the login: {code} {told}".rstrip() + ".", fix=_FIXES.get(code, _FIX))
    raise ServiceError(f"{host} did not answer the login with a token (HTTP {status}).", fix="Run it again.")


_FIX = "Check the environment's secrets, and the connected app's policies in the org."
_FIXES = {
    "invalid_grant": "Pre-authorize the login user in the connected app, and check user name, audience and expiry.",
    "invalid_client_id": "Check the client id, and that the connected app is deployed and enabled.",
    "invalid_client": "Check the client id, and that the connected app is deployed and enabled.",
}


def _post(url: str, form: Mapping[str, str]) -> tuple[int, dict[str, object]]:
    """Status and JSON object of the token endpoint's answer; asking twice is harmless, so it is tried again."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with requests.post(
                url, data=form, timeout=_SECONDS, allow_redirects=False, stream=True, auth=_no_netrc
            ) as response:
                body = response.raw.read(_BODY_LIMIT, decode_content=True)
                status = response.status_code
        except (requests.RequestException, OSError):
            if attempt == _ATTEMPTS:
                host = urlsplit(url).hostname
                raise ServiceError(f"{host} cannot be reached to log in.", fix="Run the command again.") from None
        else:
            if status < 500 or attempt == _ATTEMPTS:
                return status, _object(body)
        time.sleep(0.5 * attempt)
    raise AssertionError("the last attempt returns or raises")


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _object(body: bytes) -> dict[str, object]:
    try:
        parsed = json.loads(body)
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
