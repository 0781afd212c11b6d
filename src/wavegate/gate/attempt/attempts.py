"""Which attempt at passing a gate this is, and what the earlier ones were.

Every earlier decision on the same question was a chance for the release to pass by luck. Two exceptions: if all its
evidence is judged again, nothing was left out, so it is part of the same attempt; and what passed once may be shipped
again, such as after a rollback, so the attempts up to a pass are over.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from wavegate.gate.decision import AttemptRelation, EarlierDecision, Verdict
from wavegate.ledger.gate_entry import GateEntry

_ATTEMPT_OF_RUN = re.compile(r"(.+/actions/runs/[0-9]+)/attempts/([1-9][0-9]{0,3})")


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempts:
    """What is known about earlier attempts.

    run: URL of this attempt of the workflow run, '' outside Actions. entries: the ledger's decisions about the same
    content, oldest first, None for one that is unreadable; None if the ledger is unknown.
    """

    run: str = ""
    entries: tuple[GateEntry | None, ...] | None = None


UNKNOWN = Attempts()
"""Outside Actions, without access to the ledger."""


def earlier_decisions(
    attempts: Attempts, question: str, evidence: frozenset[str]
) -> tuple[EarlierDecision, ...] | None:
    """The earlier decisions about the same content, oldest first; None if they are unknown.

    question: digest of what is asked now. evidence: digests of the evidence files that are judged now.
    """
    if attempts.entries is None:
        return None
    recorded = [_earlier(entry, question, evidence) for entry in attempts.entries]
    return (*_until_a_pass(recorded), *_unrecorded(attempts.run, attempts.entries))


def attempt_number(earlier: tuple[EarlierDecision, ...] | None, run: str) -> int:
    """The number of this attempt, from 1.

    earlier: as in `earlier_decisions`. If it is unknown, only the attempts of the workflow run count. run: its URL.
    """
    if earlier is None:
        return _attempt_of(run)[1]
    return 1 + sum(each.relation is AttemptRelation.COUNTS for each in earlier)


def _earlier(entry: GateEntry | None, question: str, evidence: frozenset[str]) -> EarlierDecision:
    if entry is None:
        return EarlierDecision(relation=AttemptRelation.COUNTS)
    relation = AttemptRelation.COUNTS
    if entry.question != question:
        relation = AttemptRelation.OTHER_PACKS
    elif entry.is_included_in(evidence):
        relation = AttemptRelation.INCLUDED
    return EarlierDecision(
        relation=relation,
        verdict=Verdict(entry.verdict),
        attempt=entry.attempt,
        run=entry.run,
        actor=entry.actor,
        decision=entry.decision,
        time=entry.time,
    )


def _until_a_pass(earlier: Sequence[EarlierDecision]) -> Iterator[EarlierDecision]:
    """The decisions, where those up to the last pass no longer count."""
    same = (AttemptRelation.COUNTS, AttemptRelation.INCLUDED)
    passes = (index for index, each in enumerate(earlier) if each.verdict is Verdict.PASS and each.relation in same)
    last = max(passes, default=-1)
    for index, each in enumerate(earlier):
        is_over = each.relation is AttemptRelation.COUNTS and index <= last
        yield replace(each, relation=AttemptRelation.PASSED) if is_over else each


def _unrecorded(run: str, entries: Sequence[GateEntry | None]) -> Iterator[EarlierDecision]:
    """Earlier attempts of this workflow run that left no decision. Their evidence may have been seen."""
    recorded = {entry.run for entry in entries if entry}
    base, number = _attempt_of(run)
    for attempt in range(1, number):
        earlier = f"{base}/attempts/{attempt}"
        if earlier not in recorded:
            yield EarlierDecision(relation=AttemptRelation.COUNTS, run=earlier)


def _attempt_of(run: str) -> tuple[str, int]:
    """The run's URL without its attempt, and the attempt's number; 1 if there is none."""
    match = _ATTEMPT_OF_RUN.fullmatch(run)
    return (match[1], int(match[2])) if match else (run, 1)
