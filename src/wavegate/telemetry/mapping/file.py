"""From a telemetry file to its mapping. What the file leaves out is as the source usually has it."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from wavegate.duration import parse_duration
from wavegate.errors import InputError
from wavegate.files.document import Document
from wavegate.files.schema import read_by_schema
from wavegate.files.source import Source
from wavegate.release.folder import read_file
from wavegate.release.manifest import Environment
from wavegate.release.reading import first_error, read_committed, read_document
from wavegate.telemetry.mapping.defaults import (
    CONFIRMED,
    EXCLUDED_CHANNELS,
    FILES_LAG,
    LAG,
    OUTCOMES,
    SEVERITIES,
    TABLES,
)
from wavegate.telemetry.mapping.paths import mapping_path
from wavegate.telemetry.mapping.rules import mapping_findings
from wavegate.telemetry.mapping.values import (
    BusinessQuery,
    CohortBy,
    CohortMapping,
    SessionEnd,
    SourceKind,
    TableMapping,
    TelemetryMapping,
)
from wavegate.telemetry.values import Lane

Values = Mapping[str, Any]

ABSENT = "none"
"""What the file writes for a table or column that there is not."""


def load_mapping(root: Path, environment: Environment) -> TelemetryMapping:
    """The telemetry file of an environment in the work tree. InputError: it does not exist, or has an error."""
    return _mapping(environment, partial(read_file, root))


def committed_mapping(source: Source, environment: Environment) -> TelemetryMapping:
    """The telemetry file of an environment in a commit. InputError: it does not exist, or has an error."""
    return _mapping(environment, partial(read_committed, source))


def _mapping(environment: Environment, read: Callable[[str], bytes]) -> TelemetryMapping:
    path = mapping_path(environment)
    try:
        data = read(path)
    except InputError as missing:
        raise InputError(f"{missing.message.rstrip('.')}: {_NEEDED}", fix=_fix(environment)) from missing
    return _checked(read_document(data, path=path))


_NEEDED = "it says where the sessions are found."


def _fix(environment: Environment) -> str:
    return f"Run `wavegate telemetry discover {environment.name} --write`, review the file and commit it."


def mapping_of(document: Document) -> TelemetryMapping | None:
    """The mapping that a document holds, by schema and rules; None after noting an error."""
    values = read_by_schema(document, "telemetry")
    if values is None:
        return None
    mapping = build_mapping(values, path=document.path, digest=document.digest)
    document.findings += mapping_findings(mapping, values, document.locate)
    return None if document.has_errors else mapping


def build_mapping(values: Values, *, path: str, digest: str) -> TelemetryMapping:
    """The mapping of values that `telemetry.schema.json` has accepted."""
    source = SourceKind(values["source"])
    lag = {Lane(lane): parse_duration(text) for lane, text in values.get("lag", {}).items()}
    return TelemetryMapping(
        source=source,
        files=tuple(values.get("files", ())),
        tables=_tables(source, values.get("tables", {})),
        cohort=_cohort(values["cohort"]) if "cohort" in values else None,
        outcomes=_outcomes(values["endTypes"]) if "endTypes" in values else OUTCOMES.get(source, {}),
        severities=_by_word(values["severities"]) if "severities" in values else SEVERITIES.get(source, {}),
        confirmed=frozenset(values.get("confirmed", CONFIRMED)),
        excluded_channels=tuple(values.get("excludedChannels", EXCLUDED_CHANNELS)),
        lag=(FILES_LAG if source is SourceKind.FILES else LAG) | lag,
        business=tuple(_metric(name, each) for name, each in values.get("metrics", {}).items()),
        agents=_by_word(values.get("agents", {})),
        path=path,
        digest=digest,
    )


def _tables(source: SourceKind, given: Values) -> dict[str, TableMapping]:
    """The usual tables, with the names and columns of the file in place of theirs."""
    usual = TABLES[source]
    roles = dict.fromkeys((*usual, *given))
    return {role: _table(usual.get(role, {}), given.get(role, {})) for role in roles if given.get(role) != ABSENT}


def _table(usual: Mapping[str, str], given: Values) -> TableMapping:
    columns = {role: name for role, name in usual.items() if role != "name"} | given.get("columns", {})
    return TableMapping(
        name=given.get("name", usual.get("name", "")),
        columns={role: name for role, name in columns.items() if name != ABSENT},
    )


def _by_word(given: Mapping[str, list[str]]) -> dict[str, str]:
    """What each word means, from the words by meaning."""
    return {word: meaning for meaning, words in given.items() for word in words}


def _outcomes(given: Mapping[str, list[str]]) -> dict[str, SessionEnd]:
    return {word: SessionEnd(meaning) for word, meaning in _by_word(given).items()}


def _cohort(entry: Values) -> CohortMapping:
    values = {cohort: tuple(words) for cohort, words in entry.get("values", {}).items()}
    return CohortMapping(by=CohortBy(entry["by"]), values=values)


def _metric(name: str, entry: Values) -> BusinessQuery:
    return BusinessQuery(name=name, query=entry["query"], lane=Lane(entry.get("lane", Lane.SLOW)))


def _checked(document: Document) -> TelemetryMapping:
    mapping = mapping_of(document)
    if mapping is None:
        raise first_error(document.findings)
    return mapping
