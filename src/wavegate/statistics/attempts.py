"""The confidence at which one of several attempts to pass a pack is judged.

A release that may be tried again until it passes has a chance to pass by luck with every attempt. Attempt k is judged
at alpha / (k (k + 1)), where alpha is 1 minus the pack's confidence. These shares add up to alpha, so that all
attempts together, however many, keep the pack's confidence.
Source: Bonferroni's inequality, with the weights 1/2, 1/6, 1/12, ...
"""

from dataclasses import replace

from wavegate.release.pack import Pack

FIRST = 1
"""The first attempt. A plan is made for it."""


def attempt_confidence(confidence: float, attempt: int) -> float:
    """The confidence (0..1) of one attempt. confidence: of all attempts together. attempt: from 1."""
    return round(1 - (1 - confidence) / (attempt * (attempt + 1)), 12)


def overall_confidence(confidence: float, attempt: int) -> float:
    """The reverse of `attempt_confidence`: the confidence of all attempts together."""
    return round(1 - (1 - confidence) * attempt * (attempt + 1), 9)


def at_attempt(pack: Pack, attempt: int) -> Pack:
    """The pack as an attempt is judged by it. A pack without a confidence is judged as observed at every attempt.

    The first attempt of a pack that runs until it is settled has the whole confidence, for it may go on at any time:
    what includes all earlier evidence is still the first attempt. Only attempts that leave some out are judged more
    strictly; however many they are, all together are wrong with at most 1.5 alpha.
    """
    if pack.criteria.confidence is None or (pack.runs == "until-settled" and attempt == FIRST):
        return pack
    confidence = attempt_confidence(pack.criteria.confidence, attempt)
    return replace(pack, criteria=replace(pack.criteria, confidence=confidence))
