"""What a restart brings back, in the words of a refusal."""

from collections.abc import Sequence
from shlex import quote

from wavegate.ledger.acts.act import ReleaseId
from wavegate.ledger.acts.holds import OpenStop
from wavegate.ledger.environment import EnvironmentLedger
from wavegate.text import one_line


def restart_fix(stops: Sequence[OpenStop], ledger: EnvironmentLedger) -> str:
    """The command that restarts what was stopped, and what that is. stops: of one act, at least one."""
    where, stopped = quote(one_line(ledger.environment, 100)), stops[0].act.release
    what = ", ".join(_versions(stops, ledger, stopped)) or "the versions"
    release = f" of {one_line(stopped.name, 100)}, the release that was stopped" if stopped else ""
    agents = " ".join(f"--agent {quote(one_line(each.agent, 100))}" for each in stops)
    command = f'`wavegate enable {where} {agents} --reason "…"`'
    return f"Only if the stop was a mistake: {command} restarts {what}{release}."


def _versions(stops: Sequence[OpenStop], ledger: EnvironmentLedger, stopped: ReleaseId | None) -> list[str]:
    """The agents with the versions that the stopped release had; [] unless all are known."""
    own = (each for each in ledger.deployments if stopped and each.succeeded and each.commit == stopped.commit)
    live = next((each.agents for each in own), {})
    versions = {name.casefold(): version for name, version in live.items()}
    found = [(each.agent, versions.get(each.agent.casefold())) for each in stops]
    if not all(version for _, version in found):
        return []
    return [f"{one_line(name, 100)} {one_line(str(version), 20)}" for name, version in found]
