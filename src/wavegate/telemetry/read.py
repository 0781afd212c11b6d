"""Reads an environment's telemetry, from whatever source its telemetry file names."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from wavegate.errors import InputError
from wavegate.telemetry.files.source import FileTelemetry, digest_of
from wavegate.telemetry.kept.as_json import kept_json
from wavegate.telemetry.kept.file import read_kept
from wavegate.telemetry.kept.merge import changed_days, joined, keep, late_files
from wavegate.telemetry.kept.values import KeptSums, unusable
from wavegate.telemetry.mapping.values import SourceKind, TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import TelemetryLook
from wavegate.text import join_names, one_line

Warn = Callable[[str], object]


@dataclass(frozen=True, kw_only=True, slots=True)
class TelemetryReading:
    """A look, and the daily sums for the next one. schema: of the columns at the earlier look, '' without one.

    kept: None if nothing can be kept, because no day is closed or something is doubtful.
    """

    look: TelemetryLook
    schema: str = ""
    kept: KeptSums | None = None

    @property
    def kept_bytes(self) -> bytes:
        """The file for the next look; empty without kept sums."""
        return kept_json(self.kept) if self.kept else b""


def read_telemetry(mapping: TelemetryMapping, request: LookRequest, *, root: Path) -> TelemetryLook:
    """Sum up all sessions. root: what patterns of files are relative to.

    InputError: the mapping does not fit what is there. ServiceError: the source did not answer.
    """
    return _look(mapping, request, root)


def read_new_days(
    mapping: TelemetryMapping, request: LookRequest, *, root: Path, earlier: Path | None, warn: Warn
) -> TelemetryReading:
    """Sum up the sessions of the days that are not closed yet; the others are those of an earlier look.

    earlier: file or folder of kept sums, None for none. warn: is told in a sentence why they are not used.
    Raises as `read_telemetry`.
    """
    kept = _usable(mapping, request, earlier, warn) if earlier else None
    reading = _joined_look(kept, mapping, request, root) if kept else None
    look, problem = reading or (None, "")
    if look is None:
        look = _look(mapping, request, root)
        if kept:
            look = _compared(kept, look, request, problem)
    elif kept:
        look = joined(kept, look, request)
    new = keep(look, mapping, request, lambda path: digest_of(root / path))
    schema = kept.schema if kept else ""
    if schema and look.schema != schema:
        new = None
    return TelemetryReading(look=look, schema=schema, kept=new or kept)


def _look(mapping: TelemetryMapping, request: LookRequest, root: Path) -> TelemetryLook:
    match mapping.source:
        case SourceKind.FILES:
            return FileTelemetry(mapping, root).look(request)
        case _:
            raise InputError(f"The source `{mapping.source}` needs the environment's org.", file=mapping.path)


def _usable(mapping: TelemetryMapping, request: LookRequest, earlier: Path, warn: Warn) -> KeptSums | None:
    """The newest kept sums that hold for the request."""
    found, problems = read_kept(earlier)
    reasons = [unusable(kept, mapping, request) for kept in found]
    usable = [kept for kept, reason in zip(found, reasons, strict=True) if not reason]
    for problem in problems:
        warn(problem)
    if not usable and (given := [reason for reason in reasons if reason]):
        warn(f"The daily sums of the earlier look are not used: {join_names(sorted(set(given)))}.")
    return max(usable, key=lambda kept: kept.closed, default=None)
