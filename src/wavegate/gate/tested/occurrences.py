"""How often something occurred, and where first."""

from dataclasses import dataclass


@dataclass(slots=True)
class Occurrences:
    """How often something occurred. first: the lowest (case, run) at which it did.

    said: what happened there, and a quote.
    """

    count: int = 0
    first: tuple[str, int] = ("", 0)
    said: tuple[str, str] = ("", "")

    def add(self, case: str, run: int, said: tuple[str, str] = ("", "")) -> None:
        """Count one more. What is said of duplicates is compared as well, so that their order does not matter."""
        seen = ((case, run), said)
        self.first, self.said = min((self.first, self.said), seen) if self.count else seen
        self.count += 1
