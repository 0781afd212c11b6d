"""The issue of a canary that is past its deadline: whom it asks, and when it is closed."""

from datetime import timedelta
from typing import Any

import pytest
from tests.unit.canary.watch.test_watching import START, decision

from wavegate.canary.decision import CanaryDecision, CanaryReason
from wavegate.canary.values import CanaryVerdict
from wavegate.canary.watch.deadline import deadline_page, ended, issue_start
from wavegate.github.issue_page import OwnIssue

RUN = "https://github.com/acme/agents/actions/runs/7/attempts/1"


def overdue(**values: Any) -> CanaryDecision:
    reasons = (CanaryReason(rule="canary/not-settled", weight="hold", text="not settled <b>yet</b> @everybody"),)
    given = {"overdue": True, "deadline": START, "reasons": reasons, "run": RUN, "looks": 9}
    return decision(CanaryVerdict.HOLD, **given | values)


def issue(page: Any, *, is_open: bool = True, number: int = 1) -> OwnIssue:
    return OwnIssue(
        number=number,
        body=page.body.render(),
        url=f"https://github.com/acme/agents/issues/{number}",
        state="OPEN" if is_open else "CLOSED",
        viewer_did_author=True,
    )


def test_the_owners_are_asked_to_decide() -> None:
    page = deadline_page(overdue(), owners=("@acme/agents", "@ada"))
    opening = page.body.text.replace("\\", "")
    assert opening.startswith("@acme/agents @ada The canary of **wave-3** in **production** has no decision yet")
    assert "its deadline was 2026-11-20 12:00 UTC" in page.body.text
    assert f"[The latest look](<{RUN}>)" in page.body.text
    assert "<code>wavegate expand production --reason …</code>" in page.body.text
    assert "Look 9" in page.body.text
    assert page.title == "Canary of wave-3 in production is past its deadline: expand it or roll it back"
    assert page.body.render().startswith(issue_start("production", "m.yml"))


def test_untrusted_text_stays_text() -> None:
    hostile = overdue(release="wave <!-- x --> @all [a](b)", claim="<script> @all", run="javascript:alert(1)")
    page = deadline_page(hostile, owners=())
    assert "<b>" not in page.body.text
    assert "<script>" not in page.body.text
    assert "javascript:" not in page.body.text
    assert " @all" not in page.body.text
    assert page.body.render().count("<!--") == 2


def test_each_look_changes_the_text_and_only_another_content_the_issue() -> None:
    first, second = deadline_page(overdue(), owners=()), deadline_page(overdue(looks=10), owners=())
    assert first.body.start == second.body.start
    assert not second.body.is_in(first.body.render())
    assert deadline_page(overdue(content="e" * 64), owners=()).body.start != first.body.start
    starts = {issue_start(*each) for each in (("production", "m.yml"), ("production", "n.yml"), ("prod", "m.yml"))}
    assert len(starts) == 3
    assert issue_start("Production", "m.yml") == issue_start("production", "m.yml")


@pytest.mark.parametrize(
    ("found", "closed"),
    [
        (overdue(), []),
        (overdue(looks=12), []),
        (None, [1]),
        (overdue(content="e" * 64), [1]),
        # given more time, or decided
        (overdue(overdue=False, deadline=START + timedelta(days=9)), [1]),
        (decision(CanaryVerdict.ROLLBACK), [1]),
        (decision(CanaryVerdict.HEALTHY, stage="health", overdue=True), [1]),
    ],
)
def test_when_the_issue_is_closed(found: CanaryDecision | None, closed: list[int]) -> None:
    page = deadline_page(overdue(), owners=())
    issues = [issue(page), issue(page, is_open=False, number=2)]
    assert [each.number for each in ended(issues, found, manifest="m.yml")] == closed
