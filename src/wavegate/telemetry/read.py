"""Reads an environment's telemetry, from whatever source its telemetry file names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

from wavegate.errors import InputError
from wavegate.telemetry.connection import OrgConnection
from wavegate.telemetry.data_cloud.source import DataCloudTelemetry
from wavegate.telemetry.data_cloud.statements import DataCloudStatements
from wavegate.telemetry.files.source import FileTelemetry, digest_of
from wavegate.telemetry.kept.as_json import kept_json
from wavegate.telemetry.kept.file import read_kept
from wavegate.telemetry.kept.merge import changed_days, joined, keep, late_files
from wavegate.telemetry.kept.values import KeptSums, unusable
from wavegate.telemetry.mapping.values import SourceKind, TelemetryMapping
from wavegate.telemetry.soql.source import SoqlTelemetry
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import TelemetryLook
from wavegate.text import join_names, one_line

Say = Callable[[str], None]

_FRESH = "To accept what there is now, look once without the earlier sums."


@dataclass(frozen=True, kw_only=True, slots=True)
class TelemetryReading:
    """A look, and the daily sums for the next one. schema: of the columns at the earlier look, '' without one.

    kept: None if nothing can be kept, because no day is closed or something is doubtful. unread: number of files that
    were not read, because an earlier look did.
    """

    look: TelemetryLook
    schema: str = ""
    kept: KeptSums | None = None
    unread: int = 0

    @property
    def kept_bytes(self) -> bytes:
        """The file for the next look; empty without kept sums."""
        return kept_json(self.kept) if self.kept else b""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """Where sessions are: a folder of exports, or an org."""

    mapping: TelemetryMapping
    root: Path
    org: OrgConnection | None
    say: Say | None

    def look(self, request: LookRequest, known: Iterable[str] = ()) -> TelemetryLook:
        mapping = self.mapping
        if mapping.source is SourceKind.FILES:
            return FileTelemetry(mapping, self.root, known=frozenset(known)).look(request)
        if self.org is None:
            message = f"The source `{mapping.source}` of the telemetry file needs the environment's org."
            raise InputError(message, fix="Log in to the org.", file=mapping.path or None)
        if mapping.source is SourceKind.DATA_CLOUD:
            return DataCloudTelemetry(mapping, DataCloudStatements(self.org, say=self.say)).look(request)
        return SoqlTelemetry(mapping, self.org, say=self.say).look(request)


def read_telemetry(
    mapping: TelemetryMapping,
    request: LookRequest,
    *,
    root: Path,
    org: OrgConnection | None = None,
    say: Say | None = None,
) -> TelemetryLook:
    """Sum up all sessions.

    root: folder that patterns of files are relative to. org: needed by every other source. say: takes lines about
    progress.
    InputError: the mapping does not fit what is there. ServiceError: the source did not answer.
    """
    return _Place(mapping=mapping, root=root, org=org, say=say).look(request)


def read_new_days(
    mapping: TelemetryMapping,
    request: LookRequest,
    *,
    root: Path,
    earlier: Path | None,
    warn: Say,
    org: OrgConnection | None = None,
    say: Say | None = None,
) -> TelemetryReading:
    """Sum up the sessions of the days that are not closed yet; those of the others are kept from an earlier look.

    earlier: file or folder of kept sums; None for none. warn: takes a sentence about what is not used. say: takes
    what goes on. If a file of closed days changed, vanished or came late, everything is read again, and days whose
    sums are no longer the same are a problem of the look. Raises as `read_telemetry`, and InputError for earlier sums
    whose folder does not exist.
    """
    place = _Place(mapping=mapping, root=root, org=org, say=say)
    digest = cache(lambda path: digest_of(root / path))
    if earlier and not earlier.exists():
        _no_earlier(earlier, say)
    kept = _usable(mapping, request, earlier, warn) if earlier else None
    if kept is None:
        look = place.look(request)
        return TelemetryReading(look=look, kept=keep(look, mapping, request, digest))
    look, unread = _joined_look(kept, place, request, digest)
    if look.schema and look.schema != kept.schema:
        problem = f"Changed schema: the columns or their types are not those of the earlier look. {_FRESH}"
        look = replace(look, problems=(*look.problems, problem))
    new = keep(look, mapping, request, digest)
    return TelemetryReading(look=look, schema=kept.schema, kept=new or kept, unread=unread)


def _no_earlier(earlier: Path, say: Say | None) -> None:
    """The first look has no earlier sums, but a place for them."""
    shown = one_line(str(earlier), 300)
    if not earlier.parent.is_dir():
        raise InputError(
            f"There is no {shown}, and no folder for it.", fix="Check the path after --earlier; the file is optional."
        )
    if say:
        say(f"There are no earlier daily sums in {shown}: every day is read.")


def _joined_look(
    kept: KeptSums, place: _Place, request: LookRequest, digest: Callable[[str], str]
) -> tuple[TelemetryLook, int]:
    """The kept days and the new ones, and the number of files that were not read."""
    if place.mapping.source is not SourceKind.FILES:
        return joined(kept, place.look(replace(request, closed=kept.closed)), request), 0
    needed = [file for file in kept.files if file.last >= request.since]
    reread = [file.path for file in needed if digest(file.path) != file.digest]
    if not reread:
        known = [file.path for file in kept.files if file.last < kept.closed]
        look = place.look(request, known)
        reread = late_files(kept, look.files)
        if not reread:
            return joined(kept, look, request), len(known)
    look = place.look(request)
    changed = changed_days(kept, look, request.since)
    if not changed:
        return look, 0
    files, days = (join_names([one_line(str(each), 200) for each in some]) for some in (reread, changed))
    problem = f"Sessions of closed days changed since the earlier look: {days}, by {files}. {_FRESH}"
    return replace(look, problems=(*look.problems, problem)), 0


def _usable(mapping: TelemetryMapping, request: LookRequest, earlier: Path, warn: Say) -> KeptSums | None:
    """The newest kept sums that hold for the request."""
    found, problems = read_kept(earlier)
    for problem in problems:
        warn(problem)
    reason_for = partial(unusable, mapping=mapping, request=request)
    usable = [kept for kept in found if not reason_for(kept)]
    if found and not usable:
        reasons = sorted({reason_for(kept) for kept in found})
        warn(f"The daily sums of the earlier look are not used: {'; '.join(reasons)}.")
    return max(usable, key=lambda kept: kept.closed, default=None)
