"""The outcome of runs on variants, by the policies of their packs; each is remembered."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from wavegate.census.values import Census, definition_of
from wavegate.evidence.observation import Outcome
from wavegate.evidence.source import TestKey
from wavegate.files.pattern_search import PatternSearch
from wavegate.release.pack import Pack
from wavegate.smoke.report import report_run
from wavegate.smoke.values import FinishedRun, PlannedRun, Runner
from wavegate.smoke.variants.journal import VariantJournal
from wavegate.smoke.variants.program import RunsTests


class JudgedRuns:
    """Runs with their outcome by the packs' policies, each recorded in the journal. problems: the first of a test."""

    def __init__(
        self,
        tests: RunsTests,
        packs: Sequence[Pack],
        census: Census,
        search: PatternSearch,
        journal: VariantJournal,
    ) -> None:
        self._tests = tests
        self._packs: Mapping[str, Pack] = {pack.suite: pack for pack in packs}
        self._census = census
        self._search = search
        self._journal = journal
        self.problems: dict[TestKey, str] = {}

    def run(self, variant: str, test: TestKey, number: int) -> Outcome:
        """The outcome of a run: that of an earlier process, or of one made now. variant: its id."""
        known = self._journal.outcome(variant, test, number)
        if known is not None:
            return known
        outcome = self._judged(self._tests.run(variant, self._planned(test, number)), test)
        if outcome is not Outcome.ERROR:  # the next process may be able to judge it
            self._journal.record(variant, test, number, outcome)
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
