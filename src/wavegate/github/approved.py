"""An approval of a run's deployments."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class RunApproval:
    """A person's approval of a run. environments: names of the GitHub environments that it was for."""

    login: str
    environments: tuple[str, ...]
