"""The command line: a lazy group, and the one place where an error becomes a message and an exit code."""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

# a short process keeps most objects until it exits: collecting garbage often, and once more at exit, only costs time
gc.set_threshold(100_000, 20, 20)
atexit.register(gc.freeze)

import click  # noqa: E402

from wavegate import __version__  # noqa: E402
from wavegate.errors import ExitCode, InputError, WavegateError  # noqa: E402

COMMANDS: dict[str, tuple[str, str]] = {
    "validate": ("check.command", "Check manifests and smoke packs before anything moves."),
    "guardrails-check": ("guardrails.policy.command", "Check what bounds the agents against rules and a policy."),
    "guardrails-prove": (
        "guardrails.prove.command",
        "Prove properties of agents for all conversations, or refute them by the shortest one.",
    ),
    "smoke": ("smoke.command", "Run smoke tests in an environment's org and record the observations."),
    "plan": ("plan.command", "Show what a promotion ships and changes, known problems, and how it is tested."),
    "admit": (
        "promotion.admit_command",
        "Check whether an environment is open to a release, before anybody is asked.",
    ),
    "guardrails-diff": (
        "guardrails.diff.command",
        "Show how a commit changes what bounds the agents: what widens, narrows, or is reworded.",
    ),
    "classify": (
        "guardrails.classes.command",
        "Show who may make a change: an administrator alone, or with a code or security review.",
    ),
    "gate": ("gate.command", "Decide whether a release may enter an environment."),
    "brief": ("promotion.brief.command", "Summarize a promotion for its reviewer, on one screen."),
    "comment": ("promotion.comment_command", "Create or update a single pull-request comment."),
    "record-decision": (
        "promotion.record_decision_command",
        "Record a gate's decision in GitHub's deployments, for later attempts.",
    ),
    "verify-decision": (
        "promotion.verify_decision_command",
        "Check offline whether a decision authorizes a promotion.",
    ),
    "init": ("setup.init_command", "Write a repository's workflows and first release files."),
    "update": (
        "setup.update_command",
        "Move a repository's workflows to this release, and keep the edits made to them.",
    ),
    "doctor": ("setup.doctor.command", "Check that GitHub and the orgs are set up for releases."),
    "demo": ("demo.command", "Run a complete example release on this machine."),
    "login": ("login.command", "Log in to an environment's org for the later steps of a job."),
    "deploy": ("deploy.command", "Deploy a release to an environment's org and activate its pinned agent versions."),
    "adopt": ("adoption.command", "Record what an org already runs as an environment's first release."),
    "disable": ("kill_switch.command", "Disable an agent, or switch back to its previous version, immediately."),
    "enable": (
        "kill_switch.enable_command",
        "Restart the agents that the kill switch stopped, at the live release's versions.",
    ),
    "lock": ("ledger.acts.lock_command", "Hold an environment: nothing is promoted to it until it is unlocked."),
    "unlock": ("ledger.acts.unlock_command", "Open an environment that was locked."),
    "watch": (
        "canary.watch.command",
        "Decide from what really happens whether a canary is expanded, held or rolled back.",
    ),
    "record-look": (
        "canary.watch.record_command",
        "Record a look at a canary in GitHub's deployments, and keep the issue of one past its deadline.",
    ),
    "status": (
        "ledger.status.command",
        "Show what holds each environment, what is live, since when, and who approved it.",
    ),
    "report": ("report.command", "Write one HTML page about the releases, their evidence and their canaries."),
    "capture": (
        "capture.command",
        "Turn failures in recorded conversations into smoke tests, in one pull request.",
    ),
    "review": (
        "review.command",
        "Keep one issue for each review of the live release: what happened, what was said, what to do.",
    ),
    "runbook": ("runbook.command", "Write the on-call runbook from what a release says and ships."),
    "bisect": (
        "bisect.command",
        "Find which change made a smoke test fail, by replaying subsets of the changes between two releases.",
    ),
    "notes": ("notes.command", "Write release notes with the changelog of prompts and instructions, word for word."),
    "notify": ("notify.command", "Notify people of a waiting approval, a refusal, a stop or a rollback."),
    "guardrails-mutate": (
        "guardrails.mutate.command",
        "Check that the smoke packs notice if a guardrail of an agent is gone.",
    ),
    "guardrails-explain": (
        "guardrails.explain.command",
        "Explain what an agent may do, in plain language and as a diagram.",
    ),
    "expand": ("canary.expand.command", "Open the pull request that moves a canary to its next step."),
    "telemetry-discover": (
        "telemetry.discover.command",
        "Find where an environment's sessions are and which words occur, and propose the telemetry file.",
    ),
    "telemetry-sums": (
        "telemetry.sums_command",
        "Sum up an environment's sessions by day, as a canary is judged by them.",
    ),
    "rollback": ("rollback.command", "Open the pull request that restores the last known good release."),
}
"""Command to its module in the package and its help line."""


FAMILIES = {
    "guardrails": "Show, compare, check, prove and test what bounds the agents.",
    "telemetry": "Find the sessions of an environment's agents, and sum them up.",
}
"""The first word of commands that may be typed as two words, and the help of who types this word alone."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when it is named, as `guardrails-diff` or as `guardrails diff`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"wavegate.{COMMANDS[cmd_name][0]}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        joined = "-".join(args[:2])
        if args[0] in FAMILIES and joined not in COMMANDS:
            return args[0], Family(args[0], help=FAMILIES[args[0]]), args[1:]
        return super().resolve_command(ctx, [joined, *args[2:]] if joined in COMMANDS else args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


class Family(click.Group):
    """The help of the commands with the same first word, for who types this word alone."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        start = f"{self.name}-"
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name.removeprefix(start), text) for name, (_, text) in COMMANDS.items() if name.startswith(start)]
            )


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
)
@click.version_option(__version__, prog_name="wavegate")
def cli() -> None:
    """Release Salesforce Agentforce agents from GitHub: check, gate, promote, roll back."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Errors become one message, and an annotation in Actions.

    Output that could not be written is an error of its own, whatever the command decided or did.
    """
    from wavegate.cli.output import begin, lost_output

    begin()
    code = _run(arguments)
    error = lost_output(code)
    return _report(error, to_log=False) if error else code


def _run(arguments: Sequence[str] | None) -> int:
    if os.name != "posix":
        fix = "Use an ubuntu or macos runner, or WSL."
        return _report(InputError("wavegate runs on Linux and macOS; this is another system.", fix=fix))
    try:
        result = cli.main(args=arguments, prog_name="wavegate", standalone_mode=False, auto_envvar_prefix="WAVEGATE")
    except WavegateError as error:
        return _report(error)
    except click.exceptions.NoArgsIsHelpError as help_text:
        click.echo(help_text.format_message(), err=True)
        return int(ExitCode.INPUT)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        usage = f" See '{context.command_path} --help'." if context else ""
        return _report(WavegateError(error.format_message(), fix=usage.strip()))
    except click.Abort:
        return _report(WavegateError("Interrupted.", fix="Run the command again: it resumes where it stopped."))
    except Exception as error:  # noqa: BLE001 - the last resort: a crash gets its own exit code
        return _report_crash(error)
    return int(result) if isinstance(result, int) else int(ExitCode.OK)


def _report(error: WavegateError, *, to_log: bool = True) -> int:
    from wavegate.cli.actions import announce

    announce(error.message, fix=error.fix, file=error.file, line=error.line, column=error.column, to_log=to_log)
    return int(error.exit_code)


def _report_crash(error: Exception) -> int:
    import traceback

    from wavegate.cli.actions import announce
    from wavegate.cli.output import is_full, outcome, without_room

    if isinstance(error, OSError) and is_full(error):
        return _report(without_room(error))
    traceback.print_exc()
    known = f"Before it: {outcome()}." if outcome() else "No verdict was reached."
    announce(
        "Internal error in wavegate (traceback above).", fix=f"{known} Please report the traceback and the command."
    )
    return int(ExitCode.DEFECT)


if __name__ == "__main__":
    sys.exit(main())
