"""A result says what was decided and what was not, and hostile text in a script stays text."""

import json
from dataclasses import replace

import pytest
from tests.support.library_desk import PATH, SCRIPT, library_desk

from wavegate.guardrails.mutate.as_json import mutation_json
from wavegate.guardrails.mutate.as_markdown import mutation_markdown
from wavegate.guardrails.mutate.as_text import mutation_text
from wavegate.guardrails.mutate.generate import mutants_of
from wavegate.guardrails.mutate.propose import propose
from wavegate.guardrails.mutate.report import MutationReport, Survivor
from wavegate.guardrails.mutate.values import Bound, Judgement, Mutant, MutantVerdict

MUTANT = next(each for each in mutants_of(SCRIPT, PATH).mutants if each.bound.tool == "waive_fine")


def report(*verdicts: MutantVerdict, mutant: Mutant = MUTANT, unchanged: tuple[Bound, ...] = ()) -> MutationReport:
    judgements = tuple(Judgement(mutant=mutant, verdict=each, reason="Why.") for each in verdicts)
    open_ = [each for each in judgements if each.verdict in (MutantVerdict.SURVIVED, MutantVerdict.UNREACHED)]
    survivors = (
        (Survivor(bound=mutant.bound, judgements=tuple(open_), proposed=propose(mutant, library_desk())),)
        if open_
        else ()
    )
    return MutationReport(
        agents=("Library_Desk",), packs=("desk",), judgements=judgements, sorted_out=(), survivors=survivors,
        runs=7, budget=9, unchanged=unchanged,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("verdicts", "expected", "score"),
    [
        ([MutantVerdict.KILLED], "pass", 1),
        ([MutantVerdict.KILLED, MutantVerdict.SURVIVED], "fail", 0.5),
        ([MutantVerdict.KILLED, MutantVerdict.UNREACHED, MutantVerdict.UNDECIDED], "fail", 0.5),
        ([MutantVerdict.KILLED, MutantVerdict.UNDECIDED], "inconclusive", 1),
        ([MutantVerdict.UNDECIDED], "inconclusive", None),
        ([], "inconclusive", None),
    ],
)
def test_only_a_pack_that_kills_every_mutant_passes(
    verdicts: list[MutantVerdict], expected: str, score: float | None
) -> None:
    found = report(*verdicts)
    assert (found.verdict, found.score) == (expected, score)


def test_what_could_not_be_changed_is_never_a_pass() -> None:
    found = report(MutantVerdict.KILLED, unchanged=(MUTANT.bound,))
    assert found.verdict == "inconclusive"
    assert "Not mutated" in mutation_text(found)


def test_a_survivor_has_its_place_and_a_test_in_every_format() -> None:
    found = report(MutantVerdict.SURVIVED)
    place = f"{PATH}:{MUTANT.bound.location.line}"
    assert place in mutation_text(found)
    assert "forbiddenActions" in mutation_markdown(found)
    (survivor,) = json.loads(mutation_json(found))["survivors"]
    assert survivor["proposed"]["test"]["policies"] == list(survivor["proposed"]["policies"])


def test_hostile_text_of_a_script_stays_text() -> None:
    text = '@variables.x == "```\\n::error::<b> [a](http://b) @someone"'
    mutant = replace(MUTANT, bound=replace(MUTANT.bound, text=text, tool="<img>"), change=f"`{text}` is removed.")
    found = report(MutantVerdict.SURVIVED, mutant=mutant)
    table = mutation_markdown(found).partition("<details>")[0]
    assert "<b>" not in table
    assert "<img>" not in table
    assert "](http" not in table
    assert "\n::" not in mutation_text(found)


def test_without_a_budget_no_mutant_is_called_undecided() -> None:
    found = replace(report(MutantVerdict.UNREACHED, MutantVerdict.UNDECIDED), runs=0, budget=0)
    text = mutation_text(found)
    assert text.startswith("FAIL: No test was run. 1 of 2 mutants cannot be reached by any test.")
    assert "Undecided" not in text
