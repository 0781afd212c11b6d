"""The answer in its forms: names of strangers stay text, and nothing is said that is not known."""

import json
from dataclasses import replace

import pytest
from tests.support.pages import FENCE

from wavegate.bisect.as_json import bisect_json
from wavegate.bisect.as_markdown import bisect_markdown
from wavegate.bisect.as_text import bisect_text
from wavegate.bisect.values import (
    BisectReport,
    BisectSide,
    ChangeUnit,
    CulpritSet,
    Likeness,
    Probe,
    ProbePurpose,
    StopReason,
    UnitKind,
    UnitWords,
)
from wavegate.statistics.two_ends import EndCounts, PassCount

HOSTILE = "Flow:a`b|c\n::error::owned <script>@acme [x](http://evil)"


def unit(name: str) -> ChangeUnit:
    return ChangeUnit(
        id=name, kind=UnitKind.COMPONENTS, members=((name, "changed"),), files={f"force-app/{name}.xml": None}
    )


def report(*found: CulpritSet, names: tuple[str, ...] = ("Flow:A", "Flow:B", "Flow:C")) -> BisectReport:
    return BisectReport(
        suite="pack",
        test="refunds",
        good=BisectSide(name="v1", commit="a" * 40),
        bad=BisectSide(name="v2", commit="b" * 40),
        environment="uat",
        units=tuple(map(unit, names)),
        found=found,
        complete=bool(found),
        suspects=() if found else names,
        stopped=StopReason.NONE if found else StopReason.RUNS,
        ends=EndCounts(good=PassCount(passed=20), bad=PassCount(passed=2, failed=18)),
        probes=(
            Probe(
                number=1,
                purpose=ProbePurpose.HALVE,
                changes=names[:1],
                counts=PassCount(passed=4, failed=6),
                errors=0,
                likeness=Likeness.BETWEEN,
            ),
        ),
        runs=50,
        errors=0,
        budget=100,
        confidence=0.95,
    )


@pytest.mark.parametrize("form", [bisect_text, bisect_markdown])
def test_names_and_words_of_strangers_stay_text(form: object) -> None:
    words = {HOSTILE: UnitWords(texts=(HOSTILE, "```\n::error::owned"), guardrails=(HOSTILE,), owners=(HOSTILE,))}
    hostile = replace(report(CulpritSet(culprits=(HOSTILE,), along=(HOSTILE,)), names=(HOSTILE,)), words=words)
    shown = form(hostile)  # type: ignore[operator]
    if form is bisect_markdown:
        outside = FENCE.sub("", shown)
        assert "<script>" not in outside
        assert "](http" not in outside
        assert not [line for line in outside.splitlines() if line.lstrip().startswith("::")]
        picture = shown.partition("```mermaid")[2]
        assert "Flow" not in picture
    else:
        sentences = [line for line in shown.splitlines() if not line.startswith("    ")]
        assert not [line for line in sentences if line.lstrip().startswith("::")]


def test_two_that_only_fail_together_are_said_to_be_needed_both() -> None:
    shown = bisect_text(report(CulpritSet(culprits=("Flow:A", "Flow:B"), along=("Flow:C",), partial=True)))
    assert shown.startswith("FOUND: `Flow:A` and `Flow:B` together made `pack/refunds` fail, in 50 runs.")
    assert "passes without any one of them" in shown
    assert "only a part of the loss" in shown
    assert "Replayed with them" in shown


def test_without_an_answer_the_suspects_are_named_and_no_confidence() -> None:
    shown = bisect_text(report())
    assert shown.startswith("INCONCLUSIVE: The cause is not settled, in 50 runs: the runs of --max-runs are spent;")
    assert "confidence" not in shown
    assert "no other cause" not in shown
    assert all(name in shown.partition("Suspects left")[2] for name in ("Flow:A", "Flow:B", "Flow:C"))


def test_a_cause_that_is_known_before_the_end_is_shown_as_such() -> None:
    open_ = replace(report(CulpritSet(culprits=("Flow:A",))), complete=False, stopped=StopReason.TIME)
    open_ = replace(open_, suspects=("Flow:B",))
    shown = bisect_text(open_)
    assert "which may hold another cause" in shown
    assert "Flow:A" in shown.partition("Suspects left")[0]
    assert json.loads(bisect_json(open_))["verdict"] == "inconclusive"


def test_very_many_changes_do_not_break_the_comparison() -> None:
    names = tuple(f"Flow:F{number}" for number in range(3000))
    assert "more than 1e300" in bisect_text(report(CulpritSet(culprits=names[:1]), names=names))
