"""Finds the tables of session tracing in a catalogue, however their names are spelled.

Two official texts spell the session object `ssot__AIAgentSession__dlm` and `ssot__AiAgentSession__dlm`; a third one
has `std__AiAgentSessionDmo__dlm`, and fields that start with `std__`.
"""

import re
from collections.abc import Iterable, Mapping

from wavegate.telemetry.discover.values import CatalogueEntry
from wavegate.telemetry.mapping.defaults import TABLES
from wavegate.telemetry.mapping.values import SourceKind, TableMapping
from wavegate.text import join_names

_PREFIX = re.compile(r"^(ssot|std)__")
_SUFFIX = re.compile(r"(_std)?__(dlm|dll|c)$")
_NEEDED = {"session": ("id", "start"), "participant": ("session", "agent")}
"""Columns without which an object is not the one that is looked for."""


def match_tables(
    entries: Iterable[CatalogueEntry],
) -> tuple[dict[str, TableMapping | None], list[str]]:
    """The table of each role with the columns that it has, None for those that are absent; and notes."""
    by_name: dict[str, list[CatalogueEntry]] = {}
    for entry in entries:
        by_name.setdefault(fold(entry.name), []).append(entry)
    found: dict[str, TableMapping | None] = {}
    notes: list[str] = []
    for role, usual in TABLES[SourceKind.DATA_CLOUD].items():
        matching = [each for each in by_name.get(fold(usual["name"]), []) if _is_usable(role, each, usual)]
        # the usual spelling first, then the alphabet: the choice has to be the same each time
        matching.sort(key=lambda each: (each.name != usual["name"], each.name))
        found[role] = _table(matching[0], usual) if matching else None
        if len(matching) > 1:
            others = join_names([each.name for each in matching[1:]])
            notes.append(
                f"The catalogue also has {others} beside `{matching[0].name}`: check which of them has rows."
            )
        if matching and matching[0].name != usual["name"]:
            notes.append(f"`{matching[0].name}` is another spelling of `{usual['name']}`.")
    return found, notes


def fold(name: str) -> str:
    """A name without what differs between its spellings: prefix, suffix, case and underscores."""
    bare = _SUFFIX.sub("", _PREFIX.sub("", name)).replace("_", "").lower()
    return bare.removesuffix("dmo")


def _columns(entry: CatalogueEntry, usual: Mapping[str, str]) -> dict[str, str]:
    fields = {fold(name): name for name in sorted(entry.fields, reverse=True)}
    own = {role: name for role, name in usual.items() if role != "name"}
    return {
        role: name if name in entry.fields else fields[fold(name)]
        for role, name in own.items()
        if name in entry.fields or fold(name) in fields
    }


def _is_usable(role: str, entry: CatalogueEntry, usual: Mapping[str, str]) -> bool:
    return all(column in _columns(entry, usual) for column in _NEEDED.get(role, ()))


def _table(entry: CatalogueEntry, usual: Mapping[str, str]) -> TableMapping:
    return TableMapping(name=entry.name, columns=_columns(entry, usual))
