"""What can be done after a stop, as command lines and as the pages of this repository's workflows."""

from collections.abc import Sequence
from pathlib import Path
from shlex import quote

from wavegate.cli.actions import Run
from wavegate.kill_switch.values import NextStep, NextSteps


def next_steps(root: Path, run: Run, environment: str, *, manifest: str | None, agents: Sequence[str]) -> NextSteps:
    """The next steps. manifest: as the person named it, None if it is the only one. agents: [] for all of them."""
    base = f"{run.server_url}/{run.repository}" if run.repository else ""
    chosen = "".join(f" --agent {quote(each)}" for each in agents)
    named = f" --manifest {quote(manifest)}" if manifest else ""

    def step(command: str, more: str) -> NextStep:
        workflow = f"wavegate-{command}.yml"
        exists = bool(base) and (root / ".github" / "workflows" / workflow).is_file()
        return NextStep(
            line=f'wavegate {command} {quote(environment)}{more}{named} --reason "…"',
            page=f"{base}/actions/workflows/{workflow}" if exists else "",
        )

    return NextSteps(
        environment=environment,
        enable=step("enable", chosen),
        rollback=step("rollback", ""),
        repository=base,
    )
