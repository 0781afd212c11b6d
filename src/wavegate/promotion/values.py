"""Values of a promotion."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One reason that blocks a promotion. rule: stable id. final: nobody may override it."""

    rule: str
    message: str
    fix: str
    final: bool = False
