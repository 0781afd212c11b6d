"""Values of a promotion."""

from dataclasses import dataclass
from enum import StrEnum


class RefusalRule(StrEnum):
    """The rules by which a release is refused: stable ids, which docs/reference/rules.md explains."""

    MISSING = "evidence/missing"
    MALFORMED = "evidence/malformed"
    SCHEMA = "evidence/schema"
    EDITED = "evidence/edited"
    NOT_A_PASS = "evidence/not-a-pass"  # noqa: S105 - a rule
    OTHER_STAGE = "evidence/other-stage"
    OTHER_ENVIRONMENT = "evidence/other-environment"
    OTHER_COMMIT = "evidence/other-commit"
    OTHER_CONTENT = "evidence/other-content"
    OTHER_MANIFEST = "evidence/other-manifest"
    OTHER_PACK = "evidence/other-pack"
    OTHER_AGENT_VERSION = "evidence/other-agent-version"
    OTHER_ORG = "evidence/other-org"
    TOO_OLD = "evidence/too-old"
    FUTURE = "evidence/future"
    ORDER = "promotion/order"
    ROLLED_BACK = "promotion/rolled-back"
    STOPPED = "promotion/stopped"
    LOCKED = "promotion/locked"
    FROZEN = "promotion/frozen"
    SUPPORT_NOT_READY = "promotion/support-not-ready"
    UNREADABLE_ACT = "promotion/unreadable-act"


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """One reason why a release may not enter. final: nobody may override it."""

    rule: RefusalRule
    message: str
    fix: str
    final: bool = False
