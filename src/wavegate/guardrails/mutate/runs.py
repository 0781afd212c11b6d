"""Runs the tests of packs on mutants: by a program in a copy of the checkout, or from recorded transcripts."""

import re
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol, Self

from wavegate.census.values import Census, definition_of
from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import TestKey
from wavegate.files.pattern_search import PatternSearch
from wavegate.files.whole import write_whole
from wavegate.guardrails.mutate.checkout_copy import CheckoutCopy
from wavegate.guardrails.mutate.engine import BASELINE
from wavegate.guardrails.mutate.journal import MutationJournal
from wavegate.guardrails.mutate.values import Mutant
from wavegate.redaction.personal_data import redact
from wavegate.release.pack import Pack
from wavegate.smoke.replay import Replay
from wavegate.smoke.report import report_run
from wavegate.smoke.runner_command import Command
from wavegate.smoke.values import FinishedRun, PlannedRun, Runner

BASELINE_FOLDER = "baseline"
"""The folder of the transcripts of the unmutated agent."""


class RunsTests(Protocol):
    """What runs a test of a pack on a mutant, or on the unmutated agent."""

    def run(self, mutant: Mutant | None, planned: PlannedRun) -> FinishedRun:
        """The run; a problem says why it has no result."""
        ...


class RecordedTests:
    """Runs whose transcripts were recorded: a folder for each mutant, named after its id, and one for the agent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._replays: dict[str, Replay | None] = {}

    def run(self, mutant: Mutant | None, planned: PlannedRun) -> FinishedRun:
        """The recorded run. A problem says that it was not recorded."""
        name = folder_name(mutant.id) if mutant else BASELINE_FOLDER
        if name not in self._replays:
            folder = self._folder / name
            self._replays[name] = Replay([folder]) if folder.is_dir() else None
        replay = self._replays[name]
        if replay is None:
            return FinishedRun(planned=planned, problem=f"there is no folder {name}")
        return next(iter(replay.run([planned])))


class ProgramTests:
    """Runs by a program of the command runner, each in a copy of the checkout that has the mutant's script.

    end: monotonic time at which all is over. run_limit: seconds of one run. A context manager, which removes the
    copies.
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
        journal: MutationJournal,
    ) -> None:
        self._arguments = arguments
        self._root = root
        self._environment = environment
        self._pass_env = pass_env
        self._run_limit = run_limit
        self._end = end
        self._journal = journal
        self._copies: dict[str, tuple[CheckoutCopy, ExitStack]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for name in list(self._copies):
            self._drop(name)

    def run(self, mutant: Mutant | None, planned: PlannedRun) -> FinishedRun:
        """The run, made now."""
        copy = self._copy(mutant)
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

    def _copy(self, mutant: Mutant | None) -> CheckoutCopy:
        """The copy for a mutant. Only that of the agent is kept beside it."""
        name = mutant.id if mutant else BASELINE
        if name not in self._copies:
            for other in [each for each in self._copies if each != BASELINE]:
                self._drop(other)
            stack = ExitStack()
            copy = stack.enter_context(CheckoutCopy(self._root, self._journal.copied))
            self._copies[name] = (copy, stack)
            if mutant:
                copy.write(mutant.bound.location.file, mutant.script)
        return self._copies[name][0]

    def _drop(self, name: str) -> None:
        self._copies.pop(name)[1].close()


class JudgedRuns:
    """Runs with their outcome by the packs' policies, each recorded in the journal."""

    def __init__(
        self,
        tests: RunsTests,
        packs: Sequence[Pack],
        census: Census,
        search: PatternSearch,
        journal: MutationJournal,
    ) -> None:
        self._tests = tests
        self._packs: Mapping[str, Pack] = {pack.suite: pack for pack in packs}
        self._census = census
        self._search = search
        self._journal = journal
        self.problems: dict[TestKey, str] = {}

    def run(self, mutant: Mutant | None, test: TestKey, number: int) -> Outcome:
        """The outcome of a run: that of an earlier process, or of one made now."""
        name = mutant.id if mutant else BASELINE
        known = self._journal.outcome(name, test, number)
        if known is not None:
            return known
        outcome = self._judged(self._tests.run(mutant, self._planned(test, number)), test)
        if outcome is not Outcome.ERROR:  # the next process may be able to judge it
            self._journal.record(name, test, number, outcome)
        return outcome

    def _planned(self, test: TestKey, number: int) -> PlannedRun:
        suite, name = test
        entry = next(each for each in self._packs[suite].tests if each.name == name)
        return PlannedRun(
            suite=suite, test=name, run=number, definition=definition_of(entry).name, runner=Runner.COMMAND
        )

    def _judged(self, finished: FinishedRun, test: TestKey) -> Outcome:
        """The outcome of all cases together: one that failed, else one that could not be judged."""
        pack = self._packs[test[0]]
        report = report_run(finished, pack, self._search, time=datetime.now(UTC), expected=self._census.of(*test))
        outcomes = {judged.observation.outcome for judged in report.judged}
        if Outcome.FAIL in outcomes:
            return Outcome.FAIL
        if outcomes == {Outcome.PASS} and not report.gaps.lost:
            return Outcome.PASS
        messages = [problem.message for judged in report.judged for problem in judged.problems]
        self.problems.setdefault(test, finished.problem or next(iter(messages), "a case did not come back"))
        return Outcome.ERROR


def folder_name(mutant: str) -> str:
    """The name of a mutant's folder: its id, with `/` and `:` as dots."""
    return re.sub(r"[^\w.-]", "_", re.sub(r"[/:]", ".", mutant))


def write_mutants(mutants: Sequence[Mutant], folder: Path) -> None:
    """Write each mutant's script to `FOLDER/NAME/`, under the script's own file name. InputError: it cannot be."""
    for mutant in mutants:
        target = folder / folder_name(mutant.id) / Path(mutant.bound.location.file).name
        write_whole(target, mutant.script.encode("utf-8", "surrogateescape"))
