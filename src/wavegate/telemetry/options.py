"""Options of the commands that look at telemetry."""

from pathlib import Path

import click

from wavegate.cli.options import F


def telemetry_folder_option(command: F) -> F:
    """Where exported files are."""
    return click.option(
        "--telemetry-folder",
        type=click.Path(path_type=Path, exists=True, file_okay=False),
        metavar="DIR",
        show_default="the checkout",
        help="Folder that the telemetry file's patterns are relative to.",
    )(command)


def earlier_option(command: F) -> F:
    """The daily sums of an earlier look."""
    return click.option(
        "--earlier",
        type=click.Path(path_type=Path),
        metavar="PATH",
        show_default=False,
        help="Daily sums of an earlier look, a file or a folder of them, so that only new days are read. "
        "It need not exist.",
    )(command)
