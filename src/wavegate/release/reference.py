"""One release, named by its commit."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.text import one_line


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleaseRef:
    """One of the two releases of a rollback.

    agents: version by name. copies: names of a pilot's agents, which its cohorts have instead. run: URL of the run
    that deployed it, '' if it is unknown; untrusted.
    """

    commit: str
    name: str
    agents: Mapping[str, str] = field(default_factory=dict)
    copies: tuple[str, ...] = ()
    run: str = ""

    @property
    def title(self) -> str:
        """Its name and short commit, for a log line; a release without a name is its commit alone."""
        short = self.commit[:12]
        return short if self.commit.startswith(self.name) else f"{one_line(self.name, 60)} ({short})"
