"""Runs the tests of packs on mutants: by a program in a copy of the checkout, or from recorded transcripts."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from wavegate.files.whole import write_whole
from wavegate.guardrails.mutate.engine import BASELINE
from wavegate.guardrails.mutate.values import Mutant
from wavegate.smoke.replay import Replay
from wavegate.smoke.values import FinishedRun, PlannedRun
from wavegate.smoke.variants.checkout_copy import CheckoutCopy

BASELINE_FOLDER = "baseline"
"""The folder of the transcripts of the unmutated agent."""


class RecordedTests:
    """Runs whose transcripts were recorded: a folder for each mutant, named after its id, and one for the agent."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._replays: dict[str, Replay | None] = {}

    def run(self, variant: str, planned: PlannedRun) -> FinishedRun:
        """The recorded run. A problem says that it was not recorded. variant: the mutant's id."""
        name = BASELINE_FOLDER if variant == BASELINE else folder_name(variant)
        if name not in self._replays:
            folder = self._folder / name
            self._replays[name] = Replay([folder]) if folder.is_dir() else None
        replay = self._replays[name]
        if replay is None:
            return FinishedRun(planned=planned, problem=f"there is no folder {name}")
        return next(iter(replay.run([planned])))


class MutatedCopies:
    """Makes a copy of the checkout into that of a mutant."""

    def __init__(self, mutants: Sequence[Mutant]) -> None:
        self._mutants: Mapping[str, Mutant] = {each.id: each for each in mutants}

    def prepare(self, variant: str, copy: CheckoutCopy) -> None:
        """Write the mutant's script; nothing for the unmutated agent."""
        if variant != BASELINE:
            mutant = self._mutants[variant]
            copy.write(mutant.bound.location.file, mutant.script.encode("utf-8", "surrogateescape"))


def folder_name(mutant: str) -> str:
    """The name of a mutant's folder: its id, with `/` and `:` as dots."""
    return re.sub(r"[^\w.-]", "_", re.sub(r"[/:]", ".", mutant))


def write_mutants(mutants: Sequence[Mutant], folder: Path) -> None:
    """Write each mutant's script to `FOLDER/NAME/`, under the script's own file name. InputError: it cannot be."""
    for mutant in mutants:
        target = folder / folder_name(mutant.id) / Path(mutant.bound.location.file).name
        write_whole(target, mutant.script.encode("utf-8", "surrogateescape"))
