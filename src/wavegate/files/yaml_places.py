"""Where the values of a YAML or JSON file are written, so that one of them can be edited and the rest stays as it is.

The file is one that `yaml_reader` or `strict_json` accepts: one document, without tags and merge keys.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

_LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


@dataclass(slots=True, eq=False, kw_only=True)
class PlacedValue:
    """A value and where it is written. start, end: indexes of characters, from its anchor on.

    Of a block collection, the end is that of its last value. is_flow: a collection in brackets. quote: `'` or `"`, ''
    for a plain scalar, `|` or `>` for a block. anchor: its name, '' without one. alias: of the value that it repeats.
    """

    start: int
    end: int
    text: str = ""
    items: "list[PlacedValue]" = field(default_factory=list)
    entries: "dict[str, tuple[PlacedValue, PlacedValue]]" = field(default_factory=dict)
    is_flow: bool = False
    quote: str = ""
    anchor: str = ""
    alias: str = ""


@dataclass(slots=True, eq=False, kw_only=True)
class PlacedDocument:
    """The root value of a file, and its aliases: the index of each one, by the name of their anchor."""

    root: PlacedValue
    aliases: dict[str, list[int]]


def read_places(text: str) -> PlacedDocument:
    """Where everything is. text: of a file that was read without a finding. ValueError: it is no such file."""
    aliases: dict[str, list[int]] = {}
    try:
        loader = _LOADER(text)
        events = _Events(loader.get_event, aliases)
        root = next(events.roots(), None)
        loader.dispose()
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("not YAML") from error
    if root is None:
        raise ValueError("empty")
    return PlacedDocument(root=root, aliases=aliases)


@dataclass(slots=True, eq=False)
class _Events:
    next: Callable[[], Any]
    aliases: dict[str, list[int]]

    def roots(self) -> Iterator[PlacedValue]:
        while (event := self.next()) is not None:
            if isinstance(event, NodeEvent):
                yield self.value(event)

    def value(self, event: Any) -> PlacedValue:
        start, end = event.start_mark.index, _end(event)
        if isinstance(event, AliasEvent):
            self.aliases.setdefault(event.anchor or "", []).append(start)
            return PlacedValue(start=start, end=end, alias=event.anchor or "")
        placed = PlacedValue(start=start, end=end, anchor=event.anchor or "")
        if isinstance(event, ScalarEvent):
            placed.text, placed.quote = event.value, event.style or ""
        elif isinstance(event, SequenceStartEvent):
            self.sequence(placed, is_flow=bool(event.flow_style))
        elif isinstance(event, MappingStartEvent):
            self.mapping(placed, is_flow=bool(event.flow_style))
        return placed

    def sequence(self, placed: PlacedValue, *, is_flow: bool) -> None:
        placed.is_flow = is_flow
        event = self.next()
        while not isinstance(event, SequenceEndEvent):
            placed.items.append(self.value(event))
            event = self.next()
        placed.end = _end(event) if is_flow else max([placed.end, *(each.end for each in placed.items)])

    def mapping(self, placed: PlacedValue, *, is_flow: bool) -> None:
        placed.is_flow = is_flow
        event = self.next()
        while not isinstance(event, MappingEndEvent):
            key = self.value(event)
            placed.entries[key.text] = (key, self.value(self.next()))
            event = self.next()
        values = (value.end for _, value in placed.entries.values())
        placed.end = _end(event) if is_flow else max([placed.end, *values])


def _end(event: Any) -> int:
    index: int = event.end_mark.index
    return index
