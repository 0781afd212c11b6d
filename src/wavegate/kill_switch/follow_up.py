"""What comes after a stop, in words: the next release, what a rollback restores, and what a restart brings back.

show: how a name is shown where the words go.
"""

from collections.abc import Callable, Sequence

from wavegate.kill_switch.values import KillSwitch, Recording
from wavegate.release.reference import ReleaseRef

Show = Callable[[str], str]

_RULE = "promotion/stopped"
_SHOWN = 5
"""Maximum agents that are named in a sentence."""


def next_release(switch: KillSwitch, recording: Recording, show: Show) -> str:
    """What happens to the next release."""
    if recording.problem:
        return "not held back until the stop is recorded, unless its deployment finds an agent inactive."
    names = _listed([show(each.name) for each in switch.reached])
    return (
        f"refused (rule {show(_RULE)}), whatever is merged or pushed, until the restart of {names}. Exceptions: a "
        f"rollback, after which {_state_after(switch)}, and a release with other content that "
        f"says {show('resume: true')}."
    )


def rolled_back(recording: Recording, show: Show) -> str:
    """What a rollback restores."""
    live, good = recording.live, recording.good
    if live and good:
        return f"opens a pull request from {show(_name(live))} to {show(_name(good))}"
    return f"opens a pull request to the last known good release; {show('--dry-run')} shows what it would restore"


def restarted(switch: KillSwitch, recording: Recording, show: Show) -> str:
    """What a restart brings back: the versions of the live release, which were stopped."""
    live = recording.live
    if live is None:
        return "brings back what was stopped: only if that is good after all, or after the rollback"
    what, good = _versions(switch, live, show), recording.good
    after = f"; after the rollback, {_versions(switch, good, show)}" if good else ""
    return f"brings back {what}, which was stopped: only if that is good after all{after}"


def _versions(switch: KillSwitch, release: ReleaseRef, show: Show) -> str:
    """The versions that the stopped agents have with a release; without any, the release alone."""
    versions = {name.casefold(): version for name, version in release.agents.items()}
    known = [(each.name, versions.get(each.name.casefold(), "")) for each in switch.reached]
    agents = _listed([f"{show(name)} {show(version)}" for name, version in known if version])
    return f"{agents} of {show(_name(release))}" if agents else show(_name(release))


def _state_after(switch: KillSwitch) -> str:
    if any(each.live is not None for each in switch.reached):
        return "the agents stay at the versions above"
    return "the agents stay stopped until their restart"


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _name(release: ReleaseRef) -> str:
    return release.commit[:12] if release.commit.startswith(release.name) else release.name
