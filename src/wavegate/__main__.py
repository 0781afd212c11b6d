"""The command line: a lazy group, and the one place where an error becomes a message and an exit code."""

import atexit
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module

# a short process keeps most of what it makes until its end: looking for garbage that often is time lost, and so is
# looking once more before the end
gc.set_threshold(100_000, 20, 20)
atexit.register(gc.freeze)

import click  # noqa: E402

from wavegate import __version__  # noqa: E402
from wavegate.errors import ExitCode, InputError, WavegateError  # noqa: E402

COMMANDS: dict[str, tuple[str, str]] = {
    "validate": ("check.command", "Check manifests and smoke packs before anything moves."),
    "smoke": ("smoke.command", "Run smoke tests in an environment's org, and write down what was observed."),
    "plan": ("plan.command", "Say what a promotion ships, what it changes, and how it is tested."),
    "gate": ("gate.command", "Decide whether a release may enter an environment."),
    "brief": ("promotion.brief_command", "Write the one screen that a reviewer of a promotion needs."),
    "comment": ("promotion.comment_command", "Keep one comment on a pull request up to date."),
    "verify": ("promotion.verify_command", "Check without any network whether a decision lets a release in."),
    "init": ("setup.init_command", "Write the workflows and the first release files of a repository."),
    "doctor": ("setup.doctor_command", "Check that GitHub and the orgs are set up for releases."),
    "demo": ("demo.command", "Show a whole release on this machine."),
    "login": ("deploy.login_command", "Log in to an environment's org for the later steps of a job."),
    "deploy": ("deploy.command", "Deploy a release to an environment's org and activate what it pins."),
    "disable": ("deploy.disable_command", "Turn an agent off, or back to its previous version, at once."),
    "status": ("ledger.command", "Say what is live where, since when, and by whose approval."),
    "rollback": ("rollback.command", "Open the pull request that restores the last known good release."),
}
"""Command to its module in the package and its line of help."""


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is named."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = import_module(f"wavegate.{COMMANDS[cmd_name][0]}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="wavegate")
def cli() -> None:
    """Release Salesforce Agentforce agents from GitHub: check, gate, promote, roll back."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code. Errors become one message, and an annotation in Actions."""
    if os.name != "posix":
        fix = "Use an ubuntu or macos runner, or WSL."
        return _report(InputError("wavegate runs on Linux and macOS; this is another system.", fix=fix))
    try:
        result = cli.main(args=arguments, prog_name="wavegate", standalone_mode=False, auto_envvar_prefix="WAVEGATE")
    except WavegateError as error:
        return _report(error)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        usage = f" See '{context.command_path} --help'." if context else ""
        return _report(WavegateError(error.format_message(), fix=usage.strip()))
    except click.Abort:
        return _report(WavegateError("Interrupted.", fix="Run the command again: it takes up where it stopped."))
    except BrokenPipeError:
        # the reader of our output went away (`| head`): nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.SERVICE)
    except Exception:  # noqa: BLE001 - the last resort: a crash gets a code of its own
        return _report_defect()
    return int(result) if isinstance(result, int) else int(ExitCode.OK)


def _report(error: WavegateError) -> int:
    from wavegate.cli.actions import announce

    announce(error.message, fix=error.fix, file=error.file, line=error.line, column=error.column)
    return int(error.exit_code)


def _report_defect() -> int:
    import traceback

    from wavegate.cli.actions import announce

    traceback.print_exc()
    announce(
        "wavegate has a defect: the traceback above is its trace.",
        fix="Nothing was decided. Please report it with the traceback and the command.",
    )
    return int(ExitCode.DEFECT)


if __name__ == "__main__":
    sys.exit(main())
