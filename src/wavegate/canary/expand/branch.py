"""An expansion's commit, and which of the open pull requests are outdated."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from wavegate.canary.expand.next_step import PendingStep
from wavegate.github.proposed import OpenPull
from wavegate.promotion.expansion.branch import SHORT
from wavegate.text import slug

TRAILER = "Wavegate-Expand"
"""Git trailer of wavegate's commits on such a branch. A commit without it is by somebody else."""
_END = re.compile(r"-([0-9a-f]{12})-step-([1-9][0-9]{0,3})")


def trailer(*, content: str, step: PendingStep) -> str:
    """The trailer line that marks a commit as wavegate's, for one step."""
    return f"{TRAILER}: {content} {step.number}"


def commit_message(environment: str, *, content: str, step: PendingStep) -> str:
    """Message of the commit. It contains no untrusted text, which could mention people or close issues."""
    title = f"Expand the canary in {slug(environment)} to step {step.number} of {step.steps}"
    return f"{title}\n\n{trailer(content=content, step=step)}\n"


@dataclass(frozen=True, kw_only=True, slots=True)
class OutdatedPull:
    """An open pull request whose step is no longer the next one. why: half a sentence."""

    pull: OpenPull
    why: str


def outdated(
    pulls: Iterable[OpenPull], *, prefix: str, contents: Iterable[str], current: str, reached: int
) -> tuple[OutdatedPull, ...]:
    """The open pull requests of pilots that were rolled back or replaced, or of steps that are taken.

    contents: of the manifest's releases in the environment, since other manifests may use it too. current: of the
    pilot that runs, '' without one. reached: the last step that the manifest has taken.
    """
    known = {each[:SHORT] for each in contents if each}
    found = []
    for pull in pulls:
        end = _END.search(pull.branch, len(prefix))
        if end is None or end.end() != len(pull.branch) or end[1] not in known:
            continue
        if end[1] != current[:SHORT]:
            found.append(OutdatedPull(pull=pull, why="its pilot was rolled back, replaced, or is over"))
        elif int(end[2]) <= reached:
            found.append(OutdatedPull(pull=pull, why="its step is taken already"))
    return tuple(found)
