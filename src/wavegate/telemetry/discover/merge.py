"""Adds to a telemetry file what was found and it does not say. Nothing that it says is changed."""

import io
import re
from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML

from wavegate.telemetry.discover.proposal import differing_tables
from wavegate.telemetry.discover.values import Discovery
from wavegate.telemetry.mapping.values import TelemetryMapping


def merged(text: str, found: Discovery, mapping: TelemetryMapping) -> str:
    """The text with what is new, its comments and layout kept. mapping: of the text."""
    yaml = _round_trip(text)
    document = yaml.load(text)
    changed = _add_tables(document, found, mapping)
    for key in ("endTypes", "severities"):
        changed |= _add_words(document, key, found)
    changed |= _add_channels(document, found)
    if not changed:
        return text
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def contradictions(found: Discovery, mapping: TelemetryMapping, given: Mapping[str, Any]) -> list[str]:
    """What the file says and the org does not have, one sentence each. given: the values of the file."""
    notes: list[str] = []
    for role, entry in given.get("tables", {}).items():
        table = found.tables.get(role)
        if entry == "none" or role not in found.tables:
            continue
        known = mapping.tables[role]
        if table is None:
            notes.append(f"The file names `{known.name}` for `{role}`, which was not found.")
        elif entry.get("name") not in (None, table.name):
            notes.append(f"The file names `{known.name}` for `{role}`; `{table.name}` was found.")
    return notes


def _round_trip(text: str) -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    # lists are as far to the right of their key as they are in the file
    match = re.search(r"(?m)^( *)[\w-]+:[^\n]*\n(?:[ ]*#[^\n]*\n)*( *)- ", text)
    offset = 2 if match is None or len(match[2]) > len(match[1]) else 0
    yaml.indent(mapping=2, sequence=2 + offset, offset=offset)
    return yaml


def _add_tables(document: Any, found: Discovery, mapping: TelemetryMapping) -> bool:
    given = document.get("tables") or {}
    added = False
    for role, entry in differing_tables(found.tables, mapping.tables).items():
        said = given.get(role)
        if said == "none" or (isinstance(entry, str) and said is not None):
            continue
        target = document.setdefault("tables", {})
        if isinstance(entry, str):
            target[role] = entry
            added = True
            continue
        table = target.setdefault(role, {})
        if "name" in entry and "name" not in table:
            table["name"] = entry["name"]
            added = True
        columns = entry.get("columns")
        for column, name in columns.items() if isinstance(columns, dict) else ():
            if column not in table.get("columns", {}):
                table.setdefault("columns", {})[column] = name
                added = True
    return added


def _add_words(document: Any, key: str, found: Discovery) -> bool:
    listed = {str(word) for words in (document.get(key) or {}).values() for word in words}
    added = False
    for each in found.words.get(key, ()):
        if each.meaning is not None and each.word not in listed:
            document.setdefault(key, {}).setdefault(each.meaning, []).append(each.word)
            added = True
    return added


def _add_channels(document: Any, found: Discovery) -> bool:
    given = document.get("excludedChannels")
    if given is None:
        return False
    fresh = [each.word for each in found.words.get("channels", ()) if each.meaning == "excluded"]
    fresh = [word for word in fresh if word not in given]
    given.extend(fresh)
    return bool(fresh)
