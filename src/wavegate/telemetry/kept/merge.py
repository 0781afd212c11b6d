"""What is kept of a look, and how kept sums and a new look become one."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from wavegate.telemetry.kept.values import KeptFile, KeptSums, digest_of_users
from wavegate.telemetry.late import lateness
from wavegate.telemetry.mapping.values import TelemetryMapping
from wavegate.telemetry.source import LookRequest
from wavegate.telemetry.values import DaySum, FileDays, TelemetryLook


def keep(
    look: TelemetryLook, mapping: TelemetryMapping, request: LookRequest, digest: Callable[[str], str]
) -> KeptSums | None:
    """The sums of the closed days of a look; None if there are none, or something is doubtful.

    A day is closed once the watermark of every lane has passed its end. Only sums without a reject, an unknown word
    or a problem are kept: what is doubtful is read again. digest: of a file by its path.
    """
    late = lateness(look.watermarks, request.now, mapping.lag)
    doubtful = look.rejects or look.unknown or any(problem != late for problem in look.problems)
    if doubtful or not look.watermarks:
        return None
    closed = min(look.watermarks.values()).date()
    if closed <= request.since:
        return None
    files = tuple(
        KeptFile(path=file.path, digest=digest(file.path), first=file.first, last=file.last)
        for file in look.files
        if file.first is not None and file.last is not None and file.first < closed
    )
    return KeptSums(
        source=mapping.source,
        mapping=mapping.digest,
        agents=tuple(sorted(request.agents)),
        users=digest_of_users(request.users),
        since=request.since,
        closed=closed,
        schema=look.schema,
        has=look.has,
        days=tuple(day for day in look.days if day.day < closed),
        files=files,
    )


def joined(kept: KeptSums, look: TelemetryLook, request: LookRequest) -> TelemetryLook:
    """The closed days of earlier looks and the others of a new one, as a look at all of them."""
    old = (day for day in kept.days if day.day >= request.since)
    new = (day for day in look.days if day.day >= kept.closed)
    read = {file.path for file in look.files}
    unread = (FileDays(path=file.path, first=file.first, last=file.last) for file in kept.files)
    return replace(
        look,
        days=(*old, *new),
        has=look.has or kept.has,
        schema=look.schema or kept.schema,
        files=tuple(sorted((*look.files, *(file for file in unread if file.path not in read)), key=lambda f: f.path)),
    )


def late_files(kept: KeptSums, files: Iterable[FileDays]) -> list[str]:
    """Paths of files with sessions of closed days that the earlier looks did not read."""
    known = {file.path for file in kept.files}
    return [file.path for file in files if file.first and file.first < kept.closed and file.path not in known]


def changed_days(kept: KeptSums, look: TelemetryLook, since: date) -> list[date]:
    """The closed days whose sums are not what they were. look: at all days."""
    before, now = _by_key(kept.days, kept, since), _by_key(look.days, kept, since)
    return sorted({key[0] for key in before.keys() | now.keys() if before.get(key) != now.get(key)})


def _by_key(days: Iterable[DaySum], kept: KeptSums, since: date) -> dict[tuple[date, str, str, str], DaySum]:
    """Sums by what they are of, without business metrics: those may still change when a day's sessions are closed."""
    return {
        (day.day, day.cohort, day.agent, day.version): replace(day, business={})
        for day in days
        if since <= day.day < kept.closed
    }
