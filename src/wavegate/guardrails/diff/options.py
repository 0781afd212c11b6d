"""Options of the commands that compare two commits."""

from pathlib import Path

import click

from wavegate.cli.options import F, root_option

_OPTIONS = (
    root_option(),
    click.option(
        "--work-tree/--no-work-tree", default=False, help="Compare BASE with the folder's files, committed or not."
    ),
    click.option(
        "--format",
        type=click.Choice(["text", "json", "sarif", "markdown"]),
        default="text",
        help="Format of the report.",
    ),
    click.option(
        "--output",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        show_default="standard output",
        help="File to write the report to. The log then shows the text format.",
    ),
)


def two_commit_options(command: F) -> F:
    """Gives a command --root, --work-tree, --format and --output, in this order."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
