"""Orgs that the Salesforce CLI of this computer is logged in to, and which of them a checkout uses.

wavegate keeps the user name and the address of an org, but no secret: for each command it gets a fresh token from the
CLI, through a pipe. What it keeps is outside the checkout, which cannot choose an org that way.
Source: `org display` and `org auth show-access-token` of @salesforce/plugin-org.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wavegate.child_environment import for_salesforce_cli
from wavegate.errors import InputError
from wavegate.files.whole import write_whole
from wavegate.salesforce.cli_process import run_sf
from wavegate.salesforce.rest import Session
from wavegate.text import one_line

_TOKEN = re.compile(r"00D\w{12,15}![.\w]+|eyJ[\w+=-]+\.[\w+=-]+\.[\w+=-]+")
"""An access token; the CLI shows a sentence in its place where it hides it."""
_SECONDS = 120.0
_KEYCHAIN = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY")
"""What the CLI's keychain on Linux needs to be unlocked."""


@dataclass(frozen=True, kw_only=True, slots=True)
class StoredOrg:
    """An org that the CLI is logged in to. instance_url: its address."""

    username: str
    instance_url: str


def find_stored_org(alias: str, environment: Mapping[str, str] = os.environ) -> StoredOrg:
    """The org with an alias or user name in the CLI. InputError: the CLI is not logged in to it."""
    shown = _run("org display", alias, environment)
    username, address = shown.get("username"), shown.get("instanceUrl")
    if isinstance(username, str) and isinstance(address, str) and username and address:
        return StoredOrg(username=username, instance_url=address.rstrip("/"))
    raise _not_logged_in(alias)


def session_of(org: StoredOrg, environment: Mapping[str, str] = os.environ) -> Session:
    """A session with a fresh token. InputError: the CLI is not logged in to the org any more."""
    for command in ("org auth show-access-token", "org display"):
        # an older version of the CLI has the second one alone, and hides nothing in it
        token = str(_run(command, org.username, environment).get("accessToken", ""))
        if _TOKEN.fullmatch(token):
            return Session(instance_url=org.instance_url, access_token=token)
    raise _not_logged_in(org.username)


def use_stored_org(name: str, org: StoredOrg, root: Path, environment: Mapping[str, str] = os.environ) -> None:
    """Have a checkout use an org from now on. name: what the manifest calls it. root: of the checkout."""
    orgs = {**_read(root, environment), name: {"username": org.username, "instance_url": org.instance_url}}
    content = {"checkout": str(root.resolve()), "orgs": orgs}
    write_whole(_path(root, environment), json.dumps(content, indent=1).encode(), private=True)


def stored_org(name: str, root: Path, environment: Mapping[str, str] = os.environ) -> StoredOrg | None:
    """The org that a checkout uses, or None."""
    found = _read(root, environment).get(name)
    if found is None:
        return None
    try:
        return StoredOrg(username=str(found["username"]), instance_url=str(found["instance_url"]))
    except (KeyError, TypeError):
        raise _damaged(root, environment) from None


def forget_stored_orgs(root: Path, environment: Mapping[str, str] = os.environ) -> bool:
    """Have a checkout use no org of the CLI. Returns whether it used one."""
    path = _path(root, environment)
    found = path.exists()
    path.unlink(missing_ok=True)
    return found


def _read(root: Path, environment: Mapping[str, str]) -> dict[str, Any]:
    path = _path(root, environment)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        orgs: dict[str, Any] = dict(content["orgs"])
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise _damaged(root, environment) from None
    return orgs


def _path(root: Path, environment: Mapping[str, str]) -> Path:
    # a relative one counts as unset, as its specification says: it would be in the checkout
    named = Path(environment.get("XDG_STATE_HOME", ""))
    state = named if named.is_absolute() else _home(environment) / ".local" / "state"
    digest = hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:20]
    return Path(state, "wavegate", "orgs", f"{digest}.json")


def _home(environment: Mapping[str, str]) -> Path:
    try:
        return Path(environment.get("HOME") or Path.home())
    except RuntimeError:
        # a user without a name, such as a container's; then no org was ever stored
        return Path("/")


def _run(command: str, alias: str, environment: Mapping[str, str]) -> dict[str, Any]:
    answer = run_sf(
        # one argument, so that no alias is taken for an option
        [*command.split(), f"--target-org={alias}"],
        folder=_home(environment),
        environment={
            **for_salesforce_cli(environment),
            **{name: environment[name] for name in _KEYCHAIN if name in environment},
            "SF_SKIP_NEW_VERSION_CHECK": "true",
        },
        seconds=_SECONDS,
    )
    result = answer.get("result")
    return result if isinstance(result, dict) else {}


def _not_logged_in(alias: str) -> InputError:
    return InputError(
        f"The Salesforce CLI is not logged in to an org with the alias or user name {one_line(alias, 100)}.",
        fix="Run `sf org list` for those that it knows, or `sf org login web --alias NAME` to log in.",
    )


def _damaged(root: Path, environment: Mapping[str, str]) -> InputError:
    return InputError(
        f"{one_line(str(_path(root, environment)), 300)} is damaged, so the org of this checkout is unknown.",
        fix="Run `wavegate login --logout`, then log in again.",
    )
