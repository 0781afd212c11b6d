"""What a review says. Texts of `ReviewSection` are Markdown of ours; all other texts are plain and untrusted."""

from dataclasses import dataclass
from datetime import date

from wavegate.conversations.values import Conversation


@dataclass(frozen=True, kw_only=True, slots=True)
class ReviewSection:
    """A part of a review. title: Markdown. lines: Markdown, one item each.

    missing: what is not known, in sentences, plain.
    """

    title: str
    lines: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposedTask:
    """Something to do that follows from what happened. text: a sentence, with names between backticks.

    key: the same in every run. page: URL of the evidence, or ''. evidence: what it is, in words. owner: a user or
    team of GitHub, '' if nobody is named.
    """

    key: str
    text: str
    evidence: str
    page: str = ""
    owner: str = ""
    due: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampled:
    """A conversation that was chosen to be read, as it was recorded. why: how it was chosen, plain."""

    conversation: Conversation
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stratum:
    """The conversations of one kind. title: ours. total: of the period. sampled: those that were chosen."""

    title: str
    total: int
    sampled: tuple[Sampled, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicChange:
    """A topic whose conversations were handed over more often than before. now, before: those that were, and all.

    p_value: that this is chance.
    """

    topic: str
    now: tuple[int, int]
    before: tuple[int, int]
    p_value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcripts:
    """The conversations of a period. notes: what was left out, and what is not known, in sentences, plain."""

    strata: tuple[Stratum, ...] = ()
    notes: tuple[str, ...] = ()
    topics: tuple[TopicChange, ...] = ()
