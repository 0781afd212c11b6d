"""Reads from exported files what a telemetry file needs: columns, and the words in them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from wavegate.errors import InputError
from wavegate.telemetry.discover.catalogue import fold
from wavegate.telemetry.discover.values import Discovery, FoundAgent, FoundWord
from wavegate.telemetry.discover.vocabulary import is_builders_channel, meaning_of_end, meaning_of_severity
from wavegate.telemetry.files.engine import Engine, Rows
from wavegate.telemetry.files.found import ExportedFile, find_exports
from wavegate.telemetry.mapping.values import NOT_SET, SourceKind, TableMapping
from wavegate.telemetry.sql_words import quote_name, quote_text
from wavegate.text import join_names, one_line, pluralize

MAX_WORDS = 50
READERS = {"csv": "read_csv([{}], all_varchar = true, union_by_name = true)",
           "jsonl": "read_json([{}], format = 'newline_delimited', union_by_name = true)",
           "parquet": "read_parquet([{}], union_by_name = true, hive_partitioning = false)"}  # fmt: skip
_SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "id": ("sessionid", "session", "conversationid", "id"),
    "start": ("starttimestamp", "starttime", "startedat", "started", "start", "sessionstart"),
    "end": ("endtimestamp", "endtime", "endedat", "ended", "end", "sessionend"),
    "endType": ("aiagentsessionendtype", "sessionendtype", "endtype", "endreason", "outcome"),
    "channel": ("aiagentchanneltype", "channeltype", "channel"),
    "agent": ("aiagentapiname", "agentapiname", "agentname", "agent", "bot"),
    "version": ("aiagentversionapiname", "agentversion", "version"),
    "user": ("userid", "user", "participantid"),
    "cohort": ("cohort", "pilotarm", "arm"),
    "latency": ("latencyms", "latencymilliseconds", "latency"),
    "severity": ("violationseverity", "severity", "violation"),
    "confirmed": ("violationconfirmed", "confirmed"),
}
"""Usual names of columns, the surest first."""
_NEEDED = ("id", "start", "agent")


def discover_files(folder: Path, patterns: Sequence[str], given: Mapping[str, str]) -> Discovery:
    """What exported files have. given: columns by role, as an existing telemetry file has them.

    InputError: no file matches the patterns, or one cannot be read.
    """
    files = find_exports(folder, patterns)
    if not files:
        message = f"No exported file matches {join_names(list(patterns))}."
        raise InputError(message, fix="Correct --file, or give --telemetry-folder.")
    with Engine(files) as engine:
        return _discovered(files, patterns, given, engine.rows)


def _discovered(
    files: Sequence[ExportedFile], patterns: Sequence[str], given: Mapping[str, str], rows: Rows
) -> Discovery:
    form = files[0].format
    reader = _reader(form, (file for file in files if file.format == form))
    names = [str(name) for name, *_ in rows(f"DESCRIBE SELECT * FROM {reader}")]  # noqa: S608 - paths are quoted
    columns = {**_columns(names), **{role: name for role, name in given.items() if name in names}}
    words = {
        place: _words(rows, reader, columns[role], meaning)
        for place, role, meaning in (
            ("endTypes", "endType", meaning_of_end),
            ("channels", "channel", _meaning_of_channel),
            ("severities", "severity", _severity),
        )
        if role in columns
    }
    return Discovery(
        source=SourceKind.FILES,
        origin=f"{pluralize(len(files), 'exported file')}",
        files=tuple(patterns),
        tables={"session": TableMapping(columns=columns)},
        words=words,
        agents=_agents(rows, reader, columns),
        notes=tuple(_notes(files, names, columns, given)),
    )


def _reader(form: str, files: Iterable[ExportedFile]) -> str:
    return READERS[form].format(", ".join(quote_text(str(file.place)) for file in files))


def _columns(names: Sequence[str]) -> dict[str, str]:
    folded = {fold(name.replace(" ", "_")): name for name in reversed(names)}
    found: dict[str, str] = {}
    for role, synonyms in _SYNONYMS.items():
        name = next((folded[each] for each in synonyms if each in folded), None)
        if name is not None and name not in found.values():
            found[role] = name
    return found


def _notes(
    files: Sequence[ExportedFile], names: Sequence[str], columns: Mapping[str, str], given: Mapping[str, str]
) -> list[str]:
    notes = [
        f"No column looks like the {role}: name it under `tables.session.columns`."
        for role in _NEEDED
        if role not in columns
    ]
    notes += [f"No file has the column `{name}`." for name in given.values() if name not in names]
    others = sorted({file.format for file in files} - {files[0].format})
    if others:
        notes.append(f"Only files of the format {files[0].format} were looked at, not {join_names(others)}.")
    if rest := sorted(set(names) - set(columns.values())):
        notes.append(f"Other columns: {join_names([one_line(name, 60) for name in rest], 20)}.")
    if "latency" in columns:
        notes.append(f"`{one_line(columns['latency'], 60)}` is taken for milliseconds.")
    return notes


def _words(rows: Rows, reader: str, column: str, meaning: Callable[[str], str | None]) -> tuple[FoundWord, ...]:
    text = f"COALESCE(NULLIF(CAST({quote_name(column)} AS VARCHAR), ''), '{NOT_SET}')"
    sql = f"SELECT {text}, COUNT(*) FROM {reader} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MAX_WORDS}"  # noqa: S608
    found = [(one_line(str(word), 255), int(count)) for word, count in rows(sql)]
    return tuple(FoundWord(word=word, count=count, meaning=meaning(word)) for word, count in found)


def _agents(rows: Rows, reader: str, columns: Mapping[str, str]) -> tuple[FoundAgent, ...]:
    if "agent" not in columns:
        return ()
    agent = f"COALESCE(CAST({quote_name(columns['agent'])} AS VARCHAR), '')"
    version = f"COALESCE(CAST({quote_name(columns['version'])} AS VARCHAR), '')" if "version" in columns else "''"
    sql = (
        f"SELECT {agent}, {version}, COUNT(*) FROM {reader} "  # noqa: S608 - names are quoted
        f"GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT {MAX_WORDS}"
    )
    return tuple(
        FoundAgent(name=one_line(str(name), 100), version=one_line(str(number), 100), sessions=int(count))
        for name, number, count in rows(sql)
    )


def _meaning_of_channel(word: str) -> str:
    return "excluded" if is_builders_channel(word) else "counted"


def _severity(word: str) -> str | None:
    """No word in a file is a violation by itself, but an empty value is none."""
    return "ignored" if word == NOT_SET else meaning_of_severity(word)
