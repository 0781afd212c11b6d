"""Every text with which Salesforce refuses a login, and the fix that it gets."""

import pytest

from wavegate.salesforce.assertion import audiences_of
from wavegate.salesforce.login_errors import REFUSALS, login_refusal

TABLE = [
    ("invalid_grant", "audience is invalid", "SF_LOGIN_URL to the org's My Domain"),
    ("invalid_grant", "Audience validation failed", "SF_LOGIN_URL to the org's My Domain"),
    ("app_not_found", "External client app is not installed in this org", "an external client app refuses"),
    ("OAUTH_EC_APP_NOT_FOUND", "", "an external client app refuses"),
    ("invalid_grant", "user hasn't approved this consumer", "Admin approved users are pre-authorized"),
    ("invalid_app_access", "user is not admin approved to access this app", "Admin approved users"),
    ("OAUTH_APP_ACCESS_DENIED", "user is not admin approved to access this app", "Admin approved users"),
    ("invalid_grant", "IP restricted or invalid login hours", "self-hosted runner"),
    ("invalid_grant", "ip restricted", "self-hosted runner"),
    ("invalid_grant", "invalid login hours", "time of day"),
    ("invalid_grant", "inactive user", "Activate or unfreeze"),
    ("inactive_user", "user is inactive", "Activate or unfreeze"),
    ("inactive_org", "organization is inactive", "locked, closed or suspended"),
    ("invalid_grant", "inactive organization", "locked, closed or suspended"),
    ("OAUTH_APP_BLOCKED", "this app is blocked by admin", "unblock the app"),
    ("invalid_grant", "this app is blocked by admin", "unblock the app"),
    ("invalid_app_access", "", "unblock the app"),
    ("invalid_grant", "invalid assertion", "certificate"),
    ("invalid_grant", "assertion expired", "clock of the runner"),
    ("invalid_grant", "expired", "clock of the runner"),
    ("invalid_grant", "invalid user credentials", "SF_USERNAME"),
    ("invalid_client_id", "client identifier invalid", "consumer key"),
    ("invalid_client", "invalid client credentials", "secret was changed"),
    ("unsupported_grant_type", "grant type not supported", "JWT bearer flow"),
    ("invalid_scope", "the requested scope is not allowed", "api and refresh_token"),
    ("rate_limit_exceeded", "Number of logins exceeded", "too often"),
    ("invalid_grant", "login rate exceeded", "too often"),
    ("invalid_grant", "authentication failure", "Pre-authorize the login user"),
    ("invalid_grant", "", "Pre-authorize the login user"),
    ("", "", "Login History"),
    ("server_error", "something new", "Login History"),
]
REFRESH = [
    ("invalid_grant", "expired access/refresh token", "rotates refresh tokens"),
    ("invalid_grant", "token validity expired", "rotates refresh tokens"),
    ("invalid_grant", "authentication failure", "rotates refresh tokens"),
    ("invalid_grant", "inactive user", "Activate or unfreeze"),
    ("invalid_grant", "ip restricted", "self-hosted runner"),
    ("invalid_client_id", "client identifier invalid", "consumer key"),
    ("invalid_client", "invalid client credentials", "store a new SF_AUTH_URL"),
]


@pytest.mark.parametrize(
    ("code", "detail", "fix", "refresh"), [(*row, False) for row in TABLE] + [(*row, True) for row in REFRESH]
)
def test_each_refusal_has_its_fix(code: str, detail: str, fix: str, *, refresh: bool) -> None:
    for words in (detail, detail.upper()):
        assert fix in login_refusal(code, words, refresh=refresh).fix


def test_each_kind_of_refusal_is_in_the_table() -> None:
    rows = [(*row, False) for row in TABLE] + [(*row, True) for row in REFRESH]
    reached = [login_refusal(code, detail, refresh=refresh) for code, detail, _, refresh in rows]
    assert [kind for kind in REFUSALS if kind not in reached] == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://login.salesforce.com", ["login"]),
        ("https://test.salesforce.com", ["test"]),
        ("https://acme.my.salesforce.com", ["own", "login", "test"]),
        ("https://acme-dev-ed.develop.my.salesforce.com", ["own", "login", "test"]),
        ("https://acme--uat.sandbox.my.salesforce.com", ["own", "test", "login"]),
        ("https://power-data-1234-dev-ed.scratch.my.salesforce.com", ["own", "test", "login"]),
        ("https://sandbox.my.salesforce.com", ["own", "login", "test"]),
    ],
)
def test_the_audiences_of_a_login_url(address: str, expected: list[str]) -> None:
    names = {"login": "https://login.salesforce.com", "test": "https://test.salesforce.com", "own": address}
    assert audiences_of(address) == [names[name] for name in expected]
