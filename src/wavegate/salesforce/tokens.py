"""From a job's secrets to an access token; no secret is ever an argument of a process.

One of: SF_ACCESS_TOKEN with SF_ORG_INSTANCE_URL; SF_AUTH_URL; SF_JWT_KEY with SF_CLIENT_ID and SF_USERNAME, and
SF_LOGIN_URL, the org's My Domain; without it, the login is to production.
Source: help.salesforce.com "OAuth 2.0 JWT Bearer Flow", RFC 7523; the CLI's documentation of `org login sfdx-url`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from wavegate.cli.actions import mask, warn
from wavegate.errors import InputError, RefusedError
from wavegate.http.body import parse_json
from wavegate.http.transport import Transport, WaitBudget
from wavegate.http.values import Limits, NoReplyError, Reply, Request
from wavegate.salesforce.assertion import PRODUCTION, audiences_of, jwt_form
from wavegate.salesforce.login_errors import login_refusal
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
from wavegate.text import join_names

_AUTH_URL = re.compile(r"force://(?P<id>[^:@/]+):(?P<secret>[^:@/]*):(?P<refresh>[^@/]+)@(?P<host>[^/\s]+?)/?")


class IncompleteLoginError(InputError):
    """Some of the credentials of a login are there, but not all of them."""


LIMITS = Limits(attempt=30.0, total=60.0, size=1024 * 1024)
"""Limits of the request for a token."""


def log_in(environment: Mapping[str, str]) -> Session | None:
    """A session from the first credentials among the environment variables; None if there are none.

    Every secret is masked in the log first. InputError: they are incomplete (IncompleteLoginError) or rejected.
    ServiceError: no answer.
    """
    credentials = {name: environment.get(f"SF_{name}", "").strip() for name in _NAMES}
    for name in ("ACCESS_TOKEN", "AUTH_URL", "JWT_KEY"):
        mask(credentials[name])
    for name, value in credentials.items():
        # bytes of the environment that are not UTF-8
        if re.search(r"[\ud800-\udfff]", value):
            raise InputError(f"SF_{name} is not text in UTF-8.", fix="Store it again, as text.")
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
    audiences = [credentials["AUDIENCE_URL"]] if credentials["AUDIENCE_URL"] else audiences_of(address)
    refusals = []
    for audience in audiences:
        try:
            form = jwt_form(credentials["CLIENT_ID"], credentials["USERNAME"], audience, key=credentials["JWT_KEY"])
            return _exchange(address, form, credentials)
        except RefusedError as refused:
            refusals.append(refused)
            if login_refusal(refused.code, refused.detail, refresh=False).final:
                break
    raise _most_telling(refusals, audiences)


def _most_telling(refusals: Sequence[RefusedError], audiences: Sequence[str]) -> RefusedError:
    """The refusal to report: the first one whose cause is not the audience, if there is one."""
    others = [each for each in refusals if not login_refusal(each.code, each.detail, refresh=False).of_audience]
    chosen = (others or refusals)[0]
    if len(refusals) == 1:
        return chosen
    message = f"{chosen.message} Audiences tried: {join_names(audiences[: len(refusals)])}."
    return RefusedError(message, fix=chosen.fix, status=chosen.status, code=chosen.code, detail=chosen.detail)


def _exchange(address: str, form: Mapping[str, str], credentials: Mapping[str, str]) -> Session:
    check_address(address, "the login address")
    host = urlsplit(address).hostname or ""
    secrets = [form[name] for name in _SECRETS if name in form]
    transport = Transport(addresses=[address], limits=LIMITS, secrets=secrets)

    def read(reply: Reply) -> _Tokens:
        if reply.is_success:
            return _tokens(parse_json(reply.body))
        code, detail = complaint(reply.body, transport.clean)
        check_failure(reply, code, detail)
        message = f"{host} refused the login: {answer_words(reply.status, code, detail)}."
        fix = login_refusal(code, detail, refresh="refresh_token" in form).fix
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
    tokens = transport.call(request, read, budget=WaitBudget(PATIENCE))
    if "refresh_token" in form and tokens.refresh not in ("", form["refresh_token"]):
        mask(tokens.refresh)
        warn(
            "The connected app rotates refresh tokens: this login has used up SF_AUTH_URL, so the next one fails.",
            fix="Log in with SF_JWT_KEY, or switch the rotation off in the app and store a new SF_AUTH_URL.",
        )
    # an error quotes a malformed address, which could be a secret that came back
    return _session(transport.clean(tokens.instance, 300), tokens.access, credentials["ORG_API_VERSION"])


@dataclass(frozen=True, kw_only=True, slots=True)
class _Tokens:
    """A reply with tokens. instance: the org's address. refresh: '' without one."""

    access: str
    instance: str
    refresh: str


def _tokens(answer: Any) -> _Tokens:
    reply = answer if isinstance(answer, dict) else {}
    token, instance = reply.get("access_token"), reply.get("instance_url")
    # a header cannot hold anything else
    if not (isinstance(token, str) and token and token.isascii() and token.isprintable()):
        raise NoReplyError("it answered without a token")
    if not isinstance(instance, str):
        raise NoReplyError("it answered without the org's address")
    refresh = reply.get("refresh_token")
    return _Tokens(access=token, instance=instance, refresh=refresh if isinstance(refresh, str) else "")


_SECRETS = ("refresh_token", "client_secret", "assertion")
