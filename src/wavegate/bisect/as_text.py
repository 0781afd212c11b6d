"""The answer as text for a terminal."""

from collections.abc import Iterator

from wavegate.bisect.sentences import about, headline, outcome, remarks, suspects_title, what
from wavegate.bisect.values import BisectReport, ChangeUnit, UnitWords
from wavegate.text import one_line, visible

MAX_FILES = 20


def bisect_text(report: BisectReport) -> str:
    """The answer."""
    return "\n".join(_lines(report))


def _lines(report: BisectReport) -> Iterator[str]:
    yield f"{report.verdict.upper()}: {one_line(headline(report))}"
    yield from (f"  {one_line(line)}" for line in remarks(report))
    units = {each.id: each for each in report.units}
    for found in report.found:
        yield ""
        for culprit in found.culprits:
            yield from _unit(units[culprit], report.words.get(culprit, UnitWords()), report)
        yield from (f"  {one_line(line)}" for line in about(found, report))
    if report.suspects:
        yield from ("", f"{suspects_title(report)}:")
        yield from (f"  {one_line(each, 200)}" for each in report.suspects)
    if report.probes:
        yield from ("", "Probes, each the good release with some changes:")
        for probe in report.probes:
            yield f"  {probe.number}. {what(probe)}: {outcome(probe)}"


def _unit(unit: ChangeUnit, words: UnitWords, report: BisectReport) -> Iterator[str]:
    owners = f", owned by {', '.join(words.owners)}" if words.owners else ""
    yield one_line(f"{unit.id}{owners}")
    if len(unit.members) == 1:
        yield f"  {unit.members[0][1]}"
    paths = sorted(unit.files)
    yield from (f"  {one_line(path, 300)}" for path in paths[:MAX_FILES])
    if len(paths) > MAX_FILES:
        yield f"  and {len(paths) - MAX_FILES} more"
    for each in words.texts:
        yield from (f"    {visible(line)}" for line in each.split("\n"))
    yield from (f"    {one_line(each, 600)}" for each in words.guardrails)
    yield f"  All of it: git diff {report.good.commit[:12]} {report.bad.commit[:12]}"
