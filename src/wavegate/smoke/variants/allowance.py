"""How many runs may still be made."""

from collections.abc import Callable
from dataclasses import dataclass


class BudgetSpentError(Exception):
    """No further run is allowed. Never leaves what makes the runs."""


@dataclass(kw_only=True, slots=True)
class RunAllowance:
    """Runs that are left. spent: runs made. is_over: whether the time is over."""

    runs: int
    is_over: Callable[[], bool]
    spent: int = 0

    def take(self) -> None:
        """Count one run. BudgetSpentError: none is left."""
        if self.spent >= self.runs or self.is_over():
            raise BudgetSpentError
        self.spent += 1
