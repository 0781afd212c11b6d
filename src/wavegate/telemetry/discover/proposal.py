"""The telemetry file that fits what was found: a new one with comments, or what an existing one lacks."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from wavegate.telemetry.discover.values import Discovery, FoundWord
from wavegate.telemetry.mapping.defaults import TABLES
from wavegate.telemetry.mapping.values import NOT_SET, SourceKind, TableMapping
from wavegate.text import pluralize

ENDS = ("good", "escalated", "other", "ignored")
LEVELS = ("critical", "high", "medium", "low", "ignored")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./ -]*[A-Za-z0-9_]|[A-Za-z]")
_NOT_TEXT = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}


def new_file(found: Discovery, environment: str) -> str:
    """The text of a telemetry file. Words that nobody has decided yet are comments, and hold a canary."""
    lines = [
        f"# Where the sessions of {environment}'s agents are found, and what their words mean.",
        f"# Proposed by `wavegate telemetry discover {environment}` from {found.origin}. Review every word.",
        f"source: {found.source}",
        *_tables(found),
        *_agents(found),
        *_cohort(found),
        *_meanings("endTypes", ENDS, found),
        *(_meanings("severities", LEVELS, found) if "severities" in found.words else ()),
        *_channels(found),
    ]
    return "\n".join(lines) + "\n"


def differing_tables(
    found: Mapping[str, TableMapping | None], known: Mapping[str, TableMapping]
) -> dict[str, dict[str, object] | str]:
    """What a file has to say of each table so that it is as found. known: as the file has it without that."""
    differing: dict[str, dict[str, object] | str] = {}
    for role, table in found.items():
        before = known.get(role)
        if table is None:
            if before is not None:
                differing[role] = "none"
            continue
        entry: dict[str, object] = {"name": table.name} if before is None or table.name != before.name else {}
        columns = dict(table.columns.items() - (before.columns.items() if before else ()))
        columns |= {column: "none" for column in (before.columns if before else ()) if column not in table.columns}
        if columns:
            entry["columns"] = dict(sorted(columns.items()))
        if entry:
            differing[role] = entry
    return differing


def usual_tables(source: SourceKind) -> dict[str, TableMapping]:
    """The tables of a file that names none."""
    return {
        role: TableMapping(
            name=entry["name"], columns={column: name for column, name in entry.items() if column != "name"}
        )
        for role, entry in TABLES[source].items()
    }


def _tables(found: Discovery) -> Iterator[str]:
    differing = differing_tables(found.tables, usual_tables(found.source))
    if not differing:
        return
    yield ""
    yield "tables:  # where they differ from the usual ones"
    for role, entry in differing.items():
        if isinstance(entry, str):
            yield f"  {role}: none"
            continue
        yield f"  {role}:"
        if "name" in entry:
            yield f"    name: {scalar(str(entry['name']))}"
        columns = entry.get("columns")
        if isinstance(columns, dict):
            yield "    columns:"
            yield from (f"      {column}: {scalar(name)}" for column, name in columns.items())


def _agents(found: Discovery) -> Iterator[str]:
    if found.source is SourceKind.SOQL:
        yield ""
        yield "# The object knows no agent. Say which channel stands for which agent, or name a field that the"
        yield "# routing flow sets under `tables.session.columns.agent`:"
        yield "# agents:"
        for agent in found.agents:
            yield f"#   API_Name: [{scalar(agent.name)}]  # {pluralize(agent.sessions, 'session')}"
    elif found.agents:
        yield ""
        yield "# Agents that were found:"
        for agent in found.agents:
            version = f", version {scalar(agent.version)}" if agent.version else ""
            yield f"#   {scalar(agent.name)}{version}: {pluralize(agent.sessions, 'session')}"


def _cohort(found: Discovery) -> Iterator[str]:
    yield ""
    yield "# How the cohort of a session is found: by user (those of its group and list), column or channel."
    by_user = found.source is SourceKind.DATA_CLOUD and "user" in _columns_of(found, "participant")
    yield from ("cohort:", "  by: user") if by_user else ("# cohort:", "#   by: channel")


def _columns_of(found: Discovery, role: str) -> Mapping[str, str]:
    table = found.tables.get(role)
    return table.columns if table else {}


def _meanings(key: str, meanings: Sequence[str], found: Discovery) -> Iterator[str]:
    words = found.words.get(key, ())
    yield ""
    yield f"{key}:"
    if undecided := found.undecided(key):
        yield "  # To be decided: a word that is in no list holds the canary."
        yield from (f"  #   {_counted(each)}" for each in undecided)
    for meaning in meanings:
        listed = [each for each in words if each.meaning == meaning]
        if key == "endTypes" and meaning == "other" and not any(each.word == NOT_SET for each in words):
            listed.append(FoundWord(word=NOT_SET, count=0, meaning=meaning))
        if listed:
            yield f"  {meaning}:"
            yield from (f"    - {_counted(each)}" for each in listed)


def _channels(found: Discovery) -> Iterator[str]:
    channels = found.words.get("channels", ())
    excluded = [each for each in channels if each.meaning == "excluded"]
    if not channels:
        return
    yield ""
    yield "# Channels of people who build or preview an agent do not count; the others do:"
    yield from (f"#   {_counted(each)}" for each in channels if each.meaning != "excluded")
    if excluded:
        yield "excludedChannels:"
        yield from (f"  - {_counted(each)}" for each in excluded)


def _counted(found: FoundWord) -> str:
    return f"{scalar(found.word)}  # {found.count:,}" if found.count else scalar(found.word)


def scalar(text: str) -> str:
    """A text as a YAML scalar on one line."""
    if _PLAIN.fullmatch(text) and text.lower() not in _NOT_TEXT:
        return text
    # YAML takes some invisible characters for line breaks
    return json.dumps(text, ensure_ascii=not text.isprintable())
