"""Runs a program of the command runner on variants of the checkout, each in a temporary copy."""

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol, Self

from wavegate.redaction.personal_data import redact
from wavegate.smoke.runner_command import Command
from wavegate.smoke.values import FinishedRun, PlannedRun
from wavegate.smoke.variants.checkout_copy import CheckoutCopy
from wavegate.smoke.variants.journal import VariantJournal


class RunsTests(Protocol):
    """What runs a test of a pack on a variant."""

    def run(self, variant: str, planned: PlannedRun) -> FinishedRun:
        """The run; a problem says why it has no result. variant: its id."""
        ...


class ProgramTests:
    """Runs by a program of the command runner, each in a copy of the checkout that was made into the variant.

    prepare: changes the files of a fresh copy to those of a variant. kept: ids of variants whose copies stay beside
    that of the current one. end: monotonic time at which all is over. run_limit: seconds of one run. A context
    manager, which removes the copies.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        *,
        root: Path,
        environment: str,
        pass_env: Sequence[str],
        run_limit: float,
        end: float,
        journal: VariantJournal,
        prepare: Callable[[str, CheckoutCopy], None],
        kept: Collection[str],
    ) -> None:
        self._arguments = arguments
        self._root = root
        self._environment = environment
        self._pass_env = pass_env
        self._run_limit = run_limit
        self._end = end
        self._journal = journal
        self._prepare = prepare
        self._kept = kept
        self._copies: dict[str, tuple[CheckoutCopy, ExitStack]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._copies):
            self._drop(name)

    def run(self, variant: str, planned: PlannedRun) -> FinishedRun:
        """The run, made now."""
        copy = self._copy(variant)
        limit = min(self._run_limit, max(0.0, self._end - time.monotonic()))
        program = Command(
            self._arguments,
            folder=copy.folder,
            environment_name=self._environment,
            time_limit=limit,
            redact=redact,
            pass_env=self._pass_env,
        )
        return next(program.run([planned]))

    def _copy(self, variant: str) -> CheckoutCopy:
        if variant not in self._copies:
            for other in [each for each in self._copies if each not in self._kept]:
                self._drop(other)
            stack = ExitStack()
            copy = stack.enter_context(CheckoutCopy(self._root, self._journal.copied))
            self._copies[variant] = (copy, stack)
            self._prepare(variant, copy)
        return self._copies[variant][0]

    def _drop(self, name: str) -> None:
        self._copies.pop(name)[1].close()
