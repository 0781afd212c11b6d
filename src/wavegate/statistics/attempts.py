"""The confidence at which one of several attempts to pass a pack is judged.

A release that may be tried again until it passes has a chance to pass by luck with every attempt. Attempt k is judged
at alpha / (k (k + 1)), where alpha is 1 minus the pack's confidence; the first one has the whole alpha, as it was
planned. The shares of all later ones add up to alpha / 2, so that all attempts together, however many, pass an agent
below the threshold with a probability of at most 1.5 alpha.
Source: Bonferroni's inequality, with the weights 1, 1/6, 1/12, 1/20, ...
"""

from dataclasses import replace

from wavegate.release.pack import Pack


def attempt_confidence(confidence: float, attempt: int) -> float:
    """The confidence (0..1) of one attempt. confidence: the pack's. attempt: from 1."""
    return confidence if attempt == 1 else round(1 - (1 - confidence) / (attempt * (attempt + 1)), 12)


def at_attempt(pack: Pack, attempt: int) -> Pack:
    """The pack as an attempt is judged by it. A pack without a confidence is judged as observed at every attempt.

    An attempt that includes all earlier evidence is still the first one: a pack that runs until it is settled may go
    on at any time.
    """
    if pack.criteria.confidence is None:
        return pack
    confidence = attempt_confidence(pack.criteria.confidence, attempt)
    return replace(pack, criteria=replace(pack.criteria, confidence=confidence))
