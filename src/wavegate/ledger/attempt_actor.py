"""Who triggered the attempt that deployed a release: its line in the deployment's statuses.

The payload names the person who started the workflow run, and cannot be changed. If somebody else reruns the run, the
attempt notes `attempt: bo`.
"""

import re

from wavegate.ledger.deployment import Deployment

_LINE = re.compile(r"attempt: ([A-Za-z0-9][A-Za-z0-9_\[\]-]{0,99})")


def attempt_line(actor: str) -> str:
    """Status description of an attempt. actor: login of the person who triggered it."""
    return f"attempt: {actor}"


def triggered_by(deployment: Deployment) -> str:
    """Login of the person who triggered the newest attempt of a deployment; '' if unknown.

    The deployment's creator counts last: in a workflow, it is the token and not a person.
    """
    lines = [match[1] for each in deployment.statuses if (match := _LINE.fullmatch(each.description))]
    started = deployment.release.actor if deployment.release else ""
    return lines[-1] if lines else started or deployment.creator
