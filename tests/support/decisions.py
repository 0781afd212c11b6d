"""A decision with every kind of content, and a search for active markup in its renderings."""

import re
from datetime import UTC, date, datetime
from typing import Any

import msgspec

from wavegate.evidence.resource import Resource
from wavegate.gate import decision as model
from wavegate.gate.decision import Decision, Reason, Verdict
from wavegate.release.pack import TestKind, ViolationSeverity


def decision(text: str = "text", **changes: Any) -> Decision:
    """A decision with every kind of content, in which every free text is the given text."""
    digest = {"sha256": "0" * 64}
    whole = Decision(
        verdict=Verdict.FAIL,
        stage="gate",
        environment=text,
        observed_in=text,
        release=text,
        claim=text,
        reasons=(
            Reason(code="minimumSuccessRate", weight="fail", text=text, fix=text),
            Reason(code="missing-runs", weight="inconclusive", text=text, test=text),
            Reason(code="waiver-expired", weight=None, text=text),
        ),
        criteria=(
            model.Criterion(
                suite=text,
                name="minimumSuccessRate",
                verdict=Verdict.FAIL,
                passed=3,
                total=4,
                observed=0.75,
                threshold=0.95,
                confidence=0.95,
                lower=0.2486,
                upper=None,
                rule=model.CriterionRule.CONFIDENCE,
                method=text,
                claim=text,
                settle=text,
            ),
        ),
        tests=(
            model.TestRow(
                suite=text,
                test=text,
                kind=TestKind.ANSWER_QUALITY,
                verdict=Verdict.FAIL,
                expected=4,
                passed=3,
                failed=1,
                errors=0,
                missing=0,
                lower=0.3,
                upper=0.95,
                p95=1234.5,
                first_failure=model.FailedCase(case=text, run=1, quote=text),
            ),
        ),
        violations=(
            model.ViolationRow(
                suite=text,
                test=text,
                policy=text,
                severity=ViolationSeverity.CRITICAL,
                confirmed=True,
                count=2,
                case=text,
                run=1,
                detail=text,
                quote=text,
            ),
        ),
        waivers=(model.WaiverUsed(suite=text, test=text, reason=text, owner=text, expires=date(2026, 3, 1)),),
        checks=(
            model.CheckRow(suite=text, kind=text, counts=False, passed=1, failed=2, errors=1, tests=1, test=text),
        ),
        versions=(model.TestedVersion(agents={text: 3}, basis="assumed"), model.TestedVersion(agents={}, basis="")),
        commit="c" * 40,
        manifest=Resource(name=text, digest=digest),
        packs=(Resource(name=text, digest=digest),),
        agents={"Support": 3},
        inputs=(Resource(name=text, digest=digest),),
        time=datetime(2026, 3, 1, 12, tzinfo=UTC),
        run="https://github.com/acme/agents/actions/runs/1",
    )
    return msgspec.structs.replace(whole, **changes)


def active(markdown: str) -> list[str]:
    """All unescaped marks of Markdown and HTML, in order, without the words between them.

    Code spans are left out: a name between backticks may become one, and nothing is active inside.
    """
    markdown = re.sub("</?code>", "", markdown)
    return re.findall(r"[`*_|<>\[\]~@\n]|://|www\.", re.sub(r"\\[\W_]|&#?\w+;", "", markdown))
