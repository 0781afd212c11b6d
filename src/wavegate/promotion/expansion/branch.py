"""The names of the branches of a canary's expansions, by which later runs and promotions find them again."""

from wavegate.rollback.plan import unique_slug
from wavegate.text import slug

SHORT = 12
"""Characters of a content's digest in a name."""


def branch_prefix(environment: str) -> str:
    """How the branches of an environment's expansions begin."""
    return f"wavegate/expand/{unique_slug(environment)}/"


def step_branch(environment: str, *, release: str, content: str, step: int) -> str:
    """The branch of one step of one release. step: its number, from 1.

    content: digest of what the pilot ships: another content under the same name is another release.
    """
    return f"{branch_prefix(environment)}{slug(release)}-{content[:SHORT]}-step-{step}"
