"""A pull request with its reviews."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ReviewState(StrEnum):
    """What a review says, as GitHub writes it."""

    APPROVED = "APPROVED"
    CHANGES_REQUESTED = "CHANGES_REQUESTED"
    COMMENTED = "COMMENTED"
    DISMISSED = "DISMISSED"
    PENDING = "PENDING"


@dataclass(frozen=True, kw_only=True, slots=True)
class PullReview:
    """A review. login: '' if the account is gone. state: None if it is a word that wavegate does not know.

    person: whether a user wrote it, and no app. commit: full id of the commit that was reviewed, '' if unknown.
    time: timezone-aware; None for a review that is not submitted.
    """

    login: str
    state: ReviewState | None
    commit: str
    time: datetime | None
    person: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewedPull:
    """A pull request with its reviews, the oldest first.

    author: login, '' if the account is gone. head: full id of its newest commit. moved: when its branch was last
    rewritten, or its base changed; None if never. requested: everybody who was ever asked for a review: logins, and
    slugs of teams as `org/team`, without case.
    """

    number: int
    url: str
    author: str
    head: str
    reviews: tuple[PullReview, ...]
    moved: datetime | None = None
    requested: frozenset[str] = frozenset()
