"""A review as Markdown: what to do first, then what happened, then what was said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from wavegate.github.reviews.open_items import OpenItem
from wavegate.github.reviews.tasks import shown_again, task_line
from wavegate.ledger.moment import moment_text
from wavegate.release.manifest import Manifest
from wavegate.review.period import ReviewPeriod
from wavegate.review.transcripts import transcript_block
from wavegate.review.values import ProposedTask, ReviewSection, Stratum
from wavegate.text import code, link, markdown, pluralize, prose

_MAX_CARRIED = 60
"""Maximum tasks that are carried over; the others stay in their own issues, and count."""
_SIZES = ((25, _MAX_CARRIED), (10, _MAX_CARRIED), (4, _MAX_CARRIED), (1, 40), (0, 20), (0, 5), (0, 0))
"""Lines of a section that are shown, and tasks that are carried over, as many as fit."""
_ROOM_FOR_NOTES = 600


@dataclass(frozen=True, kw_only=True, slots=True)
class Review:
    """All of a review. carried: what earlier ones left open. run: URL of the run that made it, or ''.

    notes: about the conversations, in sentences, plain.
    """

    manifest: Manifest
    environment: str
    period: ReviewPeriod
    sections: tuple[ReviewSection, ...]
    proposals: tuple[ProposedTask, ...]
    carried: tuple[OpenItem, ...] = ()
    strata: tuple[Stratum, ...] = ()
    notes: tuple[str, ...] = ()
    run: str = ""


def review_title(review: Review) -> str:
    """The issue's title. It is the same in every run about the period."""
    return f"Review of {review.environment} from {review.period.since:%Y-%m-%d}"


def review_markdown(review: Review, *, limit: int | None) -> str:
    """The review within a number of characters; all of it for None.

    What does not fit is left out with a note that says so: conversations first, then lines of long sections and tasks
    that are carried over. '' if not even the new tasks fit.
    """
    blocks = [
        transcript_block(each, number, stratum)
        for stratum in review.strata
        for number, each in enumerate(stratum.sampled, 1)
    ]
    if limit is None:
        return "\n\n".join([_without_conversations(review, None, _MAX_CARRIED), *blocks]) + "\n"
    texts = (_without_conversations(review, *size) for size in _SIZES)
    text = next((each for each in texts if len(each) + _ROOM_FOR_NOTES <= limit), None)
    if text is None:
        return ""
    shown = 0
    for block in blocks:
        if len(text) + len(block) + _ROOM_FOR_NOTES > limit:
            continue
        text, shown = f"{text}\n\n{block}", shown + 1
    if shown < len(blocks):
        rest = pluralize(len(blocks) - shown, "conversation")
        text += f"\n\n{rest} of the sample did not fit here: see the artifact of {_run(review)}."
    return f"{text}\n"


def _without_conversations(review: Review, most: int | None, carried: int) -> str:
    parts = [_head(review), _tasks(review, carried), *_sections(review.sections, most), _sample(review)]
    return "\n\n".join(parts)


def _sections(sections: Sequence[ReviewSection], most: int | None) -> Iterator[str]:
    """Each section; those that say the same together, and at the end the titles of those that say nothing."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[ReviewSection]] = {}
    for each in sections:
        alike.setdefault((tuple(each.lines), tuple(each.missing)), []).append(each)
    empty = alike.pop(((), ()), [])
    for same in alike.values():
        yield _section(replace(same[0], title=_titles(same)), most)
    if empty:
        yield f"### Nothing in this period\n\n{_titles(empty)}"


def _titles(sections: Sequence[ReviewSection]) -> str:
    return " · ".join(each.title for each in sections)


def _head(review: Review) -> str:
    period = review.period
    days = (period.until - period.since).total_seconds() / 86400
    early = ", which is not over yet" if period.early else ""
    owner = review.manifest.review_owner
    # the one mention of the issue: it is how the owner learns of the review
    who = f"Owner: {owner}." if owner else "⚠️ The manifest names no owner of the review."
    length = f"**{moment_text(period.since)} to {moment_text(period.until)}**, {days:.3g} days{early}"
    what = f"{length}, of {markdown(review.manifest.release, 100)} in {code(review.environment, 100)}."
    how = "Tick what is done. What is open shows on the next release's brief and in the next review."
    return f"{what}\n\n{who} {how}"


def _run(review: Review) -> str:
    return link("the run", review.run) if review.run else "the run, or the file that it wrote"


def _tasks(review: Review, most: int) -> str:
    carried = review.carried[:most]
    lines = [
        task_line(_proposal(each), key=each.key, due=each.due)
        for each in review.proposals
        if not any(item.task.key == each.key for item in carried)
    ]
    lines += [_carried(each, review) for each in carried]
    if rest := len(review.carried) - len(carried):
        lines.append(f"- and {pluralize(rest, 'open item')} in earlier reviews")
    return "\n".join(["### To do", "", *(lines or ["None."])])


def _proposal(proposal: ProposedTask) -> str:
    owner = code(proposal.owner, 100) if proposal.owner else "nobody is named"
    evidence = link(proposal.evidence, proposal.page, 300)
    return f"{prose(proposal.text, 700)} Evidence: {evidence}. Owner: {owner}. Due: {proposal.due}."


def _carried(item: OpenItem, review: Review) -> str:
    due = item.task.due or review.period.due.date()
    since = link(f"{item.number}", item.url)
    return task_line(f"{shown_again(item.task)} Open since review {since}.", key=item.task.key, due=due)


def _section(section: ReviewSection, most: int | None) -> str:
    lines = [f"- {each}" for each in section.lines]
    rest = 0 if most is None else max(0, len(lines) - most)
    shown = lines if most is None else lines[:most]
    if rest:
        shown.append(f"- and {rest} more in the artifact of the run")
    shown += [f"- ⚠️ {markdown(each, 600)}" for each in section.missing]
    return "\n".join([f"### {section.title}", "", *shown])


def _sample(review: Review) -> str:
    counts = [f"- {each.title}: {len(each.sampled)} of {each.total:,}" for each in review.strata]
    notes = [f"- ⚠️ {markdown(each, 600)}" for each in review.notes]
    what = (
        "Redacted, and chosen by a digest of the period and the session, so that every run chooses the same."
        if review.strata
        else ""
    )
    return "\n".join(["### Conversations", "", *([what, ""] if what else []), *counts, *notes])
