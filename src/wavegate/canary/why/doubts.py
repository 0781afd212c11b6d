"""Why the telemetry of a look cannot be trusted, or says too little: each holds, whatever the numbers are."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from wavegate.canary.decision import CanaryReason
from wavegate.canary.values import USUAL_LAG, LiveQuestion
from wavegate.ledger.moment import moment_text
from wavegate.telemetry.values import Lane, Reject
from wavegate.text import pluralize

_SLACK = timedelta(days=1)
"""How much longer than usual a lane may be without new rows."""
_NAMES = {
    Lane.FAST: "Sessions",
    Lane.SLOW: "Steps and quality results, which take longer than sessions,",
}


def hold(rule: str, text: str, fix: str, metric: str | None = None) -> CanaryReason:
    """A reason to hold."""
    return CanaryReason(rule=rule, weight="hold", text=text, fix=fix, metric=metric)


def doubts(question: LiveQuestion, lanes: Iterable[Lane]) -> Iterator[CanaryReason]:
    """The reasons to hold that lie in the telemetry itself. lanes: those that the verdict needs."""
    yield from _lanes(question, lanes)
    look = question.look
    if question.schema and look.schema != question.schema:
        yield hold(
            "canary/changed-schema",
            "The columns of the telemetry changed since the last look.",
            "Check that the telemetry file still fits them: `wavegate telemetry discover`.",
        )
    for problem in look.problems:
        yield hold("canary/doubtful-data", problem, "Correct the telemetry, then look again.")
    for unknown in look.unknown:
        yield hold(
            "canary/unknown-word",
            f"{pluralize(unknown.sessions, 'session')} with the unknown value `{unknown.word}` of `{unknown.place}`.",
            f"Say in the telemetry file what it means, under `{unknown.place}`.",
        )
    for reject, count in sorted(look.rejects.items()):
        if count:
            yield _rejected(reject, count)


def _lanes(question: LiveQuestion, lanes: Iterable[Lane]) -> Iterator[CanaryReason]:
    for lane in lanes:
        mark = question.look.watermarks.get(lane)
        if mark is None:
            yield hold(
                "canary/no-data",
                f"{_NAMES[lane]} have not arrived at all.",
                "Check that the telemetry source has data of this environment, and wait for it.",
            )
        elif question.now - mark > question.lag.get(lane, USUAL_LAG[lane]) + _SLACK:
            yield hold(
                "canary/late-data",
                f"{_NAMES[lane]} are complete only until {moment_text(mark)}.",
                "Wait for newer data, or check why none arrives.",
            )


def _rejected(reject: Reject, count: int) -> CanaryReason:
    return hold(
        "canary/rejected-rows",
        f"{pluralize(count, 'row')} of the telemetry cannot be counted: {reject.value}.",
        "Correct or remove them at their source.",
    )
