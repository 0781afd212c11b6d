"""The rollback as people read it: hostile text stays inert, nothing is too long, nothing important is missing."""

import re
from dataclasses import replace

import pytest
from tests.support.hostile import HOSTILE

from wavegate.git.tree import TreeChange
from wavegate.github.proposed import ProposalOutcome, Proposed
from wavegate.release.reference import ReleaseRef
from wavegate.rollback.pull_request import BODY_LIMIT, body, lines, summary, title
from wavegate.rollback.values import Rollback, RollbackPlan
from wavegate.text import code

PLAN = RollbackPlan(
    restored=("a.json", "b.json"),
    deleted=("c.json",),
    conflicts=("d.json",),
    changes=(TreeChange(path="c.json", entry=None),),
    unchanged=7,
)


def rollback(text: str = "text", *, plan: RollbackPlan = PLAN, owners: tuple[str, ...] = ()) -> Rollback:
    return Rollback(
        environment=text,
        bad=ReleaseRef(commit="b" * 40, name=text, deployment=text),
        good=ReleaseRef(commit="a" * 40, name=text, agents={text: text}),
        base=text,
        branch="wavegate/rollback/x/b-to-a",
        plan=plan,
        reason=text,
        incident=text,
        order=(text,),
        checklist=(text,),
        owners=owners,
        notes=(text,),
    )


def columns(markdown: str) -> list[int]:
    """How many bars each row of a table has."""
    return [len(re.findall(r"(?<!\\)\|", line)) for line in markdown.splitlines() if line.startswith("|")]


def every(text: str) -> RollbackPlan:
    return RollbackPlan(restored=(text,), deleted=(text,), conflicts=(text,))


def test_what_nobody_said_is_said_to_be_missing() -> None:
    unsaid = body(replace(rollback(), reason="", incident=""), checks_run=True)
    assert "| Reason | not given |" in unsaid
    assert "| Incident | not given |" in unsaid
    assert "not given" not in body(rollback(), checks_run=True)


def test_a_long_list_in_a_log_says_how_many_it_leaves_out() -> None:
    plan = RollbackPlan(restored=tuple(f"{number}.json" for number in range(1200)))
    logged = [line for line in lines(rollback(plan=plan), result="opened", proposed=None) if "restored: " in line]
    assert logged[-1] == f"  restored: … and {1200 - len(logged) + 1:,} more"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    hostile = rollback(text, plan=every(text))
    harmless = rollback("text", plan=every("text"))
    proposed = Proposed(outcome=ProposalOutcome.OPENED, number=1, url="https://github.com/a/b/pull/1", notes=(text,))
    for markdown, calm in (
        (body(hostile, checks_run=True), body(harmless, checks_run=True)),
        (
            summary(hostile, result="opened", proposed=proposed, kept=(text,)),
            summary(harmless, result="opened", proposed=proposed, kept=("text",)),
        ),
    ):
        assert len(markdown.splitlines()) == len(calm.splitlines())
        for tag in ("<script", "<img", "<!--"):
            assert tag not in markdown
        assert not re.search(r"(?<![\w&;])@[A-Za-z0-9]", markdown)
        assert columns(markdown) == columns(calm)
    for line in lines(hostile, result="opened", proposed=proposed, kept=(text,)):
        assert "\n" not in line
        assert not line.lstrip().startswith("::")
        assert "##[" not in line
    name = title(hostile)
    assert not re.search(r"@\w|#\d|\n", name)
    assert len(name) <= 250


def test_five_thousand_long_paths_are_counted_within_the_limit() -> None:
    paths = tuple(f"{'|' * 250}{number}" for number in range(5_000))
    plan = RollbackPlan(restored=paths, deleted=paths, conflicts=paths)
    text = body(rollback(plan=plan), checks_run=False)
    assert len(text) <= BODY_LIMIT
    assert " more |" in text
    assert text.endswith("</details>")
    assert "10,000 files" in text
    assert text.count("<details>") == text.count("</details>") == 1


def test_the_body_has_what_a_reviewer_needs() -> None:
    text = body(rollback("wave", owners=("@ada", "@acme/agents")), checks_run=False)
    for needed in (
        "**1 conflict**",
        f"{code('d.json')}",
        "- [ ] wave",
        "1. wave",
        "@ada, @acme/agents",
        "GITHUB_TOKEN",
    ):
        assert needed in text, needed
    assert "No checks run" not in body(rollback("wave"), checks_run=True)


def test_the_log_ends_with_where_to_go() -> None:
    proposed = Proposed(outcome=ProposalOutcome.ISSUE, number=4, url="https://github.com/a/b/issues/4")
    assert lines(rollback(), result="issue", proposed=proposed)[-1].startswith(
        "issue opened: https://github.com/a/b/issues/4"
    )
    assert lines(rollback(), result="dry-run", proposed=None)[-1] == "dry-run: wavegate/rollback/x/b-to-a"
    nothing = rollback(plan=RollbackPlan())
    assert lines(nothing, result="unchanged", proposed=None)[-1] == "unchanged: there is nothing to restore"
    assert "wavegate/rollback" not in summary(nothing, result="unchanged", proposed=None)


def test_the_log_lists_what_needs_manual_work() -> None:
    log = "\n".join(lines(rollback("wave"), result="local", proposed=None))
    for needed in ("restored: a.json", "deleted: c.json", "conflict, not changed: d.json", "step: wave"):
        assert needed in log
    assert "check manually, git cannot restore it: wave" in log
    assert log.count("b" * 12) == 1


def test_a_release_without_a_name_shows_its_commit_once() -> None:
    nameless = ReleaseRef(commit="a" * 40, name="a" * 12)
    assert nameless.title == "a" * 12
    shown = replace(rollback("wave"), good=replace(nameless, name="a" * 40))
    assert title(shown) == f"Roll back wave to {'a' * 12}"
    assert f"| Restored | {'a' * 40} |" in body(shown, checks_run=True)


def test_the_longest_text_everywhere_fits() -> None:
    long = "\U000e0001" * 5_000
    owners = tuple(f"@{'o' * 39}/{number:040}" for number in range(500))
    plan = RollbackPlan(restored=(long,) * 40, deleted=(long,) * 40, conflicts=(long,) * 40)
    many = replace(rollback(long, plan=plan, owners=owners), order=(long,) * 40, checklist=(long,) * 40)
    assert len(body(many, checks_run=False)) <= BODY_LIMIT
