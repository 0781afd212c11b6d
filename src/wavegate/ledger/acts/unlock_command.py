"""`wavegate unlock ENV`: open an environment that was locked."""

from dataclasses import dataclass
from pathlib import Path

import click

from wavegate.cli.options import environment_argument, manifest_option, root_option, takes
from wavegate.ledger.acts.act import ActKind
from wavegate.ledger.acts.locking import change_lock


@dataclass(frozen=True, kw_only=True, slots=True)
class UnlockOptions:
    """The command's options, as click reads them."""

    environment: str
    root: Path
    manifest: str | None
    reason: str


@click.command(name="unlock")
@environment_argument("UNLOCK")
@root_option()
@manifest_option()
@click.option("--reason", required=True, help="One sentence, for the record.")
@takes(UnlockOptions)
def command(options: UnlockOptions) -> int:
    """Open ENV to promotions again. Prints who had locked it, and why.

    Requires GITHUB_TOKEN or GH_TOKEN. Unlocking it again changes nothing.
    """
    return change_lock(
        ActKind.UNLOCK, options.root, options.manifest, environment=options.environment, reason=options.reason
    )
