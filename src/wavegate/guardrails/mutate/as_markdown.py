"""The result as Markdown."""

import json
from collections.abc import Iterator

from wavegate.guardrails.mutate.as_text import headline, remarks
from wavegate.guardrails.mutate.report import MutationReport, Survivor
from wavegate.text import code, fenced, markdown, prose

MAX_SURVIVORS = 50
"""Survivors that are shown; the JSON has all."""
_SIGN = {"pass": "✅", "fail": "❌", "inconclusive": "❔"}


def mutation_markdown(report: MutationReport) -> str:
    """The result for a step summary."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: MutationReport) -> Iterator[str]:
    yield f"## {_SIGN[report.verdict]} Do the smoke packs hold the guardrails?"
    yield ""
    yield prose(headline(report))
    yield ""
    yield from (f"- {prose(line)}" for line in remarks(report))
    if report.survivors:
        yield from ("", "| Not tested | Place | Written |", "| --- | --- | --- |")
        for survivor in report.survivors[:MAX_SURVIVORS]:
            bound = survivor.bound
            place = code(f"{bound.location.file}:{bound.location.line}")
            what = f"{bound.kind.value} of {markdown(bound.tool, 100)}"
            yield f"| {what} | {place} | {code(bound.text, 200)} |"
        yield ""
        for survivor in report.survivors[:MAX_SURVIVORS]:
            yield from _proposed(survivor)
    if report.undecided:
        yield from ("<details><summary>Undecided</summary>", "")
        yield from (f"- {code(each.mutant.id, 200)}: {prose(each.reason)}" for each in report.undecided)
        yield from ("", "</details>", "")


def _proposed(survivor: Survivor) -> Iterator[str]:
    test = survivor.proposed
    yield from (f"<details><summary>A test for {markdown(survivor.bound.id, 200)}</summary>", "")
    yield f"{prose(test.outcome)}"
    yield ""
    for number, step in enumerate(test.conversation.steps if test.conversation else (), start=1):
        yield f"{number}. {prose(step)}"
    entry = {"tests": [dict(test.entry)], **({"policies": {test.name: dict(test.policy)}} if test.policy else {})}
    yield from ("", "In the pack:", "", fenced(json.dumps(entry, indent=2).split("\n"), "json"))
    yield from ("", "As a test spec:", "", fenced(test.spec.rstrip("\n").split("\n"), "yaml"))
    yield from ("", "As a case of a program:", "", fenced(json.dumps(test.case, indent=2).split("\n"), "json"))
    yield from ("", "</details>", "")
