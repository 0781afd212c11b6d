"""Record the stops that only the org shows, such as one whose record failed, as the next deployment would."""

from collections.abc import Iterable
from datetime import UTC, datetime

from wavegate.cli.actions import Run
from wavegate.errors import WavegateError
from wavegate.github.client import GitHub
from wavegate.ledger.acts.act import Act, ActKind, release_id
from wavegate.ledger.acts.record import read_acts, write_act
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.ledger.found import FOUND, found_inactive
from wavegate.ledger.reader import read_newest
from wavegate.ledger.status.values import EnvironmentStatus


def record_found(github: GitHub, run: Run, statuses: Iterable[EnvironmentStatus], *, manifest: str) -> bool:
    """Record the stop of every agent that is off without one, and return whether there was any.

    statuses: with drift. manifest: path. A token that may not write leaves the ledger as it is.
    """
    try:
        made = [_record(github, run, each, manifest) for each in statuses if each.drift.off]
    except WavegateError:
        return False
    return any(made)


def _record(github: GitHub, run: Run, status: EnvironmentStatus, manifest: str) -> bool:
    where, live = status.environment, status.live
    # read again: a deployment that began or ended meanwhile explains what the org had
    newest = read_newest(github, run.repository, [where])[where].deployments
    acts = read_acts(github, run.repository, where)
    ledger = EnvironmentLedger.of(where, manifest, newest, acts)
    if live is None or live.release is None or ledger.live != live:
        return False
    found = found_inactive(status.drift.off, ledger, org=live.release.org, resumed={})
    if not found:
        return False
    # what a pilot's copies have is another release; the next status records those of the live one
    stopped = ledger.release_of(found[0]) or live
    act = Act(
        kind=ActKind.STOP,
        time=datetime.now(UTC).replace(microsecond=0),
        actor="",
        reason=FOUND,
        run=run.attempt_url,
        manifest=manifest,
        release=release_id(stopped),
        agents=dict.fromkeys(each for each in found if (ledger.release_of(each) or live) == stopped),
    )
    return write_act(github, run.repository, where, act, commit=live.commit, known=acts, just_read=True)
