"""`wavegate lock ENV`: hold an environment, so that nothing is promoted to it until it is unlocked."""

from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.options import environment_argument, manifest_option, root_option, takes
from wavegate.ledger.acts.act import ActKind
from wavegate.ledger.acts.locking import change_lock


@dataclass(frozen=True, kw_only=True, slots=True)
class LockOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    reason: str


@click.command(name="lock")
@environment_argument("LOCK")
@root_option()
@manifest_option()
@click.option("--reason", required=True, help="One sentence; everybody who is refused reads it.")
@takes(LockOptions)
def command(options: LockOptions) -> int:
    """Hold ENV: refuse every promotion to it until somebody unlocks it. The rollback and the kill switch pass.

    Requires GITHUB_TOKEN or GH_TOKEN. Locking it again changes nothing.
    """
    return change_lock(
        ActKind.LOCK, options.root, options.manifest, environment=options.environment, reason=options.reason
    )
