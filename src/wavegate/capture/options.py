"""The options of `wavegate capture`."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class CaptureOptions:
    """The command's options, as click reads them."""

    paths: tuple[str, ...]
    root: Path
    environment: str
    manifest: str | None
    session: tuple[str, ...]
    condition: tuple[str, ...]
    policy: tuple[str, ...]
    expect_topic: str
    expect_action: tuple[str, ...]
    forbid_action: tuple[str, ...]
    must_say: tuple[str, ...]
    must_not_say: tuple[str, ...]
    reason: str
    kind: str | None
    severity: str | None
    owner: str
    agent: str
    pack: str
    command: tuple[str, ...]
    pass_env: tuple[str, ...]
    base: str
    output: Path | None
    local: bool
    dry_run: bool
    timeout: timedelta
