"""What a smoke pack can show, before it is run."""

from collections.abc import Mapping
from dataclasses import dataclass

from wavegate.release.pack import Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class Chance:
    """How likely an agent passes. rate: its true pass rate. passes: probability, with no run lost."""

    rate: float
    passes: float


@dataclass(frozen=True, kw_only=True, slots=True)
class PackPower:
    """What a pack can show, before it is run.

    runs: of each test, by name. observations: of the whole pack, to the last stage. failures: most that still pass;
    -1 where the plan is too small for any to pass. confidence: the pack's, or the usual one where it has none
    (`declared` says which). supports: what a clean result supports, a rate. needed: the fewest observations that
    support the threshold without a failure; None for a threshold of 1. advised: the smallest plan that supports it
    and that an agent of `chances[0].rate` passes at 80 %; None where there is no such plan of a reasonable size.
    chances: the stated true rate, the threshold (a false pass), and a clearly bad agent.
    """

    suite: str
    threshold: float
    confidence: float
    declared: bool
    runs: Mapping[str, int]
    observations: int
    failures: int
    supports: float
    needed: int | None
    advised: Stage | None
    chances: tuple[Chance, ...]
