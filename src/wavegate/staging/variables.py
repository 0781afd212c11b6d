"""Values for the `replacements` of sfdx-project.json, which the Salesforce CLI reads from its environment."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from wavegate.errors import InputError
from wavegate.text import clip

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CLI_OWN = (
    r"SF(DX)?_(ACCESS_TOKEN|API_VERSION|APPLY_\w+|AUDIENCE_URL|AUTH_URL|AUTOUPDATE_\w+|CAPITALIZE_\w+|CLIENT_ID"
    r"|CONTENT_TYPE|DATA_DIR|DEFAULT\w+|DISABLE_\w+|DNS_\w+|DOMAIN_\w+|ENV|HIDE_\w+|IMPROVED_\w+|INSTALLER"
    r"|INSTANCE_URL|JSON_\w+|JWT_KEY|LAZY_\w+|LOGIN_URL|LOG_\w+|MAX_\w+|MDAPI_\w+|NPM_\w+|ORG_\w+|PRECOMPILE_\w+"
    r"|PROJECT_\w+|PROPAGATORS|REST_DEPLOY|S3_\w+|SKIP_\w+|SOURCE_\w+|TARGET_(DEV_HUB|ORG)|UPDATE_\w+|USE_\w+"
    r"|USERNAME)"
)
"""Settings of the CLI. Source: envVars of @salesforce/core. Projects use other names that begin with SF_ too."""
_RESERVED = re.compile(
    r"PATH|HOME|USERPROFILE|USER|SHELL|PWD|IFS|ENV|TE?MP|TMPDIR|CI|DEBUG|\w+_PROXY"
    r"|(ACTIONS|BASH|DYLD|FORCE|GIT|GITHUB|INPUT|LD|NODE|NPM_CONFIG|OPENSSL|PYTHON|RUNNER|SSL|WAVEGATE|XDG)_\w+"
    rf"|PYTHON\w+|DEPLOY_ENV_SECRETS|{_CLI_OWN}",
    re.IGNORECASE,
)
_ITERATIONS = 600_000
"""Source: OWASP's Password Storage Cheat Sheet, for PBKDF2 with HMAC-SHA-256."""
_SHOWN, _HIDDEN = "deploy-env", "the secret DEPLOY_ENV"


@dataclass(frozen=True, kw_only=True, slots=True)
class Variables:
    """values: by name. secrets: the values to mask in logs."""

    values: Mapping[str, str]
    secrets: tuple[str, ...]


def given_variables(lines: Iterable[str], secrets: str, environment: Mapping[str, str]) -> Variables:
    """The variables that the CLI gets for replacements.

    lines: `NAME=value`, or `NAME` for a value from the secrets, else from the environment. secrets: lines
    `NAME=value`, which take precedence. In both, blank lines and lines that begin with `#` are skipped, and a value
    may be in quotes: in single ones it stays as it is, in double ones it has JSON's escapes, such as a line break.

    InputError, never with a value in it: a line cannot be read, a name is reserved, or a variable has no value.
    """
    shown = _parsed(lines, _SHOWN)
    hidden = _parsed(secrets.splitlines(), _HIDDEN)
    values = {**{name: environment.get(name) if value is None else value for name, value in shown.items()}, **hidden}
    for name, value in values.items():
        if value is None:
            raise InputError(
                f"The variable {name} for the replacements in sfdx-project.json has no value.",
                fix=f"Add the line {name}=… to {_HIDDEN} or to {_SHOWN}.",
            )
    return Variables(
        values={name: value for name, value in values.items() if value is not None},
        secrets=tuple(value for value in hidden.values() if value),
    )


def variables_digest(values: Mapping[str, str], *, subject: str) -> str:
    """A digest of the variables for one subject; '' for no variables.

    It is part of a deployment's subject, which workflows pass on where people can read it. It is slow to compute, so
    that a secret value cannot be guessed from it.
    """
    if not values:
        return ""
    content = json.dumps(sorted(values.items())).encode()
    return hashlib.pbkdf2_hmac("sha256", content, subject.encode(), _ITERATIONS).hex()


def _parsed(lines: Iterable[str], source: str) -> dict[str, str | None]:
    """Value by name; None for a name without `=`."""
    found: dict[str, str | None] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = (part.strip() for part in text.partition("="))
        place = f"Line {number} of {source}"
        if not _NAME.fullmatch(name):
            # not shown: it may be part of a secret
            raise InputError(f"{place} does not begin with a variable's name.", fix="Write NAME=value on one line.")
        if _RESERVED.fullmatch(name):
            raise InputError(
                f"{place}: {clip(name, 60)} controls how the Salesforce CLI or the workflow runs, so it is not a "
                "variable for replacements.",
                fix="Use another name, also under `replacements` in sfdx-project.json.",
            )
        if name in found:
            raise InputError(f"{place}: {clip(name, 60)} is a duplicate.", fix="Remove one of the lines.")
        found[name] = _unquoted(value, place) if equals else None
    return found


def _unquoted(value: str, place: str) -> str:
    if len(value) > 1 and value[0] == value[-1] == "'":
        return value[1:-1]
    if not value.startswith('"'):
        return value
    try:
        text = str(json.loads(value))
        text.encode()
    except ValueError:
        raise InputError(
            f"{place} has a value in double quotes that is not valid JSON.", fix="Put it in single quotes."
        ) from None
    if "\0" in text:
        raise InputError(f"{place} has a value with a NUL character.", fix="Remove the character.")
    return text
