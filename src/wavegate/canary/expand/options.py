"""The options of `wavegate expand`."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class ExpandOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    decision: str
    digest: str
    reason: str
    base: str
    close_only: bool
    dry_run: bool
    local: bool
    timeout: timedelta
