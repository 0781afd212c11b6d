"""A promotion: a release that is to enter an environment."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One reason why a release may not enter. rule: stable id. final: nobody may override it."""

    rule: str
    message: str
    fix: str
    final: bool = False
