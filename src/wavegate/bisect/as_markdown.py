"""The answer as Markdown, with a picture of the search."""

from collections.abc import Iterator

from wavegate.bisect.sentences import about, headline, outcome, remarks, suspects_title, what
from wavegate.bisect.values import BisectReport, ChangeUnit, Likeness, UnitWords
from wavegate.text import code, fenced, markdown, prose

MAX_FILES = 20
_SIGN = {"found": "🎯", "inconclusive": "❔"}
_CLASSES = {Likeness.GOOD: "good", Likeness.BAD: "bad", Likeness.BETWEEN: "between", None: "open"}


def bisect_markdown(report: BisectReport) -> str:
    """The answer for a step summary or a comment."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: BisectReport) -> Iterator[str]:
    yield f"## {_SIGN[report.verdict]} Which change made the test fail?"
    yield from ("", prose(headline(report), 2000), "")
    yield from (f"- {prose(line, 2000)}" for line in remarks(report))
    units = {each.id: each for each in report.units}
    for found in report.found:
        yield ""
        for culprit in found.culprits:
            yield from _unit(units[culprit], report.words.get(culprit, UnitWords()))
        yield from (f"- {prose(line, 2000)}" for line in about(found, report))
    if report.suspects:
        yield from ("", f"### {suspects_title(report)}", "")
        yield from (f"- {code(each)}" for each in report.suspects)
    if report.probes:
        yield from ("", "<details><summary>How it was found</summary>", "")
        yield from ("| Probe | The good release with | Result | Changes |", "| --- | --- | --- | --- |")
        for probe in report.probes:
            shown = ", ".join(code(each, 100) for each in probe.changes[:10])
            more = f" and {len(probe.changes) - 10} more" if len(probe.changes) > 10 else ""
            yield f"| {probe.number} | {what(probe)} | {outcome(probe)} | {shown}{more} |"
        yield from ("", fenced(_picture(report), "mermaid"), "", "</details>")


def _unit(unit: ChangeUnit, words: UnitWords) -> Iterator[str]:
    owners = f", owned by {markdown(', '.join(words.owners), 300)}" if words.owners else ""
    yield from (f"### {markdown(unit.id, 300)}{owners}", "")
    paths = sorted(unit.files)
    yield from (f"- {code(path, 300)}" for path in paths[:MAX_FILES])
    if len(paths) > MAX_FILES:
        yield f"- and {len(paths) - MAX_FILES} more"
    for each in words.texts:
        yield from ("", fenced(each.split("\n"), limit=4000), "")
    yield from (f"- {prose(each, 600)}" for each in words.guardrails)


def _picture(report: BisectReport) -> Iterator[str]:
    """The probes in their order. Labels hold numbers alone, so that no name can break the picture."""
    total = len(report.units)
    yield "flowchart LR"
    yield f'  good(["good release: {report.ends.good.passed} of {report.ends.good.runs}"]):::good'
    yield f'  bad(["bad release: {report.ends.bad.passed} of {report.ends.bad.runs}"]):::bad'
    earlier = "good"
    for probe in report.probes:
        passed = f"{probe.counts.passed} of {probe.counts.runs}"
        label = f"{probe.number}: {len(probe.changes)} of {total} changes<br/>{passed}"
        yield f'  {earlier} --> p{probe.number}["{label}"]:::{_CLASSES[probe.likeness]}'
        earlier = f"p{probe.number}"
    answer = f"{len(report.found)} found" if report.complete else f"{len(report.suspects)} suspects left"
    yield f'  {earlier} --> answer(["{answer}"])'
    yield "  bad -.-> answer"
    yield "  classDef good fill:#dafbe1,color:#1f2328"
    yield "  classDef bad fill:#ffebe9,color:#1f2328"
    yield "  classDef between fill:#fff8c5,color:#1f2328"
    yield "  classDef open fill:#eaeef2,color:#1f2328"
