"""How every command prints its report."""

import click

from wavegate.text import logged_json, logged_lines

_READ_BY_PROGRAMS = frozenset({"json", "sarif"})


def print_report(text: str, form: str) -> None:
    """Print a report on standard output so that no line of it is a workflow command, whatever its values hold.

    form: `text`, `markdown`, `json` or `sarif`. JSON and SARIF stay valid, with the same values.
    """
    text = text.removesuffix("\n")
    click.echo(logged_json(text) if form in _READ_BY_PROGRAMS else logged_lines(text))
