"""What Salesforce's refusals of a login mean, and what to do about each of them.

Sources: help.salesforce.com "OAuth 2.0 Authorization Errors" and "OAuth 2.0 JWT Bearer Flow for Server-to-Server
Integration"; each row names where its words were seen otherwise. Salesforce changes case and words between releases,
so the words are matched as a part of the description, in lower case.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class LoginRefusal:
    """One kind of refusal. code: of the reply, '' for any. words: a part of its description, '' for any.

    refresh: whether only a refresh token or only a JWT is refused so; None for both. final: another audience of the
    JWT cannot help. of_audience: nothing but the audience, or the login URL, is wrong.
    """

    code: str = ""
    words: str = ""
    fix: str
    refresh: bool | None = None
    final: bool = False
    of_audience: bool = False

    def covers(self, code: str, detail: str, *, refresh: bool) -> bool:
        """Whether a reply is of this kind."""
        return self.code in ("", code) and self.words in detail.lower() and self.refresh in (None, refresh)


_APP = "connected app or external client app"
_AUDIENCE = (
    "Set SF_LOGIN_URL to the org's My Domain, such as https://acme--uat.sandbox.my.salesforce.com. If the org "
    "expects yet another audience, set SF_AUDIENCE_URL to it."
)
_APP_MISSING = (
    "Set SF_LOGIN_URL to the org's My Domain, because an external client app refuses login.salesforce.com and "
    "test.salesforce.com. Check that the app is in this org, and that its policies pre-authorize the login user."
)
_NOT_APPROVED = (
    f"In the policies of the {_APP}, let Permitted Users be “Admin approved users are pre-authorized”, and add a "
    "profile or permission set that the login user has. Check that SF_USERNAME is a user of this org."
)
_NETWORK = (
    "Allow the runner's addresses and the time of day in the profile of the login user, relax the IP restrictions in "
    f"the policies of the {_APP}, or use a self-hosted runner whose address is allowed."
)
_USER = "Activate or unfreeze the login user, or log in as another one."
_ORG = "The org is locked, closed or suspended: reopen it, or log in to another org."
_BLOCKED = (
    "In Setup → Connected Apps OAuth Usage, install and unblock the app, or give the login user the permission "
    "Approve Uninstalled Connected Apps."
)
_KEY = (
    f"Check that the certificate in the {_APP} is that of SF_JWT_KEY and has not expired, that the key is RSA with "
    "2,048 bits or more, and that SF_CLIENT_ID is that app's."
)
_CLOCK = "Correct the clock of the runner: a login is valid for three minutes from the time that it shows."
_SPENT = (
    "Store a new SF_AUTH_URL. If the connected app rotates refresh tokens, every login uses up the stored one, and "
    "using it again revokes its successors as well: switch the rotation off, or log in with SF_JWT_KEY."
)
_USER_NAME = "Check SF_USERNAME: in a sandbox it ends with the sandbox's name, such as ci@acme.example.uat."
_CLIENT = (
    f"Copy the consumer key of the {_APP} again. The app has to be in this org: a new one takes up to 10 minutes, "
    "and a sandbox has those that production had when it was made or refreshed. If the app's secret was changed, "
    "store a new SF_AUTH_URL."
)
_FLOW = f"Enable the JWT bearer flow in the OAuth settings of the {_APP}, and check SF_LOGIN_URL."
_SCOPE = f"Give the {_APP} the scopes api and refresh_token."
_RATE = "The user logged in too often within an hour: wait, and log in once for all steps of a job."
_GRANT = f"Pre-authorize the login user in the {_APP}, and check user name, audience and expiry."

REFUSALS = (
    # help: "Audience validation failed"; omniphx/forrest#302 and forcedotcom/cli#3325: "audience is invalid"
    LoginRefusal(code="invalid_grant", words="audience", fix=_AUDIENCE, of_audience=True),
    # n8n-io/n8n#28990, forcedotcom/cli#3482: for the audience test.salesforce.com, since Spring '26
    LoginRefusal(code="app_not_found", fix=_APP_MISSING, of_audience=True),
    # PipedreamHQ/pipedream#21557
    LoginRefusal(code="OAUTH_EC_APP_NOT_FOUND", fix=_APP_MISSING, of_audience=True),
    # omniphx/forrest#278; restforce/restforce#674, where another audience helped
    LoginRefusal(words="hasn't approved this consumer", fix=_NOT_APPROVED),
    # as a description of invalid_app_access and of OAUTH_APP_ACCESS_DENIED
    LoginRefusal(words="not admin approved", fix=_NOT_APPROVED),
    # help, errors of the web server flow: "IP restricted or invalid login hours"
    LoginRefusal(words="ip restricted", fix=_NETWORK, final=True),
    LoginRefusal(words="login hours", fix=_NETWORK, final=True),
    # restforce/restforce#303: as a description of invalid_grant; help: as a code
    LoginRefusal(words="inactive user", fix=_USER, final=True),
    LoginRefusal(code="inactive_user", fix=_USER, final=True),
    LoginRefusal(code="inactive_org", fix=_ORG, final=True),
    LoginRefusal(words="inactive organization", fix=_ORG, final=True),
    # n8n-io/n8n#21589
    LoginRefusal(code="OAUTH_APP_BLOCKED", fix=_BLOCKED, final=True),
    LoginRefusal(words="blocked by admin", fix=_BLOCKED, final=True),
    LoginRefusal(code="invalid_app_access", fix=_BLOCKED),
    # frankkessler/salesforce-laravel-oauth2-rest#68
    LoginRefusal(words="invalid assertion", fix=_KEY),
    LoginRefusal(code="invalid_grant", words="expired", refresh=False, fix=_CLOCK, final=True),
    # help: the reply to a refresh token that expired, was revoked, or was rotated (forcedotcom/sfdx-core#1340)
    LoginRefusal(code="invalid_grant", refresh=True, fix=_SPENT),
    LoginRefusal(code="invalid_grant", words="user", fix=_USER_NAME),
    LoginRefusal(code="invalid_client_id", fix=_CLIENT, final=True),
    LoginRefusal(code="invalid_client", fix=_CLIENT, final=True),
    LoginRefusal(code="unsupported_grant_type", fix=_FLOW, final=True),
    LoginRefusal(code="invalid_scope", fix=_SCOPE, final=True),
    # help: "rate_limit_exceeded: Number of logins exceeded", and "login rate exceeded" as a description
    LoginRefusal(code="rate_limit_exceeded", fix=_RATE, final=True),
    LoginRefusal(words="login rate exceeded", fix=_RATE, final=True),
    LoginRefusal(code="invalid_grant", fix=_GRANT),
)
"""By precedence: the first one that covers a reply counts."""
_UNKNOWN = LoginRefusal(
    fix="Check the environment's secrets, the app's policies, and Setup → Login History in the org.", final=True
)


def login_refusal(code: str, detail: str, *, refresh: bool) -> LoginRefusal:
    """The kind of a refusal. code, detail: of the token endpoint's reply. refresh: of a refresh token, not a JWT."""
    return next((each for each in REFUSALS if each.covers(code, detail, refresh=refresh)), _UNKNOWN)
