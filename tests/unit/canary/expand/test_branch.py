"""A step's branch says which release and step it is, so that outdated pull requests are found by it."""

import pytest

from wavegate.canary.expand.branch import commit_message, outdated, trailer
from wavegate.canary.expand.next_step import PendingStep
from wavegate.github.proposed import OpenPull
from wavegate.promotion.expansion.branch import branch_prefix, step_branch
from wavegate.rollback.plan import made_by_us

STEP = PendingStep(number=2, steps=3, joining=("a",))
OURS, OLDER, FOREIGN = "a" * 64, "b" * 64, "c" * 64
PREFIX = branch_prefix("production")


def pull(content: str, number: int = 2, release: str = "wave-3") -> OpenPull:
    branch = step_branch("production", release=release, content=content, step=number)
    return OpenPull(number=7, branch=branch, url="")


def test_a_branch_names_release_content_and_step() -> None:
    assert pull(OURS).branch == "wavegate/expand/production/wave-3-aaaaaaaaaaaa-step-2"
    assert pull(OURS, release="../$(x) \n@all").branch == "wavegate/expand/production/x-all-aaaaaaaaaaaa-step-2"
    assert branch_prefix("Pre Prod").startswith("wavegate/expand/Pre-Prod-")


def test_a_commit_is_found_by_its_trailer() -> None:
    message = commit_message("production\n#1 @all", content=OURS, step=STEP)
    assert "@" not in message
    assert "#1" not in message
    commits = [("c2", "by a person"), ("c1", message)]
    assert made_by_us(commits, trailer(content=OURS, step=STEP)) == "c1"
    assert made_by_us(commits, trailer(content=OLDER, step=STEP)) is None


@pytest.mark.parametrize(
    ("found", "current", "reached", "why"),
    [
        (pull(OURS), OURS, 1, None),
        (pull(OURS), OURS, 2, "its step is taken already"),
        (pull(OURS), "", 1, "its pilot was rolled back, replaced, or is over"),
        (pull(OLDER), OURS, 1, "its pilot was rolled back, replaced, or is over"),
        # of another manifest that uses the same environment
        (pull(FOREIGN), OURS, 1, None),
        (pull(FOREIGN), "", 3, None),
        # a branch that a person named like ours
        (OpenPull(number=7, branch=f"{PREFIX}mine", url=""), "", 3, None),
        (OpenPull(number=7, branch=f"{pull(OURS).branch}-again", url=""), "", 3, None),
    ],
)
def test_a_pull_request_is_outdated_once_its_step_is_no_longer_next(
    found: OpenPull, current: str, reached: int, why: str | None
) -> None:
    closed = outdated([found], prefix=PREFIX, contents=[OURS, OLDER, ""], current=current, reached=reached)
    assert [each.why for each in closed] == ([why] if why else [])
