"""What was found, as text, Markdown and JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from wavegate.telemetry.discover.values import Discovery, FoundWord
from wavegate.text import code, fenced, one_line, pluralize, prose

PLACES = ("endTypes", "severities", "channels")


@dataclass(frozen=True, kw_only=True, slots=True)
class DiscoveryReport:
    """path: of the telemetry file. is_new: there is none yet. diff: what writing it would change, '' for nothing.

    text: the whole file as proposed. written: whether it was written.
    """

    environment: str
    path: str
    found: Discovery
    is_new: bool
    diff: str
    text: str
    written: bool = False

    @property
    def undecided(self) -> int:
        """Words that a team has to decide."""
        return sum(len(self.found.undecided(place)) for place in PLACES)


def discovery_text(report: DiscoveryReport) -> str:
    """For a terminal or a log."""
    lines = [f"Found in {one_line(report.found.origin)}"]
    lines += [f"  {one_line(line, 200)}" for line in _agent_lines(report.found)]
    for place in PLACES:
        if words := report.found.words.get(place):
            lines += [f"{place}:", *(f"  {_word_line(each)}" for each in words)]
    lines += [f"Note: {one_line(note, 300)}" for note in report.found.notes]
    lines += ["", _outcome(report), *(report.text if report.is_new else report.diff).splitlines()]
    return "\n".join(lines)


def discovery_markdown(report: DiscoveryReport) -> str:
    """For a job's summary."""
    lines = [f"## Telemetry of {code(report.environment)}", "", f"Found in {prose(report.found.origin)}.", ""]
    lines += [f"- {prose(line)}" for line in _agent_lines(report.found)]
    for place in PLACES:
        if words := report.found.words.get(place):
            lines += ["", f"| {place} | Sessions or checks | Meaning |", "|---|---|---|"]
            lines += [
                f"| {code(each.word)} | {each.count:,} | {each.meaning or '**to be decided**'} |" for each in words
            ]
    lines += ["", *(f"- {prose(note)}" for note in report.found.notes), "", prose(_outcome(report)), ""]
    shown = report.text if report.is_new else report.diff
    return "\n".join([*lines, fenced(shown.splitlines(), "yaml" if report.is_new else "diff") if shown else ""])


def discovery_json(report: DiscoveryReport) -> str:
    """For programs. A meaning of null has to be decided."""
    found = report.found
    values = {
        "environment": report.environment,
        "source": found.source.value,
        "origin": found.origin,
        "path": report.path,
        "written": report.written,
        "tables": {
            role: None if table is None else {"name": table.name, "columns": dict(table.columns)}
            for role, table in found.tables.items()
        },
        "words": {place: [asdict(each) for each in words] for place, words in found.words.items()},
        "agents": [asdict(each) for each in found.agents],
        "notes": list(found.notes),
        "file": report.text,
        "diff": report.diff,
    }
    return json.dumps(values, indent=2, ensure_ascii=False)


def _agent_lines(found: Discovery) -> Iterator[str]:
    for agent in found.agents:
        version = f" {agent.version}" if agent.version else ""
        yield f"{agent.name}{version}: {pluralize(agent.sessions, 'session')}"


def _word_line(found: FoundWord) -> str:
    return f"{one_line(found.word, 100)}: {found.count:,}, {found.meaning or 'to be decided'}"


def _outcome(report: DiscoveryReport) -> str:
    undecided = f" {pluralize(report.undecided, 'word')} to be decided." if report.undecided else ""
    if not report.diff:
        return f"{report.path} says all of this already.{undecided}"
    if report.written:
        return f"Wrote {report.path}: review and commit it.{undecided}"
    what = "would be written" if report.is_new else "would be added"
    return f"With --write, this {what} to {report.path}.{undecided}"
