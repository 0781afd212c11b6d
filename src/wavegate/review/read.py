"""Reads everything that a review is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wavegate.components.project import read_project
from wavegate.conversations.own_names import known_names, with_own_names
from wavegate.conversations.read import read_conversations
from wavegate.conversations.redacted import redacted
from wavegate.files.folder import FolderSource
from wavegate.files.pattern_search import PatternSearch
from wavegate.git.repository import Git
from wavegate.github.connect import GitHubAccess
from wavegate.github.reviews.open_items import OpenItem
from wavegate.ledger.trail.entries import of_manifest, trail_of
from wavegate.ledger.trail.values import LedgerHistory
from wavegate.redaction.written import redact_written
from wavegate.release.manifest import Manifest
from wavegate.release.pack import Pack
from wavegate.release.reading import load_packs
from wavegate.report.evidence import read_decisions, read_signals
from wavegate.report.values import DecisionFile
from wavegate.review.as_markdown import Review
from wavegate.review.breaches import find_breaches
from wavegate.review.happened import LedgerPeriod, happened
from wavegate.review.period import ReviewPeriod
from wavegate.review.proposals import ProposalBasis, proposals
from wavegate.review.runbooks import unchanged_runbooks
from wavegate.review.sampling import sample
from wavegate.review.signals import newest_sums, signal_sections
from wavegate.review.topics import rising_topics
from wavegate.review.values import ReviewSection, Sampled, Stratum, Transcripts

_MAX_PROBLEMS = 10
"""Maximum problems of files that a review lists."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewRequest:
    """What is reviewed, and the files that say more about it.

    history: of the environment. carried: what earlier reviews left open. done: keys of what is ticked there.
    """

    root: Path
    manifest: Manifest
    environment: str
    period: ReviewPeriod
    history: LedgerHistory
    evidence: tuple[str, ...]
    conversations: tuple[str, ...]
    carried: tuple[OpenItem, ...]
    done: frozenset[str]


def read_review(request: ReviewRequest, access: GitHubAccess) -> Review:
    """Make the review. InputError: a path does not exist, or a pack cannot be read."""
    manifest, period = request.manifest, request.period
    records = tuple(of_manifest(request.history.records, manifest.path))
    ledger = LedgerPeriod(
        environment=request.environment,
        period=period,
        records=records,
        entries=trail_of(records),
        complete=request.history.complete,
    )
    packs = load_packs(request.root)
    files = read_decisions(request.evidence, request.root)
    decisions = tuple(each for each in files if _is_of(each, request))
    signals, problems = read_signals(request.evidence, request.root)
    transcripts = _transcripts(request, packs)
    git = Git(request.root, credentials=access.credentials())
    unchanged, unknown = unchanged_runbooks(git, manifest, ledger)
    basis = ProposalBasis(
        manifest=manifest,
        packs=packs,
        ledger=ledger,
        decisions=decisions,
        transcripts=transcripts,
        unchanged=unchanged,
        due=period.due.date(),
    )
    sections = [
        *happened(ledger),
        *signal_sections(newest_sums(signals), problems, period),
        *_evidence(files, decisions, unknown),
    ]
    return Review(
        manifest=manifest,
        environment=request.environment,
        period=period,
        sections=tuple(sections),
        proposals=tuple(each for each in proposals(basis) if each.key not in request.done),
        carried=request.carried,
        strata=transcripts.strata,
        notes=transcripts.notes,
        run=access.run.url,
    )


def _is_of(file: DecisionFile, request: ReviewRequest) -> bool:
    """Whether a decision is about the environment and of the period."""
    found, period = file.decision, request.period
    is_here = found is not None and found.environment.casefold() == request.environment.casefold()
    return found is not None and is_here and period.since <= found.time < period.until


def _evidence(
    files: Sequence[DecisionFile], decisions: Sequence[DecisionFile], unknown: Sequence[str]
) -> list[ReviewSection]:
    """What is not known because of the files."""
    missing = [*unknown, *(f"{each.path} cannot be read: {each.problem}" for each in files if each.decision is None)]
    if not decisions:
        what = (
            "none of the decision files that were given is of this period" if files else "no decision file was given"
        )
        missing.append(f"Which tests failed, and what a canary could not prove, is unknown: {what}.")
    shown = missing[:_MAX_PROBLEMS]
    return [ReviewSection(title="What is not known", missing=tuple(shown))] if shown else []


def _transcripts(request: ReviewRequest, packs: Sequence[Pack]) -> Transcripts:
    if not request.conversations:
        return Transcripts(notes=("No conversations were given, so nobody can read what people experienced.",))
    read = read_conversations(request.conversations, request.root)
    # a path, or what a message quotes of a file, may be personal
    problems = [
        ": ".join(redact_written([f"{each.location.file}, line {each.location.line}", each.message]))
        for each in read.problems
    ]
    more = len(problems) - _MAX_PROBLEMS
    notes = [*problems[:_MAX_PROBLEMS], *([f"And {more} more problems of the files."] if more > 0 else [])]
    project = read_project(FolderSource(request.root))
    named = with_own_names(read.conversations, known_names(project, request.manifest, packs))
    with PatternSearch() as search:
        breaches, unchecked = find_breaches(named.conversations, packs, search)
    seed = f"{request.manifest.path}\0{request.environment}\0{request.period.since.isoformat()}"
    found = sample(named.conversations, breaches, request.period, seed=seed)
    topics, unknown = rising_topics(named.conversations, request.period)
    strata = tuple(_redacted(each) for each in found.strata)
    notes = [*notes, *found.notes, *named.notes, *unchecked, *([unknown] if unknown else [])]
    return Transcripts(strata=strata, notes=tuple(notes), topics=topics)


def _redacted(stratum: Stratum) -> Stratum:
    """The stratum without personal data, in the texts and in why each was chosen."""
    return replace(stratum, sampled=tuple(map(_without_personal_data, stratum.sampled)))


def _without_personal_data(sampled: Sampled) -> Sampled:
    (why,) = redact_written([sampled.why])
    return Sampled(why=why, conversation=redacted(sampled.conversation))
