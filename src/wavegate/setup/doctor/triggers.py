"""What starts a workflow: the events of `on`, and the activities, branches and files that each is limited to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.github.patterns.filter_patterns import selects

PULL_REQUEST = ("pull_request", "pull_request_target")
FILTERS = ("branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore")
_ACTIVITIES = {
    **dict.fromkeys(PULL_REQUEST, ("opened", "synchronize", "reopened")),
    "merge_group": ("checks_requested",),
}
"""The activities after which a check has to run again; they are GitHub's default, too."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """An event that starts a workflow. types: the activities that it is limited to; empty for GitHub's default.

    filters: patterns by key, such as `branches`, of those that it has.
    """

    event: str
    types: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def missing_activities(self) -> tuple[str, ...]:
        """Those after which a check has to run, and does not."""
        needed = _ACTIVITIES.get(self.event, ()) if self.types else ()
        return tuple(each for each in needed if each not in self.types)

    def filter_of(self, *names: str) -> str:
        """The first of these filters that it has, or ''."""
        return next((each for each in names if each in self.filters), "")

    def excluding(self, branch: str) -> str:
        """The filter that leaves a branch out, or ''. Filters for tags alone leave every branch out."""
        if self.filter_of("branches", "branches-ignore"):
            return self._excluding("branches", branch)
        return self.filter_of("tags", "tags-ignore")

    def excluding_path(self, path: str) -> str:
        """The filter that leaves out a change of this file alone, or ''."""
        return self._excluding("paths", path)

    def _excluding(self, key: str, name: str) -> str:
        """GitHub refuses a workflow that has both filters of a key, or a malformed pattern: it starts for nothing."""
        only, ignored = self.filters.get(key), self.filters.get(f"{key}-ignore")
        if only is not None:
            return "" if selects(only, name) and ignored is None else key
        if ignored is not None and selects(ignored, name) is not False:
            return f"{key}-ignore"
        return ""
