"""The page as a whole."""

from collections.abc import Iterator, Sequence

from wavegate.canary.decision import CanaryDecision
from wavegate.ledger.moment import moment_text
from wavegate.ledger.status.lines import StatusLine, headline, hold_lines, live_lines
from wavegate.ledger.status.values import EnvironmentStatus
from wavegate.ledger.trail.values import EntryKind, TrailEntry
from wavegate.ledger.trail.words import metric_rows, notes, what, why
from wavegate.report.canaries import canaries_section, tone
from wavegate.report.markup import Content, Node, anchor, document, element, table
from wavegate.report.signals import signals_section
from wavegate.report.style import STYLE
from wavegate.report.timeline import timeline
from wavegate.report.values import DecisionFile, ReleaseReport

_INTERVENTIONS = frozenset({
    EntryKind.STOP, EntryKind.RESTART, EntryKind.LOCK, EntryKind.UNLOCK, EntryKind.ROLLBACK, EntryKind.ROLLBACK_DONE,
    EntryKind.ROLLBACK_WITHDRAWN, EntryKind.OVERRIDE,
})  # fmt: skip
_MOST_REASONS = 5


def report_page(report: ReleaseReport) -> str:
    """The page as HTML. It holds everything, asks for nothing and runs nothing."""
    sections = [
        ("now", "Now", _now(report)),
        ("timeline", "Releases", _releases(report)),
        ("canaries", "Canaries", canaries_section(_watched(report))),
        ("signals", "Signals", _signals(report)),
        ("stops", "Stops, rollbacks and overrides", _interventions(report)),
        ("evidence", "Evidence", _evidence(report.decisions)),
        ("history", "Every entry of the ledger", _history(report)),
    ]
    filled = [(anchor_id, title, nodes) for anchor_id, title, nodes in sections if nodes]
    links = [element("li", element("a", title, href=f"#{anchor_id}")) for anchor_id, title, _ in filled]
    main = element("main", [_section(*each) for each in filled])
    navigation = element("nav", element("ul", links), aria_label="Sections")
    title = f"{report.title}: releases"
    return document(title, STYLE, [_header(report), navigation, main])


def _watched(report: ReleaseReport) -> list[CanaryDecision]:
    return [each.decision for each in report.decisions if isinstance(each.decision, CanaryDecision)]


def _section(anchor_id: str, title: str, nodes: Sequence[Node]) -> Node:
    return element(
        "section",
        element("h2", title, id=f"{anchor_id}-title"),
        nodes,
        id=anchor_id,
        aria_labelledby=f"{anchor_id}-title",
    )


def _header(report: ReleaseReport) -> Node:
    about = [f"{report.manifest}, as of {moment_text(report.made)}. ", *notes(report.history)]
    problems = [element("p", each, class_="doubt") for each in report.problems]
    where = element("p", anchor(report.status.repository, report.status.repository))
    return element(
        "header", element("h1", report.title), where, element("p", " ".join(about), class_="soft"), problems
    )


def _now(report: ReleaseReport) -> list[Node]:
    held_first = sorted(report.status.environments, key=lambda each: not list(hold_lines(each)))
    cards = [_card(each, report.status.repository) for each in held_first]
    return [element("div", cards, class_="cards")] if cards else []


def _card(status: EnvironmentStatus, repository: str) -> Node:
    held = list(hold_lines(status))
    items = [item for line in (*held, *live_lines(status)) for item in _item(line, is_hold=line in held)]
    if status.live:
        commit = anchor(f"commit {status.live.commit[:12]}", f"{repository}/commit/{status.live.commit}")
        items += [element("dt", "commit"), element("dd", commit)]
    return element("div", element("h3", headline(status)), element("dl", items), class_="card")


def _item(line: StatusLine, *, is_hold: bool) -> Iterator[Node]:
    links = [part for text, url in line.links if url for part in (" · ", anchor(text, url))]
    yield element("dt", line.label, class_="bad" if is_hold else None)
    yield element(
        "dd", line.text, links, element("br") if line.fix else None, element("code", line.fix) if line.fix else None
    )


def _releases(report: ReleaseReport) -> list[Node]:
    drawing = timeline(report.history)
    metrics = report.history.metrics
    rows = list(zip(*(metric_rows(each) for each in metrics), strict=True))
    numbers = table(
        ["Number", *(each.environment for each in metrics)],
        [[row[0][0].capitalize(), *(value for _, value in row)] for row in rows],
        caption="What release engineers count",
    )
    return [*([drawing] if drawing is not None else []), numbers]


def _signals(report: ReleaseReport) -> list[Node]:
    return [
        node for each in report.signals if each.days for node in (element("h3", each.path), *signals_section(each))
    ]


def _interventions(report: ReleaseReport) -> list[Node]:
    entries = [each for each in report.history.entries if each.kind in _INTERVENTIONS]
    return [_entries(entries, report, "Stops, rollbacks and overrides, newest first")] if entries else []


def _history(report: ReleaseReport) -> list[Node]:
    entries = report.history.entries
    summary = element("summary", f"{len(entries):,} entries")
    return [element("details", summary, _entries(entries, report, "All entries, newest first"))] if entries else []


def _entries(entries: Sequence[TrailEntry], report: ReleaseReport, caption: str) -> Node:
    rows: list[list[Content]] = [
        [
            moment_text(each.time),
            each.environment,
            what(each),
            each.actor or "unknown",
            why(each),
            anchor(each.commit[:12], f"{report.status.repository}/commit/{each.commit}") if each.commit else "",
            [
                part
                for text, url in (("page", each.page), ("run", each.run))
                if url
                for part in (anchor(text, url), " ")
            ],
        ]
        for each in entries
    ]
    return table(["Time", "Environment", "What", "Who", "Why", "Commit", "Links"], rows, caption=caption)


def _evidence(files: Sequence[DecisionFile]) -> list[Node]:
    head = ["Time", "Verdict", "Release", "Reasons", "SHA-256", "From"]
    rows = [_decision(each) for each in reversed(files)]
    return [table(head, rows, caption="Decisions, newest first")] if rows else []


def _decision(file: DecisionFile) -> list[Content]:
    decision, digest = file.decision, element("code", file.digest[:16], title=file.digest)
    if decision is None:
        return ["unknown", element("span", "unreadable", class_="bad"), "unknown", file.problem, digest, file.path]
    verdict = element("span", f"{decision.stage}: {decision.verdict}", class_=tone(decision.verdict))
    reasons = [element("li", each.text) for each in decision.reasons[:_MOST_REASONS]]
    return [
        moment_text(decision.time),
        verdict,
        f"{decision.release} in {decision.environment}",
        [decision.claim, element("ul", reasons)] if reasons else decision.claim,
        digest,
        [anchor("run", decision.run), " "] if decision.run else file.path,
    ]
