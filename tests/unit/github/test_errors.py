"""Every text with which GitHub refuses a request, and the fix that it gets."""

import json

import pytest

from wavegate.errors import RefusedError
from wavegate.github.errors import REFUSALS, Purpose, refusal
from wavegate.github.replies import SECONDARY_WAIT, read_graph, read_rest
from wavegate.http.values import NoReplyError, Reply

PURPOSE = Purpose(doing="create the branch", permission="contents: write")
LIST = (
    "Although you appear to have the correct authorization credentials, the `acme` organization has an IP allow list"
)
TABLE = [
    (401, "Bad credentials", "rejected the token", "has not expired"),
    (401, "Requires authentication", "rejected the token", "GITHUB_TOKEN"),
    (403, "Resource not accessible by integration", "may not create the branch", "permissions: contents: write"),
    (403, "Resource not accessible by integration", "may not create the branch", "forks"),
    (403, "Resource not accessible by personal access token", "may not create", "fine-grained token"),
    (403, "Resource protected by organization SAML enforcement. You must grant", "single sign-on", "Configure SSO"),
    (403, "Resource protected by organization SAML SSO.", "single sign-on", "gh auth refresh"),
    (403, f"{LIST} enabled, and your IP address is not permitted", "IP allow list", "static address"),
    (403, "The 'acme' organization forbids access via a fine-grained personal access tokens", "policy", "GitHub App"),
    (403, "`acme` forbids access via a personal access token (classic).", "policy", "kind and lifetime"),
    (403, "the `acme` organization has enabled OAuth App access restrictions", "policy", "GitHub App"),
    (403, "Must have admin rights to Repository.", "user may not create", "administrator"),
    (403, "Must have push access to repository", "user may not create", "gh auth token"),
    (403, "Upgrade to GitHub Pro or make this repository public to enable this feature.", "plan", "public"),
    (403, "Repository was archived so is read-only.", "is archived", "Unarchive"),
    (403, "Sorry. Your account was suspended.", "blocked the account", "support"),
    (403, "Repository access blocked", "blocked the account", "support"),
    (451, "Repository unavailable due to DMCA takedown.", "blocked the account", "support"),
    (410, "Issues are disabled for this repo", "issues are switched off", "Features"),
    (410, "Issues has been disabled in this repository.", "issues are switched off", "Features"),
    (403, "Your token has not been granted the required scopes to execute", "may not", "repo and read:org"),
    (403, "refusing to allow a GitHub App to create or update workflow `x`", "workflow",
     "workflows: write"),
    (403, "GitHub Actions is not permitted to create or approve pull requests", "not open", "Allow GitHub"),
    (422, "Repository rule violations found", "branch rule", "wavegate/**"),
    (403, "Cannot create ref due to creations being restricted.", "branch rule", "Exempt"),
    (403, "You have reached your limit of nothing", "may not create", "permissions: contents: write"),
    (404, "Not Found", "not found, or hidden", "private repository is hidden"),
    (404, "Could not resolve to a Repository with the name 'acme/agents'.", "not found, or hidden", "without access"),
    (422, "Validation Failed", "refused to create the branch", "Correct what GitHub reports"),
    (418, "", "refused to create the branch", "Correct what GitHub reports"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "detail", "message", "fix"), TABLE)
def test_each_refusal_has_its_fix(status: int, detail: str, message: str, fix: str) -> None:
    reply = Reply(status=status, headers={}, body=json.dumps({"message": detail}).encode(), url="https://x")
    with pytest.raises(RefusedError) as raised:
        read_rest(reply, dict, PURPOSE, now=0, clean=str)
    assert message in raised.value.message
    assert f"(HTTP {status}: {detail})." in raised.value.message
    assert fix in raised.value.fix
    assert not set("{}") & set(raised.value.fix)


def test_each_kind_of_refusal_is_in_the_table() -> None:
    reached = [next(kind for kind in REFUSALS if kind.covers(status, detail)) for status, detail, *_ in TABLE]
    assert [kind.message for kind in REFUSALS if kind not in reached] == []


def test_braces_in_githubs_words_stay_text() -> None:
    assert "{doing} {0}" in refusal(403, "{doing} {0}", PURPOSE).message


LIMITS = [
    (
        403,
        "API rate limit exceeded for installation ID 1.",
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "90"},
    ),
    (429, "API rate limit exceeded for user ID 1.", {"retry-after": "80"}),
    (403, "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.", {}),
    (429, "", {}),
]


@pytest.mark.parametrize(("status", "detail", "headers"), LIMITS)
def test_a_rate_limit_is_a_wait_and_no_refusal(status: int, detail: str, headers: dict[str, str]) -> None:
    reply = Reply(status=status, headers=headers, body=json.dumps({"message": detail}).encode(), url="https://x")
    with pytest.raises(NoReplyError, match="rate limit is reached") as raised:
        read_rest(reply, dict, PURPOSE, now=10, clean=str)
    assert raised.value.wait == (80 if headers else SECONDARY_WAIT)
    assert not raised.value.acted


@pytest.mark.parametrize(
    ("error", "fix"),
    [
        ({"type": "FORBIDDEN", "message": "Resource not accessible by integration"}, "permissions: contents: write"),
        ({"type": "FORBIDDEN", "message": "Resource protected by organization SAML enforcement."}, "Configure SSO"),
        ({"type": "NOT_FOUND", "message": "Could not resolve to a Repository with the name 'a/b'."}, "hidden"),
        ({"type": "INSUFFICIENT_SCOPES", "message": "… granted the required scopes …"}, "repo and read:org"),
    ],
)
def test_a_refusal_of_a_query_has_the_same_fix(error: dict[str, str], fix: str) -> None:
    reply = Reply(status=200, headers={}, body=json.dumps({"errors": [error]}).encode(), url="https://x")
    with pytest.raises(RefusedError) as raised:
        read_graph(reply, dict, PURPOSE, now=0, clean=str)
    assert fix in raised.value.fix
    assert raised.value.code == error["type"]
