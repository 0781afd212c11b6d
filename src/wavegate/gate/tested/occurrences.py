"""How often something occurred, and where first."""

from dataclasses import dataclass


@dataclass(slots=True)
class Occurrences:
    """How often something occurred. first: the lowest (case, run) at which it did. quote: what was said there."""

    count: int = 0
    first: tuple[str, int] = ("", 0)
    quote: str = ""

    def add(self, case: str, run: int, quote: str = "") -> None:
        """Count one more. The quotes of duplicates are compared as well, so that their order does not matter."""
        seen = (case, run, quote)
        if self.count:
            seen = min((*self.first, self.quote), seen)
        self.first, self.quote = seen[:2], seen[2]
        self.count += 1
