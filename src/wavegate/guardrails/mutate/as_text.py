"""The result as text."""

import json
from collections.abc import Iterator

from wavegate.guardrails.mutate.report import MutationReport, Survivor
from wavegate.guardrails.mutate.values import Bound, MutantVerdict
from wavegate.text import one_line, percent, pluralize

MAX_UNDECIDED = 20


def headline(report: MutationReport) -> str:
    """The score in one sentence."""
    if not report.budget:
        out_of_reach = report.count(MutantVerdict.UNREACHED)
        mutants = pluralize(len(report.judgements), "mutant")
        return f"No test was run. {out_of_reach:,} of {mutants} cannot be reached by any test."
    undecided = report.count(MutantVerdict.UNDECIDED)
    left = f"; {undecided} undecided" if undecided else ""
    spent = f"in {pluralize(report.runs, 'run')} of at most {report.budget:,}"
    if report.score is None:
        return f"No mutant was decided{left}, {spent}."
    killed = f"{report.killed} of {pluralize(report.decided, 'mutant')} killed"
    return f"{killed} ({percent(report.score, down=True)}){left}, {spent}."


def mutation_text(report: MutationReport) -> str:
    """The result for a terminal."""
    return "\n".join(_lines(report))


def _lines(report: MutationReport) -> Iterator[str]:
    yield f"{report.verdict.upper()}: {headline(report)}"
    yield from (f"  {line}" for line in remarks(report))
    for survivor in report.survivors:
        yield ""
        yield from _survivor(survivor)
    if report.undecided and report.budget:
        yield ""
        yield "Undecided:"
        for each in report.undecided[:MAX_UNDECIDED]:
            yield f"  {one_line(each.mutant.id)}: {one_line(each.reason)}"
        if len(report.undecided) > MAX_UNDECIDED:
            yield f"  and {len(report.undecided) - MAX_UNDECIDED} more"


def remarks(report: MutationReport) -> Iterator[str]:
    """What a reader must know besides the score."""
    equivalent = sum(bool(each.equivalent) for each in report.sorted_out)
    redundant = len(report.sorted_out) - equivalent
    if equivalent:
        yield f"{pluralize(equivalent, 'mutant')} left out: they change nothing, or act as another one does."
    if redundant:
        yield f"{pluralize(redundant, 'mutant')} left out: the model checker proves that no conversation shows it."
    for name in report.unusable:
        yield f"Test {one_line(name, 100)} fails on the unmutated agent, so it kills nothing."
    for reason in report.errors:
        yield f"Test {one_line(reason, 300)}"
    for bound in report.unchanged:
        yield f"Not mutated, because the change could not be made in its line: {_place(bound)}."


def _survivor(survivor: Survivor) -> Iterator[str]:
    bound, test = survivor.bound, survivor.proposed
    yield f"{_place(bound)}: nothing tests the {bound.kind.value} of {one_line(bound.tool, 100)}"
    yield f"  {one_line(bound.text, 200)}"
    for each in survivor.judgements:
        yield f"  {each.verdict.value}: {one_line(each.mutant.change, 300)} {one_line(each.reason, 300)}"
    yield f"  Add to the pack's tests: {one_line(json.dumps(test.entry), 600)}"
    if test.policy:
        yield f"  and to its policies: {one_line(json.dumps({test.name: test.policy}), 600)}"
    yield f"  Expected: {one_line(test.outcome, 300)}"
    for number, step in enumerate(test.conversation.steps if test.conversation else (), start=1):
        yield f"    {number}. {one_line(step.replace('`', ''), 200)}"
    for said in () if test.conversation else test.utterances:
        yield f"    The customer: {one_line(said, 200)}"


def _place(bound: Bound) -> str:
    return f"{one_line(bound.location.file, 200)}:{bound.location.line}"
