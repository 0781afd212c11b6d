"""Which attempt a decision is, in words."""

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from wavegate.gate.decision import AttemptRelation, Decision, EarlierDecision
from wavegate.text import percent, pluralize

MAX_SHOWN = 10
"""Maximum earlier decisions in a sentence; the newest are shown."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_RUN = re.compile(r"https?://[A-Za-z0-9.:/_-]{1,400}/actions/runs/[0-9]{1,20}(/attempts/[0-9]{1,4})?")

Word = Callable[[EarlierDecision], str]


def plain_verdict(earlier: EarlierDecision) -> str:
    """The verdict of an earlier decision."""
    return earlier.verdict.value if earlier.verdict else "no readable decision"


def linked_verdict(earlier: EarlierDecision) -> str:
    """The verdict of an earlier decision in Markdown, linked to the attempt of its workflow run, and when it was."""
    word = plain_verdict(earlier)
    when = f" ({earlier.time:%Y-%m-%d %H:%M %Z})" if earlier.time else ""
    return (f"[{word}]({earlier.run})" if _RUN.fullmatch(earlier.run) else word) + when


def attempt_sentences(decision: Decision, word: Word = plain_verdict) -> Iterator[str]:
    """Which attempt this is, what the earlier ones were, and at which confidence it is judged for that.

    word: renders an earlier decision. All the rest is fixed words and numbers.
    """
    yield from _earlier(decision, word)
    if decision.attempt > 1:
        yield from (f"For that reason judged at {percent(each)} confidence." for each in _confidences(decision))


def _confidences(decision: Decision) -> list[float]:
    """The confidences by which packs are judged that set one."""
    rates = (each.confidence for each in decision.criteria if each.name == "minimumSuccessRate")
    return sorted({confidence for confidence in rates if confidence is not None})


def _earlier(decision: Decision, word: Word) -> Iterator[str]:
    if decision.earlier is None:
        again = (
            f"{_ordinal(decision.attempt).capitalize()} attempt of this workflow run. "
            if decision.attempt > 1
            else ""
        )
        yield f"{again}Earlier attempts are unknown: this gate had no access to the ledger."
        return
    counted = [each for each in decision.earlier if each.relation is AttemptRelation.COUNTS]
    included = [each for each in decision.earlier if each.relation is AttemptRelation.INCLUDED]
    others = [each for each in decision.earlier if each.relation is AttemptRelation.OTHER_PACKS]
    if counted:
        which = "the first" if len(counted) == 1 else f"the first {_number(len(counted))}"
        attempt = f"{_ordinal(decision.attempt).capitalize()} attempt with this same content"
        yield f"{attempt}; {which}: {_listed(counted, word)}."
    if passed := [each for each in decision.earlier if each.relation is AttemptRelation.PASSED]:
        yield f"The same content passed before: {_listed(passed, word)}."
    if included:
        yield (
            f"Judges evidence of {pluralize(len(included), 'earlier decision')} again, and leaves none of it out: "
            f"{_listed(included, word)}."
        )
    if others:
        yield f"The same content was judged by other packs or cases before: {_listed(others, word)}."


def _listed(earlier: Sequence[EarlierDecision], word: Word) -> str:
    shown = [word(each) for each in islice(earlier, max(0, len(earlier) - MAX_SHOWN), None)]
    more = len(earlier) - len(shown)
    return (f"{more} more, " if more else "") + ", ".join(shown)


def _ordinal(number: int) -> str:
    if number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    suffix = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{suffix}"


def _number(number: int) -> str:
    return _NUMBERS[number - 1] if number <= len(_NUMBERS) else f"{number}"
