"""One testcase of a JUnit XML document, in little memory."""

from dataclasses import dataclass
from datetime import datetime

from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import TestKey


@dataclass(frozen=True, slots=True)
class Place:
    """Where a testcase is. suites: name and host of each suite around it, outermost first. names: those not empty."""

    suites: tuple[tuple[bytes, bytes], ...] = ()
    names: tuple[bytes, ...] = ()


@dataclass(slots=True)
class JunitCase:
    """One testcase. test: the test that its name or class names, None if neither does.

    Its texts are UTF-8: a string takes four bytes for each character as soon as one of them needs that.
    """

    test: TestKey | None
    label: bytes
    file: bytes
    seconds: str
    time: datetime | None
    place: Place
    outcome: Outcome = Outcome.PASS

    def worsen(self, outcome: Outcome) -> None:
        """Note an outcome. Of several, a fail counts before an error."""
        if self.outcome is not Outcome.FAIL:
            self.outcome = outcome
