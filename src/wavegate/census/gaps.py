"""How observed cases differ from the expected ones."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from wavegate.census.values import ExpectedCases
from wavegate.text import clip, visible

_NAMED = 10
"""Cases that a sentence names."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseGaps:
    """How the observed cases of a test differ from the expected ones.

    cases: number of expected cases; of observed ones, at least one, if nobody declares how many there are. lost,
    extra: number of cases that were not observed, or not declared. lost_names, extra_names: their names, empty where
    only the number of cases is known. outside: observed cases of which no further run is expected.
    """

    cases: int = 1
    lost: int = 0
    extra: int = 0
    lost_names: tuple[str, ...] = ()
    extra_names: tuple[str, ...] = ()
    outside: frozenset[str] = frozenset()


NO_GAPS = CaseGaps()


def case_gaps(observed: Collection[str], expected: ExpectedCases | None) -> CaseGaps:
    """The differences. observed: distinct names. expected: None if nobody declares the cases."""
    if expected is None:
        return CaseGaps(cases=len(observed) or 1, lost=0 if observed else 1)
    if not expected.names:
        lost = expected.count - len(observed)
        return CaseGaps(cases=expected.count, lost=max(0, lost), extra=max(0, -lost))
    known = frozenset(expected.names)
    lost_names = tuple(name for name in expected.names if name not in observed)
    extra_names = tuple(sorted(name for name in observed if name not in known))
    return CaseGaps(
        cases=expected.count,
        lost=len(lost_names),
        extra=len(extra_names),
        lost_names=lost_names,
        extra_names=extra_names,
        outside=frozenset(extra_names),
    )


def list_cases(names: Sequence[str]) -> str:
    """The first few names of cases, for a sentence: `2, 3 and 4 more`. They are not escaped."""
    shown = ", ".join(clip(visible(name), 60) for name in names[:_NAMED])
    return shown + (f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else "")
