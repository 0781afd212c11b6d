"""What a review says. Texts of `Section` are Markdown of ours; all other texts are plain and untrusted."""

from dataclasses import dataclass
from datetime import date

from wavegate.conversations.values import Conversation


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A part of a review. lines: Markdown, one item each. missing: what is not known, in sentences, plain.

    more: how many further lines the whole review has beside those that are shown.
    """

    title: str
    lines: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """Something to do that follows from what happened. text: a sentence, with names between backticks.

    key: the same in every run. page: URL of the evidence, or ''. evidence: what it is, in words. owner: a name or team
    of GitHub, '' if nobody is named.
    """

    key: str
    text: str
    evidence: str
    page: str = ""
    owner: str = ""
    due: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Sampled:
    """A conversation that was chosen to be read, without personal data. why: how it was chosen, plain.

    number: of its stratum, from 1.
    """

    conversation: Conversation
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Stratum:
    """The conversations of one kind. total: of the period. sampled: those that were chosen."""

    title: str
    total: int
    sampled: tuple[Sampled, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicChange:
    """Escalations of a topic in the period and before it: sessions that were handed over, of all."""

    topic: str
    escalated: int
    sessions: int
    escalated_before: int
    sessions_before: int
    p_value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Transcripts:
    """The sample of a period. notes: what was left out, and what could not be read, in sentences, plain."""

    strata: tuple[Stratum, ...] = ()
    notes: tuple[str, ...] = ()
    topics: tuple[TopicChange, ...] = ()
    compared: bool = False
