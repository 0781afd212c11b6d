"""What follows from a period: a task for each thing that happened and that somebody can keep from happening again.

Every rule is deterministic, and the key of its task names what it is about, so that every run proposes the same.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from shlex import quote

from wavegate.canary.decision import CanaryDecision
from wavegate.canary.values import CanaryVerdict
from wavegate.gate.decision import Decision, TestRow, Verdict
from wavegate.github.reviews.tasks import task_key
from wavegate.ledger.trail.values import EntryKind, TrailEntry
from wavegate.ledger.trail.words import what
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.release.readiness.assess import names_of_tests
from wavegate.report.values import DecisionFile
from wavegate.review.happened import INCIDENTS, LedgerPeriod
from wavegate.review.values import ProposedTask, Transcripts
from wavegate.text import clip, percent, pluralize

MAX_PROPOSALS = 30
"""Maximum new tasks of one review: more are not done either."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposalBasis:
    """What proposals are made from. decisions: of the period and environment, oldest first.

    unchanged: runbooks that did not change since the incident with this id, by path. due: of new tasks.
    """

    manifest: Manifest
    packs: tuple[Pack, ...]
    ledger: LedgerPeriod
    decisions: tuple[DecisionFile, ...]
    transcripts: Transcripts
    unchanged: Mapping[str, TrailEntry]
    due: date


def proposals(basis: ProposalBasis) -> tuple[ProposedTask, ...]:
    """The proposals, the most urgent kind first, each once."""
    found = (
        *_uncaught_incidents(basis),
        *_failed_conversations(basis),
        *_tests(basis),
        *_waivers(basis),
        *_margins(basis),
        *_runbooks(basis),
        *_journeys(basis),
        *_topics(basis),
    )
    return tuple({each.key: each for each in reversed(found)}.values())[::-1][:MAX_PROPOSALS]


def _uncaught_incidents(basis: ProposalBasis) -> Iterator[ProposedTask]:
    """Stops and rollbacks of a release that no test had failed: one task for each release."""
    command = f"wavegate capture PATH --environment {quote(basis.ledger.environment)}"
    seen = set()
    for entry in basis.ledger.within(INCIDENTS):
        subject = entry.content or entry.commit
        if subject in seen or _was_noticed(basis.ledger, entry):
            continue
        seen.add(subject)
        yield ProposedTask(
            key=task_key("capture", basis.ledger.environment, subject),
            text=f"No smoke test noticed what led to the {what(entry)}. Capture the failure as one: run "
            f"`{command}` with the recorded conversation, or give it to the form of the release review.",
            evidence=what(entry),
            page=entry.page or entry.run,
            owner=_owner(basis.manifest, *basis.manifest.owners.release),
            due=basis.due,
        )


def _was_noticed(ledger: LedgerPeriod, incident: TrailEntry) -> bool:
    """Whether a gate or a verification had failed the content before the incident."""
    return any(
        each.kind in (EntryKind.GATE, EntryKind.VERIFICATION)
        and each.outcome == "fail"
        and each.time <= incident.time
        and (each.content, bool(incident.content)) == (incident.content, True)
        for each in ledger.entries
    )


def _failed_conversations(basis: ProposalBasis) -> Iterator[ProposedTask]:
    failures = next((each for each in basis.transcripts.strata if each.title == "Failures"), None)
    if failures and failures.total:
        period = basis.ledger.period
        yield ProposedTask(
            key=task_key("failures", basis.ledger.environment, period.since.isoformat()),
            text=f"{pluralize(failures.total, 'conversation')} failed. Read the sample below, and capture what "
            "matters as smoke tests with `wavegate capture`, or with the form of the release review.",
            evidence=f"{len(failures.sampled)} of {failures.total} are below",
            owner=_owner(basis.manifest, *basis.manifest.owners.release),
            due=basis.due,
        )


def _tests(basis: ProposalBasis) -> Iterator[ProposedTask]:
    """Tests that failed and were waived, and tests that both passed and failed."""
    for decision in _gates(basis):
        owners = {(each.suite, each.test): each.owner for each in decision.waivers}
        for row in decision.tests:
            if row.waived and row.failed:
                text = (
                    f"`{row.test}` failed {row.failed} of {_runs(row)} and is waived: fix what it found, or the test."
                )
                kind, owner = "waived", owners.get((row.suite, row.test), "")
            elif row.passed and row.failed and not row.waived:
                text = (
                    f"`{row.test}` is flaky: it failed {row.failed} of {_runs(row)}. Make the agent reliable there."
                )
                kind, owner = "flaky", ""
            else:
                continue
            yield ProposedTask(
                key=task_key(kind, row.suite, row.test),
                text=text,
                evidence=f"{decision.stage} of {decision.release}, attempt {decision.attempt}",
                page=decision.run or "",
                owner=_owner(basis.manifest, owner, *basis.manifest.owners.release),
                due=basis.due,
            )


def _runs(row: TestRow) -> str:
    return pluralize(row.passed + row.failed, "run")


def _gates(basis: ProposalBasis) -> Iterator[Decision]:
    """The decisions of gates, the newest first, so that it is the one that a proposal names."""
    return (each.decision for each in reversed(basis.decisions) if isinstance(each.decision, Decision))


def _waivers(basis: ProposalBasis) -> Iterator[ProposedTask]:
    """Waivers that end before the next review does."""
    for pack in basis.packs:
        for waiver in pack.waivers:
            if waiver.expires <= basis.due:
                yield ProposedTask(
                    key=task_key("waiver", pack.suite, waiver.test, waiver.expires.isoformat()),
                    text=f"The waiver of `{waiver.test}` ends on {waiver.expires}: until then, fix what it hides "
                    f"({clip(waiver.reason, 200)}), or the gate fails.",
                    evidence=f"{pack.path}",
                    owner=_owner(basis.manifest, waiver.owner),
                    due=min(basis.due, waiver.expires),
                )


def _margins(basis: ProposalBasis) -> Iterator[ProposedTask]:
    """What the newest look at a canary could not prove, and what the newest gate left unsettled."""
    looks = [each.decision for each in basis.decisions if isinstance(each.decision, CanaryDecision)]
    for metric in looks[-1].metrics if looks and looks[-1].verdict is CanaryVerdict.HOLD else ():
        if metric.proven:
            continue
        never = f" It can settle a margin of {percent(metric.smallest_margin)}." if metric.smallest_margin else ""
        needed = f" It needs {pluralize(metric.sessions_needed, 'more session')}." if metric.sessions_needed else ""
        yield ProposedTask(
            key=task_key("margin", basis.ledger.environment, metric.name, looks[-1].content),
            text=f"The canary did not prove that `{metric.name}` is within its margin.{needed or never} Give it "
            "time, a larger cohort, or a margin that it can reach.",
            evidence=f"look {looks[-1].looks} at {looks[-1].release}",
            owner=_owner(basis.manifest, *basis.manifest.owners.dashboards),
            due=basis.due,
        )
    newest = next(_gates(basis), None)
    for criterion in newest.criteria if newest else ():
        if newest and criterion.verdict is Verdict.INCONCLUSIVE:
            yield ProposedTask(
                key=task_key("criterion", criterion.suite, criterion.name, newest.content or newest.release),
                text=f"`{criterion.name}` of `{criterion.suite}` is not settled: {clip(criterion.settle, 200)}",
                evidence=f"{newest.stage} of {newest.release}, attempt {newest.attempt}",
                page=newest.run or "",
                owner=_owner(basis.manifest, *basis.manifest.owners.release),
                due=basis.due,
            )


def _runbooks(basis: ProposalBasis) -> Iterator[ProposedTask]:
    owners = {each.runbook: each.owner for each in basis.manifest.rollback if each.runbook and each.owner}
    for path, incident in basis.unchanged.items():
        yield ProposedTask(
            key=task_key("runbook", path, incident.id),
            text=f"`{path}` has not changed since the {what(incident)}: add what was learnt, or tick this.",
            evidence=what(incident),
            page=incident.page or incident.run,
            owner=_owner(basis.manifest, owners.get(path) or "", *basis.manifest.owners.kill_switch),
            due=basis.due,
        )


def _journeys(basis: ProposalBasis) -> Iterator[ProposedTask]:
    known = names_of_tests(basis.packs)
    for journey in basis.manifest.journeys:
        missing = [each for each in journey.tests if each not in known]
        if missing or not journey.tests:
            lacks = f"no pack has `{missing[0]}`" if missing else "it names none"
            yield ProposedTask(
                key=task_key("journey", journey.name),
                text=f"The journey `{journey.name}` has no test: {lacks}. Write one.",
                evidence=basis.manifest.path,
                owner=_owner(basis.manifest, journey.owner or ""),
                due=basis.due,
            )


def _topics(basis: ProposalBasis) -> Iterator[ProposedTask]:
    for each in basis.transcripts.topics:
        now, before = (f"{percent(part / whole)} ({part} of {whole})" for part, whole in (each.now, each.before))
        yield ProposedTask(
            key=task_key("topic", basis.ledger.environment, each.topic, basis.ledger.period.since.isoformat()),
            text=f"Topic `{each.topic}` is handed over more often: {now}, before {before}. Read its conversations.",
            evidence=f"p = {each.p_value:.2g}, more than chance explains",
            owner=_owner(basis.manifest, *basis.manifest.owners.escalations),
            due=basis.due,
        )


def _owner(manifest: Manifest, *candidates: str) -> str:
    """The first one that is named; else the review's owner, the release's, or whoever has the first role."""
    roles = (name for role in manifest.roles for name in role.owners)
    others = (manifest.review_owner or "", *manifest.owners.release, *roles)
    return next((each for each in (*candidates, *others) if each), "")
