"""How often something occurred, and where first."""

from dataclasses import dataclass


@dataclass(slots=True)
class Occurrences:
    """How often something occurred. first: the lowest (case, run) at which it did."""

    count: int = 0
    first: tuple[str, int] = ("", 0)

    def add(self, case: str, run: int) -> None:
        self.first = min(self.first, (case, run)) if self.count else (case, run)
        self.count += 1
