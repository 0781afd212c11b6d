"""The brief's first lines: may the release go, and if not, why not."""

from collections.abc import Sequence

from wavegate.findings.finding import Severity
from wavegate.gate.as_markdown import head_lines
from wavegate.gate.decision import Verdict
from wavegate.gate.words import ICONS, verdict_line
from wavegate.ledger.deployment import Deployment
from wavegate.promotion.brief.coverage import Coverage
from wavegate.promotion.brief.values import Brief
from wavegate.promotion.refusals import answer_to, refusal_lines
from wavegate.promotion.values import Refusal
from wavegate.text import code, join_names, markdown, pluralize, prose

_WHY = 6
"""Lines about why the gate decided as it did."""


def answer(brief: Brief) -> str:
    """Whether the release may go, in one line, not escaped. What would be refused is never GO."""
    release, environment = brief.plan.release, brief.plan.environment
    if refusals := _refusals(brief):
        return answer_to(refusals, release=release, environment=environment)
    if brief.holds and brief.holds.lane:
        return f"⏩ GO, FAST LANE: {release} was live in {environment} before and needs no new smoke tests"
    if brief.decision is None or brief.doubt:
        return f"⚠️ NO DECISION: nothing authorizes promoting {release} to {environment}"
    if brief.decision.verdict is Verdict.PASS and (errors := _errors(brief)):
        return f"❌ NO: {release} cannot be deployed to {environment}: {pluralize(errors, 'error')} in the plan"
    if brief.decision.verdict is Verdict.PASS and brief.rehearsal and not brief.rehearsal.passed:
        return f"⚠️ GO, BUT: {release} may enter {environment}, and its rollback fails"
    return verdict_line(brief.decision)


def answer_lines(brief: Brief) -> list[str]:
    """The answer as a heading, and below it what it follows from: refusals, doubts, or the gate's own lines."""
    head = [f"## {markdown(answer(brief))}", "", *refusal_lines(_refusals(brief))]
    if brief.holds and brief.holds.lane:
        return [*head, *([] if _refusals(brief) else [_lane(brief.holds.lane)])]
    if brief.decision is None or brief.doubt:
        return [*head, *([""] if _refusals(brief) else []), f"> {markdown(brief.doubt, 1000)}"]
    gate = head_lines(brief.decision, most=_WHY, more=uncovered_lines(brief.coverage))
    if answer(brief) == verdict_line(brief.decision):
        return gate
    verdict = brief.decision.verdict
    return [*head, "", f"The gate's verdict: {ICONS[verdict]} **{verdict}**", *gate[1:]]


def uncovered_lines(coverage: Coverage) -> list[str]:
    """That agents of the release are not tested; nothing if all are."""
    names = join_names(coverage.uncovered)
    if not names:
        return []
    if not coverage.has_tests:
        return [prose(f"⚠️ There are no smoke tests: nothing is known about {names}.")]
    if coverage.unclear:
        tests = join_names(coverage.unclear, 3)
        return [prose(f"⚠️ No smoke test is known to cover {names}: nothing says which agent {tests} tests.")]
    return [prose(f"⚠️ No smoke test covers {names}.")]


def _refusals(brief: Brief) -> Sequence[Refusal]:
    return brief.holds.refusals if brief.holds else ()


def _lane(cited: Deployment) -> str:
    """What the fast lane spares, and what it does not."""
    evidence = cited.release.evidence if cited.release else ""
    known = f", decision sha256 {code(evidence[:12])}" if evidence else ""
    return (
        f"> Its evidence is that of {markdown(cited.title, 100)} at {code(cited.commit[:12])}{known}. It is verified "
        "after the deployment as always."
    )


def _errors(brief: Brief) -> int:
    return sum(each.severity is Severity.ERROR for each in brief.plan.findings)
