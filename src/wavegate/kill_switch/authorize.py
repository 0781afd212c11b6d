"""Whether the person who acts may use the kill switch. An outage of GitHub keeps nobody from it."""

import os
from dataclasses import replace
from pathlib import Path

from wavegate.cli.actions import acting_user, in_actions
from wavegate.errors import InputError, WavegateError
from wavegate.kill_switch.decisions import Authorization, authorization_of, teams
from wavegate.release.manifest import Manifest
from wavegate.text import one_line

GITHUB_SECONDS = 3.0
"""Timeout of one attempt of a GitHub request: an emergency does not wait long for GitHub."""

_OPEN = "anyone who can start this run, because the manifest names nobody under owners.killSwitch."
_UNVERIFIED = "membership in the teams of owners.killSwitch was not verified"


def authorize(manifest: Manifest, root: Path) -> tuple[str, str]:
    """The acting user, '' if unknown, and a note on why they may act. InputError: they may not.

    root: folder of the checkout.
    """
    actor = acting_user()
    match authorization_of(manifest.owners, actor):
        case Authorization.OPEN:
            return actor, _OPEN
        case Authorization.LISTED:
            return actor, "named under owners.killSwitch."
        case Authorization.NEEDS_TEAM_LOOKUP:
            return actor, _look_up(manifest, actor, root)
    raise _refused(manifest, actor)


def _look_up(manifest: Manifest, actor: str, root: Path) -> str:
    """A note on the actor's team membership, which only GitHub knows. InputError: the actor is in none of the teams.

    If GitHub does not answer, the switch is pulled and the note says so: an outage of GitHub must not keep a bad
    agent live, and whoever gets this far has access to the environment's secrets.
    """
    from wavegate.github.connect import GitHubAccess
    from wavegate.github.teams import is_member

    access = GitHubAccess.from_environment(root)
    access = replace(access, token=os.environ.get("GITHUB_TEAMS_TOKEN") or access.token)
    if not (actor and access.token):
        return f"{_UNVERIFIED}: the GitHub actor or token is unknown."
    try:
        github = access.client(timeout=GITHUB_SECONDS, patience=0.0, sleep=lambda _: None)
        for organization, team in teams(manifest.owners):
            if is_member(github, organization, team, actor):
                return f"member of @{organization}/{team}, named under owners.killSwitch."
    except WavegateError as error:
        return f"{_UNVERIFIED}: {error.message}"
    raise _refused(manifest, actor)


def _refused(manifest: Manifest, actor: str) -> InputError:
    who = f"@{one_line(actor, 60)}" if actor else "An unknown user"
    ask = f"Ask one of owners.killSwitch: {one_line(', '.join(manifest.owners.kill_switch), 300)}."
    myself = "" if actor or in_actions() else " If you are one of them, set GITHUB_ACTOR to your GitHub login."
    return InputError(f"{who} may not use the kill switch of this release.", fix=f"{ask}{myself}", file=manifest.path)
