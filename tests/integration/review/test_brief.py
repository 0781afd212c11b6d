"""The brief of the next release shows what reviews left open, and does without it if it cannot be read."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deploying import release
from tests.support.ledger_story import hours
from tests.support.review_world import FILES, MANIFEST, ReviewWorld

FIRST = hours(7 * 24 + 1)


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[ReviewWorld]:
    made = ReviewWorld(tmp_path, monkeypatch, capsys, files=release(pinned=3) | FILES)
    yield made
    made.close()


def brief(world: ReviewWorld, day: int = 8) -> str:
    world.clock.moment = hours(24 * day)
    with world.clock.shown():
        done = world.run("brief", "uat", "--output", "brief.md")
    assert done.code == 0, done.log
    text = (world.desk.checkout / "brief.md").read_text("utf-8")
    return re.sub(r"\\(\W|_)", r"\1", text)


def test_open_items_are_counted_with_the_oldest_first_and_late_ones_marked(world: ReviewWorld) -> None:
    assert "**Open from reviews:** nothing." in brief(world)
    world.review(at=FIRST)
    assert "**Open from reviews:** 3, the oldest due 2026-03-12\n" in brief(world)
    shown = brief(world, day=12)
    assert "**Open from reviews:** 3, the oldest due 2026-03-12, ⏰ 1 overdue" in shown
    lines = [line for line in shown.splitlines() if "[review 1]" in line]
    assert lines[0].startswith("- ⏰ The waiver of quality ends on 2026-03-12")
    assert len(lines) == 3
    (issue,) = world.issues
    issue.body = (issue.body or "").replace("- [ ]", "- [x]") + "".join(
        f"\n- [ ] {number} @acme/all <img src=x> ![x](http://evil) #1" for number in range(7)
    )
    issue.state = "closed"
    shown = brief(world)
    assert "**Open from reviews:** 7\n" in shown
    assert "- and 2 more in the reviews" in shown
    assert "<img" not in shown
    assert "@acme/all" not in shown.partition("**Open from reviews:**")[2]


def test_reading_them_is_one_request(world: ReviewWorld) -> None:
    def requests() -> int:
        before = len(world.github.routes)
        brief(world, day=30)
        return len(world.github.routes) - before

    without = requests()
    for week in range(1, 4):
        world.review(at=hours(7 * 24 * week + 1))
    assert len(world.issues) == 3
    assert requests() == without


def test_a_brief_without_the_permission_says_so_and_does_not_fail(world: ReviewWorld) -> None:
    world.github.permit("issues", "none")
    assert "**Open from reviews:** ⚠️ unknown. The token may not read the reviews" in brief(world)


def test_a_repository_without_issues_is_said_too(world: ReviewWorld) -> None:
    world.github.state.settings.has_issues = False
    assert "**Open from reviews:** ⚠️ unknown. The repository's issues are switched off" in brief(world)


def test_a_manifest_without_reviews_asks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MANIFEST.replace('review: {cadence: 7d, owner: "@acme/agents"}\n', "")
    files = release(pinned=3) | FILES | {"agentforce/release.yml": text}
    made = ReviewWorld(tmp_path, monkeypatch, capsys, files=files)
    made.github.permit("issues", "none")
    assert "Open from reviews" not in brief(made)
    made.close()
