"""The result of running tests on mutants: a score, and what survives with a test to add for each."""

from collections.abc import Sequence
from dataclasses import dataclass

from wavegate.guardrails.mutate.propose import ProposedTest
from wavegate.guardrails.mutate.values import Bound, Judgement, Mutant, MutantVerdict

_OPEN = (MutantVerdict.SURVIVED, MutantVerdict.UNREACHED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Survivor:
    """A bound that the packs do not hold: its mutants that survive, and a test to add."""

    bound: Bound
    judgements: tuple[Judgement, ...]
    proposed: ProposedTest


@dataclass(frozen=True, kw_only=True, slots=True)
class MutationReport:
    """What the packs notice. judgements: of the mutants that count. sorted_out: the others, with the reason.

    runs, budget: of tests in all. unusable: tests that fail on the unmutated agent, and errors: tests that could not
    be judged, each with the reason. unchanged: bounds that no change could be made to.
    """

    agents: tuple[str, ...]
    packs: tuple[str, ...]
    judgements: tuple[Judgement, ...]
    sorted_out: tuple[Mutant, ...]
    survivors: tuple[Survivor, ...]
    runs: int
    budget: int
    unusable: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    unchanged: tuple[Bound, ...] = ()

    def count(self, *verdicts: MutantVerdict) -> int:
        """Number of mutants with one of these verdicts."""
        return sum(each.verdict in verdicts for each in self.judgements)

    @property
    def killed(self) -> int:
        """Number of mutants that a test notices."""
        return self.count(MutantVerdict.KILLED)

    @property
    def decided(self) -> int:
        """Number of mutants that are killed, or survive."""
        return self.killed + self.count(*_OPEN)

    @property
    def score(self) -> float | None:
        """Share of the decided mutants that are killed; None if none is decided."""
        return self.killed / self.decided if self.decided else None

    @property
    def verdict(self) -> str:
        """`pass` if there are mutants that count and all are killed, `fail` if one survives, else `inconclusive`."""
        if self.survivors:
            return "fail"
        return (
            "pass" if self.killed and self.killed == len(self.judgements) and not self.unchanged else "inconclusive"
        )

    @property
    def undecided(self) -> tuple[Judgement, ...]:
        """The mutants of which nothing is known."""
        return tuple(each for each in self.judgements if each.verdict is MutantVerdict.UNDECIDED)


def surviving(judgements: Sequence[Judgement]) -> dict[str, list[Judgement]]:
    """The mutants that survive, by the id of their bound, in order."""
    found: dict[str, list[Judgement]] = {}
    for each in judgements:
        if each.verdict in _OPEN:
            found.setdefault(each.mutant.bound.id, []).append(each)
    return found
