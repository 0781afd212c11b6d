"""What a source was found to have."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from wavegate.telemetry.mapping.values import SourceKind, TableMapping


@dataclass(frozen=True, kw_only=True, slots=True)
class CatalogueEntry:
    """An object of a catalogue. fields: types by name. groupable: fields that SOQL can group by; empty elsewhere."""

    name: str
    fields: Mapping[str, str]
    groupable: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundWord:
    """A word that occurs. meaning: by the vocabularies of Salesforce, None if a team has to decide it."""

    word: str
    count: int
    meaning: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FoundAgent:
    """An agent with a version ('' if the source knows none), and its sessions."""

    name: str
    version: str
    sessions: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Discovery:
    """All that was found. origin: in words. tables: by role, None for a table that the source lacks.

    words: by key of the telemetry file (`endTypes`, `severities`, `channels`), the most frequent first. notes: what a
    reader has to know, one sentence each.
    """

    source: SourceKind
    origin: str
    tables: Mapping[str, TableMapping | None] = field(default_factory=dict)
    words: Mapping[str, tuple[FoundWord, ...]] = field(default_factory=dict)
    agents: tuple[FoundAgent, ...] = ()
    notes: tuple[str, ...] = ()

    def undecided(self, place: str) -> tuple[FoundWord, ...]:
        """The words of a place that no vocabulary explains."""
        return tuple(each for each in self.words.get(place, ()) if each.meaning is None)
