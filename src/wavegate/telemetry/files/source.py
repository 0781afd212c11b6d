"""The daily sums of exported sessions."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from wavegate.telemetry.files.engine import Engine
from wavegate.telemetry.files.found import ExportedFile, find_exports
from wavegate.telemetry.files.relation import ExportedSessions, exported_sessions
from wavegate.telemetry.files.repeated import SMALL, aggregates, repeated_files, repeated_sessions, without
from wavegate.telemetry.late import lateness
from wavegate.telemetry.mapping.values import TelemetryMapping
from wavegate.telemetry.session_relation import SessionRelation
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.sql import conditions_sql, grouped_sql, sums_of, unknown_of
from wavegate.telemetry.sums import collect, signals, watermarks
from wavegate.telemetry.values import FileDays, Reject, TelemetryLook, UnknownWord
from wavegate.text import join_names, one_line, pluralize


class FileTelemetry:
    """Sessions in exported files. Implements `TelemetrySource`.

    folder: what the patterns of the mapping are relative to. known: paths that an earlier look has read, and that are
    not read again.
    """

    def __init__(self, mapping: TelemetryMapping, folder: Path, *, known: frozenset[str] = frozenset()) -> None:
        self.mapping = mapping
        self.folder = folder
        self.known = known

    def look(self, request: LookRequest) -> TelemetryLook:
        """Sum up the sessions. InputError: a file cannot be read, or lacks a column. ServiceError: out of memory."""
        found = find_exports(self.folder, self.mapping.files)
        files = [file for file in found if file.path not in self.known]
        none = TelemetryLook(taken=request.now, source=f"{pluralize(len(found), 'exported file')}")
        if not found:
            return replace(none, problems=("No exported file matches the patterns of the telemetry file.",))
        if not files:
            return none
        with Engine(files) as engine:
            look = self._summed(engine, files, request, none)
        written = [file.path for file in files if not file.is_as_found]
        return replace(
            look,
            problems=(
                *look.problems,
                *(f"{one_line(path, 200)} was written to while it was read." for path in written),
            ),
        )

    def _summed(
        self, engine: Engine, files: Sequence[ExportedFile], request: LookRequest, none: TelemetryLook
    ) -> TelemetryLook:
        sessions = exported_sessions(files, self.mapping.tables["session"].columns, engine.rows)
        if sessions is None:
            return replace(none, problems=("Every exported file is empty.",))
        relation = sessions.relation
        sums = aggregates(everybody=sum(file.size for file in files) <= SMALL)
        self._group(engine, relation, request, sums)
        copies = repeated_files(engine.rows)
        ranges = _ranges(engine, files, sessions.files)
        rejects = Counter({Reject.DUPLICATE_FILE: sum(number for _, _, number in copies)})
        where = conditions_sql(relation, self.mapping, request)
        if repeated := repeated_sessions(engine.rows, without(relation, copies), where):
            self._group(engine, repeated.relation, request, sums)
            rejects += repeated.rejects
        return self._look(engine, sessions, request, rejects, replace(none, files=ranges))

    def _group(
        self, engine: Engine, relation: SessionRelation, request: LookRequest, sums: Mapping[str, str]
    ) -> None:
        grouped = grouped_sql(relation, self.mapping, request, keys=["file"], sums=sums)
        engine.rows(f'CREATE OR REPLACE TEMP TABLE "groups" AS {grouped}')

    def _look(
        self,
        engine: Engine,
        sessions: ExportedSessions,
        request: LookRequest,
        rejects: Counter[Reject],
        none: TelemetryLook,
    ) -> TelemetryLook:
        relation, mapping = sessions.relation, self.mapping
        rows = engine.rows(sums_of('"groups"', relation, mapping))
        summed = collect(rows, mapping, has_latency="latency" in relation.roles)
        marks = watermarks(summed.newest, mapping.lag)
        late = lateness(marks, request.now, mapping.lag)
        unknown = tuple(
            UnknownWord(place=place, word=one_line(word, 100), sessions=int(number))
            for place in summed.unknown
            for word, number in engine.rows(unknown_of('"groups"', relation, mapping, place))
        )
        return replace(
            none,
            watermarks=marks,
            days=summed.days,
            rejects={reject: number for reject, number in (Counter(summed.rejects) + rejects).items() if number},
            unknown=unknown,
            schema=sessions.schema,
            problems=(
                *sessions.problems,
                *([late] if late else []),
                *(() if summed.newest else _other_agents(engine, relation, request)),
            ),
            has=signals(relation.roles, mapping),
        )


def _other_agents(engine: Engine, relation: SessionRelation, request: LookRequest) -> Iterator[str]:
    """A sentence if files without a session of these agents have others', such as those of another environment."""
    found = engine.rows(
        f'SELECT "agent" FROM {relation.source} WHERE "agent" IS NOT NULL '  # noqa: S608 - paths and names are quoted
        "GROUP BY 1 ORDER BY COUNT(*) DESC, 1 LIMIT 3"
    )
    if found:
        wanted = join_names(sorted(request.agents))
        have = join_names([one_line(str(agent), 100) for (agent,) in found])
        yield f"No session of {wanted} since {request.since}: the exported files have {have}."


def _ranges(engine: Engine, files: Sequence[ExportedFile], numbered: Sequence[ExportedFile]) -> tuple[FileDays, ...]:
    """The first and last day of each file's sessions. A file without any is among them."""
    found: dict[str, tuple[date | None, date | None]] = {
        numbered[number].path: (first, last)
        for number, first, last in engine.rows('SELECT "file", MIN("day"), MAX("day") FROM "groups" GROUP BY "file"')
    }
    return tuple(
        FileDays(path=file.path, first=days[0], last=days[1])
        for file in files
        for days in [found.get(file.path, (None, None))]
    )


def digest_of(path: Path) -> str:
    """SHA-256 of a file's bytes; '' if it cannot be read."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""
