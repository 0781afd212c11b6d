"""`wavegate review ENV`: the review of a period, as one issue with what happened, what was said, and what to do."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from wavegate.cli.actions import add_summary, set_outputs
from wavegate.cli.options import Many, environment_argument, manifest_option, root_option, takes
from wavegate.errors import ExitCode, InputError
from wavegate.files.whole import write_whole
from wavegate.github.client import GitHub
from wavegate.github.connect import GitHubAccess
from wavegate.github.reviews.issues import (
    BODY_LIMIT,
    KeptIssue,
    keep_review,
    read_reviews,
    review_of,
    room_in,
)
from wavegate.github.reviews.marker import ReviewIssue, ReviewMarker, environment_mark, manifest_mark, review_section
from wavegate.github.reviews.open_items import OpenItem, done_keys, open_items
from wavegate.ledger.moment import moment_text
from wavegate.ledger.trail.entries import of_manifest
from wavegate.ledger.trail.read import read_history
from wavegate.ledger.trail.values import LedgerHistory, LedgerRecord
from wavegate.release.manifest import Environment, Manifest, environment_of
from wavegate.release.reading import load_manifest
from wavegate.review.as_markdown import Review, review_markdown, review_title
from wavegate.review.happened import first_live
from wavegate.review.period import NotDue, ReviewPeriod, period_again, period_due
from wavegate.review.read import ReviewRequest, read_review
from wavegate.text import code, link, one_line, plain, pluralize

_PERMISSIONS = "contents: read, deployments: read, issues: write"


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    evidence: tuple[str, ...]
    conversations: tuple[str, ...]
    now: bool
    again: bool
    dry_run: bool
    output: Path


@click.command(name="review")
@environment_argument("REVIEW")
@root_option()
@manifest_option()
@click.option(
    "--evidence",
    cls=Many,
    metavar="PATH",
    show_default="none",
    help="A decision file or a file of daily sums, or a folder of them.",
)
@click.option(
    "--conversations",
    cls=Many,
    metavar="PATH",
    show_default="none",
    help="A file of recorded conversations, or a folder of them. A redacted sample is shown.",
)
@click.option(
    "--now/--no-now", default=False, help="Review the running period, although the cadence has not passed yet."
)
@click.option(
    "--again/--no-again",
    default=False,
    help="Make the last review again, such as with conversations. What people wrote and ticked stays.",
)
@click.option("--dry-run/--no-dry-run", default=False, help="Write the file, and keep no issue.")
@click.option(
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path(".wavegate/review.md"),
    show_default=True,
    help="Where the whole review is written, with everything that does not fit into an issue.",
)
@takes(ReviewOptions)
def command(options: ReviewOptions) -> int:
    """Keep one issue for each review of ENV: what happened, sampled conversations, and what to do by when.

    The manifest's `review` says how often, and who owns it. Until the cadence has passed since the last review,
    nothing is done. Requires GITHUB_TOKEN or GH_TOKEN.
    """
    manifest = load_manifest(options.root, options.manifest)
    environment = environment_of(manifest, options.environment)
    cadence = _cadence(manifest)
    if options.now and options.again:
        raise InputError("--now and --again exclude each other.", fix="Choose the running period, or the last one.")
    access = GitHubAccess.from_environment(options.root)
    github = access.required_client("keep the review's issue", permission=_PERMISSIONS)
    repository = access.run.repository
    reviews = read_reviews(github, repository, manifest_mark(manifest.path))
    own = [each for each in reviews if each.marker.environment == environment_mark(environment.name)]
    last = max((each.marker for each in own), key=lambda each: each.since, default=None)
    now = datetime.now(UTC)
    if last and not options.again and isinstance(found := _due(now, last, cadence, now, options), NotDue):
        # on most days of a schedule: without reading the ledger
        return _report_nothing(environment, found)
    history = read_history(github, repository, [environment.name])
    period = _period(options, first_live(_own(history, manifest), environment.name), last, cadence, now)
    if not isinstance(period, ReviewPeriod):
        return _report_nothing(environment, period)
    marker = ReviewMarker(
        manifest=manifest_mark(manifest.path),
        environment=environment_mark(environment.name),
        since=period.since,
        until=period.until,
        early=period.early,
    )
    issue = review_of(reviews, review_section(marker, ""))
    others = [each for each in own if issue is None or each.number != issue.number]
    carried = open_items(others)
    request = ReviewRequest(
        root=options.root,
        manifest=manifest,
        environment=environment.name,
        period=period,
        history=history,
        evidence=options.evidence,
        conversations=options.conversations,
        carried=carried,
        done=done_keys(others),
    )
    review = read_review(request, access)
    write_whole(options.root / options.output, review_markdown(review, limit=None).encode("utf-8", "replace"))
    if options.dry_run:
        return _report(options, review, None, carried)
    return _report(options, review, _keep(github, repository, issue, review, marker), carried)


def _cadence(manifest: Manifest) -> timedelta:
    if manifest.review_cadence is None:
        raise InputError(
            "The manifest does not say how often releases are reviewed.",
            fix='Write `review: {cadence: 7d, owner: "@organization/team"}` into it.',
            file=manifest.path,
        )
    return manifest.review_cadence


def _own(history: LedgerHistory, manifest: Manifest) -> tuple[LedgerRecord, ...]:
    return tuple(of_manifest(history.records, manifest.path))


def _due(
    first: datetime, last: ReviewMarker | None, cadence: timedelta, now: datetime, options: ReviewOptions
) -> ReviewPeriod | NotDue:
    return period_due(first, last, cadence, now, early=options.now)


def _period(
    options: ReviewOptions, first: datetime | None, last: ReviewMarker | None, cadence: timedelta, now: datetime
) -> ReviewPeriod | NotDue | None:
    """The period to review; None if no release ever went live. InputError: there is no review to make again.

    first: when the first release went live.
    """
    if options.again:
        if last is None:
            raise InputError(
                "There is no review to make again.", fix="Leave --again out; the first review is made when it is due."
            )
        return period_again(last, cadence)
    if first is None and last is None:
        return None
    return _due(first or now, last, cadence, now, options)


def _keep(
    github: GitHub, repository: str, issue: ReviewIssue | None, review: Review, marker: ReviewMarker
) -> KeptIssue:
    empty = review_section(marker, "").render()
    text = review_markdown(review, limit=min(BODY_LIMIT, room_in(issue)) - len(empty))
    if issue and not text:
        # nothing is taken away from an issue in which people left no room
        click.echo(f"Issue #{issue.number} has no room for the review; it stays as it is.")
        return KeptIssue(result="unchanged", number=issue.number, url=issue.url)
    section = review_section(marker, text or f"The review does not fit into an issue: see {review.run or 'the run'}.")
    return keep_review(github, repository, issue, title=plain(review_title(review), 200), section=section)


def _report_nothing(environment: Environment, found: NotDue | None) -> int:
    name = one_line(environment.name, 100)
    if found is None:
        message = f"No release has gone live in {name} yet, so there is nothing to review."
    else:
        message = f"The next review of {name} is due {moment_text(found.next)}. --now makes one earlier."
    click.echo(message)
    result = "not-due" if found else "nothing-live"
    set_outputs({"result": result, "issue": "", "issue-url": "", "review": "", "open": ""})
    return int(ExitCode.OK)


def _report(options: ReviewOptions, review: Review, kept: KeptIssue | None, carried: tuple[OpenItem, ...]) -> int:
    period, tasks = (
        review.period,
        len({*(each.task.key for each in carried), *(each.key for each in review.proposals)}),
    )
    when = f"{moment_text(period.since)} to {moment_text(period.until)}"
    shown = f"Review of {one_line(review.environment, 100)}, {when}: {pluralize(tasks, 'task')}"
    result = kept.result if kept else "dry-run"
    where = f"issue #{kept.number} {kept.result}" if kept else "no issue was kept"
    click.echo(f"{shown}; {where}. All of it: {one_line(str(options.output), 300)}")
    page = link(f"Issue {kept.number}", kept.url) if kept else "No issue was kept"
    add_summary(f"## Review of {code(review.environment, 100)}\n\n{when}: {pluralize(tasks, 'task')}. {page}.\n")
    set_outputs(
        {
            "result": result,
            "issue": str(kept.number) if kept else "",
            "issue-url": kept.url if kept else "",
            "review": str(options.output),
            "open": str(tasks),
        }
    )
    return int(ExitCode.OK)
