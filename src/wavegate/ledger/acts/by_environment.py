"""The acts of a repository, by environment: one request reads them all."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.ledger.acts.act import Act


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentActs:
    """The acts of an environment, newest first. unreadable: how many others there are, which may be stops."""

    acts: tuple[Act, ...] = ()
    unreadable: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RepositoryActs:
    """The acts of all environments. names: of the environments that have any, as the newest act writes each."""

    names: tuple[str, ...] = ()
    by_name: Mapping[str, EnvironmentActs] = field(default_factory=dict)

    def of(self, environment: str) -> EnvironmentActs:
        """The acts of an environment, however its name is written."""
        return self.by_name.get(environment.casefold(), EnvironmentActs())
