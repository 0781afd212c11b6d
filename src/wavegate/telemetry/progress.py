"""Says on standard error that a long read goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

import click

SECONDS = 15.0


@contextmanager
def reading(what: str, *, every: float = SECONDS) -> Iterator[None]:
    """Print a line every few seconds until the block ends. what: such as `exported files`."""
    done, started = threading.Event(), monotonic()

    def say() -> None:
        while not done.wait(every):
            click.echo(f"Reading {what}: {monotonic() - started:.0f} s", err=True)

    thread = threading.Thread(target=say, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
