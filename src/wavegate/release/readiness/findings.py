"""A score card's gaps as findings, one for each area."""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from wavegate.findings.finding import Finding, Locate, Severity, error, notice
from wavegate.findings.suggestions import suggestion
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.release.readiness.assess import NO_JOURNEY, named_tests, names_of_tests
from wavegate.release.readiness.procedures import procedure_findings
from wavegate.release.readiness.values import AreaScore, ReadinessArea, ScoreCard, Shipped
from wavegate.text import join_names


class _Gap(NamedTuple):
    """What a gap of an area is called. key: of the manifest. message: with `{}` for what is missing."""

    rule: str
    key: str
    message: str
    fix: str


_GAPS = {
    ReadinessArea.OWNERS: _Gap(
        "readiness/no-owners",
        "owners",
        "No owner for {}.",
        'Name a GitHub user or team for each, such as `release: "@organization/team"` under `owners`.',
    ),
    ReadinessArea.IMPACT: _Gap(
        "readiness/impact-not-stated",
        "components",
        "By the code that they run, these actions change something, and the manifest does not say how high their "
        "impact is: {}.",
        "Write `impact: high` and an owner under `components.actions.<name>`, or `impact: normal` if it is.",
    ),
    ReadinessArea.SMOKE_TESTS: _Gap(
        "readiness/no-smoke-tests",
        "agents",
        "No smoke test of these kinds: {}.",
        "Add a test with that `kind` to a pack. For one of several agents, or for an action, name it as `test` of an "
        "acceptance criterion.",
    ),
    ReadinessArea.JOURNEYS: _Gap(
        "readiness/no-journeys",
        "journeys",
        "No user journey is named: nobody can see whether the most valuable ones are tested.",
        "Write the most valuable ones and their tests: `journeys: {check-an-order: {tests: [test-name]}}`.",
    ),
    ReadinessArea.ACCEPTANCE: _Gap(
        "readiness/no-acceptance-criteria",
        "components",
        "No acceptance criteria for {}.",
        "Write them under `components.<kind>.<name>.acceptance`, as texts of `answer`, `act`, `ask` and `escalate`.",
    ),
    ReadinessArea.LINKED: _Gap(
        "readiness/criterion-without-test",
        "components",
        "No test is named that would notice a breach of {}.",
        "Write the criterion as `{text: ..., test: ...}`, with the name of a test.",
    ),
    ReadinessArea.SIGNALS: _Gap(
        "readiness/no-signals",
        "environments",
        "The canary of {} states neither metrics nor thresholds, so it is judged by the usual ones.",
        "Write what matters, with its margin, under `canary.metrics`, or with its limit under `health.thresholds`.",
    ),
    ReadinessArea.SUPPORT: _Gap(
        "readiness/no-support",
        "support",
        "Nobody has confirmed in the manifest that support is ready: it lacks {}.",
        "Write `support: {trained: ..., runbook: ...}`: who is trained since when, and the path of the runbook.",
    ),
    ReadinessArea.REVIEW: _Gap(
        "readiness/no-review",
        "review",
        "The review after the release is not planned: the manifest lacks {}.",
        'Write `review: {cadence: 7d, owner: "@organization/team"}`.',
    ),
}
"""All areas but the rollback, whose finding other commands share."""
_UNCLEAR = _Gap(
    "readiness/impact-not-known",
    "components",
    "What these actions change could not be read, and the manifest does not say how high their impact is: {}.",
    "Write `impact: high` and an owner under `components.actions.<name>`, or `impact: normal` if somebody knows that "
    "it is. To have it proposed, keep the code of the actions in the Salesforce project.",
)
"""The gap of the impact for actions of which nobody can say whether they change something."""
_LATER = frozenset({ReadinessArea.JOURNEYS, ReadinessArea.SIGNALS, ReadinessArea.SUPPORT, ReadinessArea.REVIEW})
"""Areas that share one notice until the manifest has something of them, so that a first check stays short."""


def readiness_findings(
    manifest: Manifest, card: ScoreCard, shipped: Shipped, locate: Locate, *, rehearsed: bool = False
) -> Iterator[Finding]:
    """The gaps of a score card, one finding for each area: errors with `readiness: enforce`.

    Without it, what a first release needs is a warning, and the rest a notice. rehearsed: whether the rollback is
    rehearsed too, which is incomplete without its procedures.
    """
    yield from procedure_findings(manifest, locate, shipped.kinds, rehearsed=rehearsed)
    enforced = manifest.readiness == "enforce"
    ahead = () if enforced else tuple(each for each in card.areas if each.area in _LATER and not each.met)
    if ahead:
        yield notice(
            "readiness/not-started",
            locate("release", key=True),
            f"The manifest does not say anything yet about {join_names([each.area for each in ahead])}.",
            "See the page `docs/how-to/readiness.md` for what each of them is for, and how to write it.",
        )
    for score in card.areas:
        if score not in ahead:
            severity = Severity.WARNING if score.urgent else Severity.NOTICE
            yield from _gap(score, Severity.ERROR if enforced else severity, shipped, locate)


def _gap(score: AreaScore, severity: Severity, shipped: Shipped, locate: Locate) -> Iterator[Finding]:
    for gap, missing in _gaps(score, shipped):
        # a journey with tests that do not exist is an error of its own
        if missing and (score.area is not ReadinessArea.JOURNEYS or score.missing == (NO_JOURNEY,)):
            yield Finding(
                rule=gap.rule,
                severity=severity,
                location=locate(*(score.at or (gap.key,)), key=True),
                message=gap.message.replace("{}", join_names(missing)),
                fix=gap.fix,
            )


def _gaps(score: AreaScore, shipped: Shipped) -> Iterator[tuple[_Gap, Sequence[str]]]:
    """The gaps of an area with what is missing of each; an action with what it changes, or why that is not known."""
    if score.area is ReadinessArea.IMPACT:
        for gap, known in ((_GAPS[score.area], shipped.changing), (_UNCLEAR, shipped.unclear)):
            yield gap, [f"{name} ({known[name]})" for name in score.missing if name in known]
    elif score.area in _GAPS:
        yield _GAPS[score.area], score.missing


def unknown_tests(manifest: Manifest, locate: Locate, packs: Sequence[Pack]) -> Iterator[Finding]:
    """The tests that journeys and acceptance criteria name, and no pack has. packs: all of them."""
    known = names_of_tests(packs)
    for parts, test in named_tests(manifest):
        if test not in known:
            yield error(
                "readiness/unknown-test",
                locate(*parts),
                f"No smoke pack has a test `{test}`.",
                f"Add it to a pack in agentforce/packs/, or name another test.{suggestion(test, known)}",
            )


def missing_support_runbook(manifest: Manifest, locate: Locate, exists: Callable[[str], bool]) -> Iterator[Finding]:
    """An error if support's runbook does not exist. exists: whether a path is a file within the checkout."""
    runbook = manifest.support.runbook
    if runbook is not None and not exists(runbook):
        yield error(
            "readiness/runbook-missing",
            locate("support", "runbook"),
            f"The checkout has no file `{runbook}`.",
            "Write the runbook, or fix the path. It is relative to the root of the checkout.",
        )
