"""How a stop or restart ends: its exit code, and what both commands check before."""

from collections.abc import Sequence
from typing import Literal

import click

from wavegate.cli.actions import in_actions, workflow_command
from wavegate.errors import ExitCode, InputError, ServiceError, WavegateError
from wavegate.kill_switch.values import KillSwitch, Recording
from wavegate.text import one_line

reason_option = click.option(
    "--reason", default="", show_default=False, help="Why, in one sentence. Required, and recorded with your login."
)


def check_reason(reason: str) -> None:
    """Check that there is a reason. InputError: there is none."""
    if not reason.strip():
        raise InputError(
            "There is no reason.", fix='Add --reason "..." with one sentence: it is recorded for whoever follows up.'
        )


def finish(
    what: Literal["stop", "restart"], switch: KillSwitch, recording: Recording, failures: Sequence[WavegateError]
) -> int:
    """The exit code. Raises the first error: of an agent, of the org, or of the record."""
    problem = _unrecorded(what, recording.problem) if recording.problem and recording.required else None
    error = _of_org(what, switch, failures)
    if error and problem:
        _warn(problem)
    if first := error or problem:
        raise first
    return int(ExitCode.OK)


def _of_org(what: str, switch: KillSwitch, failures: Sequence[WavegateError]) -> WavegateError | None:
    if failures and not switch.changed:
        return failures[0]
    if failures:
        # of one agent where others were switched: not an InputError, since something was done
        done = "The kill switch was pulled" if what == "stop" else "The agents were restarted"
        return ServiceError(f"{done} only in part: {failures[0].message}", fix=failures[0].fix)
    if switch.missed:
        return ServiceError(
            f"Not in the requested state: {', '.join(switch.missed)}.",
            fix="Run the command again, and check the agent in the org's Agent Builder.",
        )
    return None


def _unrecorded(what: str, problem: WavegateError) -> ServiceError:
    """The error of a record: never an InputError, since the org was changed."""
    message = f"The {what} is done in the org, but it is not recorded: {problem.message}"
    return ServiceError(
        message, fix=f"{problem.fix} Then run the command again: it records the {what}, and changes nothing twice."
    )


def _warn(problem: WavegateError) -> None:
    if in_actions():
        click.echo(workflow_command("warning", f"{problem.message}\n{problem.fix}", title="wavegate"))
    else:
        click.echo(f"Warning: {one_line(problem.message)} {one_line(problem.fix)}", err=True)
